"""Doing of a step: ``@step`` before the verb of the room that owns the matter, with the form and what the verb may answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, TypeVar

from django.conf import settings
from django.utils.module_loading import import_string

from jiedian.core.findings import refuse

Verb = TypeVar("Verb", bound=Callable[..., Any])
YES_NO = ("yes", "no")


@dataclass(frozen=True)
class Doing:
    """Doing of one step: the form that asks, the verb that acts, and the values its gateways may get from it.

    ``undo`` takes the rows of the verb back after a mis-click; without it the step is final, and asked for once.
    ``beside`` is what its room shows next to the form: a query of the case and a template that reads ``panel``.
    ``online`` is how the customer does it himself, where it is his: a form of his own, or the name of a way
    (``pay``, ``scheme``) that has its own page; None where he cannot.
    """

    code: str
    form: type[Any]
    verb: Callable[..., Any]
    outcomes: Mapping[str, Sequence[str]]
    beside: tuple[str, str] | None = None
    undo: Callable[..., Any] | None = None
    online: type[Any] | str | None = None


_DOINGS: dict[str, Doing] = {}


def step(
    code: str,
    *,
    form: type[Any],
    outcomes: Mapping[str, Sequence[str]] | None = None,
    beside: tuple[str, str] | None = None,
    undo: Callable[..., Any] | None = None,
    online: type[Any] | str | None = None,
) -> Callable[[Verb], Verb]:
    """Say that a verb does a step. A verb may do several: write one ``@step`` above the other.

    ``outcomes``: each variable of a gateway that the verb may set, with its values. ``beside``: what he has to see who decides.
    ``undo``: how its rows are taken back (``no_rows`` where it writes none). ``online``: how the customer does it himself
    from his page, for a step of his.
    """

    def register(verb: Verb) -> Verb:
        if code in _DOINGS:
            raise ValueError(f"{code} is done by {_DOINGS[code].verb.__qualname__} already")
        _DOINGS[code] = Doing(code, form, verb, dict(outcomes or {}), beside, undo, online)
        return verb

    return register


_NOES: dict[str, tuple[str, Callable[..., Any]]] = {}


def no(code: str, answer: str) -> Callable[[Verb], Verb]:
    """No of a customer to a step: the answer by which he says it; before the function that takes its rows back."""

    def register(forget: Verb) -> Verb:
        _NOES[code] = (answer, forget)
        return forget

    return register


def no_of(code: str) -> tuple[str, Callable[..., Any]] | None:
    """No that a step knows: its answer, and what takes its rows back; None where a customer cannot say one."""
    _collect()
    return _NOES.get(code)


def no_rows(_work: Any) -> None:
    """Undo of a verb that writes nothing but its step."""


def doings() -> Mapping[str, Doing]:
    """Every step that can be done, by its code."""
    _collect()
    return _DOINGS


@cache
def _collect() -> None:
    for module in import_string(f"{settings.WIRING}.STEPS"):
        import_module(module)


def doing(code: str) -> Doing:
    """Doing of a step. Raises Refused when no room says so."""
    if code not in doings():
        raise refuse("card.verb", code, step=code)
    return doings()[code]


def codes_of(*verbs: Callable[..., Any]) -> tuple[str, ...]:
    """The codes of the steps that these verbs do."""
    return tuple(code for code, held in doings().items() if held.verb in verbs)


def answer(code: str, value: str) -> dict[str, str]:
    """Value that a step gives its gateway, for a step with one variable."""
    (variable,) = doing(code).outcomes
    return {variable: value}


def check_outcome(code: str, outcome: Mapping[str, str]) -> None:
    """Refused when a step says something to a gateway that it is not registered to say."""
    known = doing(code).outcomes if outcome else {}
    for name, value in outcome.items():
        if value not in known.get(name, ()):
            raise refuse("step.outcome", code, name=name, value=value)
