"""Talk about a case: between colleagues, and with the customer."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain

from django.utils.translation import gettext as _

from jiedian.cases.case.models.breaches import Breach
from jiedian.cases.case.models.case import Case
from jiedian.cases.coordination.models import Errand, Message, Question, Urging


@dataclass(frozen=True)
class Turn:
    """One thing a colleague asked of another about a case: an errand, a question or an urging, and what came back.

    ``state`` is the room's word for its look, ``state_words`` what people read; ``to_verify`` is the urging that waits
    for the one who ordered it.
    """

    word: str
    state: str
    state_words: str
    sender_name: str
    receiver_id: int
    receiver_name: str
    text: str
    at: datetime
    due_on: date | None
    answer: str
    is_open: bool
    to_verify: int | None = None


@dataclass(frozen=True)
class Talk:
    """The talk on a case: what waits for an answer first, what was answered, and the line to the customer."""

    waiting: list[Turn]
    answered: list[Turn]
    messages: list[Message]
    breaches: list[Breach]

    @property
    def waits_for_us(self) -> bool:
        """True if the last word on the line to the customer is his."""
        return bool(self.messages) and self.messages[-1].is_from_customer


def talk_of(case: Case) -> Talk:
    """Everything said on a case, the newest turn first. Five queries."""
    turns = sorted(
        chain(
            map(_errand, Errand.objects.filter(case=case)),
            map(_question, Question.objects.filter(case=case)),
            map(_urging, Urging.objects.filter(case=case)),
        ),
        key=lambda turn: turn.at,
        reverse=True,
    )
    return Talk(
        [turn for turn in turns if turn.is_open],
        [turn for turn in turns if not turn.is_open],
        list(Message.objects.filter(case=case)),
        list(Breach.objects.filter(case=case).order_by("id")),
    )


def _errand(item: Errand) -> Turn:
    said = [item.get_answer_display(), item.answer_text] if item.answer else [item.answer_text]
    return Turn(
        word=item.get_kind_display(),
        state=item.state,
        state_words=item.get_state_display(),
        sender_name=item.sender_name,
        receiver_id=item.receiver_id,
        receiver_name=item.receiver_name,
        text=item.text,
        at=item.sent_at,
        due_on=item.due_on,
        answer=_("：").join(filter(None, map(str, said))),
        is_open=item.state != Errand.State.ANSWERED,
    )


def _question(item: Question) -> Turn:
    return Turn(
        word=_("内部提问"),
        state="answered" if item.answered_at else "asked",
        state_words=_("已答") if item.answered_at else _("待答复"),
        sender_name=item.asker_name,
        receiver_id=item.answerer_id,
        receiver_name=item.answerer_name,
        text=item.text,
        at=item.asked_at,
        due_on=None,
        answer=item.answer_text,
        is_open=item.answered_at is None,
    )


def _urging(item: Urging) -> Turn:
    to_verify = bool(item.answered_at) and item.kind == Urging.Kind.SUPERVISED and item.verified_at is None
    state, words = ("warn", _("待答复")) if item.answered_at is None else ("answered", _("已答"))
    if to_verify:
        state, words = "submitted", _("待核销")
    return Turn(
        word=item.get_kind_display(),
        state=state,
        state_words=words,
        sender_name=item.sender_name,
        receiver_id=item.receiver_id,
        receiver_name=item.receiver_name,
        text=item.text,
        at=item.sent_at,
        due_on=item.due_on,
        answer=item.answer_text,
        is_open=item.answered_at is None or to_verify,
        to_verify=item.pk if to_verify else None,
    )
