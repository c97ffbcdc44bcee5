"""The drawing of maps: nothing of a name gets out of its attribute, the ramp is in order, none and by hand have a shape."""

import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from jiedian.shell.atlas import STEPS, Area, Dot, Ground, Ramp, Stroke, network_svg

RING = ((118.0, 36.8), (118.01, 36.8), (118.01, 36.81), (118.0, 36.81), (118.0, 36.8))
EVIL = "<script>'\"&路"


def drawn(*areas: Area, **more: object) -> str:
    return str(network_svg([], [], label="图", areas=areas, **more))  # type: ignore[arg-type]


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40))
def test_a_ramp_ends_at_a_round_number_and_rises(values: list[float]) -> None:
    ramp = Ramp.over(values)
    steps = [ramp.step(value) for value in sorted(values)]
    assert steps == sorted(steps) and all(0 <= step <= STEPS for step in steps)
    positive = [value for value in values if value >= 1]
    if positive:
        over = sum(value > ramp.most * 1.0001 for value in positive)
        assert over <= max(1, len(positive) * 0.05) if len(positive) > 20 else over == 0
    assert ramp.ticks[0] == 0 and list(ramp.ticks) == sorted(ramp.ticks)


def test_an_area_is_coloured_by_its_kw_and_none_and_by_hand_by_a_pattern_and_a_word() -> None:
    text = drawn(
        Area((RING,), 400, "甲"),
        Area((RING,), 100, "乙"),
        Area((RING,), 0.0, "丙"),
        Area((RING,), None, "丁"),
    )
    assert 'class="area kw kw-25"' in text and 'class="area kw kw-6"' in text
    assert text.count('fill="url(#m-hatch)"') == 1 and text.count('fill="url(#m-speckle)"') == 1
    assert 'data-words="暂无"' in text and 'data-words="核定中"' in text and "style=" not in text


def test_names_are_escaped_and_the_drawing_is_well_formed() -> None:
    ground = [
        Ground("street", (RING[:3],), rank=1, name=EVIL),
        Ground("place", ((RING[0],),), name=EVIL, what="school"),
        Ground("water", (RING,), True, name=EVIL),
        Ground("district", ((RING[0],),), name=EVIL),
    ]
    dot = Dot(118.0, 36.8, "station", EVIL, "/x/?a=1&b=2", EVIL, key=EVIL, number="1")
    wire = Stroke(RING[:2], True, EVIL, "new", EVIL, EVIL)
    text = str(
        network_svg([wire], [dot], label=EVIL, areas=[Area((RING,), 5, EVIL, EVIL, "/y/")], ground=ground)
    )
    ElementTree.fromstring(text)  # noqa: S314 - our own drawing
    assert "<script" not in text and "style=" not in text


def test_a_base_map_alone_is_no_map_and_what_is_far_away_is_left_out() -> None:
    far = Ground("street", (((10.0, 50.0), (10.1, 50.0)),), name="远")
    near = Ground("street", (((118.0, 36.805), (118.01, 36.805)),), name="近")
    assert str(network_svg([], [], label="图", ground=[near])) == ""
    text = drawn(Area((RING,), 5, "甲"), ground=[far, near])
    assert "近" in text and "远" not in text


def test_the_base_map_lies_below_and_streets_above_the_areas() -> None:
    ground = [Ground("street", (RING[:2],), name="路"), Ground("block", (RING,), True)]
    order = re.findall(
        r'class="(?:ground )?(block|area|street)', drawn(Area((RING,), 5, "甲"), ground=ground)
    )
    assert order == ["block", "area", "street"]


def test_an_area_with_a_hole_is_drawn_with_it() -> None:
    hole = tuple((118.002 + x / 1000, 36.802 + y / 1000) for x, y in ((0, 0), (1, 0), (1, 1), (0, 0)))
    (way,) = re.findall(r'class="area[^>]* d="([^"]*)"', drawn(Area((RING, hole), 5, "甲")))
    assert way.count("Z") == 2
