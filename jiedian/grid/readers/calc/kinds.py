"""Kinds of files that are no grid: found by its first bytes, so that the refusal says what to do with it."""

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
    (b"gAAAA", "file.other_format", Text("加密文件（Fernet）", "an encrypted file (Fernet)")),
)  # fmt: skip
"""First bytes, refusal, and what a file beginning so is."""
ENDINGS = {
    "raw": "PSS/E",
    "rawx": "PSS/E",
    "dss": "OpenDSS",
    "uct": "UCTE-DEF",
    "m": "MATPOWER",
    "glm": "GridLAB-D",
}
"""Endings of files of programs that no first byte gives away."""
WORDS = (
    (b"<iidm:network", "PowSyBl IIDM"),
    (b'"substations"', "PowSyBl IIDM"),
    (b'"is_batch"', "power-grid-model JSON"),
    (b'"FeatureCollection"', "GeoJSON"),
    (b"function mpc", "MATPOWER"),
    (b"mpc.bus", "MATPOWER"),
)
"""What stands in the beginning of text of other programs."""


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
    return next((kind for word, kind in WORDS if word in as_utf8(head)[:4096]), named)


def as_utf8(content: bytes) -> bytes:
    """Text in UTF-16 as UTF-8 where its mark or its zeros say so; anything else as it is."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        word = "utf-16"
    elif content[:4:2] == b"\x00\x00" or content[1:4:2] == b"\x00\x00":
        word = "utf-16-be" if content[:1] == b"\x00" else "utf-16-le"
    else:
        return content
    try:
        return content.decode(word).encode("utf-8")
    except UnicodeDecodeError:
        return content
