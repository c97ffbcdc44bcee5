"""History comes in whole with its true times, is worked on like any case, and goes back whole."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from demo.past import bring_past
from jiedian.cases.case.models.case import Case, Customer
from jiedian.cases.case.services import steps
from jiedian.cases.coordination.services import coordination
from jiedian.cases.history import services as history
from jiedian.cases.history.calc.history import PastCase
from jiedian.cases.history.commands import main as import_history
from jiedian.cases.history.queries import summary
from jiedian.cases.screen.queries.cases import lines
from jiedian.cases.screen.queries.gantt import gantt_of
from jiedian.cases.screen.queries.replay import differences
from jiedian.clocks.models import Clock
from jiedian.clocks.queries import clocks_of
from jiedian.clocks.services import sweep
from jiedian.core.findings import Refused
from jiedian.ground.files import services as files
from jiedian.ground.files.models import FileImport
from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.queries import facts_of, verify
from jiedian.ground.rulebook.services import RULES
from jiedian.ground.vault.services import path_of
from jiedian.people.models import User
from jiedian.people.queries import actor
from tests.cast import moment, staff
from tests.shared import real_file

pytestmark = pytest.mark.django_db
AT = moment("2025-09-15 10:00")
MAPPING = (RULES / "history/events.yaml").read_text("utf-8")
HEAD = "工单号,项目名称,渠道,部门,申请时间,计划完成,法定期限,办结时间,环节,环节时间,环节经办人\n"
TABLE = HEAD + (
    "K-1,面馆用电,营业厅,东城,2001-03-01,2001-03-05,2001-03-20,2001-03-09,受理,2001-03-01 10:00,甲\n"
    "K-1,面馆用电,营业厅,东城,2001-03-01,2001-03-05,2001-03-20,2001-03-09,勘查,2001-03-03 10:00,乙\n"
    "K-2,药店用电,网上,西城,2025-09-01,2025-09-10,2027-01-01,,受理,2025-09-01 10:00,甲\n"
    "K-3,书店用电,网上,西城,2025-09-01,,,,受理,2025-09-01 11:00,甲\n"
)
BAD = TABLE + "K-4,坏行,网上,西城,2025-09-01,,,,受理,someday,甲\n"


def checked(table: str = TABLE, mapping: str = MAPPING) -> FileImport:
    who = actor(staff("admin"))
    batch, _ = history.check(history.Table(table.encode(), "past.csv", mapping), actor=who, at=AT, now=AT)
    return batch


def brought(table: str = TABLE, *, without_bad: bool = False) -> FileImport:
    batch = checked(table)
    files.take_in(files.order(batch, without_bad=without_bad, actor=actor(staff("admin")), at=AT))
    batch.refresh_from_db()
    return batch


def test_checking_a_table_imports_nothing() -> None:
    batch = checked(BAD)
    assert (batch.good, batch.left_out, batch.rows) == (3, 1, 5)
    assert not Case.objects.exists() and not Fact.objects.filter(kind="case.applied").exists()
    assert batch.findings[0]["where"].startswith("#6")


def test_cases_come_with_their_true_times_and_promises() -> None:
    batch = brought()
    old, running, bare = (Case.objects.get(number=n) for n in ("K-1", "K-2", "K-3"))
    assert batch.state == "imported" and batch.good == 3 and old.is_imported
    facts = list(facts_of(old.stream))
    assert [f.kind for f in facts] == [
        "case.applied", "promise.given", "promise.given", "history.step", "history.step", "case.finished"
    ]  # fmt: skip
    assert facts[3].occurred_at == moment("2001-03-01 10:00") and facts[3].actor_name == "甲"
    assert all(f.recorded_at.year >= 2025 for f in facts), "recorded now"
    assert verify() is None
    states = {v.clock.limit_id: v.state for v in clocks_of("K-1", at=AT)}
    assert states == {"EXT-PLAN": "broken", "EXT-LAW": "kept"}, "2001 lies before any calendar"
    assert running.account_manager_id, "a running case has a present owner"
    assert not Clock.objects.filter(subject=bare.number).exists()
    assert not [line for number in ("K-1", "K-2", "K-3") for line in differences(number)]


def test_lists_gantt_and_pages_work_on_them_at_once() -> None:
    brought()
    late = [line for line in lines(Case.objects.all(), at=AT) if line.is_late]
    assert [line.case.number for line in late] == ["K-2"] and late[0].left_wd == -5
    gantt = gantt_of(Case.objects.get(number="K-1"), at=AT, is_zh=True)
    assert gantt and [bar.label for bar in gantt.bars] == ["受理", "勘查"]
    client = Client()
    client.force_login(staff("clerk"))
    for number in ("K-1", "K-2", "K-3"):
        page = client.get(reverse("case", args=[number]))
        assert page.status_code == 200 and "导入" in page.content.decode()
    shown = client.get(reverse("cases") + "?late=1").content.decode()
    assert "K-2" in shown and "K-1" in shown and "K-3" not in shown
    manager = Client()
    manager.force_login(_manager("K-2"))
    assert "K-2" in manager.get(reverse("today") + "?show=late").content.decode()


def _manager(number: str) -> User:
    return User.objects.get(pk=Case.objects.get(number=number).account_manager_id)


def test_an_imported_case_is_worked_on_and_concluded() -> None:
    batch = brought()
    case, who = Case.objects.get(number="K-2"), actor(staff("clerk"))
    coordination.urge(
        case, coordination.UrgingDraft("expedite", "K-2", "请尽快", _manager("K-2")), actor=who, at=AT
    )
    history.conclude(case, actor=who, at=moment("2025-09-16 09:00"))
    states = {v.clock.limit_id: v.state for v in clocks_of("K-2", at=AT)}
    assert states == {"EXT-PLAN": "broken", "EXT-LAW": "kept"}
    assert not differences("K-2")
    steps.withdraw(Case.objects.get(number="K-3"), reason="客户不要了", actor=who, at=AT)
    with pytest.raises(Refused) as refusal:
        files.undo(batch, actor=who, at=AT)
    assert {f.code for f in refusal.value.findings} == {"history.worked"}
    assert Case.objects.count() == 3, "nothing half taken back"


def test_a_batch_is_taken_back_and_brought_again(django_capture_on_commit_callbacks: Any) -> None:
    batch, before = brought(), Customer.objects.count()
    kept = path_of(batch.upload.sha256)
    sweep(at=moment("2025-12-01 09:00"))
    with django_capture_on_commit_callbacks(execute=True):
        files.undo(batch, actor=actor(staff("admin")), at=AT)
    assert not kept.exists(), "the table with its names is gone too"
    assert not Case.objects.exists() and not Clock.objects.exists() and Customer.objects.count() == before - 3
    assert not facts_of("case:K-1").exists() and Fact.objects.filter(stream="case:K-1").count() == 7
    assert verify() is None
    again = brought()
    assert again.good == 3 and facts_of("case:K-1").count() == 6 and verify() is None
    assert not differences("K-2")


def test_bad_rows_stop_the_batch_unless_they_are_left_out() -> None:
    with pytest.raises(Refused):
        brought(BAD)
    assert not Case.objects.exists()
    assert brought(BAD, without_bad=True).good == 3


def test_a_number_that_is_here_already_is_found() -> None:
    brought()
    batch = checked()
    assert batch.good == 0 and {f["code"] for f in batch.findings} == {"history.taken"}
    with pytest.raises(Refused):
        files.order(batch, without_bad=True, actor=actor(staff("admin")), at=AT)


def test_what_lies_ahead_is_judged_by_the_real_time_at_the_import_too() -> None:
    """The demo's business time may lie behind: what the check let through is not refused by the worker."""
    behind, who = moment("2025-08-01 09:00"), actor(staff("admin"))
    batch, reading = history.check(
        history.Table(TABLE.encode(), "past.csv", MAPPING), actor=who, at=behind, now=AT
    )
    assert not reading.findings
    files.take_in(Fact.objects.get(pk=files.order(batch, without_bad=False, actor=who, at=behind).pk))
    batch.refresh_from_db()
    assert (batch.state, batch.findings) == ("imported", [])


