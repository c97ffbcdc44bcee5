"""``jiedian import-grid``: read any network file and write it as one JSON with its findings."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile

from jiedian.core.findings import Finding
from jiedian.grid.circuit.calc.packing import as_json
from jiedian.grid.readers.calc.example import template
from jiedian.grid.readers.calc.files import FORMATS
from jiedian.grid.readers.calc.loading import HELP, load_grid

EXAMPLE = """examples:
  jiedian import-grid mv.json --out network.json            a pandapower JSON
  jiedian import-grid cgmes.zip --out network.json          CGMES: an archive, or its files one after the other
  jiedian import-grid EQ.xml SSH.xml TP.xml SV.xml --out network.json
  jiedian import-grid tables/ --out network.json            a folder of CSV tables (see --template)
  jiedian import-grid 1-MV-urban--0-sw --state peak --out network.json     a SimBench code
  jiedian capacity network.json --out capacity.csv          the result is read by capacity, screen, store-grid, compose

exit status: 0 read without findings, 1 read with findings, 2 not read (nothing is written)"""


def main(argv: list[str]) -> int:
    """Read, check, write. Findings go to stderr in both languages and into the JSON."""
    parser = argparse.ArgumentParser(
        prog="jiedian import-grid",
        description="读入电网，写出 JSON 与检查结果 / Read a network, write JSON and findings.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", nargs="*", help=HELP)
    parser.add_argument("--format", choices=FORMATS, default="auto")
    parser.add_argument(
        "--state", choices=("nominal", "peak"), default="nominal", help="loads of a SimBench grid"
    )
    parser.add_argument("--out", type=Path, help="the JSON to write; - for standard output")
    parser.add_argument("--template", type=Path, help="write an empty set of CSV tables into this folder")
    options = parser.parse_args(argv)
    if options.template:
        return _write_template(options.template)
    if not options.file or options.out is None:
        parser.error("FILE and --out are needed / 须给出文件与 --out")
    reading = load_grid(options.file, format=options.format, state=options.state)
    _tell(reading.findings)
    if reading.network is None:
        return 2
    content = as_json(reading.network) | {
        "counts": reading.counts,
        "refusals": [finding.row() for finding in reading.refusals],
        "findings": [finding.row() for finding in reading.findings],
    }
    if not write_whole(options.out, json.dumps(content, ensure_ascii=False, allow_nan=False)):
        return 2
    print(" ".join(f"{name}={count}" for name, count in reading.counts.items()), file=sys.stderr)
    return 1 if reading.findings else 0


def _tell(findings: Sequence[Finding]) -> None:
    for finding in findings:
        where = f"{finding.where}: " if finding.where else ""
        print(f"[{finding.code}] {where}{finding.zh} / {finding.en}", file=sys.stderr)


def write_whole(out: Path, text: str) -> bool:
    """Whole or not at all."""
    if str(out) == "-":
        try:
            print(text, flush=True)
        except BrokenPipeError:  # who reads has enough of it
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return True
    try:
        with NamedTemporaryFile("w", dir=out.parent, prefix=".part-", delete=False, encoding="utf-8") as part:
            part.write(text)
        Path(part.name).chmod(0o644)
        Path(part.name).replace(out)
    except OSError as error:
        _tell([Finding("file.write", str(out), error=error.strerror)])
        return False
    return True


def _write_template(folder: Path) -> int:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in template().items():
            (folder / name).write_text(text, "utf-8-sig")
    except OSError as error:
        _tell([Finding("file.write", str(folder), error=error.strerror)])
        return 2
    return 0
