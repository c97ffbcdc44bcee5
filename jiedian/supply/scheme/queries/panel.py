"""供电方案 on the screen of a case and beside its steps: every version, the newest in full, what was said to it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language

from jiedian.cases.case.models.case import Case
from jiedian.core.evidence import Grade
from jiedian.core.findings import Refused
from jiedian.core.sourced import Ground
from jiedian.core.workdays import local_day
from jiedian.grid.capacity.queries.reasons import waiting_kw
from jiedian.ground.rulebook.services import load
from jiedian.process.queries import open_steps
from jiedian.process.steps import doings
from jiedian.supply.menu.calc.menu import BlockRow
from jiedian.supply.study.models import Site
from jiedian.supply.study.queries.maps import map_of
from jiedian.supply.study.queries.studies import study_of

from ..models import Countersign, Outcome, Reply, Scheme
from .countersigns import Countersigner, asked_about
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
        return " / ".join(filter(None, (self.scheme.supply_point, self.scheme.standby_point)))


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


def drafted(case: Case, *, at: datetime) -> Drafted | None:
    """The newest draft of a case with everything a decision on it needs; None where nothing is drafted yet."""
    scheme = case.schemes.filter(state=Scheme.State.DRAFT).prefetch_related("replies", "outcomes").first()
    if scheme is None:
        return None
    site = Site.objects.filter(case=case).first()
    version = _version(case, scheme, is_newest=True)
    step = open_steps(case.number).filter(code__in=_countersigns()).first()
    asked = asked_about(case, scheme, step.code) if step else ()
    return Drafted(version, _map(case, scheme, at=at) if site else "", site, _countersigns_of(case), asked)


def _countersigns() -> list[str]:
    """Codes of the steps that countersign: those that say so to a gateway."""
    return [code for code, held in doings().items() if "countersign" in held.outcomes]


def _map(case: Case, scheme: Scheme, *, at: datetime) -> str:
    """The customer and the points of a draft on the map; empty where the network cannot be read now."""
    try:
        study = study_of(case, on=local_day(at), is_deep=False)
    except Refused:
        return ""
    chosen = frozenset(str(leg["bus"]) for leg in scheme.sources)
    is_zh = (get_language() or "zh").startswith("zh")
    return map_of(study, chosen, is_zh=is_zh) if study else ""


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
    is_zh = (get_language() or "zh").startswith("zh")
    parts = load("schemes/blocks.csv", BlockRow)
    rows = [(part, tuple(_line(part, row, is_zh) for row in _of(scheme, part))) for part in parts]
    return tuple(row for row in rows if row[1])


def _of(scheme: Scheme, block: BlockRow) -> list[dict[str, Any]]:
    return [row for row in scheme.modules if row["block"] == block.id]


def _line(part: BlockRow, row: dict[str, Any], is_zh: bool) -> Line:
    grounds = tuple(Ground(**kept | {"grade": Grade(kept["grade"])}) for kept in row.get("grounds", ()))
    grade = (
        Grade(row["grade"]) if row.get("grade") else None
    )  # a person's words, or a version kept before grades
    label, words = labelled(part, row, is_zh)
    return Line(label, words, grounds, grade, bool(row.get("is_advice")))
