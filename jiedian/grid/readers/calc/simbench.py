"""SimBench codes → Network, through the pandapower reader. The grids are German and say so; ODbL, simbench.de."""

import re
from typing import Any

import numpy as np

from jiedian.core.findings import Finding, refuse
from jiedian.grid.circuit.calc.network import Network

from .pandapower import read as read_net

CODE = re.compile(r"^1-[A-Za-z0-9_]+(-[A-Za-z0-9_.]+)*-[012]-(no_)?sw$")
STUDY = ("loadcases", "profiles")
"""What simbench adds to a pandapower net besides the network."""
WHOLE = "complete_data"
"""The set in which every grid is there in full."""
STAND_INS = ("load", "sgen", "storage", "ext_grid")
NOTE = "german"
"""Marks a German grid; pages say it in the reader's language."""


def is_code(text: str) -> bool:
    """True if a word looks like a SimBench code.

    >>> is_code("1-MV-urban--0-sw"), is_code("1-complete_data-mixed-all-1-sw"), is_code("net.json")
    (True, True, False)
    """
    return bool(CODE.match(text.replace("--", "-all-", 1) if "--" in text else text))


def load(code: str) -> Any:
    """The pandapower net of a code, profiles included. Takes 5 to 20 seconds.

    Refused when simbench does not know it, or when simbench or a package that it needs is not installed.
    """
    try:
        import simbench
    except (
        ModuleNotFoundError
    ) as error:  # any other fault of an import is a fault of the code and says so itself
        name = error.name or str(error)
        raise refuse("grid.no_simbench", name=name) from error
    try:
        net = simbench.get_simbench_net(code)
    except (ValueError, KeyError, NameError, IndexError, OSError) as error:
        raise refuse("grid.code", simbench_code=code) from error
    net.trafo["tap_changer_type"] = "Ratio"
    if WHOLE in code:
        without_stand_ins(net)
    return net


def without_stand_ins(net: Any) -> int:
    """Take out what stands for a grid that is there in full (subnet ``…_eq``), so that nothing counts twice; how many rows.

    Only for the complete set: in the others a stand-in is all there is of its grid.
    """
    gone = 0
    for table in STAND_INS:
        is_stand_in = net[table]["subnet"].astype(str).str.endswith("_eq")
        net[table] = net[table][~is_stand_in]
        gone += int(is_stand_in.sum())
    return gone


def read(code: str, *, state: str = "nominal") -> tuple[Network, list[Finding]]:
    """A SimBench grid. ``state`` is ``nominal`` (all rated loads at once) or ``peak`` (the quarter-hour of the highest load)."""
    net = load(code)
    findings = [Finding("grid.taps", "trafo")]
    if WHOLE in code:
        findings.append(Finding("grid.stand_ins", ", ".join(STAND_INS)))
    if state == "peak":
        at_peak(net)
    else:
        findings.append(Finding("grid.nominal", "load"))
    network, more = grid_network(net, code)
    return network, findings + more


def grid_network(net: Any, code: str) -> tuple[Network, list[Finding]]:
    """The network of a net that is already loaded."""
    from dataclasses import replace

    tables = {name: value for name, value in net.items() if name not in STUDY}
    network, findings = read_net(tables, name=code)
    return replace(network, note=NOTE), findings


def profiles(net: Any) -> dict[str, tuple[Any, Any]]:
    """Profile name → (share of rated active power, of rated reactive power) per quarter-hour of the year."""
    table = net.profiles["load"]
    names = {column[: -len("_pload")] for column in table.columns if column.endswith("_pload")}
    return {
        name: (table[f"{name}_pload"].to_numpy(np.float32), table[f"{name}_qload"].to_numpy(np.float32))
        for name in sorted(names)
    }


def peak_step(net: Any) -> int:
    """The quarter-hour of the highest total active load."""
    total: Any = 0.0
    weights = net.load.groupby("profile")["p_mw"].sum()
    for name, (active, _) in profiles(net).items():
        total = total + active * float(weights.get(name, 0.0))
    return int(np.argmax(total))


def at_peak(net: Any) -> int:
    """Set loads, generators and storage of a net to that quarter-hour of their profiles. Returns the step."""
    step = peak_step(net)
    table = profiles(net)
    share_p = {name: float(active[step]) for name, (active, _) in table.items()}
    share_q = {name: float(reactive[step]) for name, (_, reactive) in table.items()}
    net.load["p_mw"] *= net.load["profile"].map(share_p).fillna(1.0)
    net.load["q_mvar"] *= net.load["profile"].map(share_q).fillna(1.0)
    for element, source in (("sgen", "renewables"), ("storage", "storage"), ("gen", "powerplants")):
        known = net.profiles.get(source)
        if known is None or "profile" not in net[element]:
            continue
        shares = {c: float(known[c].iloc[step]) for c in known.columns if c != "time"}
        for kind in ("p_mw", "q_mvar"):
            if kind in net[element]:
                net[element][kind] *= net[element]["profile"].map(shares).fillna(0.0)
    return step
