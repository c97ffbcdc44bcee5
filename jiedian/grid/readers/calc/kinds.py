"""Kinds of files that are no grid: found by its first bytes, so that the refusal says what to do with it."""

import re

from jiedian.core.findings import Refused, refuse
from jiedian.core.words import Text

MARKS: tuple[tuple[bytes, str, Text], ...] = (
    (b"SQLite format 3\x00", "file.other_format", Text("SQLite 数据库", "an SQLite database")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file.other_format", Text("加密的工作簿或旧 Office 文件", "an encrypted workbook or an old Office file")),
    (b"\x80\x02", "file.pickle", Text("Python pickle", "a Python pickle")),
    (b"\x80\x03", "file.pickle", Text("Python pickle", "a Python pickle")),
    (b"\x80\x04", "file.pickle", Text("Python pickle", "a Python pickle")),
    (b"\x80\x05", "file.pickle", Text("Python pickle", "a Python pickle")),
    (b"7z\xbc\xaf\x27\x1c", "file.packed", Text("7z 压缩包", "a 7z archive")),
    (b"Rar!\x1a\x07", "file.packed", Text("RAR 压缩包", "a RAR archive")),
    (b"BZh", "file.packed", Text("bzip2 压缩", "bzip2")),
    (b"\xfd7zXZ\x00", "file.packed", Text("xz 压缩", "xz")),
    (b"\x28\xb5\x2f\xfd", "file.packed", Text("zstd 压缩", "zstd")),
    (b"\x89HDF\r\n\x1a\n", "file.other_format", Text("HDF5", "HDF5")),
    (b"%PDF", "file.other_format", Text("PDF", "a PDF")),
    (b"MATLAB 5.0 MAT", "file.other_format", Text("MATLAB 数据文件", "a MATLAB data file")),
    (b"gAAAA", "file.other_format", Text("加密文件（Fernet）", "an encrypted file (Fernet)")),
)  # fmt: skip
"""First bytes, refusal, and what a file beginning so is."""
ENDINGS = {
    **dict.fromkeys(("raw", "rawx", "sav"), "PSS/E"),
    **dict.fromkeys(("dgs", "pfd"), "PowerFactory"),
    "dss": "OpenDSS",
    "uct": "UCTE-DEF",
    "m": "MATPOWER",
    "mat": "MATLAB",
    "glm": "GridLAB-D",
    "cdf": "IEEE CDF",
    "epc": "PSLF",
}
"""Endings of files of programs that no first byte gives away."""
WORDS = tuple(
    (re.compile(pattern, re.IGNORECASE | re.MULTILINE), kind)
    for pattern, kind in (
        (rb"<iidm:network", "PowSyBl IIDM"),
        (rb"\A(@!IC\b|\s*[01]\s*,\s*\d+(\.\d*)?\s*[,/].*\n(.*\n){2}\s*\d+\s*,\s*')", "PSS/E"),
        (rb"^\s*new\s+(object=)?\"?circuit\.", "OpenDSS"),
        (rb"\A##[CNLTR]\b", "UCTE-DEF"),
        (rb"^BUS DATA FOLLOWS", "IEEE CDF"),
        (rb"^bus data\s*\[", "PSLF"),
        (rb"^\$\$General;", "PowerFactory"),
        (rb"function mpc|mpc\.bus", "MATPOWER"),
        (rb"^\s*(module\s+powerflow|object\s+(node|meter|overhead_line)\b)", "GridLAB-D"),
    )
)
"""What stands in the beginning of text of other programs."""
KEYS = {
    "substations": "PowSyBl IIDM",
    "is_batch": "power-grid-model JSON",
    "features": "GeoJSON",
    "baseMVA": "MATPOWER",
}
"""What JSON of other programs calls the first level of its content; ours and pandapower's may hold these words deeper."""
TOKEN = re.compile(rb'"((?:[^"\\]|\\.)*)"(\s*:)?|[\[\]{}]')


def refused(name: str, content: bytes) -> Refused:
    """The refusal of a file that is none of the formats, with what it is where that can be seen."""
    for mark, code, kind in MARKS:
        if content.startswith(mark):
            return refuse(code, name, kind=kind)
    head = content[:65536]
    other = other_program(name, head)
    if other:
        return refuse("file.other_format", name, kind=other)
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"<!DOCTYPE html", b"<html", b"<!doctype html")):
        return refuse("file.other_format", name, kind=Text("网页（HTML）", "a web page (HTML)"))
    return refuse("file.kind", name)


def other_program(name: str, head: bytes) -> str:
    """The program whose text it is, by its words or its ending; empty when that cannot be told."""
    named = ENDINGS.get(name.lower().removesuffix(".gz").rpartition(".")[2], "")
    text = as_utf8(head).removeprefix(b"\xef\xbb\xbf")
    if text.lstrip()[:1] == b"{":
        keys = _first_level(text)
        return next((kind for key, kind in KEYS.items() if key in keys and "bus" not in keys), named)
    return next((kind for pattern, kind in WORDS if pattern.search(text)), named)


def _first_level(text: bytes) -> set[str]:
    """The keys of JSON on its first level, as far as its beginning goes."""
    depth, keys = 0, set[str]()
    for token in TOKEN.finditer(text):
        if token[1] is None:
            depth += 1 if token[0] in b"[{" else -1
        elif token[2] and depth == 1:
            keys.add(token[1].decode("utf-8", "replace"))
    return keys


def as_utf8(content: bytes) -> bytes:
    """Text in UTF-16 or UTF-32 as UTF-8 where its mark or its zeros say so; anything else as it is."""
    if content[:4] in (b"\xff\xfe\0\0", b"\0\0\xfe\xff"):
        word = "utf-32"
    elif content[1:4] == b"\0\0\0" or content[:3] == b"\0\0\0":
        word = "utf-32-le" if content[:1] != b"\0" else "utf-32-be"
    elif content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        word = "utf-16"
    elif content[:4:2] == b"\x00\x00" or content[1:4:2] == b"\x00\x00":
        word = "utf-16-be" if content[:1] == b"\x00" else "utf-16-le"
    else:
        return content
    try:
        return content.decode(word).encode("utf-8")
    except UnicodeDecodeError:
        return content
