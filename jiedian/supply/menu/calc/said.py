"""手工填写的数值: what a person wrote down held against the figures of his scheme; none of it is refused, all of it is said."""

import re
from collections.abc import Mapping, Sequence

VOLTS = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)\s*(?:kV|千伏)", re.IGNORECASE)
LINE = re.compile("([\u4e00-\u9fff]+?)线")
NO_LINE = re.compile("母线|[进出]线|线路")
"""Words that end like the name of a line and are none."""
ASIDE = re.compile("[（(].*?[）)]")
BUSBAR = re.compile(VOLTS.pattern + r"[^线杆柜箱千]{0,6}?母", re.IGNORECASE)
CLASSES = {
    name: rank
    for rank, names in enumerate(("0.2S 0.2 D", "0.5S 0.5 C", "1 1.0 B", "2 2.0 A"))
    for name in names.split()
}
"""Accuracy classes of active meters, the finest first; letters as GB/T 17215 names them."""


def ratio_fact(ratio: str, rated_a: float, *, normal_share: float, low: float) -> str:
    """``small`` where a ratio does not carry the rated current, ``large`` where normal load runs it below the share ``low``; empty: none written.

    >>> [ratio_fact(ratio, 72.7, normal_share=0.7, low=0.2) for ratio in ("50/5", "75/5", "500/5", "")]
    ['small', 'ok', 'large', '']
    """
    if not ratio.strip():
        return ""
    primary = float(ratio.partition("/")[0])
    if primary < round(rated_a, 1):
        return "small"
    return "large" if normal_share * rated_a / primary < low else "ok"


def class_fact(said: str, asked: str) -> str:
    """``weak`` where a meter is coarser than the table asks; empty where one of both is not known."""
    if said.strip() not in CLASSES or asked not in CLASSES:
        return ""
    return "weak" if CLASSES[said.strip()] > CLASSES[asked] else "ok"


def odd_volts(names: Sequence[str], kv: float) -> list[str]:
    """Names that tell voltages and not the one supplied at; at low voltage a name tells what feeds the transformer, so none is odd.

    >>> odd_volts(["35kV 柳镇站", "110kV 柳镇站 10kV Ⅰ母", "柳泉线"], 10)
    ['35kV 柳镇站']
    """
    told = {name: [float(each) for each in VOLTS.findall(name)] for name in names}
    return [
        name
        for name, volts in told.items()
        if kv >= 1 and volts and all(abs(each - kv) > 0.06 * kv for each in volts)
    ]


def busbar_kv(name: str) -> float:
    """Voltage of the busbar a point is named by; 0 where its name tells none.

    >>> [busbar_kv(name) for name in ("110kV 云溪变 10kV Ⅰ段母线", "110 kV Ⅱ母", "110kV 柳镇站", "10kV 柳泉线 12 号杆")]
    [10.0, 110.0, 0.0, 0.0]
    """
    told = BUSBAR.findall(name)
    return float(told[-1]) if told else 0.0


def core_of(name: str) -> str:
    """A point by what tells it from others: without its voltage and what stands beside it; too short a rest tells nothing.

    >>> core_of("人民路#5环网柜（10kV 人民线）"), core_of("10kV 柳泉线 12 号杆"), core_of("a2")
    ('人民路#5环网柜', '柳泉线 12 号杆', '')
    """
    plain = VOLTS.sub("", ASIDE.sub("", name)).strip()
    return plain if len(plain) > 3 else ""


def is_one_point(names: Sequence[str]) -> bool:
    """True where two names are one point, or points of one line.

    >>> is_one_point(["10kV 柳泉线 12 号杆", "柳泉线30号杆"]), is_one_point(["柳泉Ⅰ线", "柳泉Ⅱ线"]), is_one_point(["柳镇站Ⅰ段母线", "柳镇站Ⅱ段母线"])
    (True, False, False)
    """
    plain = [re.sub(r"\s", "", name) for name in names]
    lines = [LINE.findall(NO_LINE.sub("", name))[-1:] for name in plain]
    return len(plain) > 1 and (
        len(set(plain)) < len(plain) or (all(lines) and len({line[0] for line in lines}) < len(lines))
    )


def said_facts(
    values: Mapping[str, str],
    figures: Mapping[str, str],
    *,
    kv: float,
    names: Sequence[str],
    normal_share: float,
    low: float,
) -> tuple[dict[str, str], dict[str, str]]:
    """Facts on what he wrote, and the words the conflicts say of it."""
    ratio, accuracy = values.get("ct_ratio") or "", values.get("meter_class") or ""
    odd = odd_volts(names, kv)
    rated = float(figures["current_a"])
    facts = {
        "said_ct": ratio_fact(ratio, rated, normal_share=normal_share, low=low),
        "said_class": class_fact(accuracy, figures["meter_active"]),
        "said_kv": "other" if odd else "ok",
    }
    primary = float(ratio.partition("/")[0]) if ratio.strip() else rated
    words = {
        "said_ratio": ratio.strip(),
        "said_used": f"{100 * normal_share * rated / primary:.0f}",
        "said_accuracy": accuracy.strip(),
        "ct_proposed": figures["ct_ratio"] or "—",
        "odd_points": "、".join(odd),
    }
    return facts, words
