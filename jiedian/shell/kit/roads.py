"""Links a reader may open: the permission stands on the view, the answer comes through the port MAY."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from ..shell import verdict_on

ABOUT = "kit_about"
"""Where a request keeps whose things its page is about."""


def is_open(context: Any, view: str, *args: Any) -> bool:
    """True if the reader may open a view, or do what it does to the thing its address begins with; asked once a request."""
    action = _action(view, *args)
    request = context.get("request")
    things: dict[str, Any] = request.__dict__.get(ABOUT, {}) if request else {}
    thing = str(args[0]) if args and str(args[0]) in things else ""
    known: dict[tuple[str, str], bool] = request.__dict__.setdefault("kit_may", {}) if request else {}
    if (action, thing) not in known:
        reader = getattr(request, "user", None) or AnonymousUser()
        known[action, thing] = verdict_on(reader, action, things.get(thing)).may
    return known[action, thing]


def page_about(request: HttpRequest, name: str, owned: Any) -> None:
    """Make every link and button of a page that begins with a thing's name ask whether the reader may do that to it.

    ``owned`` says whose the thing is, as the permissions ask for it.
    """
    request.__dict__.setdefault(ABOUT, {})[name] = owned


def address(view: str, args: tuple[Any, ...], query: str = "") -> str:
    """The address of a view, or of a path that is one already (``/…``, ``?…``, ``#…``)."""
    url = view if view[:1] in "/?#" else reverse(view, args=args)
    return f"{url.rstrip('?')}?{query}" if query else url


def has_view(view: str, *args: Any) -> bool:
    """True if a view of this name stands anywhere in the house."""
    try:
        reverse(view, args=args)
    except NoReverseMatch:
        return False
    return True


def _action(view: str, *args: Any) -> str:
    """The permission a view needs; where it asks another for each thing it does, its ``permission_of`` says which."""
    guard = _guards().get(view, "public")
    return guard if isinstance(guard, str) else str(guard(*args))


@cache
def _guards() -> dict[str, str | Callable[..., str]]:
    """Name of a view → the permission it needs, or what names it for some arguments."""
    return {
        item.name: getattr(item.callback, "permission_of", getattr(item.callback, "permission", "public"))
        for item in _views(get_resolver())
        if item.name
    }


def _views(resolver: URLResolver) -> Iterator[URLPattern]:
    for item in resolver.url_patterns:
        if isinstance(item, URLResolver):
            yield from _views(item)
        else:
            yield item
