"""A search of a list is kept under a name, by whoever made it, and dropped only by him."""

import pytest

from jiedian.core.findings import Refused
from jiedian.shell.models import SavedFilter
from jiedian.shell.services import drop_filter, keep_filter

pytestmark = pytest.mark.django_db


def code(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [finding.code for finding in refusal.value.findings]


def test_a_kept_search_forgets_the_page_and_the_same_name_replaces_it() -> None:
    first = keep_filter(user_id=7, page="cases", name=" 东城 ", query="area=east&page=3")
    assert (first.name, first.query) == ("东城", "area=east")
    again = keep_filter(user_id=7, page="cases", name="东城", query="area=west")
    other = keep_filter(user_id=8, page="cases", name="东城", query="area=east")
    assert again.pk == first.pk != other.pk
    assert dict(SavedFilter.objects.values_list("user_id", "query")) == {7: "area=west", 8: "area=east"}


@pytest.mark.parametrize(
    ("page", "name", "query", "why"),
    [
        ("no-such-list", "东城", "area=east", "filter.page"),
        ("cases", "  ", "area=east", "filter.name"),
        ("cases", "东城", "page=3", "filter.name"),
        ("cases", "东城", "q=" + "x" * 500, "filter.name"),
    ],
)
def test_without_a_list_a_name_or_a_search_nothing_is_kept(
    page: str, name: str, query: str, why: str
) -> None:
    with pytest.raises(Refused) as refusal:
        keep_filter(user_id=7, page=page, name=name, query=query)
    assert code(refusal) == [why] and not SavedFilter.objects.exists()


def test_another_s_search_is_not_there_to_drop() -> None:
    mine = keep_filter(user_id=7, page="cases", name="东城", query="area=east")
    with pytest.raises(Refused) as refusal:
        drop_filter(user_id=8, filter_id=mine.pk)
    assert code(refusal) == ["missing.filter"] and SavedFilter.objects.exists()
    assert drop_filter(user_id=7, filter_id=mine.pk) == "cases" and not SavedFilter.objects.exists()
