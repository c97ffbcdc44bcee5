"""Small forms of the case screen: one a verb."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from jiedian.cases.case.models.breaches import Breach
from jiedian.cases.case.queries.waits import fitting_reasons
from jiedian.cases.coordination.models import Errand
from jiedian.cases.coordination.queries import likely_receiver, sends_on
from jiedian.cases.intake.forms.corrections import CorrectionForm
from jiedian.cases.papers.models import Paper
from jiedian.cases.papers.queries import askable, checklist, name_of
from jiedian.clocks.queries import pause_reasons
from jiedian.core.findings import refuse
from jiedian.core.workdays import local, local_day
from jiedian.ground.rulebook.services import load
from jiedian.people.forms import PersonField
from jiedian.people.models import User
from jiedian.people.queries import ResourceRow, able_to_act, answers_for, by_name
from jiedian.process.models import Step
from jiedian.shell.kit.fields import day_input, moment_input
from jiedian.shell.templatetags.web_tags import day

from .queries.screen import Screen

CHANNELS = [("hall", _("营业厅")), ("visit", _("上门")), ("web", _("网站")), ("hotline", _("95598"))]


HOWS = [
    ("counter", _("本人到柜台")),
    ("agent", _("委托人到柜台")),
    ("telephone", _("电话告知")),
    ("letter", _("来函")),
    ("site", _("上门当面")),
]


class WhenForm(forms.Form):
    """Instant at which a step was really done, and how the customer's word came where staff enter a step of his for him."""

    occurred_at = forms.DateTimeField(
        label=_("何时办的"),
        required=False,
        widget=moment_input(),
        help_text=_("不填即为现在；先办后录的，填实际时间，两个时间都留存"),
    )
    how = forms.ChoiceField(
        label=_("客户如何办的"),
        choices=HOWS,
        help_text=_("由您代客户录入；客户也可在查询页自己办理"),
    )

    is_other_day = forms.BooleanField(required=False)

    def __init__(self, *args: Any, step: Step, at: datetime, is_customers: bool, **kwargs: Any) -> None:
        self.opened_at, self.at, self.appointed_on = step.opened_at, at, step.appointed_on
        super().__init__(*args, **kwargs)
        if not is_customers:
            del self.fields["how"]
        if self.appointed_on is None:
            del self.fields["is_other_day"]
        else:
            words = gettext("客户约的是 %(day)s；不在那天办，已与客户另约")
            self.fields["is_other_day"].label = words % {"day": day(self.appointed_on)}

    def clean_occurred_at(self) -> datetime:
        """The instant, or now. The field knows minutes, so the minute in which the step began is not before it."""
        said: datetime | None = self.cleaned_data["occurred_at"]
        if said is None:
            return self.at
        if said > self.at:
            raise forms.ValidationError(_("时间不能晚于现在"))
        if said < self.opened_at.replace(second=0, microsecond=0):
            at = local(self.opened_at).strftime("%Y-%m-%d %H:%M")
            raise forms.ValidationError(_("时间不能早于本环节开始（%(at)s）") % {"at": at})
        return max(said, self.opened_at)

    def clean(self) -> dict[str, Any]:
        """Another day than the customer chose is one that was agreed on with him."""
        given = super().clean() or {}
        done_at = given.get("occurred_at")
        if (
            self.appointed_on
            and done_at
            and local_day(done_at) != self.appointed_on
            and not given["is_other_day"]
        ):
            self.add_error("is_other_day", gettext("客户约了另一天；已与客户另约的，请勾选"))
        return given

    @property
    def entered(self) -> dict[str, str]:
        """Way the word of the customer came; nothing for a step of the company."""
        return {"how": self.cleaned_data["how"]} if "how" in self.fields else {}


class VerbForm(forms.Form):
    """A form of one verb on a case; it may need to know who is on the case, who asks, and on which day.

    Whom to ask is chosen already: whoever has the case now, else the department's specialist. Offered is who may act.
    """

    def __init__(
        self, *args: Any, screen: Screen, me: User | None = None, on: date | None = None, **kwargs: Any
    ) -> None:
        self.screen = screen
        super().__init__(*args, **kwargs)
        for name in ("receiver", "answerer"):
            field = self.fields.get(name)
            if isinstance(field, PersonField):
                mine = me.pk if me else None
                field.offer(able_to_act(without=mine))
                if on:
                    self.initial.setdefault(name, likely_receiver(screen.case, on=on, without=mine))


class ReasonForm(VerbForm):
    reason = forms.CharField(label=_("原因"), max_length=200)


class CorrectForm(CorrectionForm):
    """The correction of an application, from the screen of its case."""

    def __init__(
        self, *args: Any, screen: Screen, me: User | None = None, on: date | None = None, **kwargs: Any
    ) -> None:
        self.screen = screen
        super().__init__(*args, case=screen.case, **kwargs)


