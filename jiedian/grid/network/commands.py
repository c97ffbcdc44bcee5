"""``jiedian store-grid``: a network into the database, as the page of imports does it, with what it is doing on stderr."""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from jiedian.core.findings import Finding, Refused, refuse
from jiedian.grid.readers.calc.loading import HELP, load_grid
from jiedian.ground.journal.services import SYSTEM
from jiedian.shell.shell import business_now

from .models import BaseMap, Import
from .queries.versions import effect_of
from .services.basemap import look, take_map, undo_map
from .services.imports import Source, checked_code, keep
from .services.versions import take_over, undo

EXAMPLE = """examples:
  jiedian store-grid 1-complete_data-mixed-all-1-sw --grid simbench --take
  jiedian store-grid cgmes.zip --grid north
  jiedian store-grid --undo 12

exit status: 0 done, 1 done with findings, 2 not done (kept, and not taken, where it would replace most of the grid in force)"""
T = TypeVar("T")


def main(argv: list[str]) -> int:
    """Read and keep; with ``--take`` the network stands at once and its open capacity is computed."""
    parser = argparse.ArgumentParser(
        prog="jiedian store-grid",
        description="读入电网并存库，可启用、可撤销 / Store a network, take it over, undo it.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", nargs="*", help=HELP)
    parser.add_argument("--grid", help="电网代号 / code of the grid")
    parser.add_argument("--state", choices=("nominal", "peak"), default="peak", help="SimBench 负荷状态")
    parser.add_argument("--take", action="store_true", help="立即启用 / take over at once")
    parser.add_argument(
        "--replace",
        action="store_true",
        help="与在用的电网相差很大也启用 / take it even where little of the grid in force is left",
    )
    parser.add_argument("--undo", type=int, metavar="IMPORT", help="撤销这次导入 / undo this import")
    options = parser.parse_args(argv)
    if options.undo is None and not (options.file and options.grid):
        parser.error("须给出文件与 --grid / FILE and --grid are needed")
    try:
        return _undo(options.undo) if options.undo is not None else _store(options)
    except Refused as refusal:
        _say(refusal.findings)
        return 2


def _store(options: argparse.Namespace) -> int:
    checked_code(options.grid)
    reading = _timed("读入、检查 / read and check", lambda: load_grid(options.file, state=options.state))
    _say(reading.findings)
    done = keep(reading, Source(options.file[0], options.grid), actor=SYSTEM, at=business_now())
    print(f"import {done.pk}: " + " ".join(f"{name}={count}" for name, count in reading.counts.items()))
    if reading.network is None:
        return 2
    if options.take:
        effect, at = effect_of(done), business_now()
        if effect is not None:
            _say((effect.finding(),))
            if effect.is_grave and not options.replace:
                return 2
        _timed(
            "启用、计算 / take over and compute",
            lambda: take_over(done, effective_at=at, reason="store-grid", actor=SYSTEM, at=at),
        )
    return 1 if reading.findings else 0


def _undo(number: int) -> int:
    done = Import.objects.filter(pk=number).first()
    if done is None:
        raise refuse("grid.no_import", number=number)
    _timed("撤销 / undo", lambda: undo(done, actor=SYSTEM, at=business_now()))
    return 0


def _timed(what: str, work: Callable[[], T]) -> T:
    """Say what begins and how long it took."""
    print(f"{what} …", file=sys.stderr, flush=True)
    begun = time.monotonic()
    found = work()
    print(f"{what} {time.monotonic() - begun:.1f} s", file=sys.stderr, flush=True)
    return found


def _say(findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        print(f"{finding.words('zh')} / {finding.words('en')}", file=sys.stderr)


MAP_EXAMPLE = """examples:
  jiedian store-map streets.geojson           look at it, store nothing
  jiedian store-map streets.geojson --take
  jiedian store-map --undo 3

exit status: 0 done, 1 done with findings, 2 not done"""


def store_map(argv: list[str]) -> int:
    """``jiedian store-map``: read street data (GeoJSON) and say what is in it; with ``--take`` it is the base map from now on."""
    parser = argparse.ArgumentParser(
        prog="jiedian store-map",
        description="读入底图（GeoJSON），可启用、可撤销 / Read a base map, take it, undo it.",
        epilog=MAP_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", nargs="?", help="GeoJSON 文件 / a GeoJSON file")
    parser.add_argument("--name", help="底图名称 / name of the map")
    parser.add_argument("--take", action="store_true", help="立即启用 / take it at once")
    parser.add_argument("--undo", type=int, metavar="MAP", help="撤销这张底图 / undo this map")
    options = parser.parse_args(argv)
    if (options.undo is None) == (options.file is None):
        parser.error("须给出文件或 --undo / FILE or --undo is needed")
    try:
        return _undo_map(options.undo) if options.file is None else _store_map(options)
    except Refused as refusal:
        _say(refusal.findings)
        return 2


def _store_map(options: argparse.Namespace) -> int:
    try:
        content = Path(options.file).read_bytes()
    except OSError as error:
        raise refuse("file.open", options.file, error=error.strerror) from error
    if not options.take:
        seen = look(content)
        _say(seen.findings)
        print(f"{len(seen.features)} features; nothing stored (--take)")
        return 1 if seen.findings else 0
    name = options.name or Path(options.file).stem
    done = take_map(content, name=name, source=Path(options.file).name, actor=SYSTEM, at=business_now())
    _say(tuple(map(Finding.from_row, done.findings)))
    print(f"map {done.pk}: " + " ".join(f"{kind}={count}" for kind, count in sorted(done.counts.items())))
    return 1 if done.findings else 0


def _undo_map(number: int) -> int:
    done = BaseMap.objects.filter(pk=number).defer("snapshot").first()
    if done is None:
        raise refuse("basemap.none_such", number=number)
    before = undo_map(done, actor=SYSTEM, at=business_now())
    print(f"map {done.pk} undone; in force: {f'map {before.pk}' if before else 'none'}")
    return 0
