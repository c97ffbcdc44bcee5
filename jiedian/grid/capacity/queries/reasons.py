"""Reasons why no more fits at a device, in words, and the figures of its card."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiedian.grid.network.queries.basemap import device_name, english
from jiedian.grid.network.queries.network import parameter

from ..calc.limits import SHARES, sentences_of
from ..models import Reservation
from .capacity import Figure, Ledger
from .limits import limit_of


@dataclass(frozen=True)
class Card:
    """Card that a click on the map shows: what is open, why not more, and of what the number is made.

    Amounts in kVA for the rating, the measured peak with its month and what is in transit (reserved, by the formula), in kW
    for what is reserved and what waits;
    ``feed_in_kw`` may be None, and so may whatever is not measured.
    """

    figure: Figure
    reason: str
    rated_kva: float | None
    allowed_kva: float | None
    peak_kva: float | None
    transit_kva: float
    peak_on: date | None
    held_kw: float
    held: int
    queued_kw: float
    queued: int
    feed_in_kw: float | None

    @property
    def allowed_percent(self) -> str:
        """Share of the rating that load may take, in per cent."""
        return (
            f"{100 * self.allowed_kva / self.rated_kva:.0f} %" if self.rated_kva and self.allowed_kva else ""
        )

    @property
    def left_kva(self) -> float:
        """Length of the free part of its bar: never less than nothing."""
        return max((self.allowed_kva or 0.0) - (self.peak_kva or 0.0) - self.transit_kva, 0.0)


def waiting_kw(subject: str) -> float:
    """Waiting capacity of a subject, kW: what it asked for and others hold, load and feed-in; 0 where all of it is kept."""
    queued = Reservation.objects.filter(subject=subject[:60], state=Reservation.State.QUEUED)
    return float(sum(queued.values_list("kw", flat=True)))


def card_of(load: Figure, generation: Figure, book: Ledger, reservations: Sequence[Reservation]) -> Card:
    """The card of one device; ``reservations`` are those at it and below."""
    device = load.device
    own = next((answer for one, answer in load.path if one.pk == device.pk), None)
    months = book.months.get(device.pk, [])
    peak = own.peak_kva if own else None
    load_only = [row for row in reservations if not row.is_generation]
    held = [row.kw for row in load_only if row.state == Reservation.State.HELD]
    queued = [row.kw for row in load_only if row.state == Reservation.State.QUEUED]
    when = book.peak_months.get(device.pk) if peak is not None and months else None
    return Card(
        figure=load,
        reason=reason_of(load, book),
        rated_kva=device.rated_kva,
        allowed_kva=own.allowed_kva if own else None,
        peak_kva=peak,
        transit_kva=own.transit_kva if own else 0.0,
        peak_on=when,
        held_kw=sum(held),
        held=len(held),
        queued_kw=sum(queued),
        queued=len(queued),
        feed_in_kw=generation.open_kw,
    )


def limit_words(code: str, at: str, *, own: str) -> str:
    """Limit of a device called ``own``, as a list says it; nothing for what only a sentence can say."""
    words = {
        "area": _("变压器负载"),
        "transformer": _("变压器负载"),
        "feeder": _("线路负载"),
        "line": _("线路电流"),
        "main": _("主变负载"),
        "main_twin": _("主变负载（N-1）"),
        "voltage_low": _("电压偏低"),
        "voltage_high": _("电压偏高"),
    }.get(code, "")
    return f"{words} · {device_name(at)}" if words and at and at != own else words


def short_reason(figure: Figure, book: Ledger) -> str:
    """Reason at a device as a list says it: what sets its number, else the sentence."""
    limit = limit_of(figure, book)
    words = limit_words(limit.code, limit.at, own=figure.device.name) if limit else ""
    return words or reason_of(figure, book)


def reason_of(figure: Figure, book: Ledger) -> str:
    """Reason at a device, as a sentence: the formula's device or the physical element, whichever leaves less."""
    is_zh = (get_language() or "zh").startswith("zh")
    if figure.open_kw is None:
        return next((why.zh if is_zh else why.en for why in figure.why), _("须人工核定。"))
    limit = limit_of(figure, book)
    assert limit is not None
    shares = {name: parameter(name) for name in SHARES.values()}
    zh, en = sentences_of(limit, shares, english(limit.at), english(limit.to))
    return f"{zh}。" if is_zh else f"{en}."
