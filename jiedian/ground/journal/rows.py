"""Facts in words: a sentence, and what the fact has kept as a readable list of names and values."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from jiedian.ground.rulebook.queries import LabelRow, code_name, is_zh
from jiedian.ground.rulebook.services import load
from jiedian.shell.kit.names import name_of
from jiedian.shell.templatetags.label_tags import fact_name

from .models import Fact

CASE = "case"
SHORT_HASH = 10
EVENTS = ("done", "opened", "ready", "errand")
"""What stands before the colon of an event: ``done:SURVEY``."""


@dataclass(frozen=True)
class FactLine:
    """One fact as a reader sees it. ``case`` is the number of the case it belongs to, or nothing."""

    occurred_at: datetime
    recorded_at: datetime
    who: str
    what: str
    about: str
    case: str
    place: str
    kept: tuple[tuple[str, str], ...]
    hash: str


def lines_of(facts: Iterable[Fact]) -> list[FactLine]:
    """Facts in words, each in those of the process of its case."""
    facts = list(facts)
    numbers = {fact.stream.removeprefix(f"{CASE}:") for fact in facts}
    keys: dict[str, str] = import_string(import_string(f"{settings.WIRING}.PROCESSES_OF"))(numbers)
    return [line_of(fact, keys.get(fact.stream.removeprefix(f"{CASE}:"), "")) for fact in facts]


def line_of(fact: Fact, process: str = "") -> FactLine:
    """A fact in words: who did what, about which step, and everything it has kept."""
    room, _colon, number = fact.stream.partition(":")
    step = fact.data.get("step")
    return FactLine(
        occurred_at=fact.occurred_at,
        recorded_at=fact.recorded_at,
        who=_who(fact),
        what=fact_name(fact.kind, process),
        about=_value(step, process) if isinstance(step, str) else "",
        case=number if room == CASE else "",
        place=" ".join((_label(f"stream.{room}", room), _word(number))).strip(),
        kept=tuple(kept_of(fact.data, process=process)),
        hash=fact.hash[:SHORT_HASH],
    )


def kept_of(data: Mapping[str, Any], above: str = "", *, process: str = "") -> Iterator[tuple[str, str]]:
    """Values a fact has kept, a name and a value in words each; what lies in something else carries its name."""
    for key, value in data.items():
        name = f"{above} · {_label(key, key)}" if above else _label(key, key)
        if isinstance(value, Mapping) and value.keys() == {"zh", "en"}:
            yield name, str(value["zh" if is_zh() else "en"])
        elif isinstance(value, Mapping):
            yield from kept_of(value, name, process=process)
        elif value not in (None, "", []):
            yield name, _value(value, process, key)


def _value(value: Any, process: str, field: str = "") -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, list | tuple):
        return _("、").join(_value(each, process, field) for each in value)
    if isinstance(value, Mapping):
        return _("，").join(f"{name} {told}" for name, told in kept_of(value, process=process))
    return _word(value, process, field) if isinstance(value, str) else str(value)


def _word(code: str, process: str = "", field: str = "") -> str:
    """A code in words, by its field where the same code has two, else by the tables that have words for codes; any other text as it is."""
    if row := _labels().get(f"value.{field}.{code}") or _labels().get(f"value.{code}"):
        return name_of(row)
    for asked in (code, f"class.{code}", f"kind.{code}", f"scope.{code}", f"event.{code}", f"process.{code}"):
        if (said := fact_name(asked, process)) != asked:
            return said
    word, colon, rest = code.partition(":")
    if colon and word in EVENTS and rest:
        return f"{_label(f'event.{word}', word)} {_word(rest, process)}"
    step: str = import_string(import_string(f"{settings.WIRING}.STEP_NAME"))(code, process)
    return step if step != code else code_name(code)


def _who(fact: Fact) -> str:
    return _label(f"actor.{fact.actor_role}", name_of(fact.actor_name))


def _label(key: str, otherwise: str) -> str:
    row = _labels().get(key)
    return name_of(row) if row else otherwise.replace("_", " ")


@cache
def _labels() -> dict[str, LabelRow]:
    return {row.id: row for row in load("labels/data.csv", LabelRow)}
