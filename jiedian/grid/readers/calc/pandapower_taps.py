"""Taps of pandapower: turns ratio, phase, and the impedances that a table or a curve gives for its position."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from jiedian.grid.circuit.calc.network import Bools, Reals

from .pandapower_grid import Grid
from .pandapower_tables import Table, unwrap

POINTS = 1000
"""Longer curves of a tap are no curves of a tap."""


def column(table: Table, name: str, default: float = float("nan")) -> Reals:
    """A column under its present or its older name (tp_, vsc)."""
    return table.reals(_known(table, name), default)


def _known(table: Table, name: str) -> str:
    older = (
        name.replace("tap_", "tp_").replace("_step_", "_st_").replace("_neutral", "_mid").replace("vk", "vsc")
    )
    return name if table.has(name) else older


def tap(grid: Grid, element: str) -> tuple[list[str], Reals, Reals]:
    """Side, turns ratio and phase shift of the first tap each transformer really uses; of an LV tap the shift is negative.

    pandapower 3 honours a tap only when ``tap_changer_type`` says of what kind it is; files written before get the kind
    that pandapower gives them on loading. A table, where there is one, stands above both.
    """
    table = grid.table(element)
    side = table.words("tap_side") if table.has("tap_side") else table.words("tp_side")
    turn, shift = _steps(grid, element, "tap")
    tabled = table.flags("tap_dependency_table", default=False)
    if tabled.any() and table.has("tap_changer_type"):
        used = tabled & np.isin(side, ["hv", "mv", "lv"])
        given = (tabled_values(grid, table, "tap_pos", name) for name in ("voltage_ratio", "angle_deg"))
        ratio, angle = (np.where(used, values, np.nan) for values in given)
        grid.count("grid.tap_table", _numbers(table)[used & np.isnan(ratio)], of=element)
        turn = np.where(used, np.where(np.isnan(ratio), 1.0, ratio), turn)
        shift = np.where(used, np.nan_to_num(angle), shift)
    return side, turn, shift * np.where(np.array(side, object) == "hv", 1, -1)


def second_tap(grid: Grid, element: str) -> tuple[list[str], Reals, Reals]:
    """The same of the second tap, which has no table."""
    table = grid.table(element)
    side = table.words("tap2_side")
    turn, shift = _steps(grid, element, "tap2")
    return side, turn, shift * np.where(np.array(side, object) == "hv", 1, -1)


def _steps(grid: Grid, element: str, tap_: str) -> tuple[Reals, Reals]:
    """Turns ratio and phase shift by steps away from neutral."""
    table = grid.table(element)
    side = table.words(f"{tap_}_side") if table.has(f"{tap_}_side") else table.words("tp_side")
    steps = column(table, f"{tap_}_pos") - column(table, f"{tap_}_neutral")
    percent = np.nan_to_num(column(table, f"{tap_}_step_percent"))
    degree = np.nan_to_num(column(table, f"{tap_}_step_degree"))
    kind = np.array(table.words(f"{tap_}_changer_type"), object)
    if grid.is_old:
        kind = np.where(percent != 0, "Ratio", np.where(degree != 0, "Ideal", ""))
    moves = ((percent != 0) | (degree != 0)) & ~table.flags("tap_dependency_table", default=False)
    is_known = np.isin(kind, ["Ratio", "Symmetrical", "Ideal"])
    used = is_known & np.isin(side, ["hv", "mv", "lv"]) & np.isfinite(steps)
    numbers = _numbers(table)
    grid.count("grid.tap_ignored", numbers[~used & moves & (np.nan_to_num(steps) != 0)], of=element)
    grid.count("grid.tap_neutral", numbers[is_known & moves & np.isnan(steps)], of=element)
    steps = np.where(used, steps, 0.0)
    parts = ("pos", "neutral", "step_percent", "step_degree")
    odd = np.any([table.odd(_known(table, f"{tap_}_{part}")) for part in parts], axis=0)
    turn = 1 + np.where(kind != "Ideal", steps * percent / 100, 0.0) * np.exp(1j * np.deg2rad(degree))
    ideal = np.where(
        degree != 0, steps * degree, np.rad2deg(2 * np.arcsin(np.clip(steps * percent / 200, -1, 1)))
    )
    turn = np.where(odd, np.nan, turn)
    return np.abs(turn), np.where(kind == "Ideal", ideal, np.rad2deg(np.angle(turn)))


def _numbers(table: Table) -> Any:
    return np.array(table.index, np.int64)


def impedances(grid: Grid, element: str, names: Sequence[str]) -> dict[str, Reals]:
    """Short-circuit voltages by name, of the present tap where a table or a curve has them; what has not is named."""
    table = grid.table(element)
    values = {name: column(table, name) for name in names}
    lost = np.zeros(len(table), np.bool_)
    if table.has("tap_dependency_table"):
        tabled = table.flags("tap_dependency_table", default=False)
        for name in names if tabled.any() else ():
            given = np.where(tabled, tabled_values(grid, table, "tap_pos", name), np.nan)
            values[name] = np.where(np.isnan(given), values[name], given)
            lost |= tabled & np.isnan(given)
        grid.count("grid.tap_table", _numbers(table)[lost], of=element)
        curved = table.flags("tap_dependent_impedance", default=False) & ~tabled
        grid.count("grid.tap_curve_ignored", _numbers(table)[curved], of=element)
        return values
    curved = table.flags("tap_dependent_impedance", default=False)
    found = {name: _curved(grid, table, name, curved) for name in names if curved.any()}
    for name, given in found.items():
        values[name] = np.where(np.isnan(given), values[name], given)
    asked = sum((_asked(table, name) for name in found), np.zeros(len(table), np.int64))
    got = sum((np.isfinite(given) for given in found.values()), np.zeros(len(table), np.int64))
    grid.count("grid.tap_curve", _numbers(table)[curved & ((got < asked) | (asked == 0))], of=element)
    return values


def tabled_values(grid: Grid, table: Table, at: str, name: str) -> Reals:
    """Values of the table of characteristics under ``name`` for the position ``at`` of each row; not a number where nothing."""
    known = grid.table("shunt_characteristic_table" if at == "step" else "trafo_characteristic_table")
    rows = zip(known.whole("id_characteristic").tolist(), known.reals("step").tolist(), strict=True)
    held = dict(zip(rows, known.reals(name).tolist(), strict=True))
    asked = zip(table.whole("id_characteristic_table").tolist(), table.reals(at).tolist(), strict=True)
    return np.array([held.get(row, np.nan) for row in asked], np.float64)


def _asked(table: Table, name: str) -> Bools:
    """Where a row names a curve for this value."""
    return table.whole(f"{name}_characteristic") >= 0


def _curved(grid: Grid, table: Table, name: str, curved: Bools) -> Reals:
    """The values of the curves that the rows name, at their taps."""
    curves = grid.table("characteristic")
    objects = dict(zip(curves.index, curves.columns.get("object", ()), strict=False))
    place, steps = table.whole(f"{name}_characteristic"), column(table, "tap_pos")
    return np.array(
        [
            _at(objects.get(int(row)), float(step)) if is_curved and row >= 0 else np.nan
            for row, step, is_curved in zip(place, steps, curved, strict=True)
        ],
        np.float64,
    )


def _at(curve: Any, step: float) -> float:
    """A curve of pandapower at a step: straight, by a spline of scipy, or by the logarithms of both; else not a number."""
    from scipy.interpolate import PchipInterpolator, interp1d

    kind = curve.get("_class") if isinstance(curve, dict) else type(curve).__name__
    held = _plain(unwrap(curve) if isinstance(curve, dict) else vars(curve) if curve is not None else {})
    try:
        is_log = kind == "LogSplineCharacteristic"
        x, y = (np.array(held[f"_{axis}_vals" if is_log else f"{axis}_vals"], np.float64) for axis in "xy")
        if not 0 < len(x) == len(y) <= POINTS or not np.isfinite(step):
            return float("nan")
        if kind == "Characteristic":
            return float(np.interp(step, x, y))
        if kind not in ("SplineCharacteristic", "LogSplineCharacteristic"):
            return float("nan")
        more = held.get("kwargs") or {}
        at = np.log10(step) if is_log else step
        if held.get("interpolator_kind") == "Pchip":
            value = float(PchipInterpolator(x, y, extrapolate=bool(more.get("extrapolate", True)))(at))
        else:
            fill = more.get("fill_value", held.get("fill_value", "extrapolate"))
            how = str(more.get("kind", held.get("kind", "quadratic")))
            fill = tuple(fill) if isinstance(fill, list) else fill
            value = float(interp1d(x, y, kind=how, bounds_error=False, fill_value=fill)(at))
        return float(10**value) if is_log else value
    except (KeyError, TypeError, ValueError, AttributeError, NotImplementedError, OverflowError):
        return float(
            "nan"
        )  # a curve of somebody's file may hold anything, and scipy raises any of these: it is said as a finding


def _plain(value: Any) -> Any:
    """Lists, words and numbers of what pandapower wrapped."""
    if isinstance(value, dict):
        if "_object" in value:
            return _plain(unwrap(value))
        return {str(key): _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value
