"""Classify tellings: guessed in a job, corrected by people (labels)."""

from datetime import datetime

from django.db import transaction

from jiedian.core.findings import refuse
from jiedian.ground.journal.services import Actor, record
from jiedian.voice.inbox.calc.contacts import without_phones
from jiedian.voice.inbox.models.concerns import Concern
from jiedian.voice.inbox.models.tellings import Telling
from jiedian.voice.inbox.services.guesses import FIELDS

from ..calc.classify import GROUP_OF, STEPS
from ..models import Label
from ..queries import classifier_of, in_use, text_of

AT_ONCE = 500


@transaction.atomic
def classify_waiting(*, most: int = AT_ONCE) -> int:
    """Guess for tellings that the version in use has not seen, newest first. Returns how many; 0 without a version.

    Several workers may run it: each locks what it takes. What a person has labelled is left alone.
    """
    version = in_use()
    if version is None:
        return 0
    waiting = Telling.objects.filter(version__lt=version.number, corrected_by="").order_by("-id")
    rows = list(
        waiting.only("subject", "text", "excerpt", "concern_id", *FIELDS).select_for_update(skip_locked=True)[
            :most
        ]
    )
    if not rows:
        return 0
    guesses = classifier_of(version.pk).guesses([text_of(row) for row in rows])
    for row, guess in zip(rows, guesses, strict=True):
        row.leaf, row.step, row.confidence = guess.leaf, guess.step, guess.confidence
        row.is_trusted, row.version = guess.is_trusted, version.number
    Telling.objects.bulk_update(rows, FIELDS, batch_size=AT_ONCE)
    _tell_concerns({row.concern_id for row in rows})
    return len(rows)


def _tell_concerns(ids: set[int]) -> None:
    """A concern takes leaf and step from the telling that is surest: a person's word first; none while nobody is sure."""
    concerns = {row.pk: row for row in Concern.objects.filter(pk__in=ids).only("leaf", "step")}
    for row in concerns.values():
        row.leaf = row.step = ""
    sure = Telling.objects.filter(concern__in=ids, is_trusted=True)
    for concern, leaf, step, _by, _confidence in sorted(
        sure.values_list("concern", "leaf", "step", "corrected_by", "confidence"),
        key=lambda told: (told[3] != "", told[4] or 0.0),
    ):
        concerns[concern].leaf, concerns[concern].step = leaf, step
    Concern.objects.bulk_update(concerns.values(), ["leaf", "step"])


@transaction.atomic
def label(telling: Telling, *, leaf: str, step: str, actor: Actor, at: datetime) -> Label:
    """A person says what a telling is. It holds at once, and the next version learns it."""
    if leaf not in GROUP_OF or step not in STEPS:
        raise refuse("label.unknown")
    row = Label.objects.create(
        telling=telling,
        text=without_phones(text_of(telling)),
        leaf=leaf,
        step=step,
        guessed_leaf="" if telling.corrected_by else telling.leaf,
        guessed_step="" if telling.corrected_by else telling.step,
        version=telling.version,
        labelled_by_id=actor.id,
        labelled_by=actor.name,
        labelled_at=at,
    )
    Telling.objects.filter(pk=telling.pk).update(
        leaf=leaf, step=step, is_trusted=True, corrected_by=actor.name
    )
    _tell_concerns({telling.concern_id})
    data = {
        "telling": telling.pk,
        "leaf": leaf,
        "step": step,
        "guessed": row.guessed_leaf,
        "version": row.version,
    }
    record("concern.classified", stream=telling.concern.stream, actor=actor, at=at, data=data)
    return row
