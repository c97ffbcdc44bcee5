"""Grids for the tests: small networks that pandapower ships, as pandapower nets and as ours."""

from functools import cache
from typing import Any

from jiedian.core.network import Network
from jiedian.core.readers.pandapower import read

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
