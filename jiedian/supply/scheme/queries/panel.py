"""供电方案 on the screen of a case and beside its steps: every version, the newest in full, what was said to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiedian.cases.case.models.case import Case
from jiedian.core.evidence import Grade
from jiedian.core.findings import Refused
from jiedian.core.sourced import Ground
from jiedian.core.workdays import local_day
from jiedian.grid.capacity.queries.reasons import waiting_kw
from jiedian.grid.circuit.calc.naming import name_of as point_name
from jiedian.grid.network.queries.basemap import device_name
from jiedian.ground.rulebook.services import load
from jiedian.people.templatetags.people_tags import department_name
from jiedian.process.queries import open_steps
from jiedian.process.steps import doings
from jiedian.shell.kit.names import name_of
from jiedian.supply.bench.queries.maps import map_of
from jiedian.supply.menu.calc.menu import BlockRow
from jiedian.supply.study.models import Site
from jiedian.supply.study.queries.studies import study_of

from ..models import Countersign, Outcome, Reply, Scheme
from .countersigns import Change, Countersigner, asked_about, estimate_of, why_of
from .sheet import labelled


@dataclass(frozen=True)
class Line:
    """One line of a kept version: its field and words, the rows it rests on and how well known they are, whether it only advises."""

    label: str
    words: str
    grounds: tuple[Ground, ...]
    grade: Grade | None
    is_advice: bool


@dataclass(frozen=True)
class Version:
    """A version of the scheme with its parts, the replies as frozen and what was measured."""

    scheme: Scheme
    blocks: tuple[tuple[BlockRow, tuple[Line, ...]], ...]
    replies: tuple[Reply, ...]
    countersigns: tuple[Countersign, ...]
    outcomes: tuple[Outcome, ...]
    is_newest: bool
    is_lapsed: bool
    is_measurable: bool
    waiting_kw: float = 0.0

    @property
    def points(self) -> str:
        """Supply points of a version, main and standby."""
        return points_of(self.scheme)


@dataclass(frozen=True)
class Panel:
    """Every version of the scheme of a case, the newest first."""

    versions: tuple[Version, ...]


def panel(case: Case, *, at: datetime) -> Panel:
    """Panel of schemes on the case screen."""
    found = case.schemes.prefetch_related("replies", "outcomes", "countersigns__scheme").order_by("-version")
    return Panel(tuple(_version(case, scheme, is_newest=n == 0) for n, scheme in enumerate(found)))


@dataclass(frozen=True)
class Drafted:
    """The draft as he sees it who countersigns or sends it: the version, the map, the load, what was said before."""

    version: Version
    map: str
    site: Site | None
    opinions: tuple[Countersign, ...]
    asked: tuple[Countersigner, ...]
    before: int
    changes: tuple[Change, ...]


def drafted(case: Case, *, at: datetime) -> Drafted | None:
    """The newest draft of a case with everything a decision on it needs; None where nothing is drafted yet."""
    scheme = case.schemes.filter(state=Scheme.State.DRAFT).prefetch_related("replies", "outcomes").first()
    if scheme is None:
        return None
    site = Site.objects.filter(case=case).first()
    version = _version(case, scheme, is_newest=True)
    step = open_steps(case.number).filter(code__in=countersign_codes()).first()
    asked = asked_about(case, scheme, step.code) if step else ()
    drawn, said = map_of_version(case, scheme, at=at) if site else "", _countersigns_of(case)
    before = case.schemes.filter(version__lt=scheme.version).order_by("-version").first()
    changes = _changes(before, scheme) if before else ()
    return Drafted(version, drawn, site, said, asked, before.version if before else 0, changes)


def _changes(before: Scheme, scheme: Scheme) -> tuple[Change, ...]:
    """What a version has otherwise than the one before: figures first, then the lines of the form by their fields."""
    told, known = _told(scheme), _told(before)
    names = [name for name in dict.fromkeys([*told, *known]) if told.get(name) != known.get(name)]
    return tuple(Change(name, known.get(name, "—"), told.get(name, "—")) for name in names)


def _told(scheme: Scheme) -> dict[str, str]:
    """A version as names and values in the reader's language, to lay two beside each other."""
    estimate = estimate_of(scheme)
    told = {_("供电电源点"): scheme.supply_point, _("备用电源点"): scheme.standby_point}
    told |= estimate.words if estimate else {}
    for part, lines in blocks_of(scheme):
        name = name_of(part)
        for line in lines:
            name = line.label or name
            told[name] = f"{told.get(name, '')} {line.words}".strip()
    return {name: words for name, words in told.items() if words}


def waiting_words(numbers: Iterable[str]) -> dict[str, tuple[str, str, str]]:
    """Drafts that wait for a word on them, by case: the points, the estimate, why; each in the reader's language."""
    drafts = Scheme.objects.filter(state=Scheme.State.DRAFT, case__number__in=numbers).select_related("case")
    told = {}
    for scheme in drafts:
        estimate = estimate_of(scheme)
        figures = [f"{name} {words}" for name, words in estimate.words.items()] if estimate else []
        told[scheme.case.number] = (points_of(scheme), " · ".join(figures), why_of(scheme))
    return told


