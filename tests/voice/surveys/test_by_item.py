"""How answers are kept: the points of a dimension, asked once, stand spread over its items."""

import pytest

from jiedian.voice.surveys.queries import by_item, items_by_dimension


def test_answers_without_points_are_kept_as_they_came() -> None:
    assert by_item("short", {"E_ac1": 7, "satisfaction": 5}) == {"E_ac1": 7, "satisfaction": 5}


def test_points_stand_evenly_over_the_items_and_a_dimension_without_any_is_worth_nothing() -> None:
    kept = by_item("short", {"E_ac1": 7, "WD_supply": 60, "WD_economy": 40})
    dimensions = items_by_dimension("short")
    assert kept["E_ac1"] == 7 and not any(name.startswith("WD_") for name in kept)
    for dimension, points in (("supply", 60), ("economy", 40), ("tangibles", 0)):
        items = dimensions[dimension]
        assert [kept[f"W_{item}"] for item in items] == [pytest.approx(points / len(items), abs=1e-4)] * len(
            items
        )
    assert sum(value for name, value in kept.items() if name.startswith("W_")) == pytest.approx(100, abs=0.01)
