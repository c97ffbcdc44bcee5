"""The shell every page stands in: who may see it, what is in its frame, and what time the business has."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string
from django.utils.translation import get_language, gettext

from jiedian.core.findings import Finding
from jiedian.core.measures import Share

from .models import SimulatedTime

View = Callable[..., HttpResponseBase]


def business_now() -> datetime:
    """Time of the business: now, or in the demo the instant its ticker has reached."""
    if settings.DEMO:
        row = SimulatedTime.objects.first()
        if row:
            return row.at
    return timezone.now()


def real_now() -> datetime:
    """Time as it really is, whatever the demo's ticker says."""
    return timezone.now()


def whole_number(text: str | None) -> int:
    """The whole number that a request says; 0 for whatever is none, or none that a row can have.

    >>> whole_number("12"), whole_number("²"), whole_number("9" * 5000), whole_number(None)
    (12, 0, 0, 0)
    """
    return int(text) if text and text.isdecimal() and len(text) < 18 else 0


def page(action: str) -> Callable[[View], View]:
    """Mark a view with the permission it needs and ask for it before the view runs. ``public`` needs none."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            verdict = verdict_on(request.user, action)
            if verdict.may:
                return view(request, *args, **kwargs)
            if not request.user.is_authenticated:
                kept = "&kept=1" if request.method == "POST" else ""
                return redirect(f"{settings.LOGIN_URL}?next={quote(request.get_full_path())}{kept}")
            return refused(request, [verdict.reason], status=403)

        guarded.permission = action  # type: ignore[attr-defined]
        return guarded

    return mark


def verdict_on(user: Any, action: str, subject: Any = None) -> Any:
    """The verdict of the people room, reached through the wiring."""
    return import_string(import_string(f"{settings.WIRING}.MAY"))(user, action, subject)


def share_of(indicator: str, *, since: datetime, until: datetime) -> Share:
    """Value of an indicator for the time between two instants, counted by the room that owns its rows."""
    count: Callable[..., Share] = import_string(import_string(f"{settings.WIRING}.MEASURES")[indicator])
    return count(since=since, until=until)


def refused(request: HttpRequest, findings: list[Finding], *, status: int) -> HttpResponse:
    """A page, or for htmx a fragment, that lists why nothing was done."""
    language = get_language() or "zh-hans"
    words = [finding.words(language) for finding in findings]
    template = "shell/_findings.html" if request.headers.get("HX-Request") else "shell/refused.html"
    is_unopened = any(finding.code == "missing.opened_case" for finding in findings)
    context = {"findings": words, "status": status, "is_unopened": is_unopened, "back": _sent_from(request)}
    return render(request, template, context, status=status)


def _sent_from(request: HttpRequest) -> str:
    """The page of this house from which a form was sent; empty for what was only asked for."""
    page = request.headers.get("Referer", "") if request.method == "POST" else ""
    is_ours = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return page if is_ours else ""


KIOSK = "kiosk"
KIOSK_SECONDS = 90
"""A sitting nobody touches ends after so long; the page counts, and the server does it for a page that does not."""
KIOSK_GRACE = 30
"""Seconds the server waits longer than the page."""


def begin_sitting(request: HttpRequest, start: str) -> None:
    """Begin a sitting at the kiosk whose first page is ``start``: everything the last one opened is forgotten.

    Who is signed in stands at no kiosk.
    """
    if request.user.is_authenticated:
        return
    request.session.flush()
    request.session[KIOSK] = {"start": start, "seen": whole_seconds(), "opened": []}


def sitting(request: HttpRequest) -> dict[str, Any] | None:
    """The sitting of a kiosk's browser; None for every other browser."""
    session = getattr(request, "session", None)
    return session.get(KIOSK) if session is not None else None


def opened(request: HttpRequest, key: str) -> None:
    """Remember what this sitting has opened, so that it alone sees it again."""
    if held := sitting(request):
        held["opened"] = [*held["opened"], key]
        request.session.modified = True


def start_unless_opened(request: HttpRequest, key: str) -> str:
    """The kiosk's first page for a thing that this sitting did not open itself; elsewhere, or for its own, nothing."""
    held = sitting(request)
    return held["start"] if held and key not in held["opened"] else ""


def whole_seconds() -> int:
    """Time by the machine's own clock, never the demo's."""
    return int(timezone.now().timestamp())


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context that every template may use."""
    is_zh = (get_language() or "zh").startswith("zh")
    held = sitting(request)
    return {
        "kiosk": held and {"start": held["start"], "seconds": KIOSK_SECONDS},
        "city": settings.CITY_ZH if is_zh else settings.CITY_EN,
        "is_demo": settings.DEMO,
        "is_zh": is_zh,
        "now": business_now(),
        "nav": _nav(request),
        "tools": {key: reverse(view) for key, view in import_string(f"{settings.WIRING}.TOOLS").items()},
        "home": home(getattr(request, "user", None)),
        "here": _here(request),
    }


def _here(request: HttpRequest) -> str:
    """The address that shows this page again: of an answer to a form, the page the form stood on."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    return request.headers.get("referer", "") or request.get_full_path()


def home(user: Any) -> str:
    """Home of a person, where the logo leads: the page his day begins on, or the public home."""
    if user is None or not user.is_authenticated:
        return reverse("home")
    return reverse(import_string(import_string(f"{settings.WIRING}.HOME"))(user))


def _nav(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups a person may enter, each with its pages; the one he is in is marked, else the first.

    Who is not signed in gets the public doors.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return [_door(request, *row) for row in import_string(f"{settings.WIRING}.PUBLIC_NAV")]
    rows = [row for row in import_string(f"{settings.WIRING}.NAV") if verdict_on(user, row[2]).may]
    here = max(
        (reverse(row[0]) for row in rows if request.path.startswith(reverse(row[0]))), key=len, default=""
    )
    groups: dict[str, dict[str, Any]] = {}
    for name, label, _action, group in rows:
        url = reverse(name)
        held = groups.setdefault(group, {"url": url, "label": gettext(group), "pages": [], "is_on": False})
        held["pages"].append({"url": url, "label": gettext(label), "is_on": url == here})
        held["is_on"] |= url == here
    shown = list(groups.values())
    if shown and not here:
        shown[0]["is_on"] = True
    return shown


def _door(request: HttpRequest, name: str, label: str) -> dict[str, Any]:
    """A public door of the navigation."""
    url = reverse(name)
    return {"url": url, "label": gettext(label), "pages": [], "is_on": request.path.startswith(url)}
