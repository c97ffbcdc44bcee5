"""A CSV as people really hand it in: any usual encoding, divider, blank rows, ragged ends."""

import csv

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
    reader = csv.reader(text.splitlines(keepends=True), delimiter=divider, strict=False)
    rows: list[tuple[int, dict[str, str]]] = []
    header: list[str] = []
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if not header:
            header = [cell.strip().lower() for cell in cells]
        else:
            padded = [*cells, *[""] * (len(header) - len(cells))]
            named = zip(header, padded, strict=False)
            rows.append((reader.line_num, {name: cell.strip() for name, cell in named if name}))
    if not header:
        raise refuse("file.empty", "文件是空的", "the file is empty", where)
    return header, rows


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
