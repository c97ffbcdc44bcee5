"""Keep and drop a person's own filters, and how far he has seen his news."""

from datetime import datetime

from django.http import QueryDict
from django.urls import NoReverseMatch, reverse

from jiedian.core.findings import refuse

from .models import LastLook, SavedFilter
from .tables import kept_query


def keep_filter(*, user_id: int, page: str, name: str, query: str) -> SavedFilter:
    """Keep a search of a list under a name; the same name again replaces it. Refused without a name or a list."""
    kept, title = kept_query(QueryDict(query)), name.strip()[:40]
    try:
        reverse(page)
    except NoReverseMatch:
        raise refuse("filter.page") from None
    if not title or not kept or len(kept) > 500:
        raise refuse("filter.name")
    saved, _made = SavedFilter.objects.update_or_create(
        user_id=user_id, page=page, name=title, defaults={"query": kept}
    )
    return saved


def drop_filter(*, user_id: int, filter_id: int) -> str:
    """Drop one of one's own; returns the list it stood on."""
    row = SavedFilter.objects.filter(pk=filter_id, user_id=user_id).first()
    if row is None:
        raise refuse("missing.filter")
    row.delete()
    return row.page


def look(*, user_id: int, at: datetime) -> None:
    """Keep that somebody has seen his news up to an instant; never back to an earlier one."""
    seen, is_new = LastLook.objects.get_or_create(user_id=user_id, defaults={"at": at})
    if not is_new and seen.at < at:
        LastLook.objects.filter(pk=seen.pk, at__lt=at).update(at=at)
