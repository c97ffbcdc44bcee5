"""CIM-XML as objects: streamed through expat, no document type, no entities; parts of one object in several files are joined."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from jiedian.core.findings import Finding, refuse

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
OBJECTS = 4_000_000
"""More objects than this are no city's grid."""
TEXT = 4_000
CHUNK = 1 << 20

KEPT = frozenset(
    """
    ACLineSegment ACLineSegmentPhase AsynchronousMachine BaseVoltage Bay Breaker BusbarSection ConformLoad ConnectivityNode
    ACDCConverterDCTerminal CurveData DCLineSegment DCSeriesDevice DCTerminal ReactiveCapabilityCurve
    CoordinateSystem CurrentLimit ApparentPowerLimit ActivePowerLimit CsConverter Cut Disconnector DisconnectingCircuitBreaker
    EnergyConsumer EnergyConsumerPhase EnergySource EquivalentBranch EquivalentInjection EquivalentShunt ExternalNetworkInjection
    Feeder Fuse GroundDisconnector Jumper Line LinearShuntCompensator LoadBreakSwitch LoadResponseCharacteristic Location
    NonConformLoad NonlinearShuntCompensator NonlinearShuntCompensatorPoint OperationalLimitSet OperationalLimitType
    PerLengthPhaseImpedance PerLengthSequenceImpedance PhaseImpedanceData PhaseTapChangerAsymmetrical PhaseTapChangerLinear
    PhaseTapChangerSymmetrical PhaseTapChangerTabular PhaseTapChangerTablePoint PositionPoint PowerElectronicsConnection
    PowerTransformer PowerTransformerEnd ProtectedSwitch RatioTapChanger RatioTapChangerTablePoint Recloser RegulatingControl
    Sectionaliser SeriesCompensator StaticVarCompensator StationSupply Substation SvPowerFlow SvShuntCompensatorSections SvStatus
    SvTapStep SvVoltage Switch SwitchPhase SynchronousMachine TapChangerControl Terminal TopologicalIsland TopologicalNode
    TransformerCoreAdmittance TransformerMeshImpedance TransformerTank TransformerTankEnd VoltageLevel VsConverter
    """.split()  # noqa: SIM905 - a list to read
)
"""Classes the reader understands; everything else is counted and named in a finding."""
SILENT = frozenset(
    """
    FullModel IEC61970CIMVersion GeographicalRegion SubGeographicalRegion VoltageLimit
    ReportingGroup ConformLoadGroup NonConformLoadGroup LoadArea SubLoadArea LoadGroup GeneratingUnit ThermalGeneratingUnit
    HydroGeneratingUnit WindGeneratingUnit SolarGeneratingUnit NuclearGeneratingUnit ControlArea ControlAreaGeneratingUnit
    TieFlow HydroPump HydroPowerPlant FossilFuel GeographicalRegion DiagramObject DiagramObjectPoint DiagramObjectStyle
    Diagram VisibilityLayer TextDiagramObject BusNameMarker Ground GroundingImpedance PetersenCoil RatioTapChangerTable
    PhaseTapChangerTable PowerElectronicsUnit PhotoVoltaicUnit BatteryUnit PowerElectronicsWindUnit RegularTimePoint
    BaseFrequency BasePower DCTopologicalNode DCNode SvInjection
    """.split()  # noqa: SIM905 - a list to read
)
"""Classes that carry nothing a balanced load flow or the map needs."""
_ID = re.compile(r"^(?:.*#|urn:uuid:)?_?")


def plain_id(text: str) -> str:
    """An object's name without the fashions of writing it.

    >>> plain_id("#_ab-1"), plain_id("urn:uuid:ab-1"), plain_id("_ab-1"), plain_id("http://x/y#_ab-1")
    ('ab-1', 'ab-1', 'ab-1', 'ab-1')
    """
    return _ID.sub("", text, count=1)


class Thing(dict[str, str]):
    """Attribute or reference by its short name (``ACLineSegment.r`` → text; references as plain ids).

    ``odd`` are the attributes that a number was asked of and that hold none.
    """

    __slots__ = ("odd",)
    odd: set[str]


