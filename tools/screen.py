"""``jiedian screen``: whether a bus can take an application, what would be seen there, and where else it could go."""

import argparse
import sys

from jiedian.core.findings import Finding, Refused
from jiedian.grid.capacity.calc.screening import Candidate, Pair
from jiedian.grid.capacity.calc.transfers import Transfer
from jiedian.grid.circuit.calc.network import Network
from tools.capacity import REASONS, add_limits, complain, limits_of, load, say

EXAMPLE = """example:
  jiedian screen grid.json --at 17 --kw 800 --pf 0.95

exit status: 0 the power fits there, 1 it does not, 2 the input cannot be used, or a person must answer (it says which)"""


def main(argv: list[str]) -> int:
    """Screen one bus; 0 the power fits there, 1 it does not, 2 the input cannot be used or a person must answer."""
    parser = argparse.ArgumentParser(
        prog="jiedian screen",
        description="某节点能否接入、接入后的电压与负载率、双电源组合 / can a bus take the power, and what else could",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_limits(parser)
    parser.add_argument(
        "--at", required=True, help="节点（pandapower 母线号）/ pandapower's row number of the bus"
    )
    parser.add_argument("--kw", type=float, required=True, help="需求 / power wanted, kW")
    options = parser.parse_args(argv)
    try:
        network, findings = load(options)
        if options.at not in network.buses.id:
            raise Refused(Finding("grid.unknown_bus", options.at))
        if not 0 < options.kw < 1e7:
            raise Refused(Finding("grid.power_wanted", "--kw"))
    except Refused as refused:
        return complain(refused.findings)
    say(findings)
    return _screen(options, network, network.buses.id.index(options.at))


def _screen(options: argparse.Namespace, network: Network, bus: int) -> int:
    from jiedian.grid.capacity.calc.screening import pairs, screen
    from jiedian.grid.capacity.calc.transfers import transfers
    from jiedian.grid.kernel.calc.capacity import prepare

    prepared, limits = prepare(network, transformer_model=options.trafo_model), limits_of(options)
    everywhere = screen(prepared, kw=options.kw, pf=options.pf, limits=limits)
    here = next((c for c in everywhere if c.bus == bus), None)
    if here is None or here.capacity_kw != here.capacity_kw:
        reason = "upstream" if here is None else here.binding
        return complain([Finding("grid.for_a_person", options.at, reason=REASONS.get(reason, reason))])
    _print_here(options, here)
    _print_pairs(network, here, pairs(prepared, everywhere, bus=bus, limit=3))
    for transfer in transfers(prepared, bus=bus, kw=options.kw, pf=options.pf, limits=limits):
        _print_transfer(transfer)
    count, total = sum(c.is_fit for c in everywhere), len(everywhere)
    print(f"{total} 个节点中 {count} 个可接入 / {count} of {total} buses can take it", file=sys.stderr)
    return 0 if here.is_fit and not here.is_high else 1


def _print_pairs(network: Network, here: Candidate, found: list[Pair]) -> None:
    """Only pairs of the bus that was asked; where there is none, why."""
    kv = network.buses.kv[here.bus]
    for pair in found:
        names = [network.buses.id[c.bus] for c in (pair.first, pair.second)]
        print(f"双电源 / dual supply ({pair.apart}): {names[0]} + {names[1]}, {kv:g} kV")
    if not found and here.is_fit:
        print(
            f"双电源：{kv:g} kV 没有另一母线段或馈线能在电压带内承担"
            f" / dual supply: no other section or feeder at {kv:g} kV carries it within the voltage band"
        )


def _print_here(options: argparse.Namespace, here: Candidate) -> None:
    print(
        f"节点 / bus {options.at}: 可开放容量 / capacity {here.capacity_kw:.1f} kW, {here.binding} {here.element}"
    )
    if here.u_pu == here.u_pu:
        print(
            f"接入 / with {options.kw:g} kW: U {here.u_pu:.4f} pu ({here.du_pu:+.4f}), 最低 / lowest {here.min_u_pu:.4f}, "
            f"线路 / line {here.max_line_percent:.1f} %, 变压器 / transformer {here.max_transformer_percent:.1f} %"
        )
    else:
        print(f"接入 / with {options.kw:g} kW: 潮流无解，电压崩溃 / no solution, the voltage collapses")
    if here.is_high:
        before = here.u_pu - here.du_pu
        print(
            f"电压越上限：接入前 {before:.4f}、接入后 {here.u_pu:.4f} pu（上限 {options.vmax:g}），须先调压"
            f" / above the upper limit {options.vmax:g}: {before:.4f} pu before, {here.u_pu:.4f} with it; "
            "mend the voltage first"
        )
    if here.lift:
        lift = here.lift
        print(f"需要 / needs: {lift.kind} {lift.element} {lift.present:.4g} -> {lift.needed:.4g} {lift.unit}")


def _print_transfer(transfer: Transfer) -> None:
    if transfer.worst is None:
        why = "可行 / fits" if transfer.is_fit else "无解 / no solution"
    else:
        why = f"{transfer.worst.kind} {transfer.worst.element}"
    kind, name = transfer.tie
    print(
        f"馈线失电，合上 {kind} {name} / feeder lost, {kind} {name} closed: {why}, U {transfer.u_pu:.4f} pu"
    )
