"""方案比选: which sets of supply points are worth composing, and in which order they are shown."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from itertools import combinations, pairwise

from jiedian.grid.circuit.calc.newline import KINDS
from jiedian.supply.menu.calc.supply import Choices, SupplyPoint, Wish, apart

from .ends import kinds_able, weakest_line
from .scheme import APART, Option, Rules, compose, source_row

MOST_PAIRED = 40
"""Points of which sets are made."""

CLOSE_CNY = 1000
"""Costs nearer than this are alike: the catalogue is not exact to it."""


def step(cny: float, among: Iterable[float]) -> int:
    """Step of a cost among others, 0 the cheapest; a step is where the next one costs ``CLOSE_CNY`` more.

    >>> [step(cny, [100_499, 100_501, 101_700]) for cny in (100_499, 100_501, 101_700)]
    [0, 0, 1]
    """
    below = sorted(each for each in among if each <= cny)
    return sum(dear - cheap >= CLOSE_CNY for cheap, dear in pairwise(below))


def options(
    wish: Wish,
    points: Sequence[SupplyPoint],
    rules: Rules,
    *,
    base_wd: int,
    wanted: int = 3,
    added: Collection[str] = (),
) -> tuple[Option, ...]:
    """The best few ways to supply a wish, the recommended first; after them those whose sources are nearer to each
    other than the grade wants, and last those with a conflict to explain.

    Only points that carry the load, whose new line holds at the customer's end, and that are no other customer's own. Different feeders come before a second
    point of the same one, and a cable beside an overhead line when places are left. What a planner ``added`` (buses) has one of its
    own where it carries the load.
    """
    able = [p for p in points if p.owner.side != "customer" and p.is_able(wish.load_kw)]
    count = max(wish.sources, source_row(rules, wish.importance).sources)
    chosen = (
        [(point,) for point in _spread(able, wanted)]
        if count < 2
        else _sets(wish, able, rules, count, wanted)
    )
    for own in [point for point in able if point.bus in added]:
        if not any(own in legs for legs in chosen):
            chosen += [(own,)] if count < 2 else _sets(wish, able, rules, count, 1, must=own)
    made, more = list[Option](), list[Option]()
    for legs in chosen:
        able_kinds = kinds_able(legs, wish.load_kw, KINDS)
        in_ground = "cable" in able_kinds and any(leg.is_cabinet for leg in legs)
        for n, kind in enumerate(("cable",) if in_ground else able_kinds):
            (more if n else made).append(compose(wish, legs, rules, Choices(line=kind), base_wd=base_wd))
    return ranked_options([*made, *more[: max(0, wanted - len(made))]])


def ranked_options(made: Sequence[Option]) -> tuple[Option, ...]:
    """In the order of ``CRITERIA``, each with its place: no two share one, and the first is the recommended one."""
    order = sorted(made, key=lambda option: [measure(option, made) for _name, measure in CRITERIA])
    return tuple(replace(option, rank=(n, n)) for n, option in enumerate(order, start=1))


def decider(better: Option, worse: Option, among: Sequence[Option]) -> str:
    """Name of the criterion by which one option stands before another of those ranked; empty where they are alike in all."""
    return next((name for name, of in CRITERIA if of(better, among) != of(worse, among)), "")


def _late(option: Option) -> bool:
    left = option.facts.get("days_left", "")
    return bool(left) and option.days.mid > int(left)


def _margin(option: Option) -> float:
    """Room of the voltage at the customer's end, to a hundredth: less than that decides nothing."""
    line = weakest_line(option.legs, option.choices.line)
    return round(line.margin_pu, 2) if line else 0.0


def _is_tight(option: Option) -> bool:
    """True if a point could not carry the customer twice: whoever signs first may take what is left."""
    need = 2 * float(option.figures["need_kw"])
    return any(leg.capacity_kw < need for leg in option.legs)


CRITERIA: tuple[tuple[str, Callable[[Option, Sequence[Option]], object]], ...] = (
    ("conflict", lambda o, _: bool(o.to_explain)),
    ("capacity", lambda o, _: "yes" in (o.facts["capacity_short"], o.facts["by_hand"])),
    ("apart", lambda o, _: o.facts["sources_near"] == "yes"),
    ("date", lambda o, _: _late(o)),
    ("cost", lambda o, among: step(o.customer.mid, (each.customer.mid for each in among))),
    ("reliability", lambda o, _: o.reliability.id),
    ("room", lambda o, _: _is_tight(o)),
    ("margin", lambda o, _: -_margin(o)),
    ("company", lambda o, among: step(o.company.mid, (each.company.mid for each in among))),
    ("days", lambda o, _: o.days.mid),
    ("key", lambda o, _: o.key),
)
"""What decides between two options, in this order: a conflict to explain, capacity that is known and suffices, sources as far
apart as the grade wants, the day the customer wants, his cost, reliability, room left at the point, voltage at his end, the company's cost, days."""


def _spread(points: Sequence[SupplyPoint], wanted: int) -> list[SupplyPoint]:
    """The nearest point of each feeder first, then the next nearest of any."""
    near = sorted(points, key=lambda point: (point.length.mid_m, point.bus))
    first: dict[str, SupplyPoint] = {}
    for point in near:
        first.setdefault(point.feeder, point)
    heads = list(first.values())[:wanted]
    return (heads + [point for point in near if point not in heads])[:wanted]


def _every_home_first(points: Sequence[SupplyPoint]) -> list[SupplyPoint]:
    """The nearest of every bus section, then the second of each, and so on: none is crowded out by a near one with many feeders."""
    turn: dict[tuple[str, str], int] = {}
    turns = []
    for point in points:
        home = (point.station, point.section)
        turn[home] = turn.get(home, 0) + 1
        turns.append(turn[home])
    return [point for _turn, point in sorted(zip(turns, points, strict=True), key=lambda pair: pair[0])]


def _sets(
    wish: Wish,
    points: Sequence[SupplyPoint],
    rules: Rules,
    count: int,
    wanted: int,
    must: SupplyPoint | None = None,
) -> list[tuple[SupplyPoint, ...]]:
    """Sets of sources: as far apart as the grade needs first, then the shortest. Every source has a feeder of its own;
    no two sets over the same feeders; ``must`` is in each where it is given."""
    near = sorted(points, key=lambda point: (point.length.mid_m, point.bus))
    best: dict[str, list[SupplyPoint]] = {}
    for point in near:
        held = best.setdefault(point.feeder, [])
        if len(held) < 2:
            held.append(point)
    pool = _every_home_first([point for held in best.values() for point in held])[:MOST_PAIRED]
    if must is not None and must not in pool:
        pool.append(must)
    needed = APART.index(source_row(rules, wish.importance).apart or "feeder")
    scored = sorted(
        combinations(pool, count),
        key=lambda legs: (
            -min(APART.index(apart(legs)), needed),
            sum(leg.length.mid_m for leg in legs),
            tuple(leg.bus for leg in legs),
        ),
    )
    seen: set[frozenset[str]] = set()
    found = []
    for legs in scored:
        feeders = frozenset(leg.feeder for leg in legs)
        if feeders in seen or len(feeders) < count or (must is not None and must not in legs):
            continue
        seen.add(feeders)
        found.append(legs)
        if len(found) == wanted:
            break
    return found
