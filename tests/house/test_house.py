"""The house rules that no tool checks: ceilings, names, words, vendor files."""

import hashlib
import json
import re
import tomllib
from pathlib import Path

import pytest

from jiedian.config.rooms import FLOORS

ROOT = Path(__file__).resolve().parents[2]
CODE = ROOT / "jiedian"
PYTHON = sorted(p for p in CODE.rglob("*.py") if "migrations" not in p.parts)
TEMPLATES = sorted(CODE.rglob("templates/**/*.html"))
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_http_clients_live_under_links_alone() -> None:
    for path in PYTHON:
        if "links" not in path.parts:
            assert "urllib.request" not in path.read_text("utf-8"), path


ASKS = re.compile(
    r"\b(?:\w*datetime\.(?:now|utcnow|today)|date\.today|timezone\.now|business_now|real_now)\("
    r"|\btime\.(?:time|time_ns|localtime|gmtime|ctime)\(|\blocal(?:time|date)\(\)|(?<![\w.])now\(\)"
)
"""Reads an instant or a day off the clock. How long something took (``perf_counter``, ``monotonic``) is no instant."""
TIMELESS = set(
    ["core", "calc", "services", "queries", "reactions", "rows", "steps", "models", "imports", "drawings"]
)


def is_timeless(path: Path) -> bool:
    """Whether a file is one in which time is an argument."""
    return bool(TIMELESS & {part.removesuffix(".py") for part in path.relative_to(CODE).parts})


def asks_the_time(text: str) -> list[str]:
    return [found[0] for found in ASKS.finditer(text)]


def test_time_is_an_argument() -> None:
    found = {path: asks_the_time(path.read_text("utf-8")) for path in PYTHON if is_timeless(path)}
    assert len(found) > 200
    assert {str(path): words for path, words in found.items() if words} == {}


@pytest.mark.parametrize(
    "text",
    [
        *("timezone.now()", "timezone.localdate()", "date.today()", "business_now()", "now()"),
        *("dt.datetime.now(UTC)", "datetime.utcnow()", "time.time_ns()", "time.localtime()"),
    ],
)
def test_a_cellar_that_asks_the_time_is_seen(text: str) -> None:
    assert is_timeless(CODE / "grid/kernel/calc/kernel.py") and asks_the_time(f"at = {text}\n")
    assert not asks_the_time("day = timezone.localdate(at)\nbegun = time.perf_counter()\nsent_at = Now()\n")


def test_no_test_asserts_the_seconds_of_a_clock_on_the_wall() -> None:
    """A busy machine is no mistake of the code: steps, queries or CPU are counted instead."""
    for path in (ROOT / "tests").rglob("test_*.py"):
        if path == Path(__file__):
            continue
        found = re.search(
            r"^\s*assert .*\b(monotonic|perf_counter|time\.time)\(", path.read_text("utf-8"), re.M
        )
        assert not found, f"{path}: {found and found[0].strip()}"


def test_every_word_on_a_page_can_be_translated() -> None:
    for path in TEMPLATES:
        if path.name in ("404.html", "500.html"):
            continue
        text = path.read_text("utf-8")
        text = re.sub(r"{%\s*blocktranslate.*?endblocktranslate\s*%}", "", text, flags=re.S)
        text = re.sub(r"{%.*?%}|{{.*?}}", "", text, flags=re.S).replace("简体中文", "")
        found = re.findall(r"[\u4e00-\u9fff]+", text)
        assert not found, f"{path}: {found}"


def messages() -> set[str]:
    """Every message a page or a form may show."""
    found: set[str] = set()
    for path in TEMPLATES:
        text = path.read_text("utf-8")
        found |= set(re.findall(r'{%\s*translate\s+"([^"]*)"', text))
        for way, body in re.findall(
            r"{%\s*blocktranslate([^%]*)%}(.*?){%\s*endblocktranslate\s*%}", text, re.S
        ):
            message = re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", re.split(r"\s*{%\s*plural\s*%}", body)[0])
            is_trimmed = "trimmed" in way.split()
            found.add(
                " ".join(line.strip() for line in message.split("\n")).strip() if is_trimmed else message
            )
        found |= set(re.findall(r'\b_\("([^"]*)"\)', text))
    for path in PYTHON:
        text = path.read_text("utf-8")
        found |= {
            json.loads(f'"{m}"')
            for m in re.findall(r'(?:\b_|gettext_lazy|gettext)\(\s*"((?:[^"\\]|\\.)*)"', text)
        }
        if path.name == "room.py":
            found |= {
                word for row in re.findall(r'\("\w+", "([^"]*)", "[\w.]+", "([^"]*)"\)', text) for word in row
            }
    return {message for message in found if CHINESE.search(message)}


def test_every_message_has_its_english() -> None:
    english: dict[str, str] = {}
    for path in ROOT.glob("locale/en/LC_MESSAGES/django.po"):
        entry = r'^msgid "(.+)"\n(?:msgid_plural ".+"\n)?msgstr(?:\[0\])? "(.*)"$'
        pairs = re.findall(entry, path.read_text("utf-8"), re.M)
        english |= {json.loads(f'"{a}"'): b for a, b in pairs}
    missing = sorted(message for message in messages() if not english.get(message))
    assert not missing, missing


def test_a_message_has_one_english() -> None:
    """Of two entries the later wins without a word, and a second msgstr replaces the first."""
    text = (ROOT / "locale/en/LC_MESSAGES/django.po").read_text("utf-8")
    said = re.findall(r'^msgid "(.+)"$', text, re.M)
    assert len(said) == len(set(said)), sorted({message for message in said if said.count(message) > 1})
    assert len(re.findall(r"^msgid ", text, re.M)) == len(re.findall(r"^msgstr(?:\[0\])? ", text, re.M))


def test_every_label_in_a_model_can_be_translated() -> None:
    for path in PYTHON:
        if path.name == "models.py" or path.parent.name == "models":
            assert not re.search(r'=\s*"[^"]*",\s*"[^"]*[\u4e00-\u9fff]', path.read_text("utf-8")), path


def test_the_map_names_every_room() -> None:
    told = (ROOT / "docs/map.md").read_text("utf-8")
    for room in (room for floor in FLOORS for room in floor):
        assert f"`{room.replace('.', '/')}`" in told, room


def test_vendor_files_are_as_published() -> None:
    folder = CODE / "shell/static/shell/vendor"
    rows = tomllib.loads((folder / "vendor.toml").read_text("utf-8"))["file"]
    assert {row["path"] for row in rows} == {
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.suffix in (".js", ".css")
    }
    for row in rows:
        assert hashlib.sha256((folder / row["path"]).read_bytes()).hexdigest() == row["sha256"], row["path"]
        assert row["licence"] and row["version"]


@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-test.txt", "requirements-demo.txt", "requirements-spark.txt"]
)
def test_requirements_are_pinned_and_name_no_host(name: str) -> None:
    for line in (ROOT / name).read_text("utf-8").split():
        assert re.fullmatch(r"[\w.-]+==[\w.]+", line), line
