"""What a name tells of the use of power: the word that ends last; and a guess of it is answered by no system alone."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from demo.sites import load_of
from jiedian.core.findings import Refused
from jiedian.grid.network.models import Grid
from jiedian.ground.journal.queries import facts_of
from jiedian.ground.journal.services import SYSTEM
from jiedian.people.models import User
from jiedian.process.queries import open_steps
from jiedian.supply.scheme.forms import SchemeForm
from jiedian.supply.scheme.services.automatic import answer_alone
from jiedian.supply.scheme.services.drafts import composed_version, entered
from jiedian.supply.study.models import Site
from jiedian.supply.study.queries.rules import likely_use
from jiedian.supply.study.queries.studies import study_of
from jiedian.supply.study.services import locate_applicant
from tests.cast import codes, do, lodge, moment, staff
from tests.core.town import LAT, LON, STEP
from tests.deeds import scheme_values
from tests.supply.town import found_town

NAMES = {
    "business": "中国农业银行城西支行 农业农村局办公楼 万科物业服务有限公司 城西公寓酒店 阳光小区门口超市 居民委员会 "
    "鲁中农村信用合作联社 渔业管理局 水泥厂职工医院 机械工业职业技术学院 养殖业保险公司 家属院幼儿园 住宅开发有限公司 "
    "花园小区居委会 居民服务中心 农业大学附属中学 果园路便利店 酒店式公寓 化工市场 钢铁贸易有限公司 汽车维修有限公司 "
    "电子商务有限公司 供销合作社 张店面馆 小区充电站 矿泉水经营部 种植技术研究所",
    "agriculture": "李庄养殖场 鲁中种植专业合作社 河西排灌站 机械化养猪场 刘家果园 王家大棚基地 东湖渔业有限公司 张店生态农场",
    "residential": "阳光小区 银行家属院 水泥厂宿舍楼 滨河小区3号楼2单元 农业局家属楼（超市旁）",
    "industry": "农业机械有限公司 种植设备制造厂 农药化工有限公司 粮食加工厂 大学路铸造有限公司 家属院砖厂",
    "": "农业发展有限公司 农机合作社 王小明 阳光小区门口王记 工业路李记 王小明（阳光小区3号） 滨江公寓",
}


@pytest.fixture
def town(db: None) -> Grid:
    return found_town(moment("2025-09-01 08:00"))


@pytest.mark.parametrize(("use", "name"), [(use, name) for use, row in NAMES.items() for name in row.split()])
def test_the_word_that_ends_last_tells_what_a_name_is(use: str, name: str) -> None:
    assert likely_use(name) == use


@pytest.mark.parametrize("title", ["李庄养殖场", "幸福家园小区"])
def test_a_guessed_use_waits_for_a_person_and_what_he_confirms_does_not(town: Grid, title: str) -> None:
    """The tariff on the reply follows the use: nobody signs one that only a name has told."""
    case = lodge("LVN", title=title, capacity_kva=63)
    pin = (LON + 2.2 * STEP, LAT + 1.2 * STEP)
    locate_applicant(case, "", pin, actor=SYSTEM, at=moment("2025-09-15 09:00"))
    do(case, "ACCEPT", "2025-09-15 10:00")
    assert not answer_alone(case, at=moment("2025-09-15 10:00")) and codes(case) == {"SURVEY"}
    kept = next(f for f in facts_of(case.stream) if f.kind == "scheme.not_automatic")
    assert kept.data["rows"] == ["AUTO-USE"]
    client = Client()
    client.force_login(staff("manager"))
    said = {"lon": pin[0], "lat": pin[1], "use": "business"}
    assert client.post(reverse("site", args=[case.number]), said).status_code == 302
    site = Site.objects.get(case=case)
    assert (site.use, site.is_use_told) == ("business", True)
    assert answer_alone(case, at=moment("2025-09-15 11:00"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("title", "use"), [("市人民医院外科楼", "business"), ("塑料制品厂", "industry"), ("鲁中 X", "business")]
)
def test_a_high_voltage_customer_of_the_demo_is_what_his_name_says(title: str, use: str) -> None:
    load = load_of(lodge("HV2", title=title, name=title))
    assert (load["use"], load["is_use_told"]) == (use, title != "鲁中 X")


def test_no_scheme_is_taken_while_nobody_has_said_the_use(town: Grid) -> None:
    """Else its tariff and power factor are printed as facts; the bench says what it assumes."""
    at = moment("2025-09-16 09:00")
    case = lodge("HV1", title="鲁中铝业", name="鲁中铝业", capacity_kva=1260)
    locate_applicant(case, "", (LON + 2.2 * STEP, LAT + 1.2 * STEP), actor=SYSTEM, at=at)
    study = study_of(case, on=at.date())
    assert study and study.options
    option = study.options[0]
    assumed = next(conflict for conflict in option.conflicts if conflict.id == "C-USE")
    assert "商业及其他" in assumed.zh and "估算" in assumed.zh
    assert option.depth < 1 and "F-TARIFF-USE" in option.missing
    said = {"exception_reason": "核定后采用"}
    with pytest.raises(Refused, match="scheme.use"):
        composed_version(case, study, option, said, actor=SYSTEM, at=at)
    with pytest.raises(Refused, match="scheme.use"):
        entered(case, scheme_values(case) | {"use": ""}, actor=SYSTEM, at=at)
    assert SchemeForm(case=case).fields["use"].required
    Site.objects.filter(case=case).update(use="industry", is_use_told=True)
    known = study_of(case, on=at.date())
    assert known and "F-TARIFF-USE" not in known.options[0].missing
    kept = composed_version(case, known, known.options[0], said, actor=SYSTEM, at=at)
    assert kept.content["use"] == "industry" and "use" not in SchemeForm(case=case).fields


def test_the_bench_refuses_and_shows_where_the_use_is_chosen(town: Grid) -> None:
    case = lodge("HV1", title="鲁中铝业", name="鲁中铝业", capacity_kva=1260)
    at = moment("2025-09-15 09:00")
    locate_applicant(case, "", (LON + 2.2 * STEP, LAT + 1.2 * STEP), actor=SYSTEM, at=at)
    do(case, "ACCEPT", "2025-09-15 10:00")
    do(case, "SURVEY", "2025-09-16 09:00")
    step, client = open_steps(case.number).get(), Client()
    client.force_login(User.objects.get(pk=step.owner_id))
    study = study_of(case, on=at.date())
    assert study
    said = {"bus": study.options[0].legs[0].bus, "line": study.options[0].choices.line}
    answer = client.post(
        reverse("choose", args=[case.number, step.pk]), said | {"exception_reason": "核定后采用"}
    )
    page = answer.content.decode()
    assert answer.status_code == 422 and "用电性质还没有选定" in page and not case.schemes.exists()
    assert re.search(r'<details[^>]*id="locate"[^>]*\bopen|<details[^>]*\bopen[^>]*id="locate"', page)
