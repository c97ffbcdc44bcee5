"""方案比选: which sets of supply points are worth composing, and in which order they are shown."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from .scheme import APART, Option, Rules, compose, source_row
from .supply import Choices, SupplyPoint, Wish, apart, ranks


def options(
    wish: Wish, points: Sequence[SupplyPoint], rules: Rules, *, base_wd: int, wanted: int = 3
) -> tuple[Option, ...]:
    """The best few ways to supply a wish, ranked by what the customer pays; after them those whose sources are nearer to each
    other than the grade wants, and last those without the capacity or with a conflict to explain.

    Different feeders come before a second point of the same one, and a cable beside an overhead line when places are left.
    """
    able = [point for point in points if point.carries(wish.load_kw)]
    count = max(wish.sources, source_row(rules, wish.importance).sources)
    chosen = (
        [(point,) for point in _spread(able, wanted)]
        if count < 2
        else _sets(wish, able, rules, count, wanted)
    )
    made = [compose(wish, legs, rules, Choices(), base_wd=base_wd) for legs in chosen]
    for legs in list(chosen)[: max(0, wanted - len(made))]:
        made.append(compose(wish, legs, rules, Choices(line="cable"), base_wd=base_wd))
    return ranked_options(made)


def ranked_options(made: Sequence[Option]) -> tuple[Option, ...]:
    """In order of the customer's cost, then the company's, then time; each with the places its interval allows."""
    order = sorted(made, key=_order)
    places = ranks([option.customer for option in order])
    return tuple(replace(option, rank=place) for option, place in zip(order, places, strict=True))


def _order(o: Option) -> tuple[bool, bool, bool, float, float, float, str]:
    is_short = "yes" in (o.facts["capacity_short"], o.facts["by_hand"])
    is_near = o.facts["sources_near"] == "yes"
    return (bool(o.to_explain), is_short, is_near, o.customer.mid, o.company.mid, o.days.mid, o.key)


def _spread(points: Sequence[SupplyPoint], wanted: int) -> list[SupplyPoint]:
    """The nearest point of each feeder first, then the next nearest of any."""
    near = sorted(points, key=lambda point: (point.length.mid_m, point.bus))
    first: dict[str, SupplyPoint] = {}
    for point in near:
        first.setdefault(point.feeder, point)
    heads = list(first.values())[:wanted]
    return (heads + [point for point in near if point not in heads])[:wanted]


def _sets(
    wish: Wish, points: Sequence[SupplyPoint], rules: Rules, count: int, wanted: int
) -> list[tuple[SupplyPoint, ...]]:
    """Sets of sources: as far apart as the grade needs first, then the shortest. Every source has a feeder of its own;
    no two sets over the same feeders."""
    near = sorted(points, key=lambda point: (point.length.mid_m, point.bus))
    best: dict[str, list[SupplyPoint]] = {}
    for point in near:
        held = best.setdefault(point.feeder, [])
        if len(held) < 2:
            held.append(point)
    pool = [point for held in best.values() for point in held][:40]
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
        if feeders in seen or len(feeders) < count:
            continue
        seen.add(feeders)
        found.append(legs)
        if len(found) == wanted:
            break
    return found
