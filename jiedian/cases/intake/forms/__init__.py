"""Forms of the steps that belong to the case itself."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.models.feed_in import FeedIn
from jiedian.cases.papers.calc.checklist import Assessment, PaperRow
from jiedian.cases.papers.models import Paper
from jiedian.cases.papers.queries import assessment, without_file
from jiedian.core.closed import SOLAR
from jiedian.core.findings import Refused
from jiedian.core.identity import tidy_number, tidy_phone, tidy_power
from jiedian.core.workdays import local_day
from jiedian.people.queries import areas
from jiedian.process.queries import only_here
from jiedian.process.rows import classes, milestone_step
from jiedian.shell.kit.fields import day_input
from jiedian.shell.kit.names import name_of
from jiedian.shell.shell import business_now

from ..calc.plausible import doubt_about
from ..queries import NO_WAY, carried_by_grid, feed_in_wish, reached, weighed
from ..rows import UsualRow, usual

NO_ANSWER = [("", _("不装光伏"))]
YES_NO = (("yes", _("是")), ("no", _("否")))
TOO_MUCH_PV = _("超过 6 MW 不按分布式办理，请带项目资料到营业厅按常规电源申请。")
VOLTAGES = [("0.22", "220 V"), ("0.38", "380 V"), ("10", "10 kV"), ("35", "35 kV"), ("110", "110 kV")]


class PhoneField(forms.CharField):
    """A telephone number, taken as people paste it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, help_text=_("手机号，或带区号的固定电话"), **kwargs)

    def to_python(self, value: Any) -> str:
        return tidy_phone(super().to_python(value) or "")


class PowerField(forms.DecimalField):
    """A power or capacity, taken as people type it: 5,5 or 5kWp; what is no number is asked for in figures."""

    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=Decimal("0.1"), decimal_places=1, **kwargs)
        self.error_messages["invalid"] = _("请用数字填，例如 5.5")

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """A telephone shows its figures."""
        return {**super().widget_attrs(widget), "inputmode": "decimal"}

    def to_python(self, value: Any) -> Any:
        return super().to_python(tidy_power(value) if isinstance(value, str) else value)


