"""One table of sentences: a code has one meaning, and what the code says of it the sentence can say."""

import ast
import csv
import re
import string
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.translation import ngettext, override

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "jiedian" / "rules" / "labels" / "findings.csv"
CHINESE = re.compile("[\u3400-\u9fff]")
MAKERS = {"Finding", "refuse"}
ALIKE: frozenset[frozenset[str]] = frozenset(
    {
        frozenset({"telling.channel", "hook.channel"}),
        frozenset({"urging.answered", "errand.answered"}),
    }
)
"""Codes that may say the same in different places."""


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def trees() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("jiedian", "demo", "tools"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(ROOT)), ast.parse(path.read_text("utf-8"))


def facts_of(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def passers(tree: ast.Module) -> set[str]:
    """The functions and classes of a file that take a code and hand its facts on."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.args.kwarg and node.args.kwarg.arg == "facts":
            found.add(node.name)
        if isinstance(node, ast.ClassDef) and any(
            isinstance(n, ast.FunctionDef) and n.args.kwarg and n.args.kwarg.arg == "facts" for n in node.body
        ):
            found.add(node.name)
    return found


def test_every_row_has_both_languages_and_every_code_stands_once() -> None:
    assert [code for code, times in Counter(row["code"] for row in rows()).items() if times > 1] == []
    for row in rows():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*\.[a-z_]+", row["code"]), row
        assert CHINESE.search(row["zh"]) or not CHINESE.search(row["en"]), row
        assert row["en"].strip() and not CHINESE.search(row["en"]), row
    codes = [row["code"] for row in rows()]
    assert codes == sorted(codes), "the table is sorted by code"


OPENS = re.compile("[\"'“(]?[A-Z{0-9]")
"""How an English sentence begins: a capital, a number, or a fact that stands in the place of one."""


def test_every_english_sentence_starts_with_a_capital() -> None:
    assert [(row["code"], row["en"]) for row in rows() if not OPENS.match(row["en"])] == []


def test_no_two_codes_say_the_same() -> None:
    by_words: dict[tuple[str, str], set[str]] = {}
    for row in rows():
        by_words.setdefault((row["zh"], row["en"]), set()).add(row["code"])
    assert [
        sorted(codes) for codes in by_words.values() if len(codes) > 1 and frozenset(codes) not in ALIKE
    ] == []


def test_every_code_of_the_tree_has_a_sentence_and_every_sentence_a_code() -> None:
    known = {row["code"] for row in rows()}
    unknown, said = [], set()
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                said.add(node.value)
            if isinstance(node, ast.Call) and ast.unparse(node.func) in MAKERS and node.args:
                code = node.args[0]
                if isinstance(code, ast.JoinedStr) or (
                    isinstance(code, ast.Constant) and code.value not in known
                ):
                    unknown.append(f"{path}:{node.lineno}: {ast.unparse(code)}")
    assert unknown == []
    assert sorted(known - said) == [], "nobody says these"


def test_a_call_gives_every_fact_its_sentence_speaks_of() -> None:
    wanted = {row["code"]: facts_of(row["zh"]) | facts_of(row["en"]) for row in rows()}
    shared = {name for _, tree in trees() for name in passers(tree)}
    wrong = []
    for path, tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or any(k.arg is None for k in node.keywords):
                continue
            name = ast.unparse(node.func).rsplit(".", 1)[-1]
            code = next(
                (a.value for a in node.args if isinstance(a, ast.Constant) and a.value in wanted), None
            )
            missing = wanted.get(code or "", set()) - {k.arg for k in node.keywords}
            if name in shared | MAKERS and missing and (missing != {"count", "first"} or name in MAKERS):
                wrong.append(f"{path}:{node.lineno}: {code} {sorted(missing)}")
    assert wrong == []


@pytest.mark.parametrize("room", ["cases", "voice", "grid", "supply", "works", "people", "process"])
def test_no_sentence_of_a_refusal_stands_in_the_code(room: str) -> None:
    for path, tree in trees():
        if path.startswith(f"jiedian/{room}/"):
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and ast.unparse(node.func) in MAKERS:
                    texts = [a for a in node.args[1:] if isinstance(a, ast.Constant)]
                    assert not [a for a in texts if CHINESE.search(str(a.value))], f"{path}:{node.lineno}"


NO_NOUN = {
    "acts",
    "answers;",
    "carries",
    "does",
    "falls",
    "has",
    "is",
    "less",
    "needs",
    "reaches",
    "sees",
    "this",
    "was",
}
"""Words that end like a plural and are none."""
NEVER_ONE = {
    *("%(b)s working days", "%(n)s working days", "%(one)s working days"),
    *("%(least)s answers", "%(n)s dimensions", "%(all)s dimensions", "%(whole)s limits"),
    *("%(n)s minutes", "%(high)s marks", "%(gap)s marks", "%(e)s marks"),
    *("%(n_weeks)s weeks", "%(w)s weeks", "%(n)s texts", "%(only_new)s texts", "%(corpus)s texts"),
    *("%(labels)s corrections", "%(n)s messages", "%(who)s answers"),
}
"""Limits by rule (``workdays`` says one), scales, means, corpora: no count of things that may be one. It may only shrink."""
COUNTED = re.compile(r"%\(\w+\)[sd] (?:(?:working|new|more|supply|transformer) )*([a-z]{3,}s)\b")


def plurals_of_one(po: str) -> list[str]:
    """Numbers before a plural noun in messages that have no form for one."""
    said = [entry for entry in po.split("\n\n") if "msgid_plural" not in entry]
    words = "\n".join(line for entry in said for line in entry.splitlines() if line.startswith("msgstr"))
    found = {match.group(0) for match in COUNTED.finditer(words) if match.group(1) not in NO_NOUN}
    return sorted(found - NEVER_ONE)


def test_a_number_before_a_noun_has_a_form_for_one() -> None:
    po = (Path(__file__).parents[2] / "locale/en/LC_MESSAGES/django.po").read_text("utf-8")
    assert plurals_of_one(po) == []
    assert plurals_of_one('msgid "迟 %(n)s 天"\nmsgstr "%(n)s days late"\n') == ["%(n)s days"]


def test_one_is_said_as_one() -> None:
    told = "晚 %(n)d 个工作日送电"
    with override("en"):
        one, two = (ngettext(told, told, n) % {"n": n} for n in (1, 2))
    assert one == "power comes 1 working day later" and two == "power comes 2 working days later"
