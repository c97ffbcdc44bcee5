"""Links a reader may open: the permission stands on the view, the answer comes through the port MAY."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from ..shell import allowed


def is_open(context: Any, view: str) -> bool:
    """Whether the reader may open a view; asked once a request and permission."""
    action = _guards().get(view, "public")
    request = context.get("request")
    known: dict[str, bool] = request.__dict__.setdefault("kit_may", {}) if request else {}
    if action not in known:
        known[action] = allowed(getattr(request, "user", None) or AnonymousUser(), action).may
    return known[action]


def address(view: str, args: tuple[Any, ...], query: str = "") -> str:
    """The address of a view, or of a path that is one already (``/…``, ``?…``, ``#…``)."""
    url = view if view[:1] in "/?#" else reverse(view, args=args)
    return f"{url}?{query}" if query else url


def has_view(view: str, *args: Any) -> bool:
    """Whether a view of this name stands anywhere in the house."""
    try:
        reverse(view, args=args)
    except NoReverseMatch:
        return False
    return True


@cache
def _guards() -> dict[str, str]:
    """Name of a view → the permission it needs."""
    return {
        item.name: getattr(item.callback, "permission", "public")
        for item in _views(get_resolver())
        if item.name
    }


def _views(resolver: URLResolver) -> Iterator[URLPattern]:
    for item in resolver.url_patterns:
        if isinstance(item, URLResolver):
            yield from _views(item)
        else:
            yield item
