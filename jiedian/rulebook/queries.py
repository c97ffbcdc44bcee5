"""The tables most rooms read, as typed rows."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from jiedian.core.checklist import PaperRow
from jiedian.core.voice.classify import Keywords, Told
from jiedian.core.voice.marks import WordScale

from .services import load


@dataclass(frozen=True)
class StepRow:
    """环节: one kind of work, who does it, and who answers for it in the company."""

    id: str
    name_zh: str
    name_en: str
    performer: str
    owner_role: str
    owner_department: str
    phase: str
    wait_reason: str
    typical_wd: int
    source: str
    status: str


@dataclass(frozen=True)
class LayerRow:
    """In which layer (service, support, core, or none) a step or a department stands, and what a step delivers."""

    id: str
    kind: str
    code: str
    layer: str
    deliverable: str
    source: str
    status: str


@dataclass(frozen=True)
class LabelRow:
    """A name in both languages."""

    id: str
    name_zh: str
    name_en: str
    source: str


@cache
def steps() -> dict[str, StepRow]:
    """Every step by its code."""
    return {row.id: row for row in load("process/steps.csv", StepRow)}


@cache
def layers() -> dict[tuple[str, str], LayerRow]:
    """Where steps and departments stand, by kind and code."""
    return {(row.kind, row.code): row for row in load("attenuation/layers.csv", LayerRow)}


def layer_of(step_code: str, department: str = "") -> str:
    """The layer of a piece of work: the step decides, else the department; none is empty."""
    row = layers().get(("step", step_code)) or layers().get(("department", department))
    return "" if row is None or row.layer == "none" else row.layer


def deliverable_of(step_code: str) -> str:
    """What a step hands out: notice, scheme, inspection, …"""
    row = layers().get(("step", step_code))
    return row.deliverable if row else ""


def papers(process_key: str, *, on: date | None) -> tuple[PaperRow, ...]:
    """The checklist of a process as it stood on a day; without a day, every row it ever had."""
    return tuple(
        row
        for row in load("checklists/papers.csv", PaperRow)
        if process_key in row.processes
        and (on is None or row.effective_from is None or row.effective_from <= on)
    )


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


@dataclass(frozen=True)
class ThresholdRow:
    """A number that a person may change, with its meaning."""

    id: str
    value: Decimal
    name_zh: str
    name_en: str
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


@cache
def threshold(name: str) -> float:
    """One of the numbers of the customer's voice."""
    rows = {row.id: row for row in load("voice/thresholds.csv", ThresholdRow)}
    return float(rows[name].value)


@dataclass(frozen=True)
class WordRow:
    """The words for one mark of a scale, in both languages, divided by ``|``."""

    id: str
    scale: str
    value: int
    words_zh: str
    words_en: str
    source: str
    status: str


@cache
def word_scales() -> tuple[WordScale, ...]:
    """The scales whose words are read as marks, in the order in which they are tried."""
    marks: dict[str, dict[str, float]] = {}
    points: dict[str, int] = {}
    for row in load("surveys/words.csv", WordRow):
        told = [word for word in f"{row.words_zh}|{row.words_en}".split("|") if word]
        marks.setdefault(row.scale, {}).update(dict.fromkeys(told, float(row.value)))
        points[row.scale] = max(points.get(row.scale, 0), row.value)
    return tuple(WordScale(name, points[name], marks[name]) for name in marks)