def points_of(scheme: Scheme) -> str:
    """Supply points of a version, main and standby."""
    return " / ".join(device_name(name) for name in (scheme.supply_point, scheme.standby_point) if name)


def countersign_codes() -> list[str]:
    """Codes of the steps that countersign: those that say so to a gateway."""
    return [code for code, held in doings().items() if "countersign" in held.outcomes]


def map_of_version(case: Case, scheme: Scheme, *, at: datetime) -> str:
    """The customer and the points of a draft on the map, those by hand where the network knows their names; empty where the network cannot be read now."""
    try:
        study = study_of(case, on=local_day(at), is_deep=False)
    except Refused:
        return ""
    if study is None:
        return ""
    kept = {str(leg["bus"]) for leg in scheme.sources}
    for name in () if scheme.sources else (scheme.supply_point, scheme.standby_point):
        called = [point.bus for point in study.around.points if point_name(point)[0] == name]
        kept |= set(called if len(called) == 1 else ())  # a line of many points says not which
    return map_of(study, frozenset(kept), is_zh=_is_zh(), is_alone=True)


@dataclass(frozen=True)
class Voices:
    """Voices on the versions of a scheme: of the customer who wants another one, and of who countersigns."""

    declined: tuple[Scheme, ...]
    opinions: tuple[Countersign, ...]


def voices_on(case: Case, *, at: datetime) -> Voices | None:
    """Voices on the versions so far, the newest first; None when nobody has said anything."""
    declined = tuple(case.schemes.exclude(customer_words="").order_by("-version"))
    opinions = _countersigns_of(case)
    return Voices(declined, opinions) if declined or opinions else None


def refusals_of(case: Case) -> dict[frozenset[str], str]:
    """The points of every version that the customer or a department said no to, by their buses, and who and why in words."""
    found = {}
    gone = case.schemes.filter(state__in=(Scheme.State.DECLINED, Scheme.State.REFUSED)).order_by("version")
    for scheme in gone.prefetch_related("countersigns"):
        if scheme.sources:
            found[frozenset(str(leg["bus"]) for leg in scheme.sources)] = _no(scheme)
    return found


def _no(scheme: Scheme) -> str:
    """Who said no to a version, and why."""
    said = next((one for one in scheme.countersigns.all() if not one.has_agreed), None)
    if scheme.state == Scheme.State.DECLINED or said is None:
        told = {"n": scheme.version, "words": scheme.customer_words}
        return _("第 %(n)d 版客户要求另拟：%(words)s") % told
    told = {"n": scheme.version, "who": department_name(said.department), "words": said.text}
    return _("第 %(n)d 版%(who)s会签未同意：%(words)s") % told


def _countersigns_of(case: Case) -> tuple[Countersign, ...]:
    said = Countersign.objects.filter(scheme__case=case).select_related("scheme")
    return tuple(said.order_by("-id"))


def _version(case: Case, scheme: Scheme, *, is_newest: bool) -> Version:
    return Version(
        scheme=scheme,
        blocks=blocks_of(scheme) if is_newest else (),
        replies=tuple(scheme.replies.all()),
        countersigns=tuple(scheme.countersigns.all()),
        outcomes=tuple(scheme.outcomes.all()),
        is_newest=is_newest,
        is_lapsed=is_newest
        and scheme.state == Scheme.State.LAPSED
        and scheme.accepted_at is not None
        and case.is_open,
        is_measurable=bool(case.energised_at and scheme.state == Scheme.State.ACCEPTED and scheme.predicted),
        waiting_kw=waiting_kw(case.number) if is_newest and scheme.state == Scheme.State.ACCEPTED else 0.0,
    )


def blocks_of(scheme: Scheme) -> tuple[tuple[BlockRow, tuple[Line, ...]], ...]:
    """The parts of a kept version in the order of the menu, each with its lines in the reader's language."""
    is_zh = _is_zh()
    parts = load("schemes/blocks.csv", BlockRow)
    rows = [
        (part, _once(name_of(part), [_line(part, row, is_zh) for row in _of(scheme, part)])) for part in parts
    ]
    return tuple(row for row in rows if row[1])


def _once(above: str, lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines of a part, a label said once: not again after itself, nor where it is the name of the part."""
    before = [above.lower(), *(line.label.lower() for line in lines)]
    return tuple(
        replace(line, label="") if line.label.lower() in (above.lower(), last) else line
        for line, last in zip(lines, before, strict=False)
    )


def _of(scheme: Scheme, block: BlockRow) -> list[dict[str, Any]]:
    return [row for row in scheme.modules if row["block"] == block.id]


def _line(part: BlockRow, row: dict[str, Any], is_zh: bool) -> Line:
    grounds = tuple(Ground(**kept | {"grade": Grade(kept["grade"])}) for kept in row.get("grounds", ()))
    grade = (
        Grade(row["grade"]) if row.get("grade") else None
    )  # a person's words, or a version kept before grades
    label, words = labelled(part, row, is_zh)
    return Line(label, words, grounds, grade, bool(row.get("is_advice")))


def _is_zh() -> bool:
    return (get_language() or "zh").startswith("zh")