def test_nothing_is_half_written_when_the_import_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = checked()
    fact = files.order(batch, without_bad=False, actor=actor(staff("admin")), at=AT)
    monkeypatch.setattr(history, "record_past", lambda *a, **k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        files.take_in(fact)
    assert not Case.objects.exists() and not Clock.objects.exists() and not Customer.objects.exists()
    monkeypatch.undo()
    files.take_in(fact)
    files.take_in(fact)
    assert Case.objects.count() == 3, "run twice it does nothing more"


def test_names_and_personal_data_stay_out_of_the_journal() -> None:
    table = TABLE.replace("面馆用电", "王小明").replace("乙", "13812345678")
    batch = checked(table)
    assert {f["code"] for f in batch.findings} == {"history.personal"}
    brought(table, without_bad=True)
    brought(TABLE.replace("K-", "L-").replace("面馆用电", "王小明"))
    told = " ".join(str(f.data) + f.actor_name for f in Fact.objects.all())
    assert "王小明" not in told and "13812345678" not in told


def test_the_sweep_marks_an_imported_promise_without_a_calendar() -> None:
    brought()
    sweep(at=moment("2025-09-16 09:00"))
    law = Clock.objects.get(subject="K-2", limit_id="EXT-LAW")
    assert law.state == "running" and law.warned_percent == 0
    for _ in range(3):
        sweep(at=moment("2026-09-16 09:00"))
    assert Clock.objects.get(pk=law.pk).warned_percent == 50
    assert sweep(at=moment("2026-09-16 09:00")) == 0


def test_the_page_checks_imports_and_takes_back() -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = Client()
    client.force_login(staff("admin"))
    file = SimpleUploadedFile("past.csv", BAD.encode("gb18030"))
    client.post(reverse("history_new"), {"file": file, "mapping": "events"})
    assert FileImport.objects.get().state == "reading"
    files.read_in(Fact.objects.get(kind="file.handed"))
    page = client.get(reverse("history_batch", args=[FileImport.objects.get().pk])).content.decode()
    assert "#6" in page and "someday" in page and not Case.objects.exists()
    batch = FileImport.objects.get()
    assert b"#6" in client.get(reverse("history_findings", args=[batch.pk])).content
    client.post(reverse("history_act", args=[batch.pk, "import"]))
    assert FileImport.objects.get().state == "checked", "bad rows hold it back"
    client.post(reverse("history_act", args=[batch.pk, "import"]), {"without_bad": "1"})
    assert FileImport.objects.get().state == "asked"
    busy = client.get(reverse("history_batch", args=[batch.pk])).content.decode()
    assert 'data-refresh="1"' in busy and "hx-" not in busy, "only the parts that change are fetched anew"
    files.take_in(Fact.objects.get(kind="file.ordered"))
    over = client.get(reverse("history_batch", args=[batch.pk])).content.decode()
    assert "已导入" in over and "data-refresh" not in over
    client.post(reverse("history_act", args=[batch.pk, "undo"]))
    assert not Case.objects.exists()
    for name in ("run.exe", "x.pdf"):
        wrong = client.post(
            reverse("history_new"), {"file": SimpleUploadedFile(name, b"MZ\x00\x01"), "mapping": "cases"}
        )
        assert wrong.status_code == 422 and FileImport.objects.count() == 1


def test_the_real_permit_log_comes_in_by_the_batch() -> None:
    data = real_file("logs/receipt.csv").read_bytes()
    mapping = (RULES / "history/receipt.yaml").read_text("utf-8")
    who = actor(staff("admin"))
    batch, _ = history.check(history.Table(data, "receipt.csv", mapping), actor=who, at=AT, now=AT)
    with CaptureQueriesContext(connection) as queries:
        files.take_in(files.order(batch, without_bad=False, actor=who, at=AT))
    assert len(queries) < 100, "by the batch, not by the case"
    batch.refresh_from_db()
    assert Case.objects.count() == 1434 and Fact.objects.filter(kind="history.step").count() == 8577
    assert Clock.objects.filter(limit_id="EXT-LAW", state="broken").count() == 377
    assert Case.objects.filter(state="running").count() == 105
    assert verify() is None
    assert not differences("case-10011")


def test_the_command_checks_imports_and_takes_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(TABLE, "utf-8")
    bad.write_text(BAD, "gb18030")
    assert import_history([str(bad), "--map", "events", "--dry-run"]) == 1
    assert "#6" in capsys.readouterr().err and not Case.objects.exists()
    assert import_history([str(bad), "--map", "events"]) == 2
    assert not Case.objects.exists() and not FileImport.objects.exists(), "nothing half-written"
    assert import_history([str(good), "--map", "events"]) == 0 and Case.objects.count() == 3
    assert import_history(["--undo", str(FileImport.objects.get().pk)]) == 0 and not Case.objects.exists()
    assert import_history(["--undo", "999"]) == 2
    assert import_history([str(tmp_path / "none.csv"), "--map", "events"]) == 2


def test_the_citys_past_is_made_up_by_the_real_import() -> None:
    with CaptureQueriesContext(connection) as queries:
        batch = bring_past(cases=40, seed=7, at=AT)
    assert len(queries) < 60 and batch.is_simulated and batch.left_out == 0
    assert Case.objects.filter(is_simulated=True).count() == 40
    assert Case.objects.filter(state="running").count() == 4
    assert Clock.objects.filter(state="broken").exists() and verify() is None


def test_a_dry_run_counts_what_is_late_and_still_runs() -> None:
    """A queue of running projects past their planned day has as many late ones, closed or not; called off ones have none."""
    due, later = moment("2025-06-01 00:00"), moment("2025-07-01 00:00")
    blank = dict.fromkeys(("title", "customer", "case_class", "channel", "department", "holder", "area"), "")
    times = dict.fromkeys(("accepted_at", "energised_at", "needed_on", "deadline"))

    def past(number: str, state: str, closed_at: datetime | None, planned_end: datetime | None) -> PastCase:
        return PastCase(
            number=number,
            **blank,
            **times,
            capacity_kva=Decimal(0),
            applied_at=moment("2025-01-01 00:00"),
            planned_end=planned_end,
            closed_at=closed_at,
            state=state,
        )

    cases = [
        past("1", "running", None, due),
        past("2", "running", None, later),
        past("3", "running", None, None),
        past("4", "finished", moment("2025-06-02 00:00"), due),
        past("5", "withdrawn", moment("2025-06-02 00:00"), due),
    ]
    assert summary(cases, at=moment("2025-06-15 00:00")).late == 2


WITHDRAWN = "工单号,申请时间,计划完成,办结时间,状态\nW1,2024-03-01,2024-05-01,2024-06-01,客户撤回\nW2,2024-03-01,2024-05-01,,已完成\n"
WITHDRAWN_MAP = """
form: cases
columns: {number: 工单号, applied_at: 申请时间, planned_end: 计划完成, closed_at: 办结时间, state: 状态}
values: {state: {客户撤回: withdrawn, 已完成: finished}}
"""


def test_replay_agrees_on_what_was_withdrawn_and_on_what_ended_nobody_knows_when() -> None:
    batch = checked(WITHDRAWN, WITHDRAWN_MAP)
    files.take_in(files.order(batch, without_bad=False, actor=actor(staff("admin")), at=AT))
    assert {clock.state for clock in Clock.objects.filter(kind=Clock.EXTERNAL)} == {"cancelled"}
    for number in ("W1", "W2"):
        assert differences(number) == []
    assert Case.objects.get(number="W2").closed_at is None
    admin = Client()
    admin.force_login(staff("manager"))
    for number in ("W1", "W2"):
        page = admin.get(reverse("case", args=[number]))
        assert page.status_code == 200 and "2024年" in page.content.decode(), "an old year is said"
