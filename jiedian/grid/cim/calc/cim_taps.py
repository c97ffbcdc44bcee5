"""CIM taps: the present ratio, phase and impedance of every winding, by steps, by table, or by the laws of phase shifters."""

import cmath
import math
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Literal, get_args

from .cim_lines import say
from .cim_objects import Objects, Thing, number

Changer = Literal["Linear", "Symmetrical", "Asymmetrical", "Tabular"]
"""The kinds of phase tap changer; ``PhaseTapChanger`` stands before each."""


@dataclass(frozen=True)
class Tap:
    """Tap of a winding as it acts on its transformer: complex turns ratio, and factors on r, x, g and b."""

    turn: complex = 1 + 0j
    r: float = 1.0
    x: float = 1.0
    g: float = 1.0
    b: float = 1.0
    x_ohm: float = math.nan
    """The reactance at this angle of a phase shifter, instead of that of the winding."""

    def stretch_z(self, z: complex) -> complex:
        return complex(z.real * self.r, z.imag * self.x)

    def stretch_y(self, y: complex) -> complex:
        return complex(y.real * self.g, y.imag * self.b)

    def then(self, other: "Tap") -> "Tap":
        """Both taps of one winding together."""
        r, x, g, b = (getattr(self, name) * getattr(other, name) for name in "rxgb")
        return Tap(
            self.turn * other.turn, r, x, g, b, self.x_ohm if math.isfinite(self.x_ohm) else other.x_ohm
        )


PLAIN = Tap()


class Taps:
    """The present tap of every winding: the state variable, else the SSH step, else the normal or neutral one."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self.sv = {
            t.get("SvTapStep.TapChanger", ""): number(t, "SvTapStep.position")
            for _, t in objects.all("SvTapStep")
        }
        self.of_end: dict[str, Tap] = {}
        self.tables: dict[str, list[Thing]] = defaultdict(list)
        for stem in ("RatioTapChanger", "PhaseTapChanger"):
            for _, point in objects.all(f"{stem}TablePoint"):
                self.tables[point.get(f"{stem}TablePoint.{stem}Table", "")].append(point)
        unread = []
        for identity, changer in objects.all("RatioTapChanger"):
            end = changer.get("RatioTapChanger.TransformerEnd", "")
            self._add(end, self._ratio(identity, changer))
        for kind in get_args(Changer):
            for identity, changer in objects.all(f"PhaseTapChanger{kind}"):
                end = changer.get("PhaseTapChanger.TransformerEnd", "")
                tap = self._phase(identity, changer, kind)
                self._add(end, tap or PLAIN)
                if tap is None:
                    unread.append(changer.get("IdentifiedObject.name", identity))
        say(objects, "grid.phase_tap", unread, "PhaseTapChanger")

    def of(self, end: str, x_ohm: float) -> Tap:
        """Tap of a winding of this reactance."""
        tap = self.of_end.get(end, PLAIN)
        if not math.isfinite(tap.x_ohm):
            return tap
        return replace(tap, x=tap.x * tap.x_ohm / x_ohm if x_ohm else 1.0)

    def _add(self, end: str, tap: Tap) -> None:
        self.of_end[end] = self.of_end.get(end, PLAIN).then(tap)

    def _steps(self, identity: str, changer: Thing) -> tuple[float, float]:
        neutral = number(changer, "TapChanger.neutralStep", 0.0)
        sv = self.sv.get(identity, float("nan"))
        step = number(changer, "TapChanger.step", number(changer, "TapChanger.normalStep", neutral))
        step = sv if math.isfinite(sv) else step
        return step, step - neutral

    def _ratio(self, identity: str, changer: Thing) -> Tap:
        step, away = self._steps(identity, changer)
        point = self._point(changer.get("RatioTapChanger.RatioTapChangerTable", ""), step)
        if point:
            ratio = number(point, "RatioTapChangerTablePoint.ratio", 1.0)
            return _of_point(point, complex(number(point, "TapChangerTablePoint.ratio", ratio)))
        return Tap(complex(1 + away * number(changer, "RatioTapChanger.stepVoltageIncrement", 0.0) / 100))

    def _point(self, table: str, step: float) -> Thing:
        for point in self.tables.get(table, ()):
            if number(point, "TapChangerTablePoint.step") == step:
                return point
        return Thing()

    def _phase(self, identity: str, changer: Thing, kind: Changer) -> Tap | None:
        step, away = self._steps(identity, changer)
        if kind == "Tabular":
            point = self._point(changer.get("PhaseTapChangerTabular.PhaseTapChangerTable", ""), step)
            angle = number(point, "PhaseTapChangerTablePoint.angle")
            if not math.isfinite(angle):
                return PLAIN if away == 0 else None
            ratio = number(point, "TapChangerTablePoint.ratio", 1.0)
            return _of_point(point, ratio * cmath.exp(1j * math.radians(angle)))
        neutral = step - away
        ends = [number(changer, f"TapChanger.{name}Step", step) - neutral for name in ("low", "high")]
        most = max((abs(cmath.phase(_turn(changer, kind, end))) for end in ends), default=0.0)
        turn = _turn(changer, kind, away)
        return Tap(turn, x_ohm=_reactance(changer, kind, cmath.phase(turn), most))


def _of_point(point: Thing, turn: complex) -> Tap:
    """A point of a table; its r, x, g and b are percent of deviation."""
    r, x, g, b = (1 + number(point, f"TapChangerTablePoint.{name}", 0.0) / 100 for name in "rxgb")
    return Tap(turn, r, x, g, b)


def _turn(changer: Thing, kind: Changer, away: float) -> complex:
    """Complex ratio so many steps from neutral."""
    if kind == "Linear":
        angle = away * number(changer, "PhaseTapChangerLinear.stepPhaseShiftIncrement", 0.0)
        return cmath.exp(1j * math.radians(angle))
    increment = away * number(changer, "PhaseTapChangerNonLinear.voltageStepIncrement", 0.0) / 100
    if kind == "Symmetrical":
        return cmath.exp(2j * math.atan(increment / 2))
    assert kind == "Asymmetrical"
    return 1 + increment * cmath.exp(1j * _connection(changer))


def _connection(changer: Thing) -> float:
    return math.radians(number(changer, "PhaseTapChangerAsymmetrical.windingConnectionAngle", 90.0))


def _reactance(changer: Thing, kind: Changer, angle: float, most: float) -> float:
    """Reactance of a phase shifter at an angle, from its least (neutral) and its most (at the farthest step); else not a number.

    The laws are those of the CGMES implementation guide on phase shifters.
    """
    stem = "PhaseTapChangerLinear" if kind == "Linear" else "PhaseTapChangerNonLinear"
    least = number(changer, f"{stem}.xMin", number(changer, f"{stem}.xStepMin"))
    top = number(changer, f"{stem}.xMax", number(changer, f"{stem}.xStepMax"))
    if not (0 <= least <= top and top > 0) or most < 1e-9:
        return math.nan
    share = (math.sin(angle / 2) / math.sin(most / 2)) ** 2
    if kind == "Asymmetrical":
        turned = _connection(changer)
        sine, cosine = math.sin(turned), math.cos(turned)
        bent = (sine - math.tan(most) * cosine) / (sine - math.tan(abs(angle)) * cosine)
        share = (math.tan(angle) / math.tan(most) * bent) ** 2
    return least + (top - least) * share
