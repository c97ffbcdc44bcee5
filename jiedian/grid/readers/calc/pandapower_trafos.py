"""The transformers of a pandapower network, with the taps that pandapower honours; three windings become a star of three."""

from typing import Any

import numpy as np

from jiedian.grid.circuit.calc.network import Bools, Ints, Reals, Transformers

from .pandapower_grid import Grid
from .pandapower_tables import Table
from .pandapower_taps import column, impedances, second_tap, tap

SIDES = ("hv", "mv", "lv")
COLUMNS = tuple(name for name in Transformers.__dataclass_fields__ if name != "id")


def transformers(grid: Grid) -> tuple[Transformers, dict[str, float]]:
    """All transformers, and the star points of the three-winding ones: bus id → nominal kV."""
    two = _two_windings(grid)
    three, stars = _three_windings(grid)
    columns = (np.concatenate([getattr(two, c), getattr(three, c)]) for c in COLUMNS)
    return Transformers(two.id + three.id, *columns), stars


def _two_windings(grid: Grid) -> Transformers:
    table = grid.table("trafo")
    hv, lv = grid.buses(table, "hv_bus"), grid.buses(table, "lv_bus")
    ratio, stretch, shift = _taps(grid)
    vk = impedances(grid, "trafo", ("vk_percent", "vkr_percent"))
    derated, many = table.reals("df", 1.0), table.reals("parallel", 1.0)
    numbers = np.array(table.index, np.int64)
    open_hv, open_lv = grid.open_ends("t", table, ("hv_bus", "lv_bus"))
    values: dict[str, Any] = {
        "hv_bus": hv,
        "lv_bus": lv,
        "rated_kva": table.reals("sn_mva") * 1000 * derated,
        "rated_hv_kv": table.reals("vn_hv_kv"),
        "rated_lv_kv": table.reals("vn_lv_kv"),
        "vk_percent": vk["vk_percent"] * stretch * derated,
        "vkr_percent": vk["vkr_percent"] * stretch * derated,
        "pfe_kw": table.reals("pfe_kw", 0.0) / stretch,
        "i0_percent": table.reals("i0_percent", 0.0) / stretch / derated,
        "ratio_pu": ratio,
        "shift_deg": table.reals("shift_degree", 0.0) + shift,
        "parallel": np.where((many >= 1) & (many == np.floor(many)) & (many < 1e6), many, 0).astype(np.int64),
        "hv_closed": ~open_hv,
        "lv_closed": ~open_lv,
    }
    ok = table.flags("in_service") & grid.live(hv) & grid.live(lv)
    _judge(grid, values, ok, numbers, "trafo")
    halves = [table.reals(f"leakage_{part}_ratio_hv", 0.5) for part in ("resistance", "reactance")]
    uneven = ok & ((halves[0] != 0.5) | (halves[1] != 0.5))
    grid.count("grid.uneven_leakage", numbers[uneven], of="trafo")
    i = np.flatnonzero(ok)
    return Transformers(tuple(str(table.index[k]) for k in i), *(values[c][i] for c in COLUMNS))


def _taps(grid: Grid) -> tuple[Reals, Reals, Reals]:
    """Turns ratio, what the taps put on the impedance (one on the LV side changes it too), and phase shift."""
    ratio = stretch = np.ones(len(grid.table("trafo")))
    shift = np.zeros(len(ratio))
    for side, turn, more in (tap(grid, "trafo"), second_tap(grid, "trafo")):
        is_lv = np.array(side, object) == "lv"
        ratio, stretch = ratio * np.where(is_lv, 1 / turn, turn), stretch * np.where(is_lv, turn**2, 1.0)
        shift = shift + more
    return ratio, stretch, shift


def _judge(grid: Grid, values: dict[str, Any], ok: Bools, numbers: Ints, element: str) -> None:
    with np.errstate(invalid="ignore"):
        vk = np.abs(values["vk_percent"])
        good = (values["rated_kva"] > 0) & (vk >= np.abs(values["vkr_percent"])) & (vk > 0)
        good &= (values["rated_hv_kv"] > 0) & (values["rated_lv_kv"] > 0) & (values["parallel"] > 0)
        is_odd = good & ((values["vk_percent"] < 0) | (values["vkr_percent"] < 0))
    grid.count("grid.trafo_negative", numbers[ok & is_odd], of=element)
    grid.count("grid.bad_trafo", numbers[ok & ~good], of=element)
    values["vk_percent"] = np.where(good, values["vk_percent"], np.nan)


