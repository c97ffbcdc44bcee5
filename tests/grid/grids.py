"""Grids for the tests: small networks that pandapower ships, as pandapower nets and as ours."""

from functools import cache
from typing import Any

from jiedian.grid.circuit.calc.network import Network
from jiedian.grid.readers.calc.pandapower import read

SMALL = (
    "mv_oberrhein",
    "create_cigre_network_mv",
    "create_cigre_network_lv",
    "create_kerber_landnetz_freileitung_1",
    "create_kerber_dorfnetz",
    "case33bw",
    "simple_mv_open_ring_net",
    "lv_schutterwald",
)

RADIAL = (
    *SMALL,
    *[
        "kb_extrem_dorfnetz_trafo",
        "simple_four_bus_system",
        "kb_extrem_landnetz_kabel_trafo",
        "kb_extrem_landnetz_freileitung",
        "kb_extrem_landnetz_freileitung_trafo",
        "kb_extrem_landnetz_kabel",
        "create_kerber_landnetz_freileitung_2",
        "ieee_european_lv_asymmetric",
        "kb_extrem_dorfnetz",
        "create_kerber_landnetz_kabel_1",
        "create_kerber_landnetz_kabel_2",
        "kb_extrem_vorstadtnetz_1",
        "kb_extrem_vorstadtnetz_2",
        "kb_extrem_vorstadtnetz_trafo_1",
        "kb_extrem_vorstadtnetz_trafo_2",
        "create_synthetic_voltage_control_lv_network",
        "four_loads_with_branches_out",
        "panda_four_load_branch",
        "create_kerber_vorstadtnetz_kabel_1",
        "create_kerber_vorstadtnetz_kabel_2",
        "create_dickert_lv_network",
        "1-MV-urban--0-sw",
        "1-MV-rural--0-sw",
        "1-MV-semiurb--0-sw",
        "1-MV-comm--0-sw",
        "1-LV-rural1--0-sw",
        "1-LV-rural2--0-sw",
        "1-LV-rural3--0-sw",
        "1-LV-semiurb4--0-sw",
        "1-LV-semiurb5--0-sw",
        "1-LV-urban6--0-sw",
    ],
)
"""Every network of pandapower that has a tree, and of each kind of SimBench the first without its low voltage."""


@cache
def pandapower_net(name: str) -> Any:
    """A network of pandapower or a SimBench code; do not change it, copy it."""
    if name.startswith("1-"):
        import simbench

        return simbench.get_simbench_net(name)
    import pandapower.networks

    made = getattr(pandapower.networks, name)()
    return made[0] if isinstance(made, tuple) else made


@cache
def network(name: str) -> Network:
    """The same, read by our reader."""
    return read(pandapower_net(name), name=name)[0]


@cache
def town() -> Any:
    """A 10 kV feeder with twelve LV grids, small but of two levels: 12 x 26 LV nodes of uneven load."""
    import numpy as np
    import pandapower as pp

    net, draw = pp.create_empty_network(), np.random.default_rng(3)
    hv, bar = pp.create_bus(net, 110.0), pp.create_bus(net, 10.0)
    pp.create_ext_grid(net, hv, vm_pu=1.02)
    pp.create_transformer(net, hv, bar, "25 MVA 110/10 kV")
    above = bar
    for k in range(12):
        here, low = pp.create_bus(net, 10.0), pp.create_bus(net, 0.4)
        pp.create_line(net, above, here, 0.9, "NA2XS2Y 1x150 RM/25 6/10 kV")
        pp.create_transformer(net, here, low, "0.63 MVA 10/0.4 kV" if k % 3 else "0.4 MVA 10/0.4 kV")
        pp.create_load(net, here, 0.15, 0.04)
        for _feeder in range(5):
            last = low
            for _ in range(5):
                bus = pp.create_bus(net, 0.4)
                pp.create_line(net, last, bus, 0.06, "NAYY 4x150 SE")
                kw = float(draw.uniform(2, 12))
                pp.create_load(net, bus, kw / 1000, kw / 3000)
                last = bus
        above = here if k % 4 else bar
    return net
