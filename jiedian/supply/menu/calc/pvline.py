"""光伏并网的一次接线: the public line, the boundary meter, the customer's board and the PV behind its switch, by the way of feeding in."""

from collections.abc import Mapping
from typing import Any

from .pen import WIDTH, Pen

TOP, BOUNDARY, GATE, BOARD, SWITCH, METER, INVERTER = 34, 92, 122, 160, 190, 222, 258
"""Heights: public busbar, property boundary, boundary meter, board, switch at the point of connection, meter of what is generated, inverter."""
STEP_UP = 40
"""Height of the transformer that lifts the inverters' voltage to 10 kV; at low voltage there is none."""
PV_X, LOAD_X = 330, 190


def feeding(pen: Pen, content: Mapping[str, Any], *, is_zh: bool) -> float:
    """Draw the connection of PV of a reply form's content; the height it takes.

    A full feed-in has no load behind its meter; a surplus and an own use hang on the customer's board, beside his load.
    """
    said, source, x = 0 if is_zh else 1, content["sources"][0], WIDTH / 2
    pen.line(x - 44, TOP, x + 44, TOP, width=3)
    pen.text(x, TOP - 8, source["name"][said], anchor="middle")
    pen.line(x, TOP, x, GATE - 10)
    y = GATE + 24 if content["boundary"] == "lv_meter" else BOUNDARY
    pen.line(x - 60, y, x + 60, y, dash="5 3")
    pen.text(x - 62, y + 3.5, "产权分界" if is_zh else "boundary", anchor="end")
    pen.meter(x, GATE)
    is_full = content["feed_mode"] == "full"
    gate = (
        ("上网关口电能表", "meter of what is fed in")
        if is_full
        else ("关口双向电能表", "bidirectional meter")
    )
    pen.text(x + 16, GATE + 4, gate[said])
    pen.line(x, GATE + 10, x, BOARD)
    if not is_full:
        pen.line(LOAD_X - 40, BOARD, PV_X + 60, BOARD, width=2)
        pen.line(LOAD_X, BOARD, LOAD_X, BOARD + 20)
        pen.text(LOAD_X, BOARD + 34, "用电人负荷" if is_zh else "customer's load", anchor="middle")
        if content["feed_mode"] == "self":
            pen.text(x - 8, BOARD - 6, "防逆流装置" if is_zh else "no reverse power", anchor="end")
    down = STEP_UP if source["kv"] >= 1 else 0
    _generator(pen, x if is_full else PV_X, content, said, down)
    return INVERTER + down + 64


def _generator(pen: Pen, x: float, content: Mapping[str, Any], said: int, down: int) -> None:
    """The PV below its switch: of who uses it himself with a meter of what it generates, from 10 kV on behind a transformer."""
    pen.line(x, BOARD, x, SWITCH - 6)
    pen.box(x, SWITCH)
    pen.text(
        x + 14,
        SWITCH + 4,
        ("并网点：开断设备（失压跳闸、闭锁）", "point of connection: no-voltage switch")[said],
    )
    pen.line(x, SWITCH + 6, x, METER - 10)
    if content["feed_mode"] == "full":
        pen.line(x, METER - 10, x, METER + 10)
    else:
        pen.meter(x, METER)
        pen.text(x + 16, METER + 4, ("发电量表", "meter of what is generated")[said])
    foot = INVERTER + down
    if down:
        pen.circle(x, METER + 22, 9)
        pen.circle(x, METER + 34, 9)
        pen.line(x, METER + 10, x, METER + 13)
        pen.text(x + 16, METER + 32, ("升压变压器", "step-up transformer")[said])
    pen.line(x, METER + (43 if down else 10), x, foot - 9)
    pen.box(x, foot, 9)
    pen.text(x, foot + 4, "=/~", anchor="middle")
    pen.text(x + 16, foot + 4, ("逆变器（防孤岛）", "inverter (anti-islanding)")[said])
    pen.line(x, foot + 9, x, foot + 26)
    pen.box(x, foot + 34, 8)
    pen.text(x + 16, foot + 38, (f"光伏 {content['kva']:g} kW", f"PV {content['kva']:g} kW")[said])
