"""Text from bytes, whatever program wrote them."""

import codecs
import re
from collections.abc import Sequence

from jiedian.core.findings import refuse

MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
HEAD = 65_536
"""So many bytes tell the two encodings of Chinese apart."""


def decode(data: bytes, *, where: str = "", otherwise: str = "") -> str:
    """Text from bytes: UTF-8, UTF-16 or UTF-32, with or without mark (UTF-32 with), GB 18030 or Big5, else the
    encoding named.

    Raises Refused for other bytes when none is named.

    >>> decode("电".encode("gbk")), decode("E_1,P_1".encode("utf-16-le")), decode("工單號,項目名稱".encode("big5"))
    ('电', 'E_1,P_1', '工單號,項目名稱')
    """
    return decoded(data, where=where, otherwise=otherwise)[0]


def decoded(data: bytes, *, where: str = "", otherwise: str = "") -> tuple[str, str]:
    """The text of some bytes and the name of their encoding. Raises Refused."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace"), encoding
    sixteen = _sixteen(data[:4096])
    if not sixteen and data[:4096].count(0) > len(data[:4096]) // 10:
        raise refuse("file.not_text", where)
    for encoding in (*sixteen, "utf-8-sig", *_chinese(data)):
        try:
            return data.decode(encoding).replace("\x00", ""), encoding.removesuffix("-sig")
        except UnicodeDecodeError:
            continue
    if otherwise:
        return data.decode(otherwise, errors="replace").replace("\x00", ""), otherwise
    raise refuse("file.encoding", where)


def _sixteen(head: bytes) -> Sequence[str]:
    """UTF-16 without its mark: every other byte of separators and digits is zero."""
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros = head[start::2]
        if len(zeros) > 1 and zeros.count(0) > 0.4 * len(zeros) and head[1 - start :: 2].count(0) == 0:
            return (encoding,)
    return ()


def _chinese(data: bytes) -> Sequence[str]:
    """The two encodings of Chinese, the one that makes more everyday characters of the bytes first."""
    head = data[:HEAD]
    if _everyday(head, "big5", 0xA4, 0xC6) > _everyday(head, "gb18030", 0xB0, 0xD7):
        return ("big5", "gb18030")
    return ("gb18030", "big5")


def _everyday(head: bytes, encoding: str, low: int, high: int) -> float:
    """Share of the letters beyond ASCII that are on the everyday plane of an encoding; 0 when it cannot be read."""
    plane = "gb2312" if encoding == "gb18030" else encoding
    try:
        text = head.decode(encoding)
    except UnicodeDecodeError as error:
        if error.end < len(head) - 2:
            return 0.0
        text = head.decode(encoding, errors="ignore")
    letters = re.findall(r"[^\x00-\x7f]", text)
    common = [letter.encode(plane, errors="ignore")[:1] for letter in letters]
    n = len([byte for byte in common if byte and low <= byte[0] <= high])
    return n / max(1, len(letters))
