"""Templates point down the floors like imports: tag libraries they load, templates they include or extend, pages they link to."""

import re
from pathlib import Path

import pytest

from .test_imports import RANK, ROOT

CODE = ROOT / "jiedian"
CLIMBS: dict[str, set[str]] = {
    # the frame links to the pages of the people room and to the public home by name
    "shell": {"url account_login", "url account_logout", "url home"},
    # a thing named in a list links to the case it belongs to
    "ground.journal": {"url case"},
    "people": {"url case"},
    "process": {"url cases"},
    "grid.capacity": {"url case"},
    # one goes on from what is published, or said at the kiosk, to an application
    "grid.publication": {"url apply", "url case"},
    "voice.channels": {"url apply", "url track"},
    # a neighbour's pages stand in the same row of tabs, or a list leads on to them
    "grid.network": {
        *("url capacity", "url grid", "url grid_imports", "url grid_publications", "url grid_reservations"),
    },
    "voice.inbox": {"url batches", "url key_in", "url label", "url scans"},
    "voice.surveys": {"url gap_answers", "url gaps"},
    "cases.screen": {"url attenuation", "url desk", "url today"},
}
"""What the templates of a room still take from above, with the reason. It may only shrink: what no longer climbs leaves."""
LINKS = (
    r"{%\s*(?:url|link_to|post_to|can_open)\s+['\"](\w+)['\"]",
    r"{%\s*(?:press|tab)\s+(?:_\(\"[^\"]*\"\)|\"[^\"]*\"|\S+)\s+\"(\w+)\"",
    r"{%\s*kpi\s[^%]*\bview=\"(\w+)\"",
)
"""The tags by which a template names a page: Django's own, and the parts of the kit that ask whether one may go there."""


def room_of(path: Path) -> str:
    """The room a template, a tag library or a list of URLs stands in."""
    parts = path.relative_to(CODE).parts
    return next((".".join(parts[:n]) for n in (2, 1) if ".".join(parts[:n]) in RANK), "")


def owners() -> dict[tuple[str, str], str]:
    """What a template may speak of, and the room that owns it."""
    found = {("load", path.stem): room_of(path) for path in CODE.glob("**/templatetags/*.py")}
    for path in CODE.glob("**/templates/**/*.html"):
        found["include", str(path).split("/templates/")[1]] = room_of(path)
    for path in CODE.glob("**/urls.py"):
        for name in re.findall(r'name="(\w+)"', path.read_text("utf-8")):
            found["url", name] = room_of(path)
    return found


def spoken_of(text: str) -> set[tuple[str, str]]:
    """The tag libraries, templates and URL names that stand in a template."""
    loaded = {
        ("load", word)
        for words in re.findall(r"{%\s*load ([^%]*?)%}", text)
        for word in words.split(" from ")[-1].split()
    }
    included = {
        ("include", name) for name in re.findall(r"{%\s*(?:include|extends) ['\"]([^'\"]+)['\"]", text)
    }
    return loaded | included | {("url", name) for way in LINKS for name in re.findall(way, text)}


def climbs(text: str, room: str, owner: dict[tuple[str, str], str]) -> set[str]:
    """What a template of a room takes from a higher floor or from a neighbour on its own."""
    taken = {(kind, name, owner.get((kind, name), "")) for kind, name in spoken_of(text)}
    return {
        f"{kind} {name}"
        for kind, name, other in taken
        if other and other != room and RANK[other] >= RANK[room]
    }


def test_no_template_climbs_a_floor() -> None:
    owner = owners()
    found: dict[str, set[str]] = {}
    for path in sorted(CODE.glob("**/templates/**/*.html")):
        if words := climbs(path.read_text("utf-8"), room_of(path), owner):
            found.setdefault(room_of(path), set()).update(words)
    assert found == CLIMBS


def test_a_template_that_climbs_is_seen() -> None:
    owner = {
        ("load", "office_tags"): "doors.office",
        ("include", "shell/frame.html"): "shell",
        ("url", "today"): "doors.office",
    }
    text = '{% extends "shell/frame.html" %}{% load office_tags %}<a href="{% url "today" %}">'
    assert climbs(text, "voice.inbox", owner) == {"load office_tags", "url today"}
    assert climbs(text, "doors.office", owner) == set()


@pytest.mark.parametrize(
    "text",
    [
        "{% url 'today' %}",
        '{% link_to "today" class="btn" %}',
        '{% press _("今天") "today" kind="s" %}',
        '{% tab label "today" %}',
        '{% post_to "today" files=True %}',
        '{% can_open "today" as may %}',
        '{% kpi _("今天") n view="today" %}',
    ],
)
def test_a_link_that_climbs_is_seen_in_every_part_of_the_kit(text: str) -> None:
    assert climbs(text, "voice.inbox", {("url", "today"): "doors.office"}) == {"url today"}


def test_a_filter_has_one_meaning() -> None:
    """Two libraries with a filter of one name: the later ``load`` of a template would win silently."""
    found: dict[str, set[str]] = {}
    for path in CODE.glob("**/templatetags/*.py"):
        for name in re.findall(r"@register\.\w+[^\n]*\n(?:@[^\n]*\n)*def (\w+)", path.read_text("utf-8")):
            found.setdefault(name, set()).add(path.stem)
    assert {name for name, files in found.items() if len(files) > 1} == set()
