"""What a form says to a slip is said in the house's words, not in those Django brings along."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django import forms
from django.utils.translation import override

ROOT = Path(__file__).parents[2]
DJANGOS = re.compile(
    r"确保|输入.*有效|有效的|必填项|Ensure|Enter a|Enter only|This field is|Select a valid|was submitted"
)
PARAMS = {"limit_value": 2, "show_value": 5, "max": 2, "length": 5, "value": "x", "offset": 0, "pk": 1}


def kinds(base: type[forms.BaseForm]) -> Iterator[type[forms.BaseForm]]:
    for kind in base.__subclasses__():
        yield kind
        yield from kinds(kind)


def messages() -> Iterator[tuple[str, object]]:
    """Every message any field of any form of the product can give, by form and field."""
    for path in [*ROOT.glob("jiedian/**/forms.py"), *ROOT.glob("jiedian/**/forms/*.py")]:
        import_module(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
    for kind in {kind for kind in kinds(forms.BaseForm) if kind.__module__.startswith("jiedian.")}:
        for name, field in kind.base_fields.items():  # type: ignore[attr-defined]
            held = list(field.error_messages.values())
            for validator in field.validators:
                own = getattr(validator, "messages", {})
                held += [getattr(validator, "message", ""), *own.values()]
            yield from ((f"{kind.__qualname__}.{name}", message) for message in held)


def said(message: object) -> str:
    words = message % PARAMS if "%" in repr(message) or "__proxy__" in repr(type(message)) else message  # type: ignore[operator]
    return str(words)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_form_speaks_the_words_of_django(language: str) -> None:
    with override(language):
        found = {(at, words) for at, message in messages() if DJANGOS.search(words := said(message))}
    assert not found, sorted(found)[:8]


class Slip(forms.Form):
    """Fields of every kind that a form may refuse."""

    words = forms.CharField(max_length=2)
    least = forms.FloatField(min_value=3)
    one = forms.ChoiceField(choices=[("a", "a")])
    some = forms.MultipleChoiceField(choices=[("a", "a")])
    digits = forms.DecimalField(max_digits=3, decimal_places=1)
    on = forms.DateField()
    at = forms.TimeField()
    file = forms.FileField()
    whole = forms.IntegerField(max_value=3)
    mail = forms.EmailField()


SLIPS = {"words": "xxx", "least": "1", "one": "q", "some": ["q"], "digits": "12345.67", "on": "x", "at": "x"}
SLIPS |= {"whole": "9", "mail": "x"}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("typed", [SLIPS, {}, dict.fromkeys(SLIPS, "\x00")])
def test_a_slip_is_answered_in_the_words_of_the_house(typed: dict[str, str], language: str) -> None:
    with override(language):
        errors = [str(words) for listed in Slip(typed).errors.values() for words in listed]
    assert errors and not [words for words in errors if DJANGOS.search(words)], errors
    assert all(bool(re.search("[\u4e00-\u9fff]", words)) is (language != "en") for words in errors)
