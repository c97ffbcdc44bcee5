"""The map of a scheme: the customer, points by number and state, lines to be built with their lengths, streets below."""

import re
from datetime import date
from xml.etree import ElementTree

import pytest
from django.utils.translation import override

from jiedian.grid.network.services.basemap import take_map
from jiedian.ground.journal.services import SYSTEM
from jiedian.supply.bench.queries.maps import map_of, pin_map
from jiedian.supply.study.queries.studies import study_of
from jiedian.supply.study.services import locate
from tests.cast import lodge, moment
from tests.core.town import LAT, LON, STEP
from tests.supply.town import found_town

pytestmark = pytest.mark.django_db
AT = moment("2025-09-15 09:00")


def test_what_is_to_be_built_is_drawn_with_its_length_on_the_streets() -> None:
    grid = found_town(moment("2025-09-01 08:00"))
    way = {"type": "LineString", "coordinates": [[LON, LAT + STEP], [LON + 4 * STEP, LAT + STEP]]}
    row = {
        "type": "Feature",
        "geometry": way,
        "properties": {"kind": "street", "name": "柳泉路", "name_en": "Liuquan Road"},
    }
    take_map({"type": "FeatureCollection", "features": [row]}, name="town", actor=SYSTEM, at=AT)
    case = lodge("HV1", "2025-09-15 09:00")
    locate(case, {"pin": (LON + 2.2 * STEP, LAT + 1.1 * STEP), "use": "industry"}, actor=SYSTEM, at=AT)
    study = study_of(case, on=date(2025, 9, 16))
    assert study and study.options
    chosen = frozenset(leg.bus for leg in study.options[0].legs)
    with override("zh-hans"):
        text = str(map_of(study, chosen, is_zh=True))
    ElementTree.fromstring(text)  # noqa: S314 - our own drawing
    (leg,) = study.options[0].legs
    assert f'data-words="新建 {leg.length.mid_m:,.0f} 米"' in text and text.count('class="wire new"') == len(
        chosen
    )
    assert text.count('class="wire other"') == len(
        {leg.bus for o in study.options for leg in o.legs} - chosen
    )
    assert text.count('class="dot chosen"') == 1 and 'class="dot pin"' in text
    assert 'data-name="柳泉路"' in text and "style=" not in text
    numbers = [int(n) for n in re.findall(r'class="no"[^>]*>(\d+)<', text)]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    with override("en"):
        assert "Liuquan Road" in map_of(study, chosen, is_zh=False) and "to be built" in map_of(
            study, chosen, is_zh=False
        )
        assert "Liuquan Road" in pin_map(grid)
