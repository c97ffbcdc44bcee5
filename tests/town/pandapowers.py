"""A network as pandapower has it, built element by element from the arrays; independent of the readers."""

import math
from typing import Any

import numpy as np
import pandapower as pp

from jiedian.grid.circuit.calc.network import Network


def built(network: Network) -> Any:
    """The pandapower net of a network; rows keep their order."""
    net = pp.create_empty_network(f_hz=network.hz, sn_mva=1.0)
    pp.create_buses(net, len(network.buses.id), vn_kv=network.buses.kv)
    for bus, vm in zip(network.sources.bus, network.sources.vm_pu, strict=True):
        pp.create_ext_grid(net, int(bus), vm_pu=float(vm))
    lines, trafos, links = network.lines, network.transformers, network.links
    pp.create_lines_from_parameters(
        net,
        lines.from_bus,
        lines.to_bus,
        length_km=np.ones(len(lines.id)),
        r_ohm_per_km=lines.r_ohm,
        x_ohm_per_km=lines.x_ohm,
        c_nf_per_km=lines.b_us / (2 * math.pi * network.hz) * 1e3,
        max_i_ka=lines.rated_a / 1000,
    )
    for row in np.flatnonzero(~lines.to_closed).tolist():
        pp.create_switch(net, int(lines.to_bus[row]), row, et="l", closed=False)
    for row in range(len(trafos.id)):
        pp.create_transformer_from_parameters(
            net,
            int(trafos.hv_bus[row]),
            int(trafos.lv_bus[row]),
            sn_mva=trafos.rated_kva[row] / 1000,
            vn_hv_kv=trafos.rated_hv_kv[row] * trafos.ratio_pu[row],
            vn_lv_kv=trafos.rated_lv_kv[row],
            vk_percent=trafos.vk_percent[row],
            vkr_percent=trafos.vkr_percent[row],
            pfe_kw=trafos.pfe_kw[row],
            i0_percent=trafos.i0_percent[row],
            shift_degree=trafos.shift_deg[row],
        )
    for a, b, closed in zip(links.a_bus, links.b_bus, links.is_closed, strict=True):
        pp.create_switch(net, int(a), int(b), et="b", closed=bool(closed))
    pp.create_loads(
        net, network.loads.bus, p_mw=network.loads.p_kw / 1000, q_mvar=network.loads.q_kvar / 1000
    )
    for bus, p in zip(network.generators.bus, network.generators.p_kw, strict=True):
        pp.create_sgen(net, int(bus), p_mw=p / 1000)
    return net
