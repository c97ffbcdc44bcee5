"""Questions to an issue: read from the address, honoured or refused with what would do, never ignored."""

import math
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import wraps
from hashlib import sha256

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiedian.core.findings import Refused, refuse

from ..models import Publication
from ..queries.dataset import MOST, PARAMETERS, USUAL
from ..queries.issues import Wish, issue_asked
from ..queries.rows import KINDS, LEVELS

STARTED = time.time_ns()
"""What was written by code that was replaced since is not current."""
STATUS = {
    "published.no_grid": 404,
    "published.no_issue": 404,
    "published.none": 404,
    "published.no_feeder": 404,
    "published.no_level": 404,
    "published.too_long": 422,
}
View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Selection:
    """Selection of rows of an issue, how many, and near which place."""

    publication: Publication
    wish: Wish
    near: tuple[float, float] | None = None
    limit: int = USUAL
    after: int = 0


def selection_of(request: HttpRequest, names: Collection[str]) -> Selection:
    """Selection that an address asks for; ``names`` are the parameters that may stand in it. Refused for any other, and for bad values."""
    given = request.GET
    if unknown := sorted(set(given) - set(names)):
        raise refuse("published.parameter", asked=unknown[0][:40], known=", ".join(names))
    publication = issue_asked(given.get("grid", "").strip(), given.get("issue", "").strip())
    kinds = (*KINDS, "all")
    wish = Wish(
        kind=_one_of(given.get("kind", ""), "kind", kinds),
        feeder=_clean(given.get("feeder", "")),
        level=_one_of(given.get("level", ""), "level", LEVELS),
        text=_clean(given.get("q", ""))[:60],
    )
    near = place_in(given["near"]) if given.get("near") else None
    if near and (wish.kind in ("node", "all") or given.get("after")):
        raise refuse("published.choice", name="near", asked=given["near"][:40], known=_("不与节点和翻页同用"))
    return Selection(
        publication,
        wish,
        near,
        _number(given.get("limit", ""), "limit", USUAL, 1, MOST),
        _number(given.get("after", ""), "after", 0, 0, 10**15),
    )


def _clean(text: str) -> str:
    return text.replace("\x00", "").strip()


def _one_of(text: str, name: str, known: Collection[str]) -> str:
    if text and text not in known:
        raise refuse("published.choice", name=name, asked=text[:40], known=", ".join(known))
    return text


def _number(text: str, name: str, usual: int, low: int, high: int) -> int:
    if not text:
        return usual
    value = int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else -1
    if not low <= value <= high:
        raise refuse("published.choice", name=name, asked=text[:40], known=f"{low} – {high}")
    return value


def place_in(text: str) -> tuple[float, float]:
    """A place written ``longitude,latitude``. Refused when it is none."""
    parts = text.split(",")
    try:
        lon, lat = (float(part) for part in parts)
    except ValueError:
        raise refuse("published.place") from None
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        raise refuse("published.place")
    return lon, lat


def problem(refusal: Refused) -> JsonResponse:
    """A refusal as problem+json (RFC 9457), in both languages."""
    finding = refusal.findings[0]
    status = STATUS.get(finding.code, 400)
    title = {404: "There is no such issue", 422: "Too many rows"}.get(
        status, "The question is not understood"
    )
    content = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": finding.en,
        "detail_zh": finding.zh,
    }
    told = {"ensure_ascii": False}
    media = "application/problem+json"
    return JsonResponse(content, status=status, content_type=media, json_dumps_params=told)


def data(view: View) -> View:
    """Mark a view whose readers are programs: a refusal is problem+json."""

    @wraps(view)
    def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Refused as refusal:
            return problem(refusal)

    return answered


def tag_of(publication: Publication, request: HttpRequest, *more: str) -> str:
    """Names an issue and what was asked of it, in the reader's language."""
    asked = (request.get_full_path(), get_language() or "", *more)
    parts = (str(publication.pk), publication.published_at.isoformat(), str(STARTED), *asked)
    return f'"{sha256("|".join(parts).encode()).hexdigest()[:32]}"'


def data_tag(request: HttpRequest) -> str | None:
    """The tag of a file or an answer of the API; None where it will be refused."""
    try:
        names = set(request.GET) | set(PARAMETERS)
        return tag_of(selection_of(request, names).publication, request)
    except Refused:
        return None


def checked_each_time(response: HttpResponseBase) -> HttpResponseBase:
    """Let a browser keep the answer, and ask each time whether it is still the last issue."""
    response["Cache-Control"] = "no-cache"
    return response
