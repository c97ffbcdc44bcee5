"""The tables most rooms read, as typed rows."""

from dataclasses import dataclass
from functools import cache

from jiedian.ground.rulebook.services import load

from .calc.classify import Keywords, Told


@dataclass(frozen=True)
class CorpusRow:
    """A text that an author wrote for training, with its labels; ``also`` is a second wish in the same text."""

    id: str
    author: str
    thread: str
    text: str
    leaf: str
    step: str
    channel: str
    also: str
    source: str

    @property
    def told(self) -> Told:
        return Told(self.text, self.leaf, self.step, self.author, self.thread)


@dataclass(frozen=True)
class HeldOutRow:
    """A thread of the corpus that no measured version is trained on."""

    id: str
    why: str
    source: str
    status: str


@dataclass(frozen=True)
class KeywordRow:
    """Words that speak for a leaf or a step."""

    id: str
    kind: str
    target: str
    words: tuple[str, ...]
    source: str
    status: str


@cache
def corpus() -> tuple[CorpusRow, ...]:
    """Every text of the training corpus."""
    return load("voice/corpus.csv", CorpusRow)


@cache
def held_out() -> frozenset[str]:
    """The threads that versions are measured on."""
    return frozenset(row.id for row in load("voice/held_out.csv", HeldOutRow))


@cache
def keywords() -> tuple[Keywords, ...]:
    """The keyword rules, as the classifier reads them."""
    return tuple(Keywords(row.id, row.target, row.words) for row in load("voice/keywords.csv", KeywordRow))
