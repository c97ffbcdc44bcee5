"""Tellings are guessed in a job, people correct, versions learn and replace each other only by decision."""

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.core.findings import Refused
from jiedian.ground.journal.models import Fact
from jiedian.people.queries import actor
from jiedian.voice.classify import queries, shelf
from jiedian.voice.classify.models import Label, Version
from jiedian.voice.classify.rows import corpus
from jiedian.voice.classify.services import classification, versions
from jiedian.voice.inbox.models.concerns import Concern
from jiedian.voice.inbox.models.tellings import Telling
from jiedian.voice.inbox.services.guesses import classify_telling
from tests.cast import moment, staff, tell

pytestmark = pytest.mark.django_db
AT = moment("2025-09-17 09:00")


@pytest.fixture
def version(monkeypatch: pytest.MonkeyPatch) -> Version:
    """The first version, without the minutes of measuring."""
    figures = small_figures(0.85)
    monkeypatch.setattr(versions, "_measured", lambda wanted: figures)
    made = versions.train_first(at=AT)
    assert made is not None
    return made


def small_figures(accuracy: float) -> dict[str, object]:
    share = {"accuracy": accuracy, "macro_f1": accuracy, "low": 0.8, "high": 0.9}
    return share | {
        "n": 4,
        "right": "1110",
        "group_accuracy": 0.9,
        "step": share,
        "classes": [{"id": "speed", "n": 4, "precision": 1.0, "recall": 1.0, "f1": 1.0}],
        "confusion": [[4]],
        "curve": [{"coverage": 1.0, "accuracy": accuracy, "confidence": 0.5}],
        "calibration_error": 0.03,
        "trusted": {"coverage": 0.9, "accuracy": 0.9},
        "channels": [{"id": "sms", "n": 4, "accuracy": 1.0}],
        "baselines": {"majority": 0.1, "keywords": 0.6},
        "authors": [share | {"author": "one", "n": 4, "step_accuracy": 0.7}],
    }


def test_what_came_in_is_guessed_and_the_concern_takes_what_is_sure(version: Version) -> None:
    sure, _ = tell("什么时候才能通电，都等了一个月了，快点吧", external_id="a")
    unsure, _ = tell("嗯", external_id="b")
    assert classification.classify_waiting() == 2 and classification.classify_waiting() == 0
    sure.refresh_from_db(), unsure.refresh_from_db()
    assert (sure.leaf, sure.step, sure.is_trusted, sure.version) == (
        "speed",
        "energize",
        True,
        version.number,
    )
    assert unsure.leaf and not unsure.is_trusted
    assert Concern.objects.get(pk=sure.concern_id).leaf == "speed"
    assert Concern.objects.get(pk=unsure.concern_id).leaf == ""


def test_without_a_version_nothing_is_guessed() -> None:
    tell("停电了")
    assert classification.classify_waiting() == 0


def test_a_persons_word_holds_and_is_learnt(version: Version) -> None:
    telling, _ = tell("周波表指到48了，电话13812345678")
    classification.classify_waiting()
    telling.refresh_from_db()
    who = actor(staff("clerk"))
    classification.label(telling, leaf="reliability", step="inspect", actor=who, at=AT)
    telling.refresh_from_db()
    assert (telling.leaf, telling.is_trusted, telling.corrected_by) == ("reliability", True, who.name)
    assert Concern.objects.get(pk=telling.concern_id).leaf == "reliability"
    kept = Label.objects.get()
    assert kept.guessed_leaf == "frequency" and "13812345678" not in kept.text
    assert Fact.objects.filter(kind="concern.classified").get().data["leaf"] == "reliability"
    Telling.objects.update(version=0)
    assert classification.classify_waiting() == 0
    learnt = queries.to_train_on()[-1]
    assert (learnt.leaf, learnt.author) == ("reliability", queries.LABELLED)
    with pytest.raises(Refused):
        classification.label(telling, leaf="weather", step="inspect", actor=who, at=AT)


def test_changed_words_wait_for_a_new_guess(version: Version) -> None:
    telling, _ = tell("电费怎么算")
    classification.classify_waiting()
    telling.refresh_from_db()
    classify_telling(telling)
    telling.refresh_from_db()
    assert telling.leaf == "" and telling.version == 0


def test_a_version_is_replaced_only_by_decision(version: Version, monkeypatch: pytest.MonkeyPatch) -> None:
    who = actor(staff("quality"))
    with pytest.raises(Refused):
        versions.train_version(actor=who, at=AT)
    telling, _ = tell("都三个月了还没影")
    classification.classify_waiting()
    classification.label(telling, leaf="interaction", step="build", actor=who, at=AT)
    assert versions.train_when_due(at=AT) is None
    monkeypatch.setattr(versions, "FEWEST_NEW_LABELS", 1)
    candidate = versions.train_when_due(at=AT)
    assert candidate and candidate.state == Version.State.CANDIDATE and candidate.n_labels == 1
    assert candidate.against["p"] == 1.0 and candidate.against["version"] == version.number
    assert queries.in_use() == version
    other, _ = tell("几号来装表", external_id="z")
    classification.classify_waiting()
    versions.accept(candidate, actor=who, at=AT)
    assert queries.in_use() == candidate
    assert Version.objects.get(pk=version.pk).state == Version.State.RETIRED
    assert classification.classify_waiting() == 1
    other.refresh_from_db()
    assert other.version == candidate.number
    with pytest.raises(Refused):
        versions.accept(candidate, actor=who, at=AT)
    with pytest.raises(Refused):
        versions.turn_down(candidate, actor=who, at=AT)
    assert Fact.objects.filter(kind="classifier.replaced").count() == 1


def test_the_measured_version_never_read_the_frozen_texts() -> None:
    frozen = {heard.sample.text for heard in queries.to_measure_on()}
    assert len(frozen) == 517 and not frozen & {told.text for told in queries.to_train_on()}


def test_a_kept_version_guesses_as_it_did(version: Version) -> None:
    texts = [row.text for row in corpus()[::40]]
    kept = queries.classifier_of(version.pk)
    assert shelf.unpacked(shelf.packed(kept)).guesses(texts) == kept.guesses(texts)
    assert len(bytes(Version.objects.get(pk=version.pk).packed)) < 8_000_000


def test_the_pages_show_and_take(version: Version) -> None:
    telling, _ = tell("周波表指到48了")
    classification.classify_waiting()
    client = Client()
    client.force_login(staff("quality"))
    body = client.get(reverse("classifier")).content.decode()
    assert "没见过的 4 条话里" in body and "85%" in body
    url = reverse("label", args=[telling.pk])
    page = client.get(url).content.decode()
    assert "频率、周波、赫兹" in page and "LEAF-" not in page, "a keyword rule shows its words, not its id"
    assert client.post(url, {"leaf": "frequency", "step": "operate"}).status_code == 302
    assert Label.objects.get().leaf == "frequency"
    assert client.post(url, {"leaf": "x", "step": "y"}).status_code == 422
    client.force_login(staff("auditor"))
    assert client.post(reverse("classifier_train")).status_code == 403
    assert client.post(reverse("classifier_decide", args=[1, "accept"])).status_code == 403


def test_what_is_classified_is_the_subject_and_the_words_of_this_concern() -> None:
    telling = Telling(subject="用电", text="电表走得快；什么时候通电", excerpt="什么时候通电")
    assert queries.text_of(telling) == "用电 什么时候通电"
    assert queries.text_of(Telling(text="电表走得快")) == "电表走得快"