class PauseForm(VerbForm):
    reason = forms.ChoiceField(label=_("暂停原因"))
    evidence = forms.CharField(
        label=_("客户侧依据"),
        max_length=100,
        help_text=_("文件名称和编号，如“批复 3 号”，或在下面上传文件；没有依据不能暂停"),
    )
    file = forms.FileField(label=_("依据文件"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        evidence = self.fields["evidence"]
        evidence.required = not self.files.get("file")  # a file proves it as well
        evidence.widget.use_required_attribute = lambda initial: False
        is_zh = (get_language() or "zh").startswith("zh")
        rows = [pause_reasons()[code] for code in fitting_reasons(self.screen.case)]
        choices = [(row.id, row.name_zh if is_zh else row.name_en) for row in rows]
        self.fields["reason"].choices = choices  # type: ignore[attr-defined]


class EmptyForm(VerbForm):
    """A verb that needs no words."""


class ErrandForm(VerbForm):
    kind = forms.ChoiceField(label=_("种类"), choices=Errand.Kind.choices)
    receiver = PersonField(User.objects.none(), label=_("承接人"))
    text = forms.CharField(label=_("事项"), max_length=400, widget=forms.Textarea)
    due_on = forms.DateField(label=_("期限"), widget=day_input(), required=False)


class ExpediteForm(VerbForm):
    receiver = PersonField(
        User.objects.none(), label=_("催办对象"), help_text=_("已选好现在办这件事的人；可以改选")
    )
    text = forms.CharField(label=_("催办内容"), max_length=400, widget=forms.Textarea)


class SuperviseForm(ExpediteForm):
    due_on = forms.DateField(label=_("督办期限"), widget=day_input())


class QuestionForm(VerbForm):
    answerer = PersonField(User.objects.none(), label=_("答复人"))
    text = forms.CharField(label=_("问题"), max_length=400, widget=forms.Textarea)


class MessageForm(VerbForm):
    text = forms.CharField(label=_("给客户的话"), max_length=600, widget=forms.Textarea)
    is_meant = forms.BooleanField(label=_("仍要发出（将计为一次内转外转）"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not (self.is_bound and sends_on(self.data.get("text", ""))):
            del self.fields["is_meant"]

    def clean(self) -> dict[str, Any]:
        """Warn before a text goes out that sends the customer on; what was written stays."""
        values = super().clean() or {}
        is_meant = values.pop("is_meant", True)
        if not is_meant:
            self.add_error("text", refuse("message.sends_on").findings[0].words(get_language() or "zh"))
        return values


class ClearForm(VerbForm):
    breach = forms.ModelChoiceField(Breach.objects.none(), label=_("哪一条"))
    reason = forms.CharField(label=_("为何不是内转外转"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        standing = self.screen.case.breaches.filter(kind=Breach.Kind.SENT_ON, cleared_at=None)
        field = self.fields["breach"]
        field.queryset = standing  # type: ignore[attr-defined]
        field.label_from_instance = lambda breach: breach.text  # type: ignore[attr-defined]


class WaiveForm(VerbForm):
    """A paper that is still owed, and why the case goes on without it."""

    paper = forms.ModelChoiceField(label=_("资料"), queryset=Paper.objects.none())
    reason = forms.CharField(label=_("理由"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["paper"]
        field.queryset = self.screen.case.papers.exclude(state=Paper.State.HELD)
        field.label_from_instance = name_of


class PaperCodeForm(VerbForm):
    code = forms.ChoiceField(label=_("资料"))
    is_sure = forms.BooleanField(
        label=_("仍要补要，计一次二次告知"),
        required=False,
        help_text=_("受理时可知而告知书未列的资料，补要即违反一次告知；现场查明才需要的不计。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = checklist(self.screen.case)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A second notice is said before it is counted."""
        given = super().clean() or {}
        row = next((row for row in askable(self.screen.case) if row.code == given.get("code")), None)
        if row and row.is_knowable_at_acceptance and not given.get("is_sure"):
            self.add_error(
                "is_sure", gettext("此件受理时可知，补要计一次二次告知；确要补要的，请勾选后再提交")
            )
        return given


class CallForm(VerbForm):
    resource = forms.ChoiceField(label=_("资源"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_zh = (get_language() or "zh").startswith("zh")
        rows = load("people/resources.csv", ResourceRow)
        choices = [(row.id, row.name_zh if is_zh else row.name_en) for row in rows]
        self.fields["resource"].choices = choices  # type: ignore[attr-defined]


class BulkForm(forms.Form):
    """Form of a verb on many cases at once; it may need to know who acts."""

    def __init__(self, *args: Any, me: User, **kwargs: Any) -> None:
        self.me = me
        super().__init__(*args, **kwargs)


class BulkExpediteForm(BulkForm):
    text = forms.CharField(label=_("催办内容"), max_length=400, widget=forms.Textarea)


class BulkReassignForm(BulkForm):
    to = forms.ModelChoiceField(User.objects.none(), label=_("新的客户经理"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        managers = answers_for(self.me).filter(roles__contains=["account_manager"])
        self.fields["to"].queryset = by_name(managers)  # type: ignore[attr-defined]
