"""Templates point down the floors like imports: tag libraries they load, templates they include or extend, pages they link to."""

import re
from pathlib import Path

from .test_imports import RANK, ROOT

CODE = ROOT / "jiedian"
CLIMBS: dict[str, set[str]] = {
    # the frame links to the pages of the people room by name
    "shell": {"url account_login"},
}
"""What the templates of a room still take from above, with the reason. It may only shrink: what no longer climbs leaves."""


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
    included = {("include", name) for name in re.findall(r'{%\s*(?:include|extends) "([^"]+)"', text)}
    return loaded | included | {("url", name) for name in re.findall(r"{%\s*url ['\"](\w+)['\"]", text)}


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


def test_a_filter_has_one_meaning() -> None:
    """Two libraries with a filter of one name: the later ``load`` of a template would win silently."""
    found: dict[str, set[str]] = {}
    for path in CODE.glob("**/templatetags/*.py"):
        for name in re.findall(r"@register\.\w+[^\n]*\n(?:@[^\n]*\n)*def (\w+)", path.read_text("utf-8")):
            found.setdefault(name, set()).add(path.stem)
    assert {name for name, files in found.items() if len(files) > 1} == set()
