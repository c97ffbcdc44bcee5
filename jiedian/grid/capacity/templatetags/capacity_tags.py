"""Template tags: open capacity in a word with its look."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

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
