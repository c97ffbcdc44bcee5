"""The classifier in use, what it learnt from, and what waits for a person's eye."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from jiedian.core.findings import refuse
from jiedian.voice.inbox.models.tellings import Telling
from jiedian.voice.inbox.queries.channels import ChannelRow, channel_of
from jiedian.voice.inbox.queries.leaves import LeafRow, PhaseRow, leaf_of, phase_of

from .calc.classify import Classifier, Sample
from .calc.examine import ExamText
from .models import Label, Version
from .rows import corpus, held_out, keywords
from .shelf import unpacked

LABELLED = "staff"
"""The author under which staff's labels are learnt."""
WORDS_OF_A_RULE = 4
"""So many words of a keyword rule stand for it on a page."""


@dataclass(frozen=True)
class Mistake:
    """Mistake of a version: how often a leaf was taken for another."""

    truth: LeafRow | str
    guess: LeafRow | str
    n: int


@dataclass(frozen=True)
class Examination:
    """Figures of a version as measured, with the rows that its codes stand for; ``figures`` are those of ``Version``."""

    version: Version
    figures: dict[str, Any]
    classes: tuple[tuple[LeafRow | str, dict[str, Any]], ...]
    channels: tuple[tuple[ChannelRow | str, dict[str, Any]], ...]
    mistakes: tuple[Mistake, ...]


@dataclass(frozen=True)
class UnsureTelling:
    """A telling that a person should look at, and what the classifier would say."""

    telling: Telling
    leaf: LeafRow | str
    step: PhaseRow | str


@dataclass(frozen=True)
class LabelLine:
    """Label the staff gave a telling, and what had been guessed."""

    label: Label
    leaf: LeafRow | str
    step: PhaseRow | str
    guessed_leaf: LeafRow | str
    guessed_step: PhaseRow | str


def examined(version: Version) -> Examination:
    """The figures of a version for its page, the most frequent mistakes first."""
    figures = version.figures
    classes = tuple((leaf_of(row["id"]), row) for row in figures["classes"])
    mistakes = [
        Mistake(truth, guess, n)
        for (truth, _), cells in zip(classes, figures["confusion"], strict=True)
        for (guess, _), n in zip(classes, cells, strict=True)
        if n and guess is not truth
    ]
    return Examination(
        version=version,
        figures=figures,
        classes=classes,
        channels=tuple((channel_of(row["id"]), row) for row in figures["channels"]),
        mistakes=tuple(sorted(mistakes, key=lambda mistake: -mistake.n)),
    )


def versions() -> QuerySet[Version]:
    """Every version, newest first, without its weights."""
    return Version.objects.defer("packed")


def in_use() -> Version | None:
    """The version that classifies now."""
    return versions().filter(state=Version.State.IN_USE).first()


@lru_cache(maxsize=2)
def classifier_of(version_id: int) -> Classifier:
    """A version ready to guess; kept in memory, since a version never changes."""
    packed = Version.objects.values_list("packed", flat=True).get(pk=version_id)
    return unpacked(bytes(packed))


def labels() -> list[Sample]:
    """Labels by staff, the last word on each telling."""
    last = {row.telling_id: row for row in Label.objects.order_by("id")}
    return [Sample(row.text, row.leaf, row.step, LABELLED, f"telling-{pk}") for pk, row in last.items()]


def to_train_on() -> list[Sample]:
    """The corpus without the frozen threads, and staff's labels."""
    return [row.sample for row in corpus() if row.thread not in held_out()] + labels()


def to_measure_on() -> list[ExamText]:
    """The frozen threads."""
    return [ExamText(row.sample, row.channel) for row in corpus() if row.thread in held_out()]


def to_look_at(*, most: int = 20) -> list[UnsureTelling]:
    """Recent tellings that the classifier does not trust itself with, the newest first."""
    rows = Telling.objects.filter(version__gt=0, is_trusted=False, corrected_by="")
    found = rows.select_related("concern").order_by("-received_at", "-id")[:most]
    return [UnsureTelling(telling, leaf_of(telling.leaf), phase_of(telling.step)) for telling in found]


def labels_of(telling: Telling) -> list[LabelLine]:
    """Labels the staff gave a telling, the last word first."""
    return [
        LabelLine(
            label,
            leaf_of(label.leaf),
            phase_of(label.step),
            leaf_of(label.guessed_leaf),
            phase_of(label.guessed_step),
        )
        for label in telling.labels.order_by("-id")
    ]


def spoke_for(text: str, version: Version) -> list[tuple[str, float]]:
    """Signs that spoke for the guess, loudest first: letters as they stand, a keyword rule by its first words."""
    rules = {rule.id: "、".join(rule.words[:WORDS_OF_A_RULE]) for rule in keywords()}
    return [(rules.get(name, name), weight) for name, weight in classifier_of(version.pk).reasons(text)]


def telling_for(pk: int) -> Telling:
    """A telling, or a refusal."""
    telling = Telling.objects.select_related("concern").filter(pk=pk).first()
    if telling is None:
        raise refuse("missing.telling")
    return telling


def version_for(number: int) -> Version:
    """A version, or a refusal."""
    version = versions().filter(number=number).first()
    if version is None:
        raise refuse("missing.version")
    return version


def text_of(telling: Telling) -> str:
    """Text to classify: the subject and the words that belong to this concern."""
    return f"{telling.subject} {telling.words}".strip()
