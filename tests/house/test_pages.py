"""The rules of pages: one element a line, nothing drawn beside the kit, nothing asked in a template. docs/howto/build-a-page.md"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = {
    str(path.relative_to(ROOT / "jiedian")): path
    for path in sorted((ROOT / "jiedian").rglob("*.html"))
    if "templates" in path.parts
}
LINE, PAGE, FRAGMENT = 120, 150, 60
NOT_WRITTEN = {
    "a style": r"\sstyle\s*=",
    "a table beside the kit": r"<table\b",
    "a card beside the kit": r"class=([\"']?)(?:[^\"'<>]*\s)?card(?:\1|[\s>])",
    "a question to the database": r"\.(all|filter|exists|order_by)\b",
    "a form that does not ask who may send it": r"<form\b(?=[^<]*\bmethod=[\"']?post)[^<]*\baction=",
    "an address that asks nobody": r"\b(?:formaction|hx-post|hx-put|hx-patch|hx-delete)=",
}


def faults(name: str, text: str) -> list[str]:
    """What is against the rules in a template.

    >>> faults("a/_x.html", '<p style="top:1px">')
    ['a style']
    """
    lines = text.splitlines()
    ceiling = FRAGMENT if name.rpartition("/")[2].startswith("_") else PAGE
    found = [f"{len(lines)} lines"] if len(lines) > ceiling else []
    found += [
        f"line {at} has {len(line)} columns" for at, line in enumerate(lines, start=1) if len(line) > LINE
    ]
    inside = "/".join(re.findall(r"{[{%].*?[%}]}", text))
    for fault, pattern in NOT_WRITTEN.items():
        where = inside if fault.startswith("a question") else text
        if re.search(pattern, where, re.I) and not _is_kit(name):
            found.append(fault)
    return found


def _is_kit(name: str) -> bool:
    """True for the parts of the kit itself."""
    return "/templates/kit/" in name


@pytest.mark.parametrize(
    "text",
    [
        '<form method="post" action="/x/">',
        '<form action="/x/" method="post">',
        "<form action='/x/' method='POST'>",
        '<form class="{% if a > b %}x{% endif %}" method="post"\n  action="/x/">',
        '<button formaction="/x/">',
        '<div hx-post="/x/">',
        '<p style = "top:1px">',
        '<div class="wide card">',
        "{% for paper in case.papers.all %}",
        f"<p>{'x' * 130}</p>",
    ],
)
def test_what_is_not_written_is_seen(text: str) -> None:
    assert len(faults("room/page.html", text)) == 1


@pytest.mark.parametrize(
    "text", ['<form method="post">', '<form method="get" action="/x/">', '<div class="card-s">']
)
def test_what_may_be_written_is_let_through(text: str) -> None:
    assert faults("room/page.html", text) == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_page_is_built_of_parts(name: str) -> None:
    assert not faults(name, TEMPLATES[name].read_text("utf-8")), name


@pytest.mark.parametrize(
    "path", sorted((ROOT / "jiedian").rglob("static/**/*.css")), ids=lambda path: path.name
)
def test_a_stylesheet_has_one_declaration_a_line(path: Path) -> None:
    if "vendor" in path.parts:
        return
    text = path.read_text("utf-8")
    assert "@layer" in text, f"{path.name}: rules stand in a layer"
    for at, line in enumerate(text.splitlines(), start=1):
        assert line.count(";") <= 1 or "/*" in line or line.lstrip().startswith("font:"), f"{path.name}:{at}"


def test_every_part_is_on_the_sheet_and_in_the_guide() -> None:
    tags = (ROOT / "jiedian/shell/templatetags/kit.py").read_text("utf-8")
    parts = re.findall(r"@register\.simple(?:_block)?_tag[^\n]*\ndef (\w+)", tags)
    parts += re.findall(r'register\.tag\("(\w+)"', tags)
    assert len(parts) > 25
    guide = (ROOT / "docs/howto/build-a-page.md").read_text("utf-8")
    sheet = "".join(
        path.read_text("utf-8") for path in (ROOT / "jiedian/shell/templates/shell").glob("*ui*.html")
    )
    for part in parts:
        assert f"{{% {part} " in guide or f"{{% {part} %}}" in guide, (
            f"{part}: not in docs/howto/build-a-page.md"
        )
        assert f"{{% {part}" in sheet + "{% fields {% columns {% can_open", f"{part}: not on /ui/"
