"""Two who complete the same step: one wins. A new version leaves running cases alone."""

import threading

import pytest
from django.db import connection

from jiedian.core.findings import Refused
from jiedian.ground.journal.services import SYSTEM
from jiedian.ground.rulebook.services import RULES
from jiedian.process import services as process
from jiedian.process.models import Definition, Run, Step
from tests.cast import moment

AT = moment("2025-09-15 09:00")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_complete_a_step_one_is_refused() -> None:
    process.publish((RULES / "process/residential/process.bpmn").read_bytes(), actor=SYSTEM, at=AT)
    opened = process.start(key="residential", subject="C-race", data={"grid_works": "no"}, at=AT).opened
    answers: list[str] = []

    def attempt() -> None:
        try:
            process.complete(subject="C-race", step_id=opened[0].pk, outcome={}, at=AT)
            answers.append("done")
        except Refused:
            answers.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["done", "refused", "refused", "refused"]
    assert Step.objects.filter(run__subject="C-race").count() == 3


@pytest.mark.django_db
def test_running_cases_keep_their_version() -> None:
    xml = (RULES / "process/residential/process.bpmn").read_bytes()
    first = process.publish(xml, actor=SYSTEM, at=AT)
    assert process.publish(xml, actor=SYSTEM, at=AT).pk == first.pk
    process.start(key="residential", subject="C-old", data={"grid_works": "no"}, at=AT)
    second = process.publish(xml.replace("低压居民新装".encode(), "居民新装".encode()), actor=SYSTEM, at=AT)
    process.start(key="residential", subject="C-new", data={"grid_works": "no"}, at=AT)
    assert second.version == first.version + 1
    assert Run.objects.get(subject="C-old").definition_id == first.pk
    assert Run.objects.get(subject="C-new").definition_id == second.pk
    assert Definition.objects.filter(key="residential").count() == 2


@pytest.mark.django_db
def test_a_case_can_be_stopped_from_anywhere_and_only_once() -> None:
    process.start(key="high_voltage", subject="C-stop", data={}, at=AT)
    stopped = process.stop(subject="C-stop", state="withdrawn", at=AT)
    assert [step.code for step in stopped.cancelled] == ["ACCEPT"]
    with pytest.raises(Refused):
        process.stop(subject="C-stop", state="terminated", at=AT)
