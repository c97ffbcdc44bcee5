"""The verbs of the supply scheme, each by itself: a version, its frozen form, its term, and the place of an applicant."""

import hashlib
from datetime import date
from decimal import Decimal

import pytest

from jiedian.cases.case.services.steps import withdraw
from jiedian.cases.intake.services.survey import restart
from jiedian.core.findings import Refused
from jiedian.grid.load.services import keep_neighbours
from jiedian.grid.network.models import Account, Device, Grid
from jiedian.ground.journal.queries import facts_of
from jiedian.ground.journal.services import SYSTEM, react
from jiedian.ground.vault.services import path_of
from jiedian.supply.scheme.models import Scheme
from jiedian.supply.scheme.queries.schemes import may_redo, valid_until
from jiedian.supply.scheme.services.drafts import composed_version, entered
from jiedian.supply.scheme.services.outcomes import predicted_value
from jiedian.supply.scheme.services.replies import freeze
from jiedian.supply.study.queries.studies import study_of
from jiedian.supply.study.services import locate, locate_applicant
from tests.cast import lodge, moment
from tests.core.town import LAT, LON, STEP
from tests.deeds import scheme_values
from tests.supply.town import found_town

pytestmark = pytest.mark.django_db
AT = moment("2025-09-16 09:00")
PIN = (LON + 2.2 * STEP, LAT + 1.1 * STEP)


@pytest.fixture
def town() -> Grid:
    return found_town(moment("2025-09-01 08:00"))


def test_a_composed_version_keeps_the_option_with_all_it_was_weighed_against(town: Grid) -> None:
    case = lodge("HV1")
    locate(case, {"pin": PIN, "use": "industry"}, actor=SYSTEM, at=AT)
    study = study_of(case, on=AT.date())
    assert study
    option = study.options[0]
    made = composed_version(
        case,
        study,
        option,
        {"ticked": {"7": "已满足", "8": " "}, "exception_reason": "x" * 9},
        actor=SYSTEM,
        at=AT,
    )
    assert (made.version, made.option_key, made.state) == (1, option.key, "draft")
    assert [row["bus"] for row in made.sources] == [leg.bus for leg in option.legs]
    assert len(made.considered) == len(study.options) and made.ticked == {"7": "已满足"}
    assert made.exception_reason == "", "nothing was contradicted, so no reason is kept"
    assert composed_version(case, study, option, {}, actor=SYSTEM, at=AT).version == 2


def test_a_case_started_again_is_where_the_one_before_it_was(town: Grid) -> None:
    case = lodge("HV1")
    place = locate(case, {"pin": PIN, "use": "industry"}, actor=SYSTEM, at=AT)
    withdraw(case, reason="按错了", actor=SYSTEM, at=AT)
    again = restart(case, actor=SYSTEM, at=AT)
    applied = facts_of(again.stream).get(kind="case.applied")
    react(str(applied.uid), "jiedian.supply.study.reactions.keep_site")
    assert (again.site.lon, again.site.use) == (place.lon, "industry")
    elsewhere = locate(again, {"pin": (LON, LAT)}, actor=SYSTEM, at=AT)
    react(str(applied.uid), "jiedian.supply.study.reactions.keep_site")
    again.site.refresh_from_db()
    assert again.site.lon == elsewhere.lon, "told twice, it moves nobody"


def test_what_a_rule_forbids_is_composed_only_with_a_written_reason(town: Grid) -> None:
    case = lodge("HV1", is_special_load=True)
    locate(case, {"pin": PIN, "use": "industry"}, actor=SYSTEM, at=AT)
    study = study_of(case, on=AT.date())
    assert study and study.options[0].to_explain
    for reason in ("", "不必"):
        with pytest.raises(Refused) as refusal:
            composed_version(case, study, study.options[0], {"exception_reason": reason}, actor=SYSTEM, at=AT)
        assert {finding.code for finding in refusal.value.findings} == {"scheme.conflict"}
    assert not case.schemes.exists()


def test_a_reply_form_is_frozen_in_both_languages_with_its_hash() -> None:
    case = lodge("HV1")
    scheme = Scheme.objects.create(
        case=case, version=1, voltage_kv=Decimal(10), capacity_kva=1260, drafted_by="规划", drafted_at=AT
    )
    forms = freeze(scheme, actor=SYSTEM, at=AT)
    assert [form.language for form in forms] == ["zh-hans", "en"]
    for form in forms:
        content = path_of(form.sha256).read_bytes()
        assert content.startswith(b"%PDF-") and hashlib.sha256(content).hexdigest() == form.sha256
        assert (form.issued_at, form.upload.subject) == (AT, case.number)


@pytest.mark.parametrize(("kind", "until"), [("HV1", date(2026, 9, 16)), ("LVN", date(2025, 12, 16))])
def test_a_reply_holds_for_the_term_of_its_level(kind: str, until: date) -> None:
    assert valid_until(lodge(kind), AT.date()) == until


def test_only_a_signed_scheme_that_lapsed_is_a_reason_to_apply_again() -> None:
    case = lodge("HV1")
    assert not may_redo(case)
    scheme = Scheme.objects.create(
        case=case, version=1, voltage_kv=10, capacity_kva=1260, drafted_at=AT, state="lapsed"
    )
    assert not may_redo(case), "nobody had signed it"
    Scheme.objects.filter(pk=scheme.pk).update(accepted_at=AT)
    assert may_redo(case)
    case.state = "terminated"
    assert not may_redo(case)


@pytest.mark.parametrize(
    ("predicted", "value"), [({}, None), ({"days": [40, 60, 90]}, 60.0), ({"days": 0.98}, 0.98)]
)
def test_the_middle_of_a_prediction_is_what_was_said(
    predicted: dict[str, object], value: float | None
) -> None:
    assert predicted_value(Scheme(predicted=predicted), "days") == value


def test_an_applicant_is_placed_by_the_first_neighbour_that_is_known_else_at_his_pin(town: Grid) -> None:
    node = town.devices.filter(kind=Device.Kind.NODE, is_retired=False).order_by("id")[0]
    keep_neighbours([Account(number="3703001", node=node, loaded_at=AT)], [])
    case = lodge("LVN")
    site = locate_applicant(case, "3703001", PIN, actor=SYSTEM, at=AT)
    assert (site.how, site.reference, site.use) == ("account", "3703001", "business")
    again = locate_applicant(case, "nobody", PIN, actor=SYSTEM, at=AT)
    assert (again.pk, again.how) == (site.pk, "pin")
    with pytest.raises(Refused):
        locate_applicant(case, "nobody", None, actor=SYSTEM, at=AT)
    again.refresh_from_db()
    assert again.how == "pin"
    use = locate_applicant(lodge("HV1"), "3703001", None, actor=SYSTEM, at=AT).use
    assert use == "business", "what a high-voltage customer does is not guessed from his voltage"


def test_a_scheme_entered_by_hand_names_the_papers_of_a_review_where_there_is_one() -> None:
    """Art. 44: important users' designs are reviewed, whoever composed the scheme."""
    for changes, row in (({"importance": "second"}, "M-CMP-REV"), ({}, "M-CMP-ONE")):
        case = lodge("HV1", **changes)
        made = entered(case, scheme_values(case), actor=SYSTEM, at=AT)
        told = [module["rules"][0] for module in made.modules if module["block"] == "completion"]
        assert told[0] == row and {"M-CMP-D1", "M-CMP-R7"} <= set(told)
        assert ("M-CMP-HID" in told) is (row == "M-CMP-ONE"), (
            "concealed works are inspected, or shown at the end"
        )
