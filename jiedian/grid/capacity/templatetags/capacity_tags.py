"""Template tags: open capacity in a word with its look."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ..queries.maps import level_words

register = template.Library()

LOOKS = {"ample": " run", "enough": " done", "tight": " warn", "none": " late"}
"""The look of a level; what a person must answer has none."""


@register.simple_tag
def level_chip(level: str) -> SafeString:
    """The level of what is open: ample, enough, tight, none, or to be found by hand."""
    words = level_words()
    return format_html(
        '<span class="chip{}">{}</span>', LOOKS.get(level, ""), words.get(level, words["hand"])
    )


@register.filter
def source_word(source: str) -> str:
    """Source of a measured peak: the name of a file as it stands, words where nobody measured it."""
    return _("模拟数据（不是实测）") if source == "simulated" else source