class NumberField(forms.CharField):
    """A number of an identity paper or of an organisation, taken as people type it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, help_text=_("护照、居留证件也可以；不便填就留空"), **kwargs)

    def to_python(self, value: Any) -> str:
        return tidy_number(super().to_python(value) or "")


class TextWhen(forms.CharField):
    """A text that another answer of the form makes necessary; its label says which, instead of "optional"."""

    def __init__(self, *, asked_when: str | Promise, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.asked_when = asked_when


class StepForm(forms.Form):
    """A form of one step; it knows its case.

    ``workbench`` names the page on which the step is better done.
    """

    workbench = ""

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        self.case = case
        super().__init__(*args, **kwargs)
        self.prepare()

    def prepare(self) -> None:
        """Adapt fields to the case; the plain form needs nothing."""


class AcceptForm(StepForm):
    """Form of acceptance: the papers the customer brought; one proof of identity is enough to start."""

    held = forms.MultipleChoiceField(
        label=_("已收资料"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("凭一证即可受理；其余资料写入一次告知书，到期前补齐。"),
    )

    originals_seen = forms.BooleanField(
        label=_("勾选而没有扫描件的，我已在柜台核对原件"),
        required=False,
        help_text=_("留下您的姓名和时间；客户已在网上传来的不必再核"),
    )
    by_agent = forms.BooleanField(
        label=_("由他人代办"), required=False, help_text=_("代办人另交授权委托书和本人身份证件")
    )
    needs_grid_works = forms.BooleanField(label=_("需要电网配套工程"), required=False)
    capacity_reason = TextWhen(
        label=_("可开放容量的依据"), max_length=200, asked_when=_("（电网核算供不到，又不做配套工程时必填）")
    )

    def prepare(self) -> None:
        key = self.case.process_key
        if "grid_works" not in only_here(key, milestone_step(key, "accepted")):  # else the survey says it
            del self.fields["needs_grid_works"], self.fields["capacity_reason"]
        else:
            self._tell_the_grids_answer()
        found = assessment(self.case, set(), is_by_agent=True)
        field = self.fields["held"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.required = bool(found.blocking)
        field.error_messages["required"] = _needed(found)
        groups = {row.group for row in found.blocking if row.group}
        field.choices = [(row.code, _paper(row, found, groups)) for row in found.asked if not row.comes_late]
        field.initial = list(self.case.papers.filter(state=Paper.State.HELD).values_list("code", flat=True))

    def _tell_the_grids_answer(self) -> None:
        carried = carried_by_grid(self.case, {}, on=local_day(business_now()))
        self.initial.setdefault("needs_grid_works", carried.value == "no")
        told = {"words": carried.words.in_language(get_language() or "zh")}
        self.fields["needs_grid_works"].help_text = gettext("电网核算：%(words)s") % told

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "needs_grid_works" in self.fields and not self.errors:
            try:
                reached(self.case, values, on=local_day(business_now()))
            except Refused as refusal:
                self.add_error("capacity_reason", refusal.words(get_language() or "zh")[0])
        return values

    def clean_held(self) -> list[str]:
        held = list(self.cleaned_data["held"])
        found = assessment(self.case, set(held))
        if found.blocking:
            raise forms.ValidationError(_needed(found))
        return held

    def clean_originals_seen(self) -> bool:
        """A tick alone proves nothing: a file is there, or somebody saw the original."""
        seen = bool(self.cleaned_data["originals_seen"])
        if not seen and without_file(self.case, self.cleaned_data.get("held", ())):
            raise forms.ValidationError(_("勾选的资料没有扫描件：请核对原件后在此注明，或不勾选"))
        return seen


def _paper(row: PaperRow, found: Assessment, groups: set[str]) -> str:
    """A paper as the form offers it: what acceptance cannot do without says so, and so does a condition."""
    if row.group in groups:
        return gettext("%(paper)s（受理必需，此类一件即可）") % {"paper": name_of(row)}
    if row in found.blocking:
        return gettext("%(paper)s（受理必需）") % {"paper": name_of(row)}
    when = row.when_zh if (get_language() or "zh").startswith("zh") else row.when_en
    return gettext("%(paper)s（%(when)s）") % {"paper": name_of(row), "when": when} if when else name_of(row)


def _needed(found: Assessment) -> str:
    names = [found.name(row).in_language(get_language() or "zh") for row in found.blocking]
    return gettext("受理至少需要：%(papers)s") % {"papers": "、".join(names)}


INVERTERS = _("kW，各台逆变器铭牌（交流侧）之和；电压等级、校核和方案都按它")
MODULES = _("kWp，各块组件之和，知道就填。可以比逆变器大：送到电网的不会超过逆变器，所以不另作限制")


class SolarForm(forms.Form):
    """The questions that only PV is asked."""

    mode = forms.ChoiceField(label=_("光伏怎样上网"), choices=NO_ANSWER + FeedIn.Mode.choices, required=False)
    roof = forms.ChoiceField(label=_("装在谁的屋顶"), choices=NO_ANSWER + FeedIn.Roof.choices, required=False)
    module_kwp = PowerField(label=_("光伏组件（直流侧）"), max_digits=8, required=False, help_text=MODULES)


class SurveyForm(SolarForm, StepForm):
    """Form of the survey: the facts seen on site."""

    case_class = forms.ChoiceField(
        label=_("核定客户类别"),
        choices=Case.Class.choices,
        help_text=_("与申请的类别不同时，工单连同编号、资料、要点和时限转入相应流程，客户不必重新申请"),
    )
    voltage_kv = forms.ChoiceField(label=_("核定电压等级"), choices=VOLTAGES)
    capacity_kva = forms.DecimalField(label=_("核定容量（kVA）"), min_value=1, max_digits=9, decimal_places=1)
    importance = forms.ChoiceField(label=_("重要性等级"), choices=Case.Importance.choices)
    is_special_load = forms.BooleanField(label=_("含特殊负荷（谐波、冲击、不对称）"), required=False)
    open_capacity = forms.ChoiceField(label=_("可开放容量充足"), choices=[("", _("请选择")), *YES_NO])
    capacity_reason = TextWhen(
        label=_("可开放容量的依据"),
        max_length=200,
        asked_when=_("（与电网核算不同，或电网没有核算时必填）"),
    )
    grid_works = forms.ChoiceField(label=_("需要电网配套工程"), choices=YES_NO, initial="no")
    customer_works = forms.ChoiceField(label=_("客户自建工程"), choices=YES_NO, initial="no")
    has_fee = forms.ChoiceField(
        label=_("有业务费用"), choices=YES_NO, help_text=_("双电源及多回路：高可靠性供电费")
    )

    def prepare(self) -> None:
        case, expected = self.case, classes()[self.case.case_class].gateway_values()
        self.initial = {
            "case_class": case.case_class,
            "voltage_kv": f"{case.voltage_kv.normalize():f}",
            "capacity_kva": case.capacity_kva,
            "importance": case.importance,
            "is_special_load": case.is_special_load,
            "customer_works": expected["customer_works"],
            "has_fee": expected["fee"],
        } | dict(self.initial)
        if wish := feed_in_wish(case):
            self.initial |= asdict(wish)
        if case.is_solar:
            self.fields["capacity_kva"].label = _("核定光伏装机（kW）")
            self.fields["capacity_kva"].help_text = INVERTERS
        carried = carried_by_grid(case, {}, on=local_day(business_now()))
        self.initial.setdefault("open_capacity", carried.value)
        told = {"words": carried.words.in_language(get_language() or "zh")}
        self.fields["open_capacity"].help_text = gettext("电网核算：%(words)s") % told

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        row = classes().get(values.get("case_class", ""))
        kv = Decimal(values.get("voltage_kv") or 0)
        if row and "voltage_kv" in values and not row.from_kv <= kv < row.below_kv:
            self.add_error("voltage_kv", _("电压等级与客户类别不符"))
        elif row and row.id in SOLAR and not (values.get("mode") and values.get("roof")):
            self.add_error("mode", _("光伏须说明怎样上网、装在谁的屋顶"))
        elif not self.errors:
            self._weigh(values)
        return values

    def _weigh(self, values: dict[str, Any]) -> None:
        """What is said of the open capacity, beside what the grid says of the values as they were just found."""
        try:
            weighed(self.case, values, on=local_day(business_now()))
        except Refused as refusal:
            field = "grid_works" if refusal.findings[0].code == NO_WAY else "capacity_reason"
            self.add_error(field, refusal.words(get_language() or "zh")[0])


class ArchiveForm(StepForm):
    """Nothing to fill in."""


class CallbackForm(StepForm):
    """Form of the call-back: how the customer found the service."""

    score = forms.TypedChoiceField(
        label=_("客户评分"), coerce=int, choices=[(n, str(n)) for n in (5, 4, 3, 2, 1)]
    )
    was_asked_twice = forms.BooleanField(label=_("曾被二次要求资料"), required=False)
    was_sent_on = forms.BooleanField(label=_("曾被要求去找其他部门"), required=False)
    text = forms.CharField(label=_("客户原话"), max_length=400, required=False, widget=forms.Textarea)


class DoubtingForm(forms.Form):
    """A form with a class and a capacity. Its last field stands there only when they do not fit together.

    The tick counts for the very capacity it was asked about: another number is asked about again.
    """

    kinds: Mapping[str, str | Promise] = dict(Case.Class.choices)
    """The classes in the words of this form."""

    sure = forms.BooleanField(label=_("确实如此"), required=False)
    sure_of = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self._ask_nothing()

    def _ask_nothing(self) -> None:
        self.fields.pop("sure", None)
        self.fields.pop("sure_of", None)

    def usual_range(self, kind: str, values: Mapping[str, Any]) -> UsualRow | None:
        """Range of capacities that is usual for what is asked."""
        return usual().get(kind)

    def doubt(self, values: dict[str, Any]) -> None:
        """Add the error that asks, unless the capacity is usual or the applicant has said that it is so."""
        kind, kva = values.get("declared_class", values.get("case_class")), values.get("capacity_kva")
        is_sure, of = values.pop("sure", False), values.pop("sure_of", "")
        row = self.usual_range(str(kind), values)
        found = doubt_about(kva, row) if row and isinstance(kva, Decimal) else None
        if found is None:
            return self._ask_nothing()
        key = f"{kind}:{kva:f}"
        asked = gettext("确实是 %(kva)s kVA") % {"kva": f"{kva:,f}"}
        self.fields["sure"].label = self["sure"].label = asked  # the one on the page may be made already
        if is_sure and of == key:
            return None
        sent: Any = self.data
        said = sent.copy()
        said["sure_of"] = key
        said.pop("sure", None)
        self.data = said
        told = {"kva": f"{kva:,f}", "low": f"{found.low:,f}", "high": f"{found.high:,f}"}
        words = (
            gettext("您填的是 %(kva)s kVA，这一类一般在 %(low)s 到 %(high)s kVA 之间。请核对数字。") % told
        )
        if found.other:
            other = self.kinds[found.other]
            words += gettext("要的也许是“%(other)s”，可改选类别。") % {"other": other}
        self.add_error("capacity_kva", words + gettext("确实如此，请在下面勾选后再交。"))
        return None


class ApplicantForm(forms.Form):
    """Applicant: who applies, how he is found, where he needs power; asked alike of everybody."""

    name = forms.CharField(label=_("户名"), max_length=80)
    identity_number = NumberField(label=_("身份证号或统一社会信用代码"), required=False)
    phone = PhoneField(label=_("联系电话"))
    email = forms.EmailField(label=_("电子邮箱"), required=False)
    address = forms.CharField(label=_("用电地址"), max_length=200)
    area = forms.ChoiceField(label=_("所在区域"), choices=areas)


class AppliedForm(ApplicantForm, DoubtingForm):
    """Application as it is asked for when it is taken in and when it is put right."""

    field_order: Sequence[str] = (
        *("once", "declared_class", "case_class", "mode", "roof", "module_kwp", "customer_kind", "kind"),
        *("name", "identity_number", "phone", "email", "address", "area"),
        *("voltage_kv", "capacity_kva", "sure", "sure_of"),
    )
    voltage_kv = forms.TypedChoiceField(label=_("电压等级"), choices=VOLTAGES, coerce=Decimal)
    capacity_kva = PowerField(label=_("申请容量（kVA）"), max_digits=9)
    importance = forms.ChoiceField(label=_("重要性等级"), choices=Case.Importance.choices)
    is_special_load = forms.BooleanField(label=_("含特殊负荷（谐波、冲击、不对称）"), required=False)
    is_residential_community = forms.BooleanField(label=_("居民住宅小区"), required=False)
    needed_on = forms.DateField(label=_("希望通电日期"), widget=day_input(), required=False)
