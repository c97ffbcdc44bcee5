"""Schemes say what the law says: each test quotes the article of 供电营业规则 (2024) or of its forerunner (1996)."""

from datetime import date

import pytest

from jiedian.core.evidence import Grade
from jiedian.supply.menu.calc.supply import Choices, SupplyPoint, Wish
from jiedian.supply.study.calc.scheme import Option, compose
from jiedian.supply.study.queries.rules import scheme_rules
from tests.supply.test_scheme import made, point, words


def at(day: date, wish: Wish, leg: SupplyPoint) -> Option:
    return compose(wish, [leg], scheme_rules(day), Choices(), base_wd=8)


def conflicts(option: Option) -> dict[str, tuple[bool, bool]]:
    """Id → forbids, only advises."""
    return {c.id: (c.forbids, c.is_advice) for c in option.conflicts}


@pytest.mark.parametrize("kva", [30, 100, 315, 400])
def test_high_voltage_metered_low_has_four_wires(kva: float) -> None:
    """The meter stands behind the transformer, at 380/220 V with an earthed neutral."""
    option = made(Wish(kva, 0.95 * kva, transformers=(kva,), use="industry"), point("S1-B1-F1"))
    assert option.facts["metering"] == "hv_lv" and option.facts["wires"] == "four"
    assert "三相四线" in words(option, "metering") and "三相三线" not in words(option, "metering")
    assert "损耗和线路损失由产权所有者负担" in words(option, "metering")


@pytest.mark.parametrize(
    ("kva", "amps", "is_direct", "is_law_kept"),
    [
        (8, "36.4", True, True),
        (12, "54.5", True, True),
        (15, "68.2", False, False),
        (40, "181.8", False, False),
    ],
)
def test_single_phase_is_computed_at_220_volts(
    kva: float, amps: str, is_direct: bool, is_law_kept: bool
) -> None:
    """Art. 9: 用户单相用电设备总容量 12 千瓦以下的可以采用低压220 伏供电; 以下 includes 12 (art. 109). I = S / 220 V."""
    wish = Wish(kva, 0.95 * kva, use="residential", is_single_phase=True)
    option = made(wish, point("S1-B1-F1", kv=0.4, capacity=100))
    assert option.figures["current_a"] == amps and "单相 220 V" in words(option, "metering")
    assert ("直接接入" in words(option, "metering")) is is_direct and "单相 220 V" in words(option, "source")
    assert option.figures["meter_active"] == "2.0", "class V"
    assert conflicts(option).get("C-VOLT") == (None if is_law_kept else (True, False))


def test_220_volts_by_the_rule_of_the_day() -> None:
    """1996, art. 8: 用户单相用电设备总容量不足10千瓦的可采用低压220伏供电."""
    wish, leg = Wish(11.5, 11, use="residential", is_single_phase=True), point("S1-B1-F1", kv=0.4)
    assert [at(day, wish, leg).facts["voltage_fit"] for day in (date(2024, 5, 31), date(2024, 6, 1))] == [
        "no",
        "yes",
    ]


def test_three_phase_low_voltage_goes_to_160_kw() -> None:
    """Art. 10: 用户用电设备总容量 160 千瓦以下的，可以采用低压三相制供电."""
    leg = point("S1-B1-F1", kv=0.4)
    assert made(Wish(168, 160), leg).facts["voltage_fit"] == "yes"
    assert conflicts(made(Wish(5000, 4750, transformers=(2500, 2500)), leg))["C-VOLT"] == (True, False)


def test_low_voltage_works_are_inspected_and_only_designs_are_not_asked() -> None:
    """Art. 43: 低压供电的用户无需提供设计相关资料; art. 47: 用户受电工程施工、试验完工后，应当向供电企业提出竣工检验申请."""
    told = words(made(Wish(63, 60), point("S1-B1-F1", kv=0.4)), "completion")
    assert "无需提供设计相关资料" in told and "竣工检验申请" in told and "自行验收" not in told


REPORT = (
    "施工、试验单位资质证明材料",
    "工程竣工图及说明",
    "电气试验及保护整定调试记录",
    "安全用具的试验报告",
    "隐蔽工程的施工及试验记录",
    "运行管理的有关规定和制度",
    "值班人员名单及资格",
)
"""Art. 47 (1)–(7), word for word."""
DESIGN = (
    "用电负荷分布图",
    "负荷组成、性质及保安负荷",
    "主要电气设备一览表",
    "影响电能质量的用电设备清单",
    "节能篇及主要生产设备、生产工艺耗电以及允许中断供电时间",
    "高压受电设施一、二次接线图与平面布置图",
    "用电功率因数计算及无功补偿方式",
    "继电保护、过电压保护及电能计量装置的方式",
    "隐蔽工程设计资料",
    "配电网络布置图",
    "自备应急电源及接线方式",
)
"""Art. 43 (1)–(11), word for word."""


@pytest.mark.parametrize("is_reviewed", [True, False])
def test_completion_and_design_papers_are_named_one_by_one(is_reviewed: bool) -> None:
    """Arts. 43, 44, 47. 计量检定 is not among them."""
    told = words(made(Wish(630, 600, is_reviewed=is_reviewed), point("S1-B1-F1")), "completion")
    assert (
        all(paper in told for paper in (*REPORT, *DESIGN, "设计单位资质证明材料")) and "计量检定" not in told
    )
    assert ("审核同意后方可施工" in told) is is_reviewed


