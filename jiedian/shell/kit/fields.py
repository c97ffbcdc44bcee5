"""One field of a form on a page: label, value, what is wrong, what helps, what is required; and the inputs of days and moments."""

import re
from dataclasses import dataclass
from typing import Any

from django.forms import (
    CheckboxInput,
    CheckboxSelectMultiple,
    DateInput,
    DateTimeInput,
    FileInput,
    Form,
    RadioSelect,
    Textarea,
)
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

SHORT_ROWS, LONG_ROWS, LONG_TEXT = 2, 5, 300
TYPED = re.compile(r"""<(?:input(?![^>]*\btype=["']?hidden)|textarea)[^>]*?\bname=["']([^"']+)""")
CHOSEN = re.compile(r"""<select[^>]*?\bname=["']([^"']+)[^>]*>\s*<option value=["']{2}""")


def may_be_empty(markup: str) -> set[str]:
    """Names of the fields in some markup that a reader may leave empty: neither what is carried along nor a choice that always has a value.

    >>> sorted(may_be_empty('<input type="hidden" name="a"><input type="search" name="b"><select name="c"> <option value="">'))
    ['b', 'c']
    """
    return {*TYPED.findall(markup), *CHOSEN.findall(markup)}


@dataclass(frozen=True)
class FieldView:
    """Field as its template needs it; ``control`` is the finished input."""

    id: str
    label: str
    control: SafeString
    hint: str
    errors: tuple[str, ...]
    is_required: bool
    kind: str
    has_lost_file: bool
    asked_when: str


def field_view(bound: BoundField, **attrs: Any) -> FieldView:
    """A field of a Django form. A file cannot be kept over a refusal, so the page says that it must be chosen again."""
    widget, errors = bound.field.widget, tuple(str(error) for error in bound.errors)
    kind = "line"
    if isinstance(widget, (RadioSelect, CheckboxSelectMultiple)):
        kind = "set"
    elif isinstance(widget, CheckboxInput):
        kind = "check"
    given = {**attrs, **described(bound.id_for_label, hint=bound.help_text, is_wrong=bool(errors))}
    if isinstance(widget, Textarea):
        given.setdefault("rows", rows_for(bound.field, bound.value()))
    return FieldView(
        id=bound.id_for_label or bound.auto_id,
        label=str(bound.label or ""),
        control=bound.as_widget(attrs=given),
        hint=str(bound.help_text or ""),
        errors=errors,
        is_required=bound.field.required,
        kind=kind,
        has_lost_file=isinstance(widget, FileInput) and bound.form.is_bound,
        asked_when=str(getattr(bound.field, "asked_when", "") or ""),
    )


def described(key: str, *, hint: object, is_wrong: bool) -> dict[str, str]:
    """Attributes that tell a screen reader where help and error of an input stand."""
    ids = [f"{key}-hint"] * bool(hint) + [f"{key}-error"] * is_wrong
    return ({"aria-describedby": " ".join(ids)} if ids else {}) | (
        {"aria-invalid": "true"} if is_wrong else {}
    )


def rows_for(field: Any, value: object) -> int:
    """Rows of a text area at first: by what it may hold and holds."""
    longest = getattr(field, "max_length", None) or LONG_TEXT + 1
    return LONG_ROWS if longest > LONG_TEXT or len(str(value or "")) > LONG_TEXT // 3 else SHORT_ROWS


def offer_current(form: Form, name: str, current: object, words: str = "") -> None:
    """Let a list offer what is so now (in ``words``), and begin with that where it was told to begin with something it has not.

    A browser takes the first entry of a list that has not the value it is to show, and sends what nobody said.
    """
    field: Any = form.fields[name]
    listed = list(field.choices)
    if str(current) not in dict(listed):
        field.choices = listed = [(str(current), words or str(current)), *listed]
    if str(form.initial.get(name)) not in dict(listed):
        form.initial[name] = current


def day_input() -> DateInput:
    """Input of a day, written as a browser reads it whatever the language of the page; else it shows it empty."""
    return DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def moment_input() -> DateTimeInput:
    """Input of a day and a minute, written as a browser reads it."""
    return DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
