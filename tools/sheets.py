"""Reads a CSV as people really hand it in, and writes a result whole or not at all."""

import csv
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from jiedian.core.findings import Finding, refuse
from jiedian.core.sheets import decode, read_choices


def read_file(path: str) -> bytes:
    """The bytes of a file, ``-`` is standard input. Raises Refused."""
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise refuse("file.read", path, error=error.strerror) from error


def column_map(path: str | None) -> dict[str, str]:
    """The column map of a file, ``column,heading`` a line; nothing where none is given."""
    return read_choices(decode(read_file(path), where=path)) if path else {}


@contextmanager
def whole_file(path: str) -> Iterator[IO[str]]:
    """A file to write, whole or not at all: made beside its place and renamed when the block ends well; ``-`` is standard output."""
    if path == "-":
        yield sys.stdout
        return
    target = Path(path)
    with NamedTemporaryFile(
        "w", dir=target.parent, prefix=f".{target.name}-", delete=False, encoding="utf-8", newline=""
    ) as part:
        try:
            yield part
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise
    Path(part.name).chmod(0o644)
    Path(part.name).replace(target)


def write_rows(path: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write cells that are text already. Raises OSError."""
    with whole_file(path) as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def write_sheet(path: str | None, header: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write a CSV to a file, whole or not at all, or to standard output. None becomes an empty cell."""
    try:
        with whole_file("-" if path is None else path) as out:
            _write(out, header, rows)
    except OSError as error:
        raise refuse("file.write", path or "-", error=error.strerror) from error


def _write(out: object, header: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    writer = csv.DictWriter(out, header, lineterminator="\n")  # type: ignore[arg-type]
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(row.get(name)) for name in header})


def _cell(value: object) -> object:
    if isinstance(value, float):
        return f"{value:.6g}" if abs(value) >= 1e6 or value == 0 else f"{round(value, 6):.10g}"
    return "" if value is None else value


def complain(findings: Iterable[Finding], *, ceiling: int = 50) -> None:
    """Every finding in both languages on standard error, the first fifty in full."""
    held = list(findings)
    for finding in held[:ceiling]:
        print(f"{finding.where}: {finding.zh} / {finding.en}".removeprefix(": "), file=sys.stderr)
    if len(held) > ceiling:
        print(f"另有 {len(held) - ceiling} 条 / and {len(held) - ceiling} more", file=sys.stderr)
