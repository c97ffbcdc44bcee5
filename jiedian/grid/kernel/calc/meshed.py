"""Open capacity where the grid is no tree: the same secants, with the flows by power-grid-model."""

from typing import cast

import numpy as np

from jiedian.grid.circuit.calc.circuit import LINE, Branches, Complexes
from jiedian.grid.circuit.calc.network import Ints, Reals
from jiedian.grid.circuit.calc.sections import Mesh

from .meshbroken import Broken, Part, Probe, broken_of
from .powerflow import Flow
from .prepared import (
    Answer,
    CapacityLimits,
    Direction,
    Prepared,
    Question,
    Violation,
    bus_at,
    element_at,
    highest,
    highest_of,
    loading_percent,
    voltage_bound,
)

BATCH = 128
START = 0.02
"""First step, per unit (20 kVA): small enough to be close to linear everywhere."""
TURNS = 40


def answer_mesh(prepared: Prepared, part: int, question: Question, answer: Answer, rows: Ints) -> None:
    """Fill in the rows of a meshed part, in the present state or the worst of ``demand`` [state, node]."""
    limits, demand = question.limits, question.demand
    answer.is_meshed = True
    mesh = cast(Mesh, prepared.split.parts[part])
    answer.is_held |= mesh.is_upstream_held
    for s, state in enumerate([None] if demand is None else demand):
        view = _view(prepared, mesh, limits, question.direction, state)
        base = view.flow.solve()[: mesh.size]
        if np.isnan(base).any():
            answer.kw[rows], answer.binding[rows] = np.nan, "unsolved"
            return
        _note(answer, view.broken(base, part, s))
        at, where = np.unique(answer.place[rows], return_inverse=True)
        broken = broken_of(view, base)
        power, binding, flows = _solve(view, base, broken, at, limits.tolerance_kw / 1000)
        answer.flows[rows] += flows[where]
        better = ~(answer.kw[rows] <= power[where] * 1000)
        hit = rows[better]
        answer.kw[hit], answer.state[hit] = power[where][better] * 1000, s
        _name(view, base, answer, hit, binding[where][better])


def _note(answer: Answer, found: list[Violation]) -> None:
    """Keep what a state breaks, each limit once, in its worst state."""
    known = {(v.part, v.kind, v.element): v for v in answer.violations}
    for v in found:
        key = (v.part, v.kind, v.element)
        known[key] = min(v, known.get(key, v), key=lambda one: one.margin)
    answer.violations = list(known.values())


def flow_of(prepared: Prepared, mesh: Mesh, state: Complexes | None = None) -> Flow:
    """The flow of a meshed part by itself, its generators holding their voltage; ``state`` is drawn instead of the present."""
    return Flow(
        prepared.circuit,
        nodes=mesh.nodes,
        branches=prepared.circuit.branches.take(mesh.branches),
        held=(mesh.held, mesh.held_v),
        demand=state,
        is_holding=True,
    )


def _view(
    prepared: Prepared, mesh: Mesh, limits: CapacityLimits, direction: Direction, state: Complexes | None
) -> Part:
    circuit = prepared.circuit
    own = circuit.branches.take(mesh.branches)
    flow = flow_of(prepared, mesh, state)
    place = np.full(circuit.size, -1, np.int64)
    place[mesh.nodes] = np.arange(mesh.size)
    local = Branches(
        place[own.from_node],
        place[own.to_node],
        *(getattr(own, c) for c in list(Branches.__dataclass_fields__)[2:]),
    )
    percent = loading_percent(circuit, mesh.branches, limits) / 100
    voltage = voltage_bound(circuit, mesh.nodes, limits, direction)
    sense = 1.0 if direction == "load" else -1.0
    voltage[-len(mesh.held) :] = -sense * np.inf
    limit = np.concatenate([own.limit_from * percent, own.limit_to * percent])
    return Part(circuit, mesh, flow, local, voltage, limit, sense, limits.tan_phi, limits)


def _solve(
    view: Part, base: Complexes, broken: Broken, at: Ints, tolerance: float
) -> tuple[Reals, Ints, Ints]:
    """Power, binding (place of a voltage, or nodes + terminal) and flows for each place ``at``."""
    power, flows = np.zeros(len(at)), np.zeros(len(at), np.int64)
    binding = broken.shut[at]
    free = np.flatnonzero(binding < 0)
    for begin in range(0, len(free), BATCH):
        some = free[begin : begin + BATCH]
        power[some], binding[some], flows[some] = _batch(view, base, broken, at[some], tolerance)
    return power, binding, flows


