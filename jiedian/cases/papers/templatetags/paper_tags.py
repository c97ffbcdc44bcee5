"""Template tag: the name of a paper."""

from django import template
from django.utils.translation import get_language

from ..models import Paper
from ..rows import paper_rows

register = template.Library()


@register.filter
def paper_name(paper: Paper) -> str:
    """The name of a paper from the row it was asked by."""
    row = paper_rows().get(paper.rule_id)
    if row is None:
        return paper.code
    return row.name_zh if (get_language() or "zh").startswith("zh") else row.name_en
