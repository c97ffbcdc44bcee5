"""A table of text as people really hand it in: any usual encoding, separator, blank rows, ragged ends."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from .findings import refuse

SEPARATORS = ",;\t|"
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LONGEST_CELL = 10_000_000


def decode(data: bytes, *, where: str = "", otherwise: str = "") -> str:
    """Text from bytes: UTF-8, UTF-16 or UTF-32, with or without mark (UTF-32 with), else GB 18030, else the encoding named.

    Raises Refused for other bytes when none is named.

    >>> decode("电".encode("gbk")), decode("E_1,P_1".encode("utf-16-le"))
    ('电', 'E_1,P_1')
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    sixteen = _sixteen(data[:4096])
    if not sixteen and data[:4096].count(0) > len(data[:4096]) // 10:
        raise refuse("file.not_text", where)
    for encoding in (*sixteen, "utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    if otherwise:
        return data.decode(otherwise, errors="replace").replace("\x00", "")
    raise refuse("file.encoding", where)


def _sixteen(head: bytes) -> Sequence[str]:
    """UTF-16 without its mark: every other byte of separators and digits is zero."""
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros = head[start::2]
        if len(zeros) > 1 and zeros.count(0) > 0.4 * len(zeros) and head[1 - start :: 2].count(0) == 0:
            return (encoding,)
    return ()


def numbered(text: str, *, separator: str = "", where: str = "") -> Iterator[tuple[int, list[str]]]:
    """The rows of a text with the number of their last line; a line ends where a file's line ends, not at every
    Unicode break.

    Without ``separator`` it is the one of , ; tab | that cuts most of the first lines alike, or the one that the
    spreadsheet's own first line ``sep=;`` names. Raises Refused for what is no table.
    """
    text = text.lstrip("\ufeff").replace("\x00", "")
    told = re.match(r"sep=([^\r\n\"])\r?\n", text)
    if told:
        text, separator = text[text.index("\n") :], told[1]
    separator = separator or separator_of([line for line in text[:20_000].splitlines() if line.strip()][:8])
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise refuse("file.csv", where, error=error) from error


def rows_of(text: str, *, where: str = "") -> Iterator[list[str]]:
    """The rows of a text, blank ones too."""
    return (cells for _line, cells in numbered(text, where=where))


def separator_of(lines: Sequence[str]) -> str:
    """The mark that cuts most of some lines into equally many cells.

    >>> separator_of(["E_1;P_1", "4,5;3,5", "7;2,5"]), separator_of(["no table"])
    (';', ',')
    """
    return max(SEPARATORS, key=lambda mark: _evenness(lines, mark))


def _evenness(lines: Sequence[str], mark: str) -> tuple[int, int]:
    """How many of the lines a mark cuts into equally many cells, and into how many."""
    try:
        lengths = Counter(len(row) for row in csv.reader(lines, delimiter=mark) if len(row) > 1)
    except csv.Error:
        return 0, 0
    return max(((n, length) for length, n in lengths.items()), default=(0, 0))


def sheet_of(content: bytes, *, where: str) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Header and rows with their line numbers; the first row that is not blank is the header and decides the separator.
    Names are lower case, blank rows are left out, of a name that stands twice the first column counts. Raises Refused.

    >>> sheet_of("\ufeffCase;At\\n\\nA;1\\n".encode(), where="x")
    (['case', 'at'], [(3, {'at': '1', 'case': 'A'})])
    """
    text = decode(content, where=where)
    first = next((line for line in text.splitlines() if line.strip()), "")
    told = "" if first.startswith("sep=") else separator_of([first])
    rows: list[tuple[int, dict[str, str]]] = []
    header: list[str] = []
    for line, cells in numbered(text, separator=told, where=where):
        if not any(cell.strip() for cell in cells):
            continue
        if not header:
            header = [cell.strip().lower() for cell in cells]
        else:
            padded = [*cells, *[""] * (len(header) - len(cells))]
            named = reversed(list(zip(header, padded, strict=False)))
            rows.append((line, {name: cell.strip() for name, cell in named if name}))
    if not header:
        raise refuse("file.empty", where)
    return header, rows
