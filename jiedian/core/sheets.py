"""A CSV as people really hand it in: any usual encoding, divider, blank rows, ragged ends."""

import csv
import io
from collections.abc import Iterator

from jiedian.core.findings import refuse

csv.field_size_limit(10_000_000)


def sheet_of(content: bytes, *, where: str) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Header and rows with their line numbers; names are lower case, blank rows are left out.

    UTF-8 (with or without BOM), UTF-16 and GB 18030 are read; comma, semicolon or tab divides. Raises Refused.

    >>> sheet_of("\ufeffCase;At\\n\\nA;1\\n".encode(), where="x")
    (['case', 'at'], [(3, {'case': 'A', 'at': '1'})])
    """
    text = _text(content, where=where).replace("\x00", "")
    first = next((line for line in text.splitlines() if line.strip()), "")
    divider = max(",;\t", key=first.count)
    rows: list[tuple[int, dict[str, str]]] = []
    header: list[str] = []
    for line, cells in _cells(text, divider, where=where):
        if not any(cell.strip() for cell in cells):
            continue
        if not header:
            header = [cell.strip().lower() for cell in cells]
        else:
            padded = [*cells, *[""] * (len(header) - len(cells))]
            named = zip(header, padded, strict=False)
            rows.append((line, {name: cell.strip() for name, cell in named if name}))
    if not header:
        raise refuse("file.empty", "文件是空的", "the file is empty", where)
    return header, rows


def _cells(text: str, divider: str, *, where: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the number of their last line; a line ends where a file's line ends, not at every Unicode break."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=divider)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise refuse(
            "file.csv", f"表格不能识别：{error}", f"the table cannot be read: {error}", where
        ) from error


def _text(content: bytes, *, where: str) -> str:
    encodings = ["utf-16"] if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refuse(
        "file.encoding", "编码不能识别（请用 UTF-8 或 GBK）", "unknown encoding (use UTF-8 or GBK)", where
    )
