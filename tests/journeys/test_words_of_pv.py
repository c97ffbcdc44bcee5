"""光伏的话: whoever connects PV reads of 并网, never of power on, receiving works or a supply contract; nor do the staff who serve him."""

import re

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from jiedian.cases.case.models.case import Case
from jiedian.cases.coordination.reactions import tell
from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.rows import lines_of
from jiedian.ground.vault.services import path_of
from jiedian.links.models import Outbox
from jiedian.people.queries import person
from jiedian.process.queries import open_steps
from jiedian.shell.models import SimulatedTime
from tests.cast import codes, do, lodge, moment
from tests.doors.test_customer_steps import opened

pytestmark = pytest.mark.django_db
OF_POWER = re.compile(
    r"[^不]通电|[^倒]送电(?!（)|受电工程|用上电|供用电合同|供电方案|竣工检验|竣工报验|供电电源点"
)
IN_ENGLISH = re.compile(
    r"\bsupply (scheme|contract|point)|you have power|power (on|comes|is on)\b|needs power|receiving works|energis",
    re.I,
)
NOT_OF_THIS_CASE = re.compile(r"<(header|footer|nav|script)\b.*?</\1>|<[^>]*>", re.S)


def words(page: str) -> str:
    """The words a reader sees of a page, without the frame that every page has."""
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"\s+", " ", NOT_OF_THIS_CASE.sub(" ", main)).replace(
        "受电工程的自主选择", ""
    )  # the name of a clause


def pages(case: Case) -> dict[str, str]:
    """Every page on which this case speaks to its customer or to the owner of what is open."""
    customer, officer = opened(case), Client()
    for browser in (customer, officer):
        browser.cookies["django_language"] = translation.get_language()
    step = open_steps(case.number).order_by("id").first()
    officer.force_login(person((step and step.owner_id) or case.account_manager_id))
    found = {"tracker": customer.get(reverse("tracker", args=[case.number]))}
    found["receipt"] = customer.get(reverse("receipt", args=[case.number]))
    found["case"] = officer.get(reverse("case", args=[case.number]))
    for each in open_steps(case.number):
        found[each.code] = officer.get(reverse("step", args=[case.number, each.pk]))
    assert found["tracker"].status_code == found["case"].status_code == 200, found["tracker"].content.decode()
    return {
        name: words(answer.content.decode()) for name, answer in found.items() if answer.status_code == 200
    }


def leaks(case: Case, language: str, pattern: re.Pattern[str]) -> set[tuple[str, str]]:
    with translation.override(language):
        return {(name, text[max(found.start() - 30, 0) : found.end() + 30])
                for name, text in pages(case).items() if (found := pattern.search(text))}  # fmt: skip


@pytest.mark.parametrize(("kind", "language"), [("PV", "zh-hans"), ("PVH", "zh-hans"), ("PV", "en")])
def test_pv_is_spoken_of_as_pv_from_application_to_archive(kind: str, language: str) -> None:
    SimulatedTime.objects.create(at=moment("2025-09-15 09:30"))
    case, at = lodge(kind, "2025-09-15 09:00", points=(), language=language), 16
    found: set[tuple[str, str]] = set()
    pattern = OF_POWER if language == "zh-hans" else IN_ENGLISH
    while case.is_open:
        found |= leaks(case, language, pattern)
        SimulatedTime.objects.update(at=moment(f"2025-09-{at} 09:30"))
        do(case, sorted(codes(case))[0], f"2025-09-{at} 09:00")
        at = min(at + 1, 29)
    found |= leaks(case, language, pattern)
    assert not found
    for fact in Fact.objects.filter(stream=case.stream):
        tell(fact)
    sent = "\n".join(Outbox.objects.values_list("text", flat=True))
    assert ("并网" in sent or "connected to the grid" in sent) and not pattern.search(sent)
    text = case.contract.texts.get(language=language)
    pages_of = pypdfium2.PdfDocument(path_of(text.sha256))
    contract = "".join(page.get_textpage().get_text_range() for page in pages_of)
    assert ("购售电合同" in contract and "余电上网" in contract) or "Power purchase contract" in contract
    assert "按期交付电费" not in contract and "pays for it when due" not in contract


def test_journal_contract_and_gantt_speak_of_pv_as_pv() -> None:
    """The journal names a fact by the process of its case; the contract says where a clause is from and settles nothing itself."""
    SimulatedTime.objects.create(at=moment("2025-09-29 09:30"))
    case, at = lodge("PV", "2025-09-15 09:00", points=()), 16
    while case.is_open:
        do(case, sorted(codes(case))[0], f"2025-09-{at} 09:00")
        at = min(at + 1, 29)
    told = " ".join(f"{line.what} {line.about}" for line in lines_of(Fact.objects.filter(stream=case.stream)))
    assert "已并网" in told and "签订购售电合同" in told and not OF_POWER.search(told)
    path = path_of(case.contract.texts.get(language="zh-hans").sha256)
    contract = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(path))
    assert "项目地址" in contract and "供电企业拟定" in contract and "互不抵扣" not in contract
