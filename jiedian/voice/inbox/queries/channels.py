"""The channels by which customers speak, and how each is answered."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from django.utils.translation import get_language

from jiedian.core.sourced import Sourced
from jiedian.ground.rulebook.services import load


@dataclass(frozen=True)
class Words:
    """A few words in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class ChannelRow(Sourced):
    """A channel; ``way`` says how an answer leaves: a gateway, a page, paper, an export, the API, or a person telling."""

    id: str
    name_zh: str
    name_en: str
    way: Literal["tell", "print", "page", "mail", "sms", "wechat", "webhook", "api", "export"]
    answered_zh: str
    answered_en: str

    @property
    def answer_words(self) -> Words:
        """Way an answer takes to the customer."""
        return Words(self.answered_zh, self.answered_en)


@cache
def channels() -> dict[str, ChannelRow]:
    """Every channel by its id."""
    return {row.id: row for row in load("voice/channels.csv", ChannelRow)}


def channel_of(code: str) -> ChannelRow | str:
    """A channel by its id; one that is no longer in the table shows its id."""
    return channels().get(code, code)


def channel_choices(*ids: str) -> list[tuple[str, str]]:
    """Channels for a select, in the reader's language; all of them when none is named."""
    is_zh = (get_language() or "zh").startswith("zh")
    rows = [channels()[name] for name in ids] if ids else list(channels().values())
    return [(row.id, row.name_zh if is_zh else row.name_en) for row in rows]
