"""Limits, the calendar, and where the clocks of a case stand."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from time import monotonic
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import (
    Count,
    DateField,
    DateTimeField,
    F,
    Q,
    Value,
)
from django.db.models.functions import TruncDate
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.utils.translation import gettext_lazy

from jiedian.core.evidence import Grade, weakest
from jiedian.core.measures import Share
from jiedian.core.workdays import Calendar, local_day
from jiedian.ground.rulebook.services import load
from jiedian.process.rows import level_of, steps

from ..calc.citizens import promises_to
from ..calc.promises import OWED_TO_CUSTOMERS, Limit, binding, profile_of
from ..calc.standing import Moved, Pausing, WorkingDay, moved, working_time
from ..models import CalendarDay, Clock, Pause
from ..rows import AsideRow, BringsRow, CutoffRow, HoursRow, PauseReason, WarningRow
from .spans import days_between, instant_of


@dataclass(frozen=True)
class ClockView:
    """One promise as a person reads it. ``used_wd`` and ``left_wd`` are working days on the day asked.

    ``grade`` is that of the weakest thing it was counted from, the limit or the pauses; ``is_forecast`` says that its
    last day lies in a year whose holidays are not announced.
    """

    clock: Clock
    limit: Limit
    due_on: date
    used_wd: int
    left_wd: int
    share: float
    state: str
    grade: Grade = Grade.VERBATIM
    is_forecast: bool = False


def is_paused(subject: str) -> bool:
    """True while a pause made by hand is open."""
    return Pause.objects.filter(subject=subject, is_automatic=False, ended_at__isnull=True).exists()


@cache
def limits() -> dict[str, Limit]:
    """Every limit by its id."""
    return {row.id: row for row in load("clocks/limits.csv", Limit)}


@cache
def external_limits() -> dict[str, Limit]:
    """The two promises an imported case may carry."""
    return {row.id: row for row in load("clocks/external.csv", Limit)}


@cache
def aside() -> tuple[AsideRow, ...]:
    """Limits known of but not counted."""
    return load("clocks/aside.csv", AsideRow)


@cache
def pause_reasons() -> dict[str, PauseReason]:
    """Reason codes by id."""
    return {row.id: row for row in load("clocks/pauses.csv", PauseReason)}


@cache
def warning_percents() -> tuple[int, ...]:
    """Shares of a limit at which people are warned."""
    return tuple(sorted(row.percent for row in load("clocks/warnings.csv", WarningRow)))


@cache
def cutoffs() -> tuple[CutoffRow, ...]:
    """Every cut-off hour there was, the newest last."""
    rows: tuple[CutoffRow, ...] = load("clocks/cutoffs.csv", CutoffRow)
    return tuple(sorted(rows, key=lambda row: row.effective_from or date.min))


@cache
def working_day() -> WorkingDay:
    """The hours of a working day."""
    rows = load("clocks/hours.csv", HoursRow)
    return WorkingDay(tuple((time.fromisoformat(row.begins), time.fromisoformat(row.ends)) for row in rows))


def cutoff_hour(on: date) -> int:
    """The local hour until which an application of that day counts for the same day."""
    held = [row.hour for row in cutoffs() if row.effective_from is None or row.effective_from <= on]
    return held[-1] if held else 24


KINDS = {
    "RES": (gettext_lazy("我是居民"), "0.22"),
    "LV0": (gettext_lazy("我开小店、小微企业，160 kW 及以下"), "0.38"),
    "LVN": (gettext_lazy("我是其他低压用户"), "0.38"),
    "HV1": (gettext_lazy("我们是工厂、大楼，10 kV 一路电源"), "10"),
    "HV2": (gettext_lazy("我们是 10 kV 用户，要两路电源"), "10"),
    "PV": (gettext_lazy("我装屋顶光伏"), "0.38"),
}
"""Class of a customer → how he says it himself, and the voltage he is connected at."""


@dataclass(frozen=True)
class Citizen:
    """A kind of customer: the promise about the whole way, those about what he waits for on it, and what is only aimed at."""

    words: str
    first: Limit | None
    others: tuple[Limit, ...]
    aims: tuple[Limit, ...]


def citizens(on: date) -> list[Citizen]:
    """Limits every kind of customer may count on, in his own words."""
    made = []
    for code, (words, voltage_kv) in KINDS.items():
        profile = profile_of(code, voltage_kv=Decimal(voltage_kv))
        found = promises_to(limits().values(), profile, waited_for(code), on=on)
        aims = promises_to(limits().values(), profile, waited_for(code), on=on, firm=False)
        made.append(Citizen(str(words), found[0] if found else None, tuple(found[1:]), tuple(aims)))
    return made


def waited_for(code: str) -> tuple[str, ...]:
    """The steps a customer of a class waits for, in their order: the reply; at high voltage what is inspected; the meter."""
    is_high = level_of(code) == "HV"
    rows = [
        row.id
        for row in steps().values()
        if row.milestone == "replied" or (is_high and row.deliverable == "inspection")
    ]
    return (*rows, "METER_CONNECT")


def reply_limit(code: str, voltage_kv: Decimal, *, on: date) -> Limit | None:
    """Limit within which a customer of a class is answered with his scheme, counted from acceptance; None where nothing is promised."""
    profile = profile_of(code, voltage_kv=voltage_kv)
    found = promises_to(limits().values(), profile, waited_for(code), on=on)
    replied = {row.id for row in steps().values() if row.milestone == "replied"}
    return next((limit for limit in found if limit.step in replied), None)


def complaint(on: date) -> list[Limit]:
    """Limits somebody who complains may count on."""
    found = binding(
        limits().values(), profile_of("", voltage_kv=Decimal(0)), event="concern.complained", on=on
    )
    return [limit for limit in found if limit.scope in OWED_TO_CUSTOMERS]


_calendar: list[tuple[float, Calendar]] = []
KEPT_S = 60
"""How long a process goes by the calendar it has read: another process may have loaded a changed one."""


def calendar() -> Calendar:
    """The working days as loaded; kept in memory for a minute, or until this process loads them again."""
    held = _calendar[:1]
    if held and monotonic() - held[0][0] <= KEPT_S:
        return held[0][1]
    told = list(CalendarDay.objects.order_by("day").values_list("day", "is_working", "status"))
    if not told:
        return Calendar((), date.max, date.min, frozenset())
    guessed = next((day for day, _, status in told if status == CalendarDay.FORECAST), None)
    known_until = guessed - timedelta(days=1) if guessed else date.max
    made = Calendar.of(((day, is_working) for day, is_working, _ in told), known_until=known_until)
    _calendar[:] = [(monotonic(), made)]
    return made


def forecast_from() -> int | None:
    """The first year whose holidays are not announced; None where the calendar holds no such year."""
    days = calendar()
    return days.known_until.year + 1 if days.known_until < days.last else None


def forget_calendar() -> None:
    """Read the calendar again at the next question."""
    _calendar.clear()


def clocks_of(subject: str, *, at: datetime) -> list[ClockView]:
    """Every promise of a subject, the most pressing first; cancelled ones left out."""
    rows = Clock.objects.filter(subject=subject).exclude(state=Clock.State.CANCELLED)
    return sorted(
        (view(clock, at=at) for clock in rows), key=lambda v: (v.clock.stopped_at is not None, v.due_on)
    )


def view(clock: Clock, *, at: datetime) -> ClockView:
    """A clock as a person reads it at an instant."""
    if clock.due_at is not None:
        return _dated_view(clock, at=at)
    days = calendar()
    until = clock.stopped_at or at
    today = clock.paused_number if clock.paused_number is not None else days.number(local_day(until))
    due_on = due_day(clock)
    due_number = days.number(due_on)
    allowed = max(due_number - clock.start_number, 0)
    used = max(today - clock.start_number, 0)
    if clock.state == Clock.State.PAUSED and clock.paused_number is not None:
        due_on = days.day(due_number + max(standing(clock, until=at).working_days, 0))
    share = used / allowed if allowed else float(local_day(until) > due_on)
    state = Clock.State.BROKEN if clock.is_overdue else clock.state
    limit = limits()[clock.limit_id]
    stood = clock.paused_number is not None or clock.start_number > days.number(local_day(clock.started_at))
    grade = weakest([limit.grade, *(pause_grades(limit.kind) if stood else ())])
    is_forecast = days.is_forecast(due_on)
    return ClockView(clock, limit, due_on, used, due_number - today, share, state, grade, is_forecast)


@cache
def pause_grades(kind: str) -> tuple[Grade, ...]:
    """The grades of the reasons for which clocks of a kind stand still."""
    return tuple({row.grade for row in pause_reasons().values() if kind in row.pauses})


def standing(clock: Clock, *, until: datetime) -> Moved:
    """Shift of a clock by the pause it stands in, so far."""
    if clock.paused_at is None:
        return Moved()
    kept, is_late = timedelta(minutes=clock.stood_minutes), is_past(clock, at=clock.paused_at)
    pause = Pausing(clock.paused_at, until, kept, is_late)
    return moved(limits()[clock.limit_id], pause, calendar(), working_day())


def _dated_view(clock: Clock, *, at: datetime) -> ClockView:
    """A promise that ends at an instant, in plain days: one that was imported may lie in years without a calendar."""
    begun, today, due_on = local_day(clock.started_at), local_day(clock.stopped_at or at), due_day(clock)
    used = max((today - begun).days, 0)
    is_late = clock.is_overdue or is_past(clock, at=clock.stopped_at or at)
    share = used_percent(clock, at=clock.stopped_at or at) / 100
    state = Clock.State.BROKEN if is_late else clock.state
    limit = (external_limits() if clock.kind == Clock.EXTERNAL else limits())[clock.limit_id]
    return ClockView(clock, limit, due_on, used, (due_on - today).days, share, state, limit.grade)


def promises_kept(*, since: datetime, until: datetime) -> Share:
    """Of the promises that ended between two instants, and of those still running past their day, how many were kept."""
    kept, late = Q(state=Clock.State.KEPT), _past(until)
    counted = Clock.objects.filter(Q(stopped_at__gte=since, stopped_at__lte=until) | late)
    ended = kept | Q(state=Clock.State.BROKEN)
    return Share(**counted.aggregate(part=Count("id", filter=kept), whole=Count("id", filter=ended | late)))


def _past(at: datetime) -> Q:
    """The running clocks whose day or promised instant is over, and those that were late before they paused."""
    return Q(state=Clock.State.RUNNING) & _over(at) | Q(state=Clock.State.PAUSED, is_overdue=True)


def _over(at: datetime) -> Q:
    """The clocks whose last day, or whose promised instant where there is one, is over."""
    today = local_day(at)
    late = Q(due_number__lt=calendar().number(today)) | Q(due_at__lt=at)
    return late | Q(due_at__isnull=True, due_on__lt=today)


def is_past(clock: Clock, *, at: datetime) -> bool:
    """True if an instant lies after the promise: after its day, or after its instant where one was promised."""
    return at > clock.due_at if clock.due_at else local_day(at) > due_day(clock)


def ripe(*, at: datetime) -> Q:
    """The clocks past due, or at a share of the limit nobody was warned of.

    A limit in months or plain days goes by its dates; one that ends at an instant, by the instants.
    """
    today = local_day(at)
    number, in_days = calendar().number(today), Q(due_at__isnull=True)
    found = _over(at)
    begun = TruncDate("started_at", tzinfo=ZoneInfo(settings.TIME_ZONE))
    for percent in warning_percents():
        used, allowed = Value(number) - F("start_number"), F("due_number") - F("start_number")
        found |= Q(Q(warned_percent__lt=percent), GreaterThanOrEqual(used * 100, allowed * percent))
        spent, span = days_between(Value(today, DateField()), begun), days_between(F("due_on"), begun)
        found |= Q(in_days, Q(warned_percent__lt=percent), GreaterThanOrEqual(spent * 100, span * percent))
        found |= Q(
            Q(warned_percent__lt=percent), LessThanOrEqual(instant_of(percent), Value(at, DateTimeField()))
        )
    return found


def used_percent(clock: Clock, *, at: datetime) -> float:
    """Percent of a limit that is used: by the instants where it ends at one, else by days."""
    due_on, today = due_day(clock), local_day(at)
    if clock.due_at is not None:
        span, spent = clock.due_at - clock.started_at, at - clock.started_at
        return 100 * (spent / span) if span > timedelta(0) else (100 if at >= clock.due_at else 0)
    if clock.due_on is not None:
        begun = local_day(clock.started_at)
        allowed, used = (due_on - begun).days, (today - begun).days
    else:
        allowed = calendar().number(due_on) - clock.start_number
        used = calendar().number(today) - clock.start_number
    return 100 * used / allowed if allowed > 0 else (100 if today >= due_on else 0)


def stopped_by(event: str) -> tuple[str, ...]:
    """The events a clock may wait for that this one brings with it, itself included."""
    rows = load("clocks/brings.csv", BringsRow)
    return (event, *(row.brings for row in rows if row.event == event))


@cache
def events_that_move() -> frozenset[str]:
    """Events that some limit, in force or not, starts or stops with: all others leave every clock alone."""
    rows = [*limits().values(), *external_limits().values()]
    brought = {row.event for row in load("clocks/brings.csv", BringsRow)}
    return frozenset({row.starts_when for row in rows} | {row.stops_when for row in rows} | brought)


def due_day(clock: Clock) -> date:
    """The date on which a clock falls due, by the calendar as it is now."""
    if clock.due_on is not None:
        return clock.due_on
    assert clock.due_number is not None
    return calendar().day(clock.due_number)


@dataclass(frozen=True)
class Suspicion:
    """A pause that looks abusive, and why."""

    pause: Pause
    why_zh: str
    why_en: str


LOOKED_BACK = timedelta(days=180)
"""How far back pauses are held against each other."""
SOME_PAUSES = 3
"""So many pauses of one case are a pattern when they cost it less working time than they moved it."""


def doubtful_pauses(*, at: datetime) -> list[Suspicion]:
    """Manual pauses that last longer than their reason allows, lean on evidence used before, or recur on one case."""
    days = calendar()
    found: list[Suspicion] = []
    seen: dict[str, int] = {}
    of_case: dict[str, list[Pause]] = {}
    recent = Q(ended_at=None) | Q(ended_at__gte=at - LOOKED_BACK)
    for pause in Pause.objects.filter(recent, is_automatic=False, started_at__lte=at).order_by("id"):
        row = pause_reasons()[pause.reason]
        length = days.between(local_day(pause.started_at), local_day(pause.ended_at or at))
        if length > row.longest_wd:
            found.append(Suspicion(pause, f"已暂停 {length} 个工作日", f"paused for {length} working days"))
        if pause.evidence in seen:
            found.append(Suspicion(pause, "依据与另一次暂停相同", "the same evidence as another pause"))
        seen[pause.evidence] = pause.pk
        of_case.setdefault(pause.subject, []).append(pause)
    patterns = (_pattern(pauses, at=at) for pauses in of_case.values())
    return [*(pattern for pattern in patterns if pattern), *found]


def _pattern(pauses: list[Pause], *, at: datetime) -> Suspicion | None:
    """Several pauses of one case that together span more days than they cost working time, whatever they are called."""
    if len(pauses) < SOME_PAUSES:
        return None
    days, hours = calendar(), working_day()
    spans = [(pause.started_at, pause.ended_at or at) for pause in pauses]
    moved_wd = sum(days.between(local_day(begun), local_day(ended)) for begun, ended in spans)
    lost = sum((working_time(begun, ended, days, hours) for begun, ended in spans), timedelta(0))
    if moved_wd * hours.length - lost < hours.length:
        return None
    n, lost_hours = len(pauses), f"{lost / timedelta(hours=1):.0f}"
    told_zh = f"{n} 次暂停跨 {moved_wd} 个工作日，实际只占 {lost_hours} 小时工作时间"
    told_en = f"{n} pauses over {moved_wd} working days that took {lost_hours} working hours"
    return Suspicion(pauses[-1], told_zh, told_en)
