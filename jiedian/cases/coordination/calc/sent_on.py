"""内转外不转: whether words to a customer send him on to another office. Pure text, sentence by sentence.

A wording that names a way to an office counts only when the customer is to go it: not when it is denied, when we go
it ourselves, when the office comes to him, when somebody else's words are quoted, or when it lies in the past.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

SENTENCE = re.compile(r"[^。！？!?\n.]+")
CLAUSE = re.compile(r"[^，,；;：:、]+")
QUOTED = re.compile(
    r"(说|问|提到|反映|来信|写道|所述|意见是|said|asked|wrote)[^“「\"]{0,6}[“「\"][^”」\"]*[”」\"]"
)
DENIED = re.compile(
    r"不用|不需要?|无需|无须|毋须|不必|不要|不会|不让|不再|不劳|不应|不得|不宜|不该|勿|没有?必要|没人|没有人|从不|绝不|"
    r"别(?!的|处|人)|免得|省得|省去|免去|避免|而不是|过去(?=客户|要)|现在改成|并非|禁止|杜绝|"
    r"no longer|no need|not need|n[o']t have to|needn't|need not|do not|don't|never|without having|instead of|rather than",
    re.IGNORECASE,
)
DONE = re.compile(
    r"经$|上次|之前|昨天|前天|上周|当时|曾|刚才|已经?|earlier|yesterday|last (week|time)|already",
    re.IGNORECASE,
)
SUPPOSED = re.compile(r"有人|任何人|谁|万一|anyone|anybody|somebody|someone", re.IGNORECASE)
SERVED = re.compile(r"(替|帮|为|给|代|跟|向|对|陪|带|协助|通知|告诉|for|with|to) ?(您|你|you)", re.IGNORECASE)
OURS = re.compile(
    r"我(?!们的职责)|咱|同事|本人|内部|公司(会|将|负责|统一)|客户经理|师傅|(?<!派)(?<!安排)专人|由(?!您|你)|\bwe\b|we'll|\bi\b|i'll|\bi've|our ",
    re.IGNORECASE,
)
YOURS = re.compile(
    r"[您你](?!们?的|家|方|单位|公司)|(?<![申邀])请(?!示|教)|麻烦|烦请|劳驾|辛苦|建议|自行|自己|自个|\byou\b|please|kindly",
    re.IGNORECASE,
)
HELPLESS = re.compile(
    r"不清楚|不知道|不归|不管|管不|不负责|做不|没办法|没法|无法|不了解|不是(我|本)|不属于|定不|说了不算|don't know|not (our|my)|can't|cannot",
    re.IGNORECASE,
)
MUST = re.compile(r"不(行|成|能|给)|办不|没法|无法")


DOOR = "○"
"""Stands in a text for every door the customer may use: the business hall, the app, the writer, his own side, an authority."""
OFFICE = "{office}"
"""Stands in a wording for every name of an office."""
THEY = re.compile(
    r"他们|她们|对方|其(?=报|提交|申请|咨询|联系|索|询|了解)|(?<=[跟与和向找问给催约])(他|她)(?!们|人)|(?<![您你我咱])那[里儿边]|\b(them|him|her)\b|\bthere(?! (is|are))",
    re.IGNORECASE,
)
"""Words that mean whoever was named last."""
THEM = "□"
"""Stands in a text for a pronoun that means an office."""
TITLE = re.compile(r"\b(mrs?|ms|dr|dept|tel|no|ext)\.", re.IGNORECASE)


def sent_on(text: str, ways: Mapping[str, str], offices: str, doors: str) -> list[str]:
    """The ids of the ways by which a text sends its reader on, in the order of the table.

    ``ways`` are patterns with ``{office}`` in them, ``offices`` and ``doors`` one pattern each of whom he may not and may be sent
    to. An office is still meant where the text goes on with "them", and in the sentence after the one that names it.
    """
    plain = re.sub(doors, DOOR, TITLE.sub(r"\1", QUOTED.sub(r"\1", text)), flags=re.IGNORECASE)
    plain = _named(plain, re.compile(offices, re.IGNORECASE))
    compiled = {
        key: re.compile(way.replace(OFFICE, f"(?:{offices}|{THEM})"), re.IGNORECASE)
        for key, way in ways.items()
    }
    sentences = SENTENCE.findall(plain)
    read = sentences + ["，".join(pair) for pair in pairwise(sentences)]
    found = {key for sentence in read for key in _of_sentence(sentence, compiled)}
    return [key for key in ways if key in found]


def _named(text: str, office: re.Pattern[str]) -> str:
    """A text in which "them" is an office wherever an office, not a door, was named last before it."""
    ends = [match.end() for match in office.finditer(text)]

    def meant(they: re.Match[str]) -> str:
        before = bisect_right(ends, they.start())
        named = ends[before - 1] if before else -1
        return THEM if named > text.rfind(DOOR, 0, they.start()) else they.group()

    return THEY.sub(meant, text)


def _of_sentence(sentence: str, ways: Mapping[str, re.Pattern[str]]) -> Iterator[str]:
    clauses = [(match.start(), match.group()) for match in CLAUSE.finditer(sentence)]
    for key, pattern in ways.items():
        for match in pattern.finditer(sentence):
            begun = max(start for start, _clause in clauses if start <= match.start()) if clauses else 0
            before = [clause for start, clause in clauses if start < begun]
            if _is_the_customers(
                sentence[begun : match.start()], match.group(), sentence[match.end() :], before
            ):
                yield key
                break


def _is_the_customers(lead: str, way: str, rest: str, before: Iterable[str]) -> bool:
    """Whether the customer is the one who is to go the way: what stands before it in its clause says who goes."""
    said = SERVED.sub("", lead)
    if SUPPOSED.search(lead) or DENIED.search(lead) or DENIED.search(way) or _is_done(lead, way, rest):
        return False
    if lead.rstrip().endswith(("不", "没", "没有")) and not MUST.search(rest[:14]):
        return False
    who = "yours" if YOURS.search(SERVED.sub("", way)) else _who(said) or _carried(before)
    return who != "ours"


def _is_done(lead: str, way: str, rest: str) -> bool:
    after = re.match(r"\s*(过|了解过|时(?!间)|的时候|的(材料|资料|单子|申请|事))", rest)
    return bool(DONE.search(lead) or after or re.search(r"(去|到|找|问|联系|打|咨询)(过|了)", way))


def _who(lead: str) -> str | None:
    """Who acts by the words before a verb: the one named last."""
    last_ours = max((match.end() for match in OURS.finditer(lead)), default=-1)
    last_yours = max((match.end() for match in YOURS.finditer(lead)), default=-1)
    if last_ours == last_yours == -1:
        return None
    return "ours" if last_ours > last_yours else "yours"


def _carried(before: Iterable[str]) -> str | None:
    """Who acts where a clause does not say: whoever the clauses before it spoke of, unless they say that we cannot."""
    who = None
    for clause in before:
        if HELPLESS.search(clause):
            who = "yours"
        elif (named := _who(SERVED.sub("", clause))) is not None:
            who = named
    return who
