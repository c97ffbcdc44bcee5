"""Rows that are no record: totals, averages and remarks that people put below a table."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import Any

from .moments import moment_of

TOTALS = re.compile(
    r"(本页|本月|全部|总)?(合计|总计|小计|共计|累计|汇总|总数|总平均|平均|平均值|平均分|均值|标准差|最大值|最小值|"
    r"grandtotal|subtotal|total|totals|sum|average|mean|avg)[:：]?(\(?n?=?\d*\)?)"
)
REMARKS = re.compile(
    r"(以上共|以上合计|共计?\d+[条件户行份笔]|注[:：]|备注[:：]|说明[:：]|填表人|制表人|制表[:：]|审核人?[:：]|"
    r"填表[:：]|数据来源|统计口径|导出时间|打印时间|—+完|end of)"
)
SKIPPED = frozenset(
    [
        "",
        "-",
        "--",
        "---",
        "/",
        "\\",
        "无",
        "暂无",
        "没有",
        "不适用",
        "未填",
        "未填写",
        "未知",
        "空",
        "(空)",
        "(跳过)",
    ]
    + [
        "n/a",
        "na",
        "#n/a",
        "nan",
        "nat",
        "null",
        "none",
        "nil",
        "<na>",
        "#value!",
        "#ref!",
        "#div/0!",
        "#name?",
        "#null!",
    ]
)
"""What a cell says that says nothing (in one width and lower case)."""


def is_skipped(cell: Any) -> bool:
    """True if a cell holds no value: empty, a dash, 无, 不适用, N/A.

    >>> [is_skipped(cell) for cell in (None, " ", "——", "Ｎ／Ａ", "不适用", 0, "0")]
    [True, True, True, True, True, False, False]
    """
    if cell is None:
        return True
    text = unicodedata.normalize("NFKC", str(cell)).strip().lower()
    return text in SKIPPED or not text.strip("-—–−―")


CUT = re.compile(r"\d[.,]\d+e\+\d+", re.IGNORECASE)


def is_cut(cell: Any) -> bool:
    """True if a long number has lost its last digits: a spreadsheet keeps fifteen, and shows ``2.02611E+19``.

    >>> is_cut("2.02611E+19"), is_cut(20261127000021000000), is_cut("20261127000021000000"), is_cut(13300000000)
    (True, True, False, False)
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return abs(cell) >= 1e15
    return isinstance(cell, str) and CUT.fullmatch(cell.strip()) is not None


def closing_word(cells: Sequence[Any], *, is_last: bool, needed: Sequence[int] = ()) -> str:
    """The word that tells a closing row (合计, 平均, 以上共…), empty for a record.

    A total may stand in the middle (小计); a remark only below the last record. A row that fills every ``needed`` place,
    one of them with a date, is a record whatever it is called: a case may have the number SUM.

    >>> closing_word(["合计", 2, None], is_last=True), closing_word(["1", "合计不对"], is_last=True)
    ('合计', '')
    >>> closing_word(["AVG", "2024-03-05"], is_last=False, needed=(0, 1))
    ''
    """
    filled = [cell for cell in cells if cell is not None and str(cell).strip()]
    if not filled or not isinstance(filled[0], str):
        return ""
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", filled[0])).lower()
    if TOTALS.fullmatch(text):
        return "" if _is_record(cells, needed) else filled[0].strip()
    if is_last and REMARKS.match(text) and len(filled) <= 2:
        return filled[0].strip()[:20]
    return ""


def _is_record(cells: Sequence[Any], needed: Sequence[int]) -> bool:
    told = [cells[at] for at in needed if at < len(cells) and not is_skipped(cells[at])]
    return 0 < len(told) == len(needed) and any(
        isinstance(moment_of(cell, formats=("epoch", "epoch-ms")), date) for cell in told
    )
