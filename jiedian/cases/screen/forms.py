"""Small forms of the case screen: one a verb."""

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from jiedian.cases.case.models.breaches import Breach
from jiedian.cases.case.queries.waits import fitting_reasons
from jiedian.cases.coordination.models import Errand
from jiedian.cases.coordination.queries import sends_on
from jiedian.cases.intake.forms import DAY, CorrectionForm
from jiedian.cases.papers.queries import checklist
from jiedian.clocks.queries import pause_reasons
from jiedian.core.findings import refuse
from jiedian.ground.rulebook.services import load
from jiedian.people.models import User
from jiedian.people.queries import ResourceRow, answers_for, by_name

from .queries.screen import Screen

CHANNELS = [("hall", _("营业厅")), ("visit", _("上门")), ("web", _("网站")), ("hotline", _("95598"))]


class VerbForm(forms.Form):
    """A form of one verb on a case; it may need to know who is on the case."""

    def __init__(self, *args: Any, screen: Screen, **kwargs: Any) -> None:
        self.screen = screen
        super().__init__(*args, **kwargs)
        for name in ("receiver", "answerer"):
            if name in self.fields:
                self.fields[name].queryset = by_name(  # type: ignore[attr-defined]
                    User.objects.filter(is_active=True, department__isnull=False)
                )


class ReasonForm(VerbForm):
    reason = forms.CharField(label=_("原因"), max_length=200)


class CorrectForm(CorrectionForm):
    """The correction of an application, from the screen of its case."""

    def __init__(self, *args: Any, screen: Screen, **kwargs: Any) -> None:
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
    receiver = forms.ModelChoiceField(User.objects.none(), label=_("承接人"))
    text = forms.CharField(label=_("事项"), max_length=400, widget=forms.Textarea)
    due_on = forms.DateField(label=_("期限"), widget=DAY, required=False)


class ExpediteForm(VerbForm):
    receiver = forms.ModelChoiceField(User.objects.none(), label=_("催办对象"))
    text = forms.CharField(label=_("催办内容"), max_length=400, widget=forms.Textarea)


class SuperviseForm(ExpediteForm):
    due_on = forms.DateField(label=_("督办期限"), widget=DAY)


class QuestionForm(VerbForm):
    answerer = forms.ModelChoiceField(User.objects.none(), label=_("答复人"))
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


class PaperCodeForm(VerbForm):
    code = forms.ChoiceField(label=_("资料"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = checklist(self.screen.case)  # type: ignore[attr-defined]


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