@pytest.mark.parametrize(
    ("kva", "kv", "use", "factor"),
    [
        (100, 10, "industry", "0.90"),
        (99, 10, "industry", "0.85"),
        (150, 0.4, "business", "0.85"),
        (200, 10, "agriculture", "0.80"),
    ],
)
def test_the_power_factor_a_connection_needs(kva: float, kv: float, use: str, factor: str) -> None:
    """Art. 45: 100 千伏安以上高压供电的用户功率因数为 0.90 以上；其他……0.85 以上；农业用电 0.80。凡……不能达到上述规定的新用户，供电企业可以拒绝接电."""
    told = words(made(Wish(kva, 0.95 * kva, use=use), point("S1-B1-F1", kv=kv)), "reactive")
    assert f"功率因数应达到 {factor}" in told and "可以拒绝接电" in told


@pytest.mark.parametrize(("kv", "term"), [(10, "一年"), (0.4, "三个月")])
def test_the_validity_ends_unless_works_begin(kv: float, term: str) -> None:
    """Art. 23: 用户应当在有效期内依据供电方案开工建设受电工程，逾期不开工的，供电方案失效；延长时间不得超过前款规定期限."""
    told = words(made(Wish(100, 95), point("S1-B1-F1", kv=kv)), "notice")
    assert f"有效期为{term}" in told and "逾期不开工的方案失效" in told and "不超过原有效期" in told
    assert "注销" not in told and "自答复之日起" not in told


@pytest.mark.parametrize(
    ("kv", "more", "line", "red_line", "told"),
    [
        (0.4, {}, "overhead", False, "电能表负荷侧出线接线端子处"),
        (10, {}, "overhead", True, "用户厂界外或配电室前的第一断路器或第一支持物"),
        (10, {}, "overhead", False, "分支杆属供电企业"),
        (35, {}, "overhead", True, "用户厂界外或用户变电站外第一基电杆"),
        (35, {}, "overhead", False, "分支杆（塔）属供电企业"),
        (35, {"feeder": "S1B1"}, "overhead", False, "外第一基电杆；第一基电杆及以下线路属用电人"),
        (10, {}, "cable", False, "由双方协商确定"),
        (10, {}, "cable", True, "电缆属供电企业"),
        (10, {"feeder": "S1B1"}, "overhead", False, "外第一基电杆；第一基电杆及以下线路属用电人"),
    ],
)
def test_the_boundary_follows_who_owns_the_line(
    kv: float, more: dict[str, str], line: str, red_line: bool, told: str
) -> None:
    """Art. 50: 供电设施的运行维护管理范围，按照产权归属确定; (1)–(5) say where, for a line of the company or of the user."""
    wish = Wish(6000, 5700, is_within_red_line=red_line)
    option = made(wish, point("S1-B1-F1", kv=kv, **more), line=line)
    modules = [m for m in option.modules if m.block == "boundary"]
    assert len(modules) == 1 and told in modules[0].zh
    assert "第五十条" in modules[0].grounds[0].clause and modules[0].grounds[0].grade is Grade.VERBATIM


def test_the_duties_do_not_contradict_the_estimate() -> None:
    """Arts. 49, 50 give running and keeping by ownership; who pays for the line stands in the estimate."""
    for red_line in (False, True):
        option = made(Wish(630, 600, use="industry", is_within_red_line=red_line), point("S1-B1-F1"))
        utility, customer = (
            next(m.zh for m in option.modules if (m.block, m.slot) == ("duties", side))
            for side in ("utility", "customer")
        )
        assert ("客户供电线路" in customer) is (not red_line) and ("红线外供电线路" in utility) is red_line
        payers = {cost.rule: cost.payer for cost in option.costs}
        assert payers["P-OH-MV"] == payers["P-SWITCH"] == ("utility" if red_line else "customer")


def test_a_conflict_is_as_weak_as_the_weakest_row_it_was_computed_with() -> None:
    """Ours never forbids; second hand and certain in the field asks for a written reason; only an issuer's text forbids."""
    short = made(Wish(630, 600, transformers=(500,)), point("S1-B1-F1", capacity=300))
    assert conflicts(short) | {"C-CAP": (False, True), "C-UNITS": (True, False)} == conflicts(short)
    capacity = next(c for c in short.conflicts if c.id == "C-CAP")
    assert capacity.grade is Grade.OURS and [c.id for c in short.to_explain] == ["C-UNITS"]
    first = made(Wish(630, 600, importance="first", security_kw=100), point("S1-B1-F1"))
    assert conflicts(first)["C-SRC"] == (False, False)
    assert next(c for c in first.conflicts if c.id == "C-SRC").grade is Grade.SECOND_HAND
    assert conflicts(first)["C-EMG"] == (False, False)


def test_a_current_transformer_of_class_s_is_low_below_a_fifth() -> None:
    """GB/T 50063 has 20 % for class S; all of the table are class S, and the share of normal load is second hand."""
    option = made(Wish(30, 28.5, transformers=(30,)), point("S1-B1-F1"), metering="hv_hv")
    assert float(option.figures["ct_used"]) >= 20 and "C-CT-LOW" not in conflicts(option)
