"""电网: a balanced three-phase network as plain arrays, as every reader delivers it and every calculation takes it."""

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Buses:
    """One row a bus. ``kv`` is the nominal line-to-line voltage."""

    id: tuple[str, ...]
    kv: Reals


@dataclass(frozen=True)
class Lines:
    """One row a line or cable: values of the whole length, all parallel systems together.

    ``b_us`` and ``g_us`` are the total shunt susceptance and conductance in microsiemens. An end whose switch
    is open (``*_closed`` false) carries no load, yet the line stays charged from its other end.
    """

    id: tuple[str, ...]
    from_bus: Ints
    to_bus: Ints
    r_ohm: Reals
    x_ohm: Reals
    b_us: Reals
    g_us: Reals
    rated_a: Reals
    length_m: Reals
    from_closed: Bools
    to_closed: Bools


@dataclass(frozen=True)
class Transformers:
    """One row a two-winding transformer (``parallel`` equal units); impedances refer to ``rated_kva`` of one unit.

    ``ratio_pu`` is the off-nominal turns ratio of the HV side from the tap actually honoured (1.0 = neutral);
    ``shift_deg`` the phase shift.
    """

    id: tuple[str, ...]
    hv_bus: Ints
    lv_bus: Ints
    rated_kva: Reals
    rated_hv_kv: Reals
    rated_lv_kv: Reals
    vk_percent: Reals
    vkr_percent: Reals
    pfe_kw: Reals
    i0_percent: Reals
    ratio_pu: Reals
    shift_deg: Reals
    parallel: Ints
    hv_closed: Bools
    lv_closed: Bools


@dataclass(frozen=True)
class Links:
    """Bus-to-bus switches without impedance; ``is_closed`` is the normal state."""

    id: tuple[str, ...]
    a_bus: Ints
    b_bus: Ints
    is_closed: Bools


@dataclass(frozen=True)
class Injections:
    """Constant-power loads (taken as positive) or generators (given as positive), one row each."""

    id: tuple[str, ...]
    bus: Ints
    p_kw: Reals
    q_kvar: Reals


@dataclass(frozen=True)
class Shunts:
    """Constant-impedance elements: power drawn at nominal voltage."""

    bus: Ints
    p_kw: Reals
    q_kvar: Reals


@dataclass(frozen=True)
class Sources:
    """Stiff sources: the voltage held at a bus."""

    bus: Ints
    vm_pu: Reals
    va_deg: Reals


@dataclass(frozen=True)
class Network:
    """A network in its present switching state. Bus columns are indices into ``buses``.

    ``name`` says where it came from; ``note`` what a reader must be told (for example that the grid is German).
    """

    name: str
    buses: Buses
    lines: Lines
    transformers: Transformers
    links: Links
    loads: Injections
    generators: Injections
    shunts: Shunts
    sources: Sources
    hz: float = 50.0
    note: str = ""
    places: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Bus id → (longitude, latitude), for the buses whose place is known."""
    routes: dict[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    """Line id → its route, for the lines whose route is known."""
    stars: tuple[str, ...] = ()
    """Buses that are only star points of three-winding transformers: no rating counts at that end of an arm."""
    held_pu: dict[str, float] = field(default_factory=dict)
    """Bus id → the voltage generators keep there by their reactive power."""
    held_by: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Bus id of ``held_pu`` → the buses of the generators that keep it, in equal shares, where they do not all stand there."""
    names: dict[str, str] = field(default_factory=dict)
    """Kind of device and id, joined by a colon (``feeder:L12``) → the name people use, where the network brings its own."""


def upright(network: Network) -> tuple[Network, tuple[str, ...]]:
    """The network with the high side of every transformer at the bus of higher voltage, and the ids of those that were turned.

    Some files say it the other way round. The physics stays: the tap sits at the other end now, which its square on impedance
    and iron losses makes up for.
    """
    trafos, kv = network.transformers, network.buses.kv
    turned = kv[trafos.hv_bus] < kv[trafos.lv_bus]
    if not turned.any():
        return network, ()
    values = {name: getattr(trafos, name) for name in Transformers.__dataclass_fields__}
    for a, b in (("hv_bus", "lv_bus"), ("rated_hv_kv", "rated_lv_kv"), ("hv_closed", "lv_closed")):
        values[a], values[b] = (np.where(turned, values[y], values[x]) for x, y in ((a, b), (b, a)))
    with np.errstate(divide="ignore", invalid="ignore"):
        square = np.where(turned, np.square(trafos.ratio_pu), 1.0)
        values["ratio_pu"] = np.where(turned, 1 / trafos.ratio_pu, trafos.ratio_pu)
        values |= {name: values[name] * square for name in ("vk_percent", "vkr_percent")}
        values |= {name: values[name] / square for name in ("pfe_kw", "i0_percent")}
    values["shift_deg"] = np.where(turned, -trafos.shift_deg, trafos.shift_deg)
    names = tuple(trafos.id[row] for row in np.flatnonzero(turned).tolist())
    return replace(network, transformers=Transformers(**values)), names


def unusable(trafos: Transformers, hv_kv: Reals, lv_kv: Reals) -> Bools:
    """Transformers that cannot be calculated: no unit, an impedance that cannot be, a ratio beyond twice or half, or
    rated at a level other than that of their buses."""
    with np.errstate(invalid="ignore", divide="ignore"):
        vk, iron = np.abs(trafos.vk_percent), trafos.pfe_kw + trafos.i0_percent
        wrong = ~(trafos.parallel > 0) | ~(trafos.rated_kva > 0) | ~np.isfinite(trafos.rated_kva)
        wrong |= ~(vk > 0) | ~(vk >= np.abs(trafos.vkr_percent)) | ~np.isfinite(vk)
        wrong |= ~np.isfinite(iron + trafos.shift_deg) | ~(np.abs(np.log2(trafos.ratio_pu)) <= 1)
        for rated, kv in ((trafos.rated_hv_kv, hv_kv), (trafos.rated_lv_kv, lv_kv)):
            wrong |= ~(rated > 0) | (np.abs(np.log2(rated / kv)) > 1)
    found: Bools = wrong
    return found


def unusable_lines(lines: Lines) -> Bools:
    """Lines that cannot be calculated: no number (of a rating too), a length or a resistance of a length below nothing.

    What has no length is a plain impedance; those of equivalents of a larger grid are often negative, and are used as given.
    """
    with np.errstate(invalid="ignore"):
        found: Bools = ~np.isfinite(lines.r_ohm + lines.x_ohm + lines.b_us + lines.g_us)
        found |= np.isnan(lines.rated_a + lines.length_m) | (lines.length_m < 0)
        return found | ((lines.r_ohm < 0) & (lines.length_m > 0))


def line_kva(kv: float, rated_a: float) -> float:
    """Power a line may carry: √3·U·I.

    >>> round(line_kva(10.0, 358.0))
    6201
    """
    return math.sqrt(3) * kv * rated_a
