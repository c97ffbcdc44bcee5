"""Specimens on the sheet of parts (/ui/): invented, in both languages."""

from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import QueryDict
from django.utils.translation import get_language

from jiedian.core.evidence import Grade

from .drawings import Span

WORDS: dict[str, tuple[str, str]] = {
    "title": ("每一页都由这些部件搭成", "Every page is built of these parts"),
    "eyebrow": ("部件 · 深浅两色随系统", "Parts · light or dark as the system is"),
    "lead": ("一句话说清谁在等、等到哪天。", "One sentence: who waits, and until when."),
    "expedite": ("催办", "Expedite"),
    "ask": ("转问", "Ask a colleague"),
    "draft": ("存草稿", "Keep a draft"),
    "void": ("作废", "Void it"),
    "send": ("送会签", "Send for countersigning"),
    "saved": ("11:42 已自动保存", "Saved at 11:42"),
    "over": ("已超，仍在办", "Late and open"),
    "soon": ("五日内将超", "Due within five days"),
    "waits": ("等客户", "Waits for the customer"),
    "longest": ("最久 21 日", "21 days at most"),
    "promise": ("10 个工作日内答复方案", "The scheme is answered within 10 working days"),
    "customer": ("鲁中精密制造", "Luzhong Precision"),
    "cares": ("最在意", "Cares most about"),
    "cares_for": ("月底前要有方案", "a scheme before the end of the month"),
    "answer": ("上次答复", "Last answer"),
    "answered": ("待确认高新二线可转供能力。", "Still to check whether Gaoxin line 2 can take the load."),
    "who": ("孙伟 · 今天 9:12", "Sun Wei · today 9:12"),
    "fold": ("前面 3 步都按时", "The first three steps were in time"),
    "fold_sub": ("受理、勘查、拟定", "intake, survey, scheme"),
    "detail": ("明细", "The details"),
    "state": ("状态", "State"),
    "find": ("查找", "Find"),
    "every": ("全部状态", "Every state"),
    "case": ("工单", "Case"),
    "step": ("环节", "Step"),
    "size": ("容量", "Capacity"),
    "clock": ("时钟", "Clock"),
    "open": ("看", "Open"),
    "empty": ("今天没有要您会签的", "Nothing to countersign today"),
    "empty_why": ("下一件大约 11月25日 到。", "The next one is due about 25 November."),
    "refusal": ("这一页由客户经理办", "This page belongs to the account manager"),
    "refusal_why": ("您能看这件工单，不能改派。", "You may read this case, not reassign it."),
    "note": ("方案答复晚了 3 个工作日", "The scheme is 3 working days late"),
    "note_why": ("运检会签等待转供方案。这是我们的责任。", "It waits for a colleague. The fault is ours."),
    "mine": ("我名下", "Mine"),
    "ours": ("本部门", "My department"),
    "question": ("您要用多少电", "how much power"),
    "kept": ("已保存", "saved"),
    "then": ("受理时", "at intake"),
    "now": ("现在", "now"),
    "days": ("%s 天", "%s days"),
    "narrowing": ("通电日期的范围逐步收窄", "The range of the day narrows"),
    "used": ("我们答复方案", "We answered the scheme"),
    "used_days": ("23 天，承诺 20 天", "23 days, 20 promised"),
}


class Form(forms.Form):
    """One field of every kind."""

    kva = forms.IntegerField(max_value=160)
    why = forms.CharField(widget=forms.Textarea, required=False, max_length=200)
    answer = forms.ChoiceField(widget=forms.RadioSelect)
    paper = forms.FileField()
    told = forms.BooleanField(required=False)


@dataclass(frozen=True)
class Row:
    """A line of the list."""

    customer: str
    step: str
    size: str
    clock: Any
    group: str


def specimens() -> dict[str, Any]:
    """Everything the sheet shows, in the reader's language."""
    is_zh = (get_language() or "zh").startswith("zh")
    words = {key: pair[0 if is_zh else 1] for key, pair in WORDS.items()}
    ticking = [("running", 5), ("running", 0), ("broken", -21), ("paused", 4), ("kept", 1)]
    return {
        "w": words,
        "rows": _rows(words, is_zh=is_zh),
        "form": _form(is_zh),
        "rule": _rule(words),
        "clocks": [clock(state, left) for state, left in ticking],
        "spans": _spans(words),
        "page": Paginator(range(60), 20).page(2),
        "person": SimpleNamespace(name_zh="孙伟", name_en="Sun Wei"),
        "states": [("todo", words["draft"]), ("running", words["send"]), ("done", words["kept"])],
        "looks": [
            ("todo", "todo"),
            ("running", "run"),
            ("done", "done"),
            ("due", "warn"),
            ("broken", "late"),
        ],
    }


def _rows(words: dict[str, str], *, is_zh: bool) -> list[Row]:
    late, waits = clock("broken", -12), clock("paused", 2)
    return [
        Row("淄川建材" if is_zh else "Zichuan Building", words["ask"], "800 kVA", late, words["over"]),
        Row("周村丝绸" if is_zh else "Zhoucun Silk", words["send"], "500 kVA", waits, words["waits"]),
    ]


def _spans(words: dict[str, str]) -> list[Span]:
    days = [(date(2026, 12, 4), date(2027, 1, 20)), (date(2026, 12, 18), date(2026, 12, 27))]
    return [
        Span(words[key], low, high, words["days"] % (high - low).days)
        for key, (low, high) in zip(("then", "now"), days, strict=True)
    ]


def clock(state: str, left_wd: int) -> Any:
    """A promise as the clocks room hands it over."""
    return SimpleNamespace(
        state=state,
        left_wd=left_wd,
        share=0.5,
        clock=SimpleNamespace(kind="STEP"),
        limit=SimpleNamespace(grade=Grade.RECALLED if left_wd == 5 else Grade.VERBATIM),
    )


def _rule(words: dict[str, str]) -> Any:
    return SimpleNamespace(
        source_id="GYGZ-2024",
        clause="第二十二条",
        grade=Grade.VERBATIM,
        effective_from=date(2024, 6, 1),
        effective_to=None,
        name=words["promise"],
    )


def _form(is_zh: bool) -> Form:
    """A form that has just been refused: it keeps what was typed."""
    form = Form(QueryDict("kva=500&why=abc&answer=no"))
    labels = {
        "kva": ("申请容量", "Capacity applied for"),
        "why": ("哪里不行、怎样就行", "What is wrong, and what would do"),
        "answer": ("会签意见", "Your answer"),
        "paper": ("盖章页", "The sealed page"),
        "told": ("已当面告知客户", "The customer was told in person"),
    }
    for name, pair in labels.items():
        form.fields[name].label = pair[0 if is_zh else 1]
    form.fields["kva"].help_text = "≤ 160 kVA"
    choice = form.fields["answer"]
    assert isinstance(choice, forms.ChoiceField)
    choice.choices = [
        ("yes", "同意" if is_zh else "I agree"),
        ("no", "不同意" if is_zh else "I do not agree"),
    ]
    return form
