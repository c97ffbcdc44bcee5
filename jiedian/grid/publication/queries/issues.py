"""The issues of the open capacity, as customers see them: read once, drawn once a language and base map, kept by the process."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiedian.core.findings import refuse
from jiedian.core.workdays import add_months
from jiedian.grid.capacity.queries.drawings import MapDevice, OpenMap, feeder_names, open_map, station_dots
from jiedian.grid.capacity.queries.maps import level_words
from jiedian.grid.network.models import Device, Grid
from jiedian.grid.network.queries.basemap import device_name, ground_now
from jiedian.grid.network.queries.land import wires_of
from jiedian.grid.network.queries.network import parameter, standing_grids

from ..models import FULL, Publication, Published
from .rows import plain_rows


@dataclass(frozen=True)
class Issue:
    """One publication with its rows (plain, without nodes; ``keys`` and ``devices`` are theirs). Never changed once it is out."""

    publication: Publication
    keys: tuple[int, ...]
    devices: tuple[int, ...]
    rows: tuple[dict[str, Any], ...]
    marks: dict[tuple[str, str], int]

    @property
    def map(self) -> OpenMap:
        """The map with a link from every mark to the device's card, and the ramp of its legend."""
        return self._drawn(is_linked=True)

    @property
    def drawing(self) -> SafeString:
        """The map without links, for pages on which a click says something else."""
        return self._drawn(is_linked=False).svg

    def mark_of(self, row: dict[str, Any]) -> str:
        """Mark of a device on the map: the ``data-key`` that its row has too; nothing for a node."""
        device = self.marks.get((row["kind"], row["code"]))
        return f"d{device}" if device else ""

    def _drawn(self, *, is_linked: bool) -> OpenMap:
        own = self.publication
        return _map(own.pk, own.published_at, ground_now().pk, get_language() or "zh-hans", is_linked)


@dataclass(frozen=True)
class IssueRow:
    """A line of the list of issues: when it was due and came, how many devices, how many of them a person must answer."""

    grid_code: str
    grid_name: str
    number: int
    due_on: date
    published_at: datetime
    late_days: int
    devices: int
    by_hand: int
    formula: str
    operator: str
    edition: int

    @property
    def query(self) -> str:
        """Query string of this issue's public page."""
        return urlencode({"grid": self.grid_code, "issue": self.number})


@dataclass(frozen=True)
class Wish:
    """Wish for rows of an issue: of a kind (``all`` with the nodes, nothing without them), a feeder, a level, a word."""

    kind: str = ""
    feeder: str = ""
    level: str = ""
    text: str = ""


def issues(shown: int = 60, *, grid: str = "") -> list[IssueRow]:
    """The latest issues of every grid, or of one; stations are given by their main transformers and wait for nobody."""
    own = ("number", "due_on", "published_at", "late_days", "formula", "operator", "edition")
    rows = Publication.objects.order_by("-due_on", "-grid__is_city", "grid__name")
    if grid:
        rows = rows.filter(grid__code=grid)
    counted = ~Q(rows__kind__in=("node", "station"))
    values = rows.values(
        *own,
        grid_name=F("grid__name"),
        grid_code=F("grid__code"),
        devices=Count("rows", filter=counted),
        by_hand=Count("rows", filter=counted & Q(rows__open_kw=None)),
    )
    return [IssueRow(**row) for row in values[:shown]]


def published_grids() -> list[Grid]:
    """The grids of which something was published and that still have a version in force, the city's first."""
    return list(standing_grids().filter(publications__isnull=False).distinct())


def is_last(publication: Publication) -> bool:
    """True while no later issue of the grid is out."""
    later = Publication.objects.filter(grid_id=publication.grid_id, due_on__gt=publication.due_on)
    return not later.exists()


def latest() -> Publication | None:
    """The last issue of the city's grid."""
    return _publications().filter(grid__is_city=True).order_by("-due_on").first()


def issue_asked(code: str, number: str) -> Publication:
    """The issue of a grid (without a code the city's, or the only one there is) and number (without one the last).

    What was published of a grid that was taken back since stays where it is for who asks by its code.
    Refused when the grid was never published or has no such issue.
    """
    grids = published_grids()
    grid = (
        Grid.objects.filter(code=code, publications__isnull=False).first()
        if code
        else next(iter(grids), None)
    )
    if grid is None and code:
        raise refuse("published.no_grid", asked=code[:60], known=", ".join(one.code for one in grids) or "—")
    if grid is None:
        raise refuse("published.none", grid=_("城市电网"))
    found = _publications().filter(grid=grid)
    if not number:
        return found.order_by("-due_on")[0]
    is_number = number.isascii() and number.isdecimal() and len(number) <= 6
    issue = found.filter(number=int(number)).first() if is_number else None
    if issue is None:
        raise refuse("published.no_issue", grid=grid.name, asked=number[:20])
    return issue


