"""The classifier in use, what it learnt from, and what waits for a person's eye."""

from functools import lru_cache

from django.db.models import QuerySet

from jiedian.core.findings import refuse
from jiedian.voice.inbox.models.tellings import Telling

from .calc.classify import Classifier, Told
from .calc.examine import Heard
from .models import Label, Version
from .rows import corpus, held_out
from .shelf import unpacked

LABELLED = "staff"
"""The author under which staff's labels are learnt."""


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


def labels() -> list[Told]:
    """What staff said, the last word on each telling."""
    last = {row.telling_id: row for row in Label.objects.order_by("id")}
    return [Told(row.text, row.leaf, row.step, LABELLED, f"telling-{pk}") for pk, row in last.items()]


def to_train_on() -> list[Told]:
    """The corpus without the frozen threads, and staff's labels."""
    return [row.told for row in corpus() if row.thread not in held_out()] + labels()


def to_measure_on() -> list[Heard]:
    """The frozen threads."""
    return [Heard(row.told, row.channel) for row in corpus() if row.thread in held_out()]


def to_look_at(*, most: int = 20) -> QuerySet[Telling]:
    """Recent tellings that the classifier does not trust itself with, the newest first."""
    rows = Telling.objects.filter(version__gt=0, is_trusted=False, corrected_by="")
    return rows.select_related("concern").order_by("-received_at", "-id")[:most]


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
