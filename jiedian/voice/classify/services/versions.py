"""Versions of the classifier: train, measure on the frozen texts, compare, let into use or not."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from jiedian.core.findings import refuse
from jiedian.ground.journal.services import SYSTEM, Actor, record
from jiedian.voice.inbox.rows import threshold

from ..calc.accuracy import compare
from ..calc.classify import fingerprint, train
from ..calc.examine import across_authors, baselines, examine
from ..models import Label, Version
from ..queries import in_use, labels, to_measure_on, to_train_on
from ..rows import corpus, keywords
from ..shelf import classifier, packed

STREAM = "classifier"
FEWEST_NEW_LABELS = 20
"""So many labels since the last version make a new one worth training by itself."""
ONE_AT_A_TIME = 0x636C6173
"""Advisory lock of the database: two workers shall not train the same version."""


def train_first(*, at: datetime) -> Version | None:
    """The version that every installation begins with; it is in use from the start. None when there is one."""
    if Version.objects.exists():
        return None
    return train_version(actor=SYSTEM, at=at)


def train_when_due(*, at: datetime) -> Version | None:
    """Train a candidate when staff has labelled enough since the last one."""
    last = Version.objects.aggregate(last=Max("n_labels"))["last"]
    if last is None or len(labels()) - last < FEWEST_NEW_LABELS:
        return None
    return train_version(actor=SYSTEM, at=at)


@transaction.atomic
def train_version(*, actor: Actor, at: datetime) -> Version | None:
    """Train on everything known now, measure, and compare with the version in use; a person decides about it.

    What is measured has not read the frozen texts; what is kept for use has. Raises Refused when nothing has changed;
    returns None when another worker is at it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        if not cursor.fetchone()[0]:
            return None
    wanted, rules = threshold("trusted_accuracy"), keywords()
    everything = [row.sample for row in corpus()] + labels()
    key = fingerprint(everything, rules, trusted_accuracy=wanted)
    if Version.objects.filter(fingerprint=key).exists():
        raise refuse("version.same")
    figures, current = _measured(wanted), in_use()
    Version.objects.filter(state=Version.State.CANDIDATE).update(state=Version.State.REFUSED)
    version = Version.objects.create(
        number=(Version.objects.aggregate(last=Max("number"))["last"] or 0) + 1,
        state=Version.State.CANDIDATE if current else Version.State.IN_USE,
        fingerprint=key,
        n_corpus=len(corpus()),
        n_labels=Label.objects.values("telling").distinct().count(),
        figures=figures,
        against=_against(current, figures) if current else {},
        packed=packed(classifier(tuple(everything), rules, wanted)),
        trained_at=at,
        decided_at=None if current else at,
        decided_by="" if current else actor.name,
    )
    record("classifier.trained", stream=STREAM, actor=actor, at=at, data={"version": version.number})
    return version


def _measured(wanted: float) -> dict[str, Any]:
    learnt, held, rules = to_train_on(), to_measure_on(), keywords()
    made = train(learnt, rules, trusted_accuracy=wanted)
    found = examine(made.guesses([h.sample.text for h in held]), held)
    found["baselines"] = baselines(learnt, [h.sample for h in held], rules)
    found["authors"] = across_authors([row.sample for row in corpus()], rules, trusted_accuracy=wanted)
    return found


def _against(current: Version, figures: dict[str, Any]) -> dict[str, Any]:
    """The candidate beside the version in use, text by text; empty when the frozen texts are not the same ones."""
    old, new = current.figures["right"], figures["right"]
    if len(old) != len(new):
        return {}
    compared = compare([mark == "1" for mark in old], [mark == "1" for mark in new])
    return asdict(compared) | {"version": current.number}


@transaction.atomic
def accept(version: Version, *, actor: Actor, at: datetime) -> None:
    """Let a candidate into use. The tellings that no person has labelled are guessed anew, in a job."""
    Version.objects.filter(state=Version.State.IN_USE).update(state=Version.State.RETIRED)
    moved = Version.objects.filter(pk=version.pk, state=Version.State.CANDIDATE).update(
        state=Version.State.IN_USE, decided_at=at, decided_by=actor.name
    )
    if not moved:
        raise refuse("version.decided")
    record("classifier.replaced", stream=STREAM, actor=actor, at=at, data={"version": version.number})


@transaction.atomic
def turn_down(version: Version, *, actor: Actor, at: datetime) -> None:
    """Keep the version in use."""
    moved = Version.objects.filter(pk=version.pk, state=Version.State.CANDIDATE).update(
        state=Version.State.REFUSED, decided_at=at, decided_by=actor.name
    )
    if not moved:
        raise refuse("version.decided")
    record("classifier.refused", stream=STREAM, actor=actor, at=at, data={"version": version.number})