def _publications() -> QuerySet[Publication]:
    return Publication.objects.select_related("grid", "version").defer("version__snapshot")


def next_due(publication: Publication) -> date:
    """The day on which the issue after this one is due."""
    return add_months(publication.due_on.replace(day=1), 1).replace(day=int(parameter("PUBLISH_DAY")))


def selected(publication: Publication, wish: Wish) -> QuerySet[Published]:
    """The rows of an issue that are wanted, in the order in which they were kept. Refused for a feeder that it does not have."""
    rows = publication.rows.order_by("id")
    is_full = publication.edition >= FULL
    if not is_full:
        rows = rows.select_related("device")
    if wish.kind != "all":
        rows = rows.filter(kind=wish.kind) if wish.kind else rows.exclude(kind="node")
    if wish.feeder:
        feeders = publication.rows.filter(kind="feeder")
        name = "facts__code" if is_full else "device__code"
        if not feeders.filter(**{name: wish.feeder}).exists():
            raise refuse("published.no_feeder", issue=publication.number, asked=wish.feeder[:60])
        below = "facts__feeder_code" if is_full else "device__parent__code"
        rows = rows.filter(Q(**{below: wish.feeder}) | Q(kind="feeder", **{name: wish.feeder}))
    if wish.level and not is_full:
        raise refuse("published.no_level", issue=publication.number)
    if wish.level:
        rows = rows.filter(facts__level=wish.level)
    if wish.text:
        at = "facts__{}" if is_full else "device__{}"
        names = (at.format("name"), at.format("code"))
        rows = rows.filter(
            Q(**{f"{names[0]}__icontains": wish.text}) | Q(**{f"{names[1]}__icontains": wish.text})
        )
    return rows


def issue_of(publication: Publication) -> Issue:
    """An issue, its rows read once and kept by the process."""
    return _issue(publication.pk, publication.published_at)


@lru_cache(maxsize=6)
def _issue(publication_id: int, _published_at: datetime) -> Issue:
    publication = _publications().get(pk=publication_id)
    kept = list(selected(publication, Wish()))
    devices = tuple(row.device_id for row in kept)
    rows = tuple(plain_rows(kept, publication))
    marks = {(row["kind"], row["code"]): pk for row, pk in zip(rows, devices, strict=True)}
    return Issue(publication, tuple(row.pk for row in kept), devices, rows, marks)


@lru_cache(maxsize=8)
def _map(
    publication_id: int, published_at: datetime, _ground: int, _language: str, is_linked: bool
) -> OpenMap:
    issue = _issue(publication_id, published_at)
    devices = [_device(pk, row) for pk, row in zip(issue.devices, issue.rows, strict=True)]
    shown = [
        MapDevice(device, row["open_kw"], _title(row), _address(issue.publication, row) if is_linked else "")
        for device, row in zip(devices, issue.rows, strict=True)
        if device.kind == Device.Kind.AREA
    ]
    version_id = issue.publication.version_id
    strokes = wires_of(version_id, feeder_names(devices))
    return open_map(version_id, shown, strokes=strokes, dots=station_dots(devices) if shown else ())


def _device(pk: int, row: dict[str, Any]) -> Device:
    """The device as it was called and stood when the issue came out; not to be saved."""
    return Device(
        pk=pk, kind=row["kind"], code=row["code"], name=row["device"], lon=row["lon"], lat=row["lat"]
    )


def _title(row: dict[str, Any]) -> str:
    amount = "—" if row["open_kw"] is None else f"{row['open_kw']:,.0f} kW"
    return f"{device_name(row['device'])} · {amount} · {level_words()[row['level']]}"


def _address(publication: Publication, row: dict[str, Any]) -> str:
    asked = {
        "grid": publication.grid.code,
        "issue": publication.number,
        "device": f"{row['kind']}:{row['code']}",
    }
    return f"{reverse('capacity')}?{urlencode(asked)}"
