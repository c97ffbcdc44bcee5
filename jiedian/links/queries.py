"""The gateways there are, what each of them finds wrong with itself, and the texts of messages in force."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from jiedian.core.findings import Finding, refuse
from jiedian.core.sourced import Sourced
from jiedian.ground.rulebook.services import load

from .models import Wording


class Gateway(Protocol):
    """Hands one message to the outside. Raises ConnectionRefusedError when it was surely not taken, else OSError."""

    def __call__(self, *, to: str, text: str, key: str, meta: Mapping[str, str]) -> None: ...


def gateways() -> Mapping[str, str]:
    """Every wire by which a message leaves: its name, and where its gateway stands."""
    found: Mapping[str, str] = import_string(f"{settings.WIRING}.GATEWAYS")
    return found


def gateway(channel: str) -> Gateway:
    """The gateway of a channel."""
    found: Gateway = import_string(gateways()[channel])
    return found


def repeatable() -> set[str]:
    """Gateways that drop a second copy by its key; for the others an attempt that nobody knows the end of is not repeated."""
    return {
        channel
        for channel, dotted in gateways().items()
        if import_module(dotted.rpartition(".")[0]).DROPS_COPIES
    }


def examined() -> dict[str, list[Finding]]:
    """Findings of each wire on its settings and connection; nothing is sent or changed."""
    checks: Mapping[str, str] = import_string(f"{settings.WIRING}.CHECKS")
    return {name: import_string(dotted)() for name, dotted in checks.items()}


@dataclass(frozen=True)
class MessageRow(Sourced):
    """A text for customers in both languages; braces hold the names it may use."""

    id: str
    zh: str
    en: str


def message_row(template: str) -> MessageRow:
    """The text of the table by its id. Raises Refused for one that it does not have."""
    for row in load("labels/messages.csv", MessageRow):
        if row.id == template:
            found: MessageRow = row
            return found
    raise refuse("message.template", template=template)


def worded(row: MessageRow) -> tuple[str, str]:
    """The text in force in Chinese and English: as an administrator worded it last, else as the table has it."""
    last = Wording.objects.filter(template=row.id).values_list("zh", "en").first()
    return last or (row.zh, row.en)
