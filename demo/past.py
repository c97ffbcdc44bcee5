"""The demo city's past: a made-up table of an older system, brought in by the real import. Marked simulated."""

import csv
import io
from datetime import date, datetime, time
from random import Random
from zoneinfo import ZoneInfo

from django.conf import settings

from demo.townsfolk import FIRMS, STREETS
from jiedian.cases.history import services as history
from jiedian.clocks.queries import calendar
from jiedian.core.workdays import local_day
from jiedian.ground.files.models import FileImport
from jiedian.ground.journal.services import Actor
from jiedian.ground.rulebook.services import RULES

CLERK = Actor(None, "旧系统（模拟）", "administrator")
STAGES = ("受理", "现场勘查", "供电方案答复", "竣工检验", "装表接电")
HEAD = [
    "工单号",
    "项目名称",
    "渠道",
    "部门",
    "申请时间",
    "计划完成",
    "法定期限",
    "办结时间",
    "环节",
    "环节时间",
    "环节经办人",
]
HALLS = ("东城营业厅", "西城营业厅")
AREAS = "  area: {东城营业厅: east, 西城营业厅: west}\n"


def bring_past(*, cases: int, seed: int, at: datetime) -> FileImport:
    """Import so many cases of the two years before; the last tenth is still running, some of it late."""
    rng = Random(f"{seed}:past")  # noqa: S311 - a simulation, not a secret
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEAD)
    for number in range(cases):
        writer.writerows(_case(number, cases, rng, at))
    mapping = (RULES / "history/events.yaml").read_text("utf-8").replace("一行一环节", "旧系统工单（模拟）")
    mapping = mapping.replace("department: 部门", "department: 部门\n  area: 部门") + AREAS
    batch, reading = history.check(
        history.Table(out.getvalue().encode(), "past.csv", mapping),
        actor=CLERK,
        at=at,
        now=at,
        is_simulated=True,
    )
    history.bring(batch, reading.cases, actor=CLERK, at=at)
    return batch


def _case(number: int, cases: int, rng: Random, at: datetime) -> list[list[object]]:
    """The rows of one case: a step every few working days, the planned end and the deadline as promised then."""
    days, is_running = calendar(), number >= cases * 0.9
    back = rng.randint(12, 70) if is_running else rng.randint(150, 480)
    day = days.subtract(local_day(at), back)
    planned, deadline = days.add(day, 40), days.add(day, 60)
    title = f"{rng.choice(FIRMS)}（{rng.choice(STREETS)}）"
    reached = rng.randint(1, 4) if is_running else len(STAGES)
    steps, moment = [], day
    for stage in STAGES[:reached]:
        moment = days.add(moment, rng.randint(0, 3) if is_running else rng.choice([1, 3, 5, 8, 14]))
        steps.append((stage, _at(moment, rng)))
    closed = "" if is_running else steps[-1][1]
    begun = _at(day, rng, hours=(8, 8))
    told = [f"J-{day.year}-{number:04}", title, rng.choice(["营业厅", "网上", "热线"]), rng.choice(HALLS)]
    return [
        [*told, begun, planned, deadline, closed, stage, when, rng.choice(["甲", "乙", "丙"]) + "（模拟）"]
        for stage, when in steps
        if when <= at
    ]


def _at(day: date, rng: Random, *, hours: tuple[int, int] = (9, 16)) -> datetime:
    return datetime.combine(day, time(rng.randint(*hours), rng.randint(0, 59)), ZoneInfo(settings.TIME_ZONE))