def _batch(
    view: Part, base: Complexes, broken: Broken, at: Ints, tolerance: float
) -> tuple[Reals, Ints, Ints]:
    count = len(at)
    volts, amps = view.look(base)
    old_v, old_i = np.tile(volts, (count, 1)), np.tile(amps, (count, 1))
    x, old_x, good, high = np.full(count, START), np.zeros(count), np.zeros(count), np.full(count, np.inf)
    power, binding, flows = np.zeros(count), np.full(count, -2, np.int64), np.zeros(count, np.int64)
    open_ = np.arange(count)
    for _turn in range(TURNS):
        extra = (view.sense * x[open_] * (1 + 1j * view.tilt)).astype(np.complex128)
        v = view.flow.probe(at[open_], extra)
        size, amps = view.look(v)
        flows[open_] += 1
        fell = np.isnan(size).any(axis=1)
        ok, bad = open_[~fell], open_[fell]
        step = x[ok] - old_x[ok]
        now = Probe(at[ok], x[ok], step, size[~fell], amps[~fell])
        best, who = _meet(view, broken, now, old_v[ok], old_i[ok])
        old_v[ok], old_i[ok], old_x[ok], good[ok] = size[~fell], amps[~fell], x[ok], x[ok]
        high[bad] = x[bad]
        following = np.empty(count)
        following[bad] = (good[bad] + x[bad]) / 2
        binding[bad] = -2
        ahead = np.clip(x[ok] + best, 0.0, np.maximum(30 * x[ok], 1.0))
        over = ahead >= high[ok]
        following[ok] = np.where(over, (good[ok] + high[ok]) / 2, ahead)
        binding[ok] = np.where(over, -2, who)
        still = np.abs(following[open_] - x[open_]) < tolerance
        still |= (binding[open_] == -2) & (high[open_] - good[open_] < tolerance)
        endless = x[open_] > 1e4
        done = open_[still | endless]
        power[done] = np.where(binding[done] == -2, good[done], following[done])
        power[open_[endless]], binding[open_[endless]] = np.inf, -1
        x[open_] = following[open_]
        open_ = open_[~(still | endless)]
        if not len(open_):
            break
    power[open_] = good[open_]
    return power, binding, flows


def _meet(view: Part, broken: Broken, now: Probe, old_v: Reals, old_i: Complexes) -> tuple[Reals, Ints]:
    """How far from here the first bound is met, and which one it is."""
    step, size, amps = now.step[:, None], now.size, now.amps
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = view.sense * (size - old_v) / step
        volts = np.where(slope < -1e-12, -view.sense * (size - view.voltage) / slope, np.inf)
        d = (amps - old_i) / step
        a, b = np.abs(d) ** 2, (amps * np.conj(d)).real
        inside = b**2 - a * (np.abs(amps) ** 2 - view.limit**2)
        flow = np.where((a > 1e-24) & (inside >= 0), (np.sqrt(np.maximum(inside, 0)) - b) / a, np.inf)
    broken.meet(view, now, slope, d, volts, flow)
    every = np.nan_to_num(np.concatenate([volts, flow], axis=1), nan=np.inf, posinf=np.inf)
    who = np.argmin(every, axis=1)
    return every[np.arange(len(every)), who], who


def _name(view: Part, base: Complexes, answer: Answer, hit: Ints, binding: Ints) -> None:
    volts, amps = view.look(base)
    size, count = view.mesh.size, len(view.mesh.branches)
    for row, code in zip(hit, binding, strict=True):
        if code < 0:
            answer.binding[row], answer.element[row] = ("collapse" if code == -2 else "none"), ""
            answer.margin[row] = np.nan
        elif code < size:
            here = answer.place[row] == code
            buses = view.circuit.network.buses.id
            answer.element[row] = (
                buses[answer.bus[row]] if here else bus_at(view.circuit, int(view.mesh.nodes[code]))
            )
            answer.margin[row] = view.sense * (volts[code] - view.voltage[code])
            answer.binding[row] = "base" if answer.margin[row] < 0 else "voltage"
        else:
            terminal = code - size
            answer.binding[row], answer.element[row] = element_at(
                view.circuit, int(view.mesh.branches[terminal % count])
            )
            answer.margin[row] = 1 - abs(amps[terminal]) / view.limit[terminal]
            if answer.margin[row] < 0:
                answer.binding[row] = "base"


def seen_in_mesh(
    prepared: Prepared, mesh: Mesh, places: Ints, power: float, limits: CapacityLimits
) -> list[tuple[float, float, float, float, float, None, int, int, float, float]]:
    """Values seen with the power connected, as screening._seen; what would lift a limit is not worked out in a mesh."""
    view = _view(prepared, mesh, limits, "load", None)
    base = view.flow.solve()
    before = np.abs(base)
    v = view.flow.probe(places, np.full(len(places), power * (1 + 1j * view.tilt)))
    size, amps = view.look(v)
    rated = np.concatenate(
        [
            prepared.circuit.branches.limit_from[mesh.branches],
            prepared.circuit.branches.limit_to[mesh.branches],
        ]
    )
    loading = np.abs(amps) / rated * 100
    is_line, branch = np.tile(view.own.kind == LINE, 2), np.tile(mesh.branches, 2)
    (line, line_at), (trafo, trafo_at) = (
        highest(np.where(kind, loading, 0.0), branch) for kind in (is_line, ~is_line)
    )
    was = highest_of(branch, np.abs(np.ravel(view.look(base)[1])) / rated * 100)
    return [
        (
            float(size[k, place]), float(size[k, place] - before[place]), float(size[k].min()),
            float(line[k]), float(trafo[k]), None, int(line_at[k]), int(trafo_at[k]),
            was.get(int(line_at[k]), np.nan), was.get(int(trafo_at[k]), np.nan),
        )
        for k, place in enumerate(places)
    ]  # fmt: skip
