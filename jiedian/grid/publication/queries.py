"""The issues of the open capacity, as customers see them: drawn once an issue and language, kept by the process."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django.db.models import Count, F, Q
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiedian.grid.capacity.queries.maps import level, level_words, lines_of
from jiedian.shell.atlas import Dot, Stroke, network_svg

from .models import Publication, Published


@dataclass(frozen=True)
class Issue:
    """One publication with its rows (by name) and its map. Never changed once it is out."""

    publication: Publication
    rows: tuple[Published, ...]
    drawing: SafeString


@dataclass(frozen=True)
class IssueRow:
    """A line of the list of issues: when it was due and came, how many devices, how many of them a person must answer."""

    grid_name: str
    number: int
    is_public: bool
    due_on: date
    published_at: datetime
    late_days: int
    devices: int
    by_hand: int
    formula: str
    operator: str

    @property
    def query(self) -> str:
        """Query string of this issue's public page."""
        return f"issue={self.number}"


def issues(shown: int = 60) -> list[IssueRow]:
    """The latest issues of every grid; only those of the city's grid stand on the public page."""
    own = ("number", "due_on", "published_at", "late_days", "formula", "operator")
    rows = Publication.objects.order_by("-due_on").values(
        *own,
        grid_name=F("grid__name"),
        is_public=F("grid__is_city"),
        devices=Count("rows"),
        by_hand=Count("rows", filter=Q(rows__open_kw=None)),
    )
    return [IssueRow(**row) for row in rows[:shown]]


def latest() -> Publication | None:
    """The last issue of the city's grid."""
    return Publication.objects.filter(grid__is_city=True).order_by("-due_on").first()


def issue_numbered(number: str) -> Publication | None:
    """An earlier issue of the city's grid by its number; None when there is none of that number."""
    if not number.isdecimal() or len(number) > 6:
        return None
    return Publication.objects.filter(grid__is_city=True, number=int(number)).first()


def issue_of(publication: Publication) -> Issue:
    """An issue in the reader's language."""
    return _issue(publication.pk, publication.published_at, get_language() or "zh-hans")


@lru_cache(maxsize=8)
def _issue(publication_id: int, _published_at: datetime, _language: str) -> Issue:
    publication = Publication.objects.select_related("grid").get(pk=publication_id)
    rows = tuple(publication.rows.select_related("device").order_by("device__name"))
    strokes = [Stroke(line.points, line.is_open) for line in lines_of(publication.version_id)]
    dots = [dot for row in rows if row.device.kind == "area" and (dot := _dot(row))]
    return Issue(publication, rows, network_svg(strokes, dots, label=_("可开放容量图")))


def level_of(row: Published) -> str:
    """The level of a published figure."""
    return level(row.open_kw, row.device.kv)


def _dot(row: Published) -> Dot | None:
    device = row.device
    if device.lon is None or device.lat is None:
        return None
    amount = "—" if row.open_kw is None else f"{row.open_kw:,.0f} kW"
    own = level_of(row)
    return Dot(device.lon, device.lat, own, f"{device.name} · {amount} · {level_words()[own]}")
