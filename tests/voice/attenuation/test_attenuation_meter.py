"""Points are followed through the hand-offs of real cases; lost ones are sent after; a second person codes blind."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from demo.visitors import visit_city
from jiedian.cases.case.models.case import Case, Handoff, Point
from jiedian.cases.case.rows import layer_of, layers
from jiedian.cases.case.services.steps import acknowledge_points
from jiedian.cases.coordination.models import Errand
from jiedian.cases.coordination.services.coordination import acknowledge_errand, answer_errand
from jiedian.core.findings import Refused
from jiedian.ground.journal.models import Fact
from jiedian.ground.rulebook.services import load
from jiedian.people.queries import DepartmentRow, actor, person
from jiedian.process.queries import open_steps
from jiedian.process.rows import cards, steps
from jiedian.voice.attenuation.models import HandoffFile, Recoding, SentAfter
from jiedian.voice.attenuation.queries.attenuation import (
    PointFilter,
    agreement,
    attenuation_of,
    before,
    evidence,
    tasks_of,
)
from jiedian.voice.attenuation.services import draw_sample, import_file, recode, send_after, undo_import
from jiedian.voice.visits.models import VisitPlan
from jiedian.voice.visits.queries import results
from tests.cast import do, lodge, moment, staff
from tests.handed import take_now

pytestmark = pytest.mark.django_db
AT = moment("2025-09-20 09:00")
ASKED = PointFilter(date(2025, 9, 1), date(2025, 9, 30))
LEGACY = "case,layer,sent_at,points_said,points_shown,points_acknowledged\nOLD-1,service,2014-05-01,a;b,a;b,a\nOLD-1,core,2014-06-01,,a,\n"


def take_up(case: Case, code: str, texts: set[str], at: str) -> None:
    step = open_steps(case.number).get(code=code)
    points = [point.pk for point in case.points.all() if point.text in texts]
    acknowledge_points(step, points, actor=actor(person(step.owner_id)), at=moment(at))


@pytest.fixture
def case() -> Case:
    """Said: 月底前通电 (5), 不停产接入 (3), capacity (4). Service keeps both words, support one, nothing sees core yet."""
    made = lodge("HV1")
    take_up(made, "ACCEPT", {"月底前通电", "不停产接入"}, "2025-09-15 10:00")
    do(made, "ACCEPT", "2025-09-15 11:00")
    do(made, "SURVEY", "2025-09-16 09:00")
    take_up(made, "SCHEME_DRAFT", {"月底前通电"}, "2025-09-17 09:00")
    do(made, "SCHEME_DRAFT", "2025-09-18 09:00")
    return made


def point(case: Case, text: str) -> Point:
    return case.points.get(text=text)


def test_every_step_stands_in_a_layer() -> None:
    assert set(layers()) <= {row.id for row in load("people/departments.csv", DepartmentRow)}
    for code, row in steps().items():
        if code in cards("distributed") and code not in cards("high_voltage"):
            continue  # the letter of PV
        measured = row.performer == "utility" and code not in ("ARCHIVE", "CALLBACK")
        assert bool(layer_of("high_voltage", code)) == measured, code
    assert layer_of("residential", "UNKNOWN", "operation") == "support"
    assert layer_of("residential", "UNKNOWN", "nowhere") == ""


def test_the_meter_reads_known_losses_from_the_handoffs(case: Case) -> None:
    found = attenuation_of(ASKED)
    service, support, core = found.layers
    assert (found.n_cases, found.n_points) == (1, 3)
    assert (service.n_points, service.retained) == (3, 3), (
        "both words taken up, the capacity met by the survey"
    )
    assert (support.n_points, support.retained, support.lost) == (3, 2, 1), "the scheme meets the capacity"
    assert support.weighted_retention == pytest.approx(9 / 12)
    assert core.n_points == 0, "not there yet: nothing is lost"
    assert service.median_delay_h == 1.0
    assert [(row.point.text, row.passage.place) for row in found.lost] == [("不停产接入", "support")]
    assert {row.place: row.retained for row in found.departments} == {"marketing": 3}


def test_an_open_handoff_that_nobody_has_taken_up_is_under_way(case: Case) -> None:
    fresh = lodge("HV1")
    assert (
        attenuation_of(PointFilter(date(2025, 9, 1), date(2025, 9, 30), number=fresh.number))
        .layers[0]
        .n_points
        == 0
    )


def test_receipt_and_answer_are_facts_with_layer_and_deliverable(case: Case) -> None:
    facts = Fact.objects.filter(stream=case.stream)
    taken = facts.get(kind="handoff.acknowledged", data__layer="support").data
    assert taken["points_acknowledged"] == [point(case, "月底前通电").pk]
    answers = facts.filter(kind="handoff.answered")
    capacity = case.points.get(kind="capacity").pk
    assert [fact.data["deliverable"] for fact in answers] == ["", "scheme"]
    assert all(fact.data["points_answered"] == [capacity] for fact in answers)
    assert facts.filter(kind="step.opened", data__layer="support").exists()


def test_a_figure_that_differs_is_no_answer() -> None:
    made = lodge("HV1", needed_on=date(2025, 10, 31), importance="second")
    assert {p.kind: p.text for p in made.points.exclude(kind="said")} == {
        "needed_on": "2025-10-31",
        "capacity": "1260",
        "importance": "second",
    }
    do(made, "ACCEPT", "2025-09-15 11:00")
    do(made, "SURVEY", "2025-09-16 09:00", capacity_kva=800)
    answered = Handoff.objects.get(case=made, step_code="SURVEY").answered
    assert list(answered) == [str(made.points.get(kind="importance").pk)]


def test_a_lost_point_is_sent_after_and_the_errand_is_its_receipt(case: Case) -> None:
    lost, manager = point(case, "不停产接入"), actor(staff("manager"))
    last = Handoff.objects.filter(case=case, layer="support").latest("id")
    with pytest.raises(Refused) as own:
        send_after(lost, "support", actor=actor(person(last.receiver_id)), at=AT)
    assert [finding.code for finding in own.value.findings] == ["attenuation.own"]
    sent = send_after(lost, "support", actor=manager, at=AT)
    assert sent.errand.kind == "notice" and "不停产接入" in sent.errand.text
    assert Fact.objects.get(kind="point.sent_after").data["errand"] == sent.errand.pk
    with pytest.raises(Refused):
        send_after(lost, "support", actor=manager, at=AT)
    with pytest.raises(Refused):
        send_after(lost, "core", actor=manager, at=AT)
    assert attenuation_of(ASKED).layers[1].lost == 1, "sent is not received"
    receiver = actor(person(sent.errand.receiver_id))
    acknowledge_errand(sent.errand, actor=receiver, at=moment("2025-09-22 09:00"))
    found = attenuation_of(ASKED)
    assert found.layers[1].lost == 0 and found.layers[1].p90_delay_h is not None
    answer_errand(
        Errand.objects.get(pk=sent.errand.pk), answer="done", text="已写入方案", actor=receiver, at=AT
    )
    assert attenuation_of(ASKED).layers[1].answered == 2


def test_the_blind_sample_is_repeatable_and_hides_the_first_coding(case: Case) -> None:
    auditor, quality = staff("auditor"), actor(staff("quality"))
    drawn = draw_sample(6, coder=auditor, actor=quality, at=AT, seed="s")
    assert len(drawn) == 6 and len({(row.handoff_id, row.point_id) for row in drawn}) == 6
    shown = [str(task) for task in tasks_of(auditor)]
    assert len(shown) == 6
    client = Client()
    client.force_login(auditor)
    page = client.get("/attenuation/recode/").content.decode()
    assert "is_retained_first" not in page and "签认所勾" not in page
    for row in Recoding.objects.all():
        truth = row.is_retained_first if row.pk != drawn[0].pk else not row.is_retained_first
        recode(row, is_retained=truth, actor=actor(auditor), at=AT)
    found = agreement()
    assert found.n == 6 and found.observed == pytest.approx(5 / 6) and found.value is not None
    with pytest.raises(Refused):
        recode(drawn[0], is_retained=True, actor=actor(auditor), at=AT)
    with pytest.raises(Refused):
        recode(drawn[1], is_retained=True, actor=quality, at=AT)


def test_nobody_codes_what_he_had_a_hand_in(case: Case) -> None:
    handoff = Handoff.objects.get(case=case, step_code="SCHEME_DRAFT")
    coder = person(handoff.receiver_id)
    drawn = draw_sample(50, coder=coder, actor=actor(staff("quality")), at=AT)
    assert not any(row.handoff.receiver_id == coder.pk for row in drawn)
    assert evidence(handoff) and not any("acknowledged" in text for text in evidence(handoff))


def test_an_old_file_is_imported_once_compared_and_undone() -> None:
    who = actor(staff("quality"))
    file = import_file(LEGACY.encode("gbk"), name="以前.csv", actor=who, at=AT)
    assert [(r.n_points, r.retained) for r in before(file)] == [(2, 1), (2, 0), (2, 0)]
    with pytest.raises(Refused):
        import_file(LEGACY.encode("gbk"), name="x.csv", actor=who, at=AT)
    with pytest.raises(Refused) as refusal:
        import_file(LEGACY.replace("core", "attic").encode(), name="bad.csv", actor=who, at=AT)
    assert "attic" in refusal.value.words("en")[0]
    undo_import(file, actor=who, at=AT)
    file.refresh_from_db()
    assert file.touches == [] and HandoffFile.objects.count() == 1
    import_file(LEGACY.encode("gbk"), name="again.csv", actor=who, at=AT)


def test_points_out_of_order_in_an_old_file_are_said_and_count() -> None:
    text = "case,point,layer,said_at,shown_at,acknowledged_at\nA,p,service,2020-01-02,2020-01-02,2020-01-01\n"
    client = Client()
    client.force_login(staff("quality"))
    upload = SimpleUploadedFile("old.csv", text.encode())
    client.post("/attenuation/import/", {"file": upload})
    row = take_now(actor=actor(staff("quality")))
    page = client.get(f"/files/{row.pk}/").content.decode()
    assert "要点 p 的 acknowledged 早于提出" in page
    assert before(HandoffFile.objects.get())[0].retained == 1


def test_before_and_today_are_not_set_side_by_side_without_a_word(case: Case) -> None:
    file = import_file(LEGACY.encode(), name="以前.csv", actor=actor(staff("quality")), at=AT)
    client = Client(headers={"accept-language": "en"})
    client.force_login(staff("quality"))
    asked = f"/attenuation/?case={case.number}"
    assert "leans a little towards today" in client.get(f"{asked}&before={file.pk}").content.decode()
    assert "leans a little" not in client.get(asked).content.decode()


def test_the_page_shows_sends_and_exports(case: Case) -> None:
    client = Client()
    client.force_login(staff("quality"))
    query = "?from=2025-09-01&until=2025-09-30"
    page = client.get(f"/attenuation/{query}").content.decode()
    assert "不停产接入" in page and "<svg" in page and case.number in page
    lines = client.get(f"/attenuation/{query}&format=csv").content.decode("utf-8-sig").splitlines()
    assert len(lines) == 2 and lines[1].startswith(case.number)
    assert (
        lines[0].startswith("工单,客户要点,权重,层")
        and ",support" not in lines[1]
        and "False" not in lines[1]
    )
    lost = point(case, "不停产接入")
    answer = client.post("/attenuation/send/", {"point": lost.pk, "layer": "support"})
    assert answer.status_code == 302 and SentAfter.objects.count() == 1
    client.force_login(staff("planner"))
    assert client.post("/attenuation/send/", {"point": lost.pk, "layer": "core"}).status_code == 403
    assert (
        client.get("/attenuation/?from=never&until=x&class=MOON&before=99999999999999999999").status_code
        == 200
    )


def test_the_burden_page_sets_two_versions_side_by_side() -> None:
    client = Client()
    client.force_login(staff("process"))
    page = client.get("/burden/").content.decode()
    assert page.count('<svg class="chart"') == 2 and "串行" in page
    for query in ("?class=RES", "?class=MOON&a=x&b=y", "?class=HV2&a=serial_hv&b=high_voltage"):
        assert client.get(f"/burden/{query}").status_code == 200


def test_the_demo_city_is_visited_and_looked_at_again(case: Case) -> None:
    visit_city(at=AT)
    over, running = VisitPlan.objects.order_by("until_on")
    assert results(over).visits == over.visits.count() and results(over).kappa.n > 0
    assert (
        running.visits.filter(state="submitted").exists()
        and not running.visits.filter(state="accepted").exists()
    )
    assert HandoffFile.objects.count() == 1 and agreement().n > 0
    assert all(plan.is_simulated for plan in (over, running))