@dataclass
class Objects:
    """Everything of the files: class → id → attributes. ``count`` covers every class, kept or not."""

    of: dict[str, dict[str, Thing]] = field(default_factory=lambda: defaultdict(dict))
    count: Counter[str] = field(default_factory=Counter)
    kind_of: dict[str, str] = field(default_factory=dict)
    passed_by: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def all(self, *classes: str) -> Iterable[tuple[str, Thing]]:
        """(id, attributes) of the objects of these classes."""
        for name in classes:
            yield from self.of[name].items() if name in self.of else ()

    def get(self, identity: str) -> Thing:
        """An object by its id, or an empty one."""
        return self.of[self.kind_of[identity]][identity] if identity in self.kind_of else Thing()

    def say(self, code: str, where: str = "", /, **facts: object) -> None:
        self.findings.append(Finding(code, where, **facts))

    def _say_odd(self) -> None:
        """One finding for every attribute that should be a number and is none somewhere."""
        found: dict[str, list[str]] = defaultdict(list)
        for things in self.of.values():
            for identity, thing in things.items():
                for name in getattr(thing, "odd", ()):
                    owner = thing.get("PowerTransformerEnd.PowerTransformer", identity)
                    found[name].append(self.get(owner).get("IdentifiedObject.name", owner))
        for name, owners in sorted(found.items()):
            self.say("grid.no_number", name, count=len(owners), first=sorted(owners)[:5])

    def not_read(self) -> None:
        """One finding for every class of equipment that was not understood, one for all that only describes, one an attribute that
        is no number."""
        self._say_odd()
        at = {thing.get("Terminal.ConductingEquipment", "") for _, thing in self.all("Terminal")}
        joined = {kind for identity, kind in self.passed_by.items() if identity in at}
        unknown = {name: n for name, n in self.count.items() if name not in KEPT and name not in SILENT}
        for name in sorted(unknown.keys() & joined):
            self.say("grid.not_read", name, count=unknown.pop(name), kind=name)
        if unknown:
            listed = [
                f"{name} {n}" for name, n in sorted(unknown.items(), key=lambda item: (-item[1], item[0]))
            ]
            self.say("grid.not_needed", count=len(listed), listed=", ".join(listed))


def number(thing: Thing, name: str, default: float = float("nan")) -> float:
    """An attribute as a number; the default where it is not there, not a number where it holds none."""
    if name not in thing:
        return default
    try:
        value = float(thing[name])
    except ValueError:
        value = math.nan
    if math.isnan(value):
        thing.odd = {*getattr(thing, "odd", ()), name}
    return value


def flag(thing: Thing, name: str, *, default: bool) -> bool:
    """An attribute as yes or no."""
    text = thing.get(name, "").strip().lower()
    return text in ("true", "1") if text else default


class _Reader:
    """Expat's callbacks: an object at depth 2, its attributes at depth 3."""

    def __init__(self, objects: Objects, where: str) -> None:
        self.objects, self.where = objects, where
        self.depth = 0
        self.thing: Thing | None = None
        self.identity = self.kind = self.attribute = ""
        self.text: list[str] = []
        self.length = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        space, _, local = name.rpartition(" ")
        if self.depth == 1:
            self._root(space, local)
        elif self.depth == 2:
            self._object(local, attributes)
        elif self.depth == 3 and self.thing is not None:
            self.attribute, self.text, self.length = local, [], 0
            reference = attributes.get(f"{RDF} resource")
            if reference is not None:
                self.thing[local] = plain_id(reference)

    def _root(self, space: str, local: str) -> None:
        if local != "RDF" or space != RDF:
            raise refuse("cim.root", self.where)

    def _object(self, local: str, attributes: dict[str, str]) -> None:
        objects = self.objects
        name = attributes.get(f"{RDF} ID", attributes.get(f"{RDF} about"))
        if local == "DifferenceModel":
            raise refuse("cim.difference", self.where)
        self.thing = None
        if name is None:
            objects.count[local] += 1
            return
        self.identity, self.kind = plain_id(name), local
        if local not in KEPT:
            objects.count[local] += self.identity not in objects.passed_by
            objects.passed_by[self.identity] = local
            return
        known = objects.kind_of.get(self.identity)
        if known is None:
            objects.count[local] += 1
            if len(objects.kind_of) >= OBJECTS:
                raise refuse("cim.objects", self.where, most=OBJECTS)
            objects.kind_of[self.identity] = known = local
            objects.of[local][self.identity] = Thing()
        self.thing = objects.of[known][self.identity]

    def end(self, _name: str) -> None:
        if self.depth == 3 and self.thing is not None and self.attribute:
            value = "".join(self.text).strip()
            if value:
                self.thing[self.attribute] = value
            elif not self.attribute.startswith("IdentifiedObject."):
                self.thing.setdefault(self.attribute, "")  # there, and no number
            self.text = []
        self.depth -= 1

    def words(self, data: str) -> None:
        if self.depth == 3 and self.thing is not None and self.length < TEXT:
            self.text.append(data)
            self.length += len(data)

    def forbidden(self, *_: Any) -> Any:
        raise refuse("cim.doctype", self.where)


def read_objects(files: Iterable[tuple[str, bytes]]) -> Objects:
    """The objects of all files together. Raises Refused for what is not well-formed CIM-XML or tries a trick."""
    objects = Objects()
    for where, content in files:
        reader = _Reader(objects, where)
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = reader.forbidden
        parser.EntityDeclHandler = reader.forbidden
        parser.ExternalEntityRefHandler = reader.forbidden
        parser.StartElementHandler = reader.start
        parser.EndElementHandler = reader.end
        parser.CharacterDataHandler = reader.words
        try:
            for begin in range(0, len(content), CHUNK):
                parser.Parse(content[begin : begin + CHUNK], False)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise refuse("cim.xml", where, error=error) from error
        except (UnicodeError, ValueError) as error:
            raise refuse("cim.text", where, error=error) from error
    return objects
