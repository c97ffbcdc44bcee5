"""Names in the reader's language: of rows, people, departments, and of staff whose Chinese name a case or a fact has kept."""

from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import get_language, gettext, override

NOT_STAFF = ("系统", "客户")
"""Who may stand in a fact without being one of the staff."""


def name_of(thing: Any) -> str:
    """Whatever has ``name_zh`` and ``name_en``, or ``zh`` and ``en``; a text is the name of one of the staff, or stays.

    >>> from types import SimpleNamespace
    >>> name_of(SimpleNamespace(name_zh="受理", name_en="acceptance")), name_of(None), name_of("")
    ('受理', '', '')
    """
    if not thing:
        return ""
    is_zh = (get_language() or "zh").startswith("zh")
    if isinstance(thing, str):
        return thing if is_zh else _staff().get(thing) or (gettext(thing) if thing in NOT_STAFF else thing)
    for zh, en in (("name_zh", "name_en"), ("zh", "en")):
        if hasattr(thing, zh):
            return str(getattr(thing, zh) if is_zh else getattr(thing, en) or getattr(thing, zh))
    return str(thing)


def _staff() -> dict[str, str]:
    known: dict[str, str] = import_string(import_string(f"{settings.WIRING}.ENGLISH_NAMES"))()
    return known


def staff_name(kept: str, language: str) -> str:
    """Name of one of the staff as a letter in some language says it, of the Chinese name that a case has kept."""
    with override(language):
        return name_of(kept)
