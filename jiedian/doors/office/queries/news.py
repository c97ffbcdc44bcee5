"""News of one person: what was answered or refused him, given to him, or written by his customers since he last looked."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from jiedian.cases.coordination.models import Errand, Message, Question, Urging
from jiedian.people.models import User
from jiedian.process.models import Step
from jiedian.process.templatetags.process_tags import step_name
from jiedian.shell.kit.names import name_of
from jiedian.shell.models import LastLook
from jiedian.works.models import Objection

FIRST = timedelta(days=7)
"""How far back one sees who never looked."""
MOST = 50


@dataclass(frozen=True)
class News:
    """One piece of news: what happened, in which case, by whom, and its look."""

    at: datetime
    word: str
    look: str
    case_number: str
    text: str
    who: str


def last_look(user: User, *, at: datetime) -> datetime:
    """The instant up to which a person has seen his news."""
    seen = LastLook.objects.filter(user_id=user.pk).first()
    return seen.at if seen else at - FIRST


def news_of(user: User, *, since: datetime) -> list[News]:
    """Everything that came to a person since an instant, the newest first."""
    found = [*_answers(user, since), *_given(user, since), *_said(user, since)]
    return sorted(found, key=lambda news: news.at, reverse=True)[:MOST]


def _answers(user: User, since: datetime) -> list[News]:
    """Answers of others to what he asked; a no is said as a no."""
    errands = Errand.objects.filter(sender_id=user.pk, answered_at__gt=since).select_related("case")
    found = [
        News(
            row.answered_at or since,
            row.get_answer_display(),
            "late" if row.answer == Errand.Answer.REFUSED else "done",
            row.case.number,
            row.answer_text or row.text,
            name_of(row.receiver_name),
        )
        for row in errands
    ]
    for kind, rows in (
        (_("答了您的问题"), Question.objects.filter(asker_id=user.pk, answered_at__gt=since)),
        (_("答了您的催办"), Urging.objects.filter(sender_id=user.pk, answered_at__gt=since)),
    ):
        for row in rows.select_related("case"):
            who = row.answerer_name if isinstance(row, Question) else row.receiver_name
            found.append(
                News(row.answered_at or since, kind, "done", row.case.number, row.answer_text, name_of(who))
            )
    return found


def _given(user: User, since: datetime) -> list[News]:
    """Things given to him: steps, errands, questions, urgings."""
    steps = Step.objects.filter(owner_id=user.pk, state=Step.State.OPEN, opened_at__gt=since)
    found = [
        News(
            row.opened_at,
            _("轮到您办"),
            "run",
            row.run.subject,
            step_name(row.code, row.run.definition.key),
            "",
        )
        for row in steps.select_related("run__definition").defer(
            "run__tokens", "run__definition__xml", "run__definition__spec"
        )
    ]
    errands = Errand.objects.filter(receiver_id=user.pk, sent_at__gt=since).select_related("case")
    for errand in errands:
        word, who = errand.get_kind_display(), name_of(errand.sender_name)
        found.append(News(errand.sent_at, word, "run", errand.case.number, errand.text, who))
    for question in Question.objects.filter(answerer_id=user.pk, asked_at__gt=since).select_related("case"):
        who = name_of(question.asker_name)
        found.append(News(question.asked_at, _("问您"), "run", question.case.number, question.text, who))
    for urging in Urging.objects.filter(receiver_id=user.pk, sent_at__gt=since).select_related("case"):
        word, who = urging.get_kind_display(), name_of(urging.sender_name)
        found.append(News(urging.sent_at, word, "warn", urging.case.number, urging.text, who))
    return found


def _said(user: User, since: datetime) -> list[News]:
    """Messages the customers of his cases wrote, and what they objected to."""
    objections = Objection.objects.filter(case__account_manager_id=user.pk, said_at__gt=since)
    found = [
        News(row.said_at, _("客户不同意"), "late", row.case.number, row.words, row.case.title)
        for row in objections.select_related("case")
    ]
    told = Message.objects.filter(is_from_customer=True, case__account_manager_id=user.pk, sent_at__gt=since)
    return found + [
        News(row.sent_at, _("客户留言"), "wait", row.case.number, row.text, row.case.title)
        for row in told.select_related("case")
    ]
