"""The town and one new customer in pandapower: an independent computation of the voltage at his end."""

import math
from typing import Any

import pandapower as pp

from jiedian.grid.circuit.calc.newline import ConductorRow
from tests.core.town import network


def twin() -> tuple[Any, dict[str, int]]:
    """The town's grid as pandapower builds it from the same figures, and its buses by name."""
    town, net = network(), pp.create_empty_network(sn_mva=1.0)
    at = {
        name: pp.create_bus(net, float(kv), name=name)
        for name, kv in zip(town.buses.id, town.buses.kv, strict=True)
    }
    lines, trafos, names = town.lines, town.transformers, town.buses.id
    for row in range(len(lines.id)):
        ends = at[names[lines.from_bus[row]]], at[names[lines.to_bus[row]]]
        b = float(lines.b_us[row]) * 1e-6
        pp.create_line_from_parameters(
            net,
            *ends,
            1.0,
            float(lines.r_ohm[row]),
            float(lines.x_ohm[row]),
            b / (2 * math.pi * 50) * 1e9,
            1.0,
        )
    for row in range(len(trafos.id)):
        pp.create_transformer_from_parameters(
            net,
            at[names[trafos.hv_bus[row]]],
            at[names[trafos.lv_bus[row]]],
            sn_mva=float(trafos.rated_kva[row]) / 1000,
            vn_hv_kv=float(trafos.rated_hv_kv[row]),
            vn_lv_kv=float(trafos.rated_lv_kv[row]),
            vkr_percent=float(trafos.vkr_percent[row]),
            vk_percent=float(trafos.vk_percent[row]),
            pfe_kw=float(trafos.pfe_kw[row]),
            i0_percent=float(trafos.i0_percent[row]),
        )
    for bus, p, q in zip(town.loads.bus, town.loads.p_kw, town.loads.q_kvar, strict=True):
        pp.create_load(net, at[names[bus]], float(p) / 1000, float(q) / 1000)
    for bus, pu in zip(town.sources.bus, town.sources.vm_pu, strict=True):
        pp.create_ext_grid(net, at[names[bus]], float(pu))
    return net, at


def voltage_at_the_end(bus: str, row: ConductorRow, metres: float, kw: float, *, hot: float) -> float:
    """Per-unit voltage behind a new three-phase line from a bus of the town, with a load of ``kw`` at 0.95 at its end."""
    net, at = twin()
    end = pp.create_bus(net, float(net.bus.vn_kv[at[bus]]))
    r, x = float(row.r_ohm_km) * hot, float(row.x_ohm_km)
    pp.create_line_from_parameters(net, at[bus], end, metres / 1000, r, x, 0.0, 1.0)
    pp.create_load(net, end, kw / 1000, kw / 1000 * math.tan(math.acos(0.95)))
    pp.runpp(net, trafo_model="pi", tolerance_mva=1e-9)
    return float(net.res_bus.vm_pu[end])
