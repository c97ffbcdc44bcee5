"""Typed rows of the classifier's rule tables: corpus, held-out texts, keywords."""

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Literal

from jiedian.core.closed import Ids, Leaf, Maybe, Phase
from jiedian.core.sourced import Sourced
from jiedian.ground.rulebook.services import load

from .calc.classify import Keywords, Sample


@dataclass(frozen=True)
class CorpusRow:
    """A text that an author wrote for training, with its labels; ``also`` is a second wish in the same text."""

    id: str
    author: str
    thread: str
    text: str
    leaf: Leaf
    step: Phase
    channel: Annotated[str, Ids("voice/channels.csv")]
    also: Annotated[Leaf, Maybe]
    source: str

    @property
    def sample(self) -> Sample:
        return Sample(self.text, self.leaf, self.step, self.author, self.thread)


@dataclass(frozen=True)
class HeldOutRow(Sourced):
    """A thread of the corpus that no measured version is trained on."""

    id: Annotated[str, Ids("voice/corpus.csv", "thread")]
    why: str


@dataclass(frozen=True)
class KeywordRow(Sourced):
    """Words that speak for a leaf or a step."""

    id: str
    kind: Literal["leaf", "step"]
    target: Annotated[Leaf, Ids("voice/phases.csv")]
    words: tuple[str, ...]


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