def _three_windings(grid: Grid) -> tuple[Transformers, dict[str, float]]:
    table = grid.table("trafo3w")
    at = {side: grid.buses(table, f"{side}_bus") for side in SIDES}
    ok, opened = _open_windings(grid, table, at)
    i = np.flatnonzero(ok)
    numbers = np.array(table.index, np.int64)
    first = len(grid.kv)
    stars = {f"star {table.index[k]}": float(table.reals("vn_hv_kv")[k]) for k in i}
    star = np.full(len(table), -1, np.int64)
    star[i] = first + np.arange(len(i))
    sn = np.stack([table.reals(f"sn_{side}_mva") for side in SIDES])
    vk, vkr = _star(
        impedances(grid, "trafo3w", [f"{v}_{side}_percent" for side in SIDES for v in ("vk", "vkr")]), sn
    )
    tap_side, turn, shift = tap(grid, "trafo3w")
    starry = table.flags("tap_at_star_point", default=False)
    tabled = table.flags("tap_dependency_table", default=False)
    unclear = ok & starry & (turn != 1) & np.isnan(column(table, "tap_step_degree")) & ~tabled
    grid.count("grid.tap_star", numbers[unclear], of="trafo3w")
    turn, shift = np.where(unclear, 1.0, turn), np.where(unclear, 0.0, shift)
    arms = []
    for n, side in enumerate(SIDES):
        here = np.array([s == side for s in tap_side], np.bool_)
        stretch = _stretch(side, here, turn, starry)
        values = _arm(table, side, here, turn, shift, stretch) | {
            "hv_bus": at["hv"] if side == "hv" else star,
            "lv_bus": star if side == "hv" else at[side],
            "rated_kva": sn[n] * 1000,
            "vk_percent": vk[n] * stretch,
            "vkr_percent": vkr[n] * stretch,
            "hv_closed": ~opened["hv"] if side == "hv" else np.ones(len(table), np.bool_),
            "lv_closed": np.ones(len(table), np.bool_) if side == "hv" else ~opened[side],
        }
        arms.append(
            Transformers(tuple(f"{table.index[k]} {side}" for k in i), *(values[c][i] for c in COLUMNS))
        )
    columns = (np.concatenate([getattr(arm, c) for arm in arms]) for c in COLUMNS)
    return Transformers(tuple(id_ for arm in arms for id_ in arm.id), *columns), stars


def _open_windings(grid: Grid, table: Table, at: dict[str, Ints]) -> tuple[Bools, dict[str, Bools]]:
    """Which rows are there, and by side whether it is open: by a switch, or at a dead bus, which leaves the others alive."""
    live = {side: grid.live(at[side]) for side in SIDES}
    is_there = (at["hv"] >= 0) & (at["mv"] >= 0) & (at["lv"] >= 0)
    ends = grid.open_ends("t3", table, [f"{side}_bus" for side in SIDES])
    opened = {side: switched | ~live[side] for side, switched in zip(SIDES, ends, strict=True)}
    return table.flags("in_service") & is_there & (live["hv"] | live["mv"] | live["lv"]), opened


def _stretch(side: str, here: Bools, turn: Reals, starry: Bools) -> Reals:
    """The factor a tap puts on the impedance of an arm: its own ratio squared where it sits at the arm's lower end.

    That is the terminal of the MV and LV arms, and of the HV arm the star; seen from there the ratio of a tap at the star is
    the inverse.
    """
    if side == "hv":
        return np.where(here & starry, 1 / np.square(turn), 1.0)
    return np.where(here & ~starry, np.square(turn), 1.0)


def _arm(table: Table, side: str, here: Bools, turn: Reals, shift: Reals, stretch: Reals) -> dict[str, Any]:
    """What of an arm of the star does not depend on the other arms; the iron losses sit in the HV arm if not said."""
    iron = np.array([(said or "hv") == side for said in table.words("loss_side")], np.float64)
    return {
        "rated_hv_kv": table.reals("vn_hv_kv"),
        "rated_lv_kv": table.reals(f"vn_{side}_kv"),
        "pfe_kw": table.reals("pfe_kw", 0.0) * iron / stretch,
        "i0_percent": table.reals("i0_percent", 0.0) * iron / stretch,
        "ratio_pu": np.where(here, turn if side == "hv" else 1 / turn, 1.0),
        "shift_deg": table.reals(f"shift_{side}_degree", 0.0) + np.where(here, shift, 0.0),
        "parallel": np.ones(len(table), np.int64),
    }


def _star(given: dict[str, Reals], sn: Reals) -> tuple[Reals, Reals]:
    """Short-circuit voltages of the three arms from those of the three pairs, each on the rating of its own arm."""

    def to_bus(z: Reals) -> Reals:
        pairs = (sn[[0, 1]].min(axis=0), sn[[1, 2]].min(axis=0), sn[[0, 2]].min(axis=0))
        return np.asarray(sn[0] * np.stack([z[k] / pair for k, pair in enumerate(pairs)]), np.float64)

    def arms(z: Reals) -> Reals:
        out = np.stack([z[0] + z[2] - z[1], z[1] + z[0] - z[2], z[2] + z[1] - z[0]])
        return np.asarray(0.5 * sn / sn[0] * out, np.float64)

    with np.errstate(invalid="ignore", divide="ignore"):
        vk = to_bus(np.stack([given[f"vk_{side}_percent"] for side in SIDES]))
        vkr = to_bus(np.stack([given[f"vkr_{side}_percent"] for side in SIDES]))
        r, x = arms(vkr), arms(np.sqrt(vk**2 - vkr**2))
        return np.sign(x) * np.hypot(x, r), r
