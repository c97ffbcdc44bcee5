"""An application as JSON, for ``jiedian compose``: read in any coding, and everything that is wrong in it said at once."""

import json
import sys
from pathlib import Path
from typing import Any

from jiedian.core.findings import Finding, Refused, refuse
from jiedian.core.words import Text
from jiedian.grid.readers.calc.files import BLANK
from jiedian.grid.readers.calc.kinds import as_utf8

WORDS = {"importance", "use"}
FLAGS = {"is_special_load", "is_single_phase", "is_within_red_line", "is_reviewed"}
NUMBERS = {"kva", "kv", "load_kw", "security_kw", "generator_kw", "feed_in_kw", "distance_m"}
COUNTS = {"sources": (1, 3), "base_wd": (0, 3650)}
MOST_NUMBER = 1e7
MOST_BYTES = 1_000_000
OTHERS = {"at", "bus", "transformers", "network"}


def _read(path: Path) -> dict[str, Any]:
    """The JSON of an application, in UTF-8, UTF-16 or as Chinese Windows writes it. Raises Refused."""
    twice: list[str] = []

    def table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _value in pairs]
        twice.extend(sorted({name for name in names if names.count(name) > 1}))
        return dict(pairs)

    try:
        with sys.stdin.buffer if str(path) == "-" else path.open("rb") as file:
            content = as_utf8(file.read(MOST_BYTES + 1))
        if len(content) > MOST_BYTES:
            raise refuse("file.size", str(path), megabytes=MOST_BYTES // 1_000_000)
        if not content.strip(BLANK):
            raise refuse("compose.json", str(path), error=Text("文件是空的", "the file is empty"))
        data = json.loads(_text(content), object_pairs_hook=table)
    except OSError as error:
        raise refuse("file.open", str(path), error=error.strerror) from None
    except (ValueError, RecursionError) as error:
        raise refuse("compose.json", str(path), error=error) from None
    if not isinstance(data, dict):
        raise refuse("compose.json", str(path), error="{…}")
    if twice:
        raise Refused([Finding("compose.twice", name) for name in twice])
    return data


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def application_of(path: Path) -> dict[str, Any]:
    """The application. Raises Refused with everything that is wrong in it."""
    data = _read(path)
    bad = [
        Finding("compose.value", name, value=str(value)[:60])
        for name, value in data.items()
        if not _is_good(name, value)
    ]
    bad += [Finding("compose.missing", name) for name in ("kva", "kv") if name not in data]
    bad += [] if "at" in data or "bus" in data else [Finding("compose.no_place", "at, bus")]
    if not bad and data.get("load_kw", 0) > data["kva"]:
        bad.append(Finding("compose.value", "load_kw > kva", value=f"{data['load_kw']} > {data['kva']}"))
    if bad:
        raise Refused(bad)
    return data


def _is_good(name: str, value: Any) -> bool:
    if name in NUMBERS:
        return _is_number(value) and (value > 0 if name in ("kva", "kv", "load_kw") else value >= 0)
    if name in COUNTS:
        least, most = COUNTS[name]
        return _is_number(value) and int(value) == value and least <= value <= most
    if name in ("at", "transformers"):
        if not (isinstance(value, list) and all(map(_is_number, value))):
            return False
        is_place = len(value) == 2 and abs(value[0]) <= 180 and abs(value[1]) <= 90
        return is_place if name == "at" else all(v > 0 for v in value)
    if name in ("bus", "network"):
        kinds = {str, int} if name == "bus" else {str}
        named = value if isinstance(value, list) else [value]
        return bool(named) and all(type(v) in kinds and "\0" not in str(v) for v in named)
    if name in FLAGS:
        return isinstance(value, bool)
    return name in WORDS and isinstance(value, str) and value in _known(name)


def _is_number(value: Any) -> bool:
    """True for a number of a size that a customer's may have."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < MOST_NUMBER


def _known(name: str) -> set[str]:
    if name == "use":
        return {"business", "industry", "agriculture", "residential"}
    return {"ordinary", "temporary", "second", "first", "special"}
