"""Small forms of the case screen: one a verb."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from jiedian.cases.models import Case, Errand
from jiedian.cases.queries.screen import Screen
from jiedian.cases.services.papers import checklist
from jiedian.clocks.queries import pause_reasons
from jiedian.core.application import Application
from jiedian.people.models import User
from jiedian.people.queries import ResourceRow, answers_for, areas, by_name
from jiedian.rulebook.services import load

VOLTAGES = [("0.22", "220 V"), ("0.38", "380 V"), ("10", "10 kV"), ("35", "35 kV"), ("110", "110 kV")]
CHANNELS = [("hall", _("营业厅")), ("visit", _("上门")), ("web", _("网站")), ("hotline", _("95598"))]
DAY = forms.DateInput(attrs={"type": "date"})


class ApplicationForm(forms.Form):
    """An application in plain questions. Points are one a line, the most important first."""

    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False)
    declared_class = forms.ChoiceField(label=_("用电类别"), choices=Case.Class.choices)
    customer_kind = forms.ChoiceField(
        label=_("申请人"), choices=[("person", _("个人")), ("organisation", _("单位"))]
    )
    name = forms.CharField(label=_("户名"), max_length=80)
    identity_number = forms.CharField(label=_("身份证号或统一社会信用代码"), max_length=18, required=False)
    phone = forms.CharField(label=_("联系电话"), max_length=20)
    email = forms.EmailField(label=_("电子邮箱"), required=False)
    address = forms.CharField(label=_("用电地址"), max_length=200)
    area = forms.ChoiceField(label=_("所在区域"), choices=areas)
    voltage_kv = forms.ChoiceField(label=_("电压等级"), choices=VOLTAGES)
    capacity_kva = forms.DecimalField(label=_("申请容量（kVA）"), min_value=Decimal("0.1"), decimal_places=1)
    importance = forms.ChoiceField(label=_("重要性等级"), choices=Case.Importance.choices)
    is_special_load = forms.BooleanField(label=_("含特殊负荷（谐波、冲击、不对称）"), required=False)
    is_residential_community = forms.BooleanField(label=_("居民住宅小区"), required=False)
    needed_on = forms.DateField(label=_("希望通电日期"), widget=DAY, required=False)
    points = forms.CharField(
        label=_("您最在意什么（每行一条，最要紧的写在前面）"),
        widget=forms.Textarea,
        required=False,
        max_length=900,
    )

    def application(self, *, channel: str, language: str) -> Application:
        """What was filled in, as the cases room takes it."""
        values: dict[str, Any] = dict(self.cleaned_data)
        lines = [line.strip()[:200] for line in values.pop("points").splitlines() if line.strip()]
        points = tuple((line, max(5 - index, 1)) for index, line in enumerate(lines))
        values["voltage_kv"] = Decimal(values["voltage_kv"])
        values["once"] = str(values["once"] or "")
        return Application(**values, title=values["name"], points=points, channel=channel, language=language)


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


class PauseForm(VerbForm):
    reason = forms.ChoiceField(label=_("暂停原因"))
    evidence = forms.CharField(
        label=_("客户侧依据"),
        max_length=200,
        help_text=_("短信、回执或来信编号；没有依据不能暂停"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_zh = (get_language() or "zh").startswith("zh")
        choices = [(row.id, row.name_zh if is_zh else row.name_en) for row in pause_reasons().values()]
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
    """What has to be said of many cases at once; it may need to know who says it."""

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
