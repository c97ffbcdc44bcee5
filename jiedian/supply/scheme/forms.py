"""Forms of the scheme: where the customer is, the steps, an extension, measured values."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jiedian.cases.intake.forms import StepForm, TextWhen
from jiedian.process.rows import level_of
from jiedian.shell.kit.fields import day_input
from jiedian.supply.menu.calc.supply import Choices
from jiedian.supply.menu.calc.units import plain_units
from jiedian.supply.study.models import Site
from jiedian.supply.study.queries.studies import sources_of
from jiedian.supply.study.queries.uses import is_use_known, use_of

from .models import Scheme
from .queries.begun import against, begun_with
from .queries.written import units_of

ACCEPTED, ANOTHER = ANSWERS = ("accepted", "another")
"""What the customer says to a scheme; the gateway behind it reads the same words."""
AGREED, REFUSED = OPINIONS = ("agreed", "refused")
"""What a countersign says of a draft; the gateway behind it sends a refused one back."""
DAY = day_input()
MOST = 1e7
"""More kW, kVA or times an hour than any customer has: beyond it a figure went into the wrong box."""


class SiteForm(forms.Form):
    """Site form: where the customer is — one of four ways, on one grid — and what the scheme must know of his load."""

    grid = forms.CharField(widget=forms.HiddenInput, max_length=60, required=False)
    account = forms.CharField(label=_("邻近用户户号"), max_length=32, required=False)
    pole = forms.CharField(label=_("杆号"), max_length=60, required=False)
    area = forms.CharField(label=_("台区"), max_length=60, required=False)
    lon = forms.FloatField(label=_("经度"), min_value=-180, max_value=180, required=False)
    lat = forms.FloatField(label=_("纬度"), min_value=-90, max_value=90, required=False)
    use = forms.ChoiceField(label=_("用电性质"), choices=[("", _("请选择")), *Site.Use.choices])
    is_within_red_line = forms.BooleanField(
        label=_("外线由供电公司投资到红线"),
        required=False,
        help_text=_("城镇规划建设用地内，依国办函〔2020〕129号；未确认时按客户承担估算"),
    )
    security_kw = forms.FloatField(label=_("保安负荷（kW）"), min_value=0, required=False)
    generator_kw = forms.FloatField(label=_("自备应急电源（kW）"), min_value=0, required=False)
    rectifier_kva = forms.FloatField(
        label=_("六脉动整流设备（kVA）"), min_value=0, required=False, help_text=_("按 1/h 估算谐波电流")
    )
    step_kva = forms.FloatField(label=_("最大冲击负荷（kVA）"), min_value=0, required=False)
    steps_per_hour = forms.FloatField(label=_("每小时冲击次数"), min_value=0, required=False)
    single_phase_kva = forms.FloatField(label=_("最大单相负荷（kVA）"), min_value=0, required=False)
    feed_in_kw = forms.FloatField(
        label=_("光伏等上网功率（kW）"),
        min_value=0,
        required=False,
        help_text=_("余电或全额上网的最大功率；按可开放上网容量和客户处电压上限校核"),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        lon, lat = values.pop("lon", None), values.pop("lat", None)
        if lon is not None and lat is not None:
            values["pin"] = (lon, lat)
        if not any(values.get(name) for name in ("account", "pole", "area", "pin")):
            raise forms.ValidationError(_("请给出户号、杆号、台区或经纬度之一"))
        return values


UNITS = re.compile(r"([1-9]\d?\*)?[1-9]\d*(\.\d+)?(\+([1-9]\d?\*)?[1-9]\d*(\.\d+)?)*")
"""Transformers as a planner writes them, made plain: ``2*630+315``."""


class UnitsField(forms.CharField):
    """变压器组合: transformers by number and size, as people type them (``2×630``, ``630+315``), kept as ``2*630``."""

    def __init__(self) -> None:
        super().__init__(
            label=_("变压器组合"), max_length=60, required=False, help_text=_("例如 2×630 或 630+315")
        )

    def clean(self, value: object) -> str:
        """The composition with ``*`` and ``+`` alone; refused with the way to write it where it is none."""
        plain = plain_units(str(super().clean(value)))
        if plain and not UNITS.fullmatch(plain):
            raise forms.ValidationError(_("请写台数和每台容量，例如 2×630 或 630+315。"))
        return plain


LINES = [("overhead", _("架空")), ("cable", _("电缆"))]
APART = [
    ("", _("未核实")),
    ("station", _("不同变电站")),
    ("section", _("不同母线段")),
    ("feeder", _("不同线路")),
]


TRANSFERS = [("manual", _("手动闭锁")), ("auto", _("备自投"))]


class ChoiceForm(forms.Form):
    """Choice from the menu; empty takes what the rules propose."""

    line = forms.ChoiceField(label=_("进线方式"), choices=LINES, required=False)
    metering = forms.ChoiceField(
        label=_("计量方式"), choices=[("", _("按规则")), *Scheme.Metering.choices], required=False
    )
    transfer = forms.ChoiceField(
        label=_("多电源切换"),
        choices=[("", _("按规则")), *TRANSFERS],
        required=False,
    )
    units = UnitsField()

    def choices(self) -> Choices:
        """The choice as the calculation takes it; what was not understood is left to the rules."""
        if not self.is_valid():
            return Choices()
        values = self.cleaned_data
        return Choices(
            line=values["line"] or "overhead",
            metering=values["metering"],
            transformers=units_of(values["units"]),
            transfer=values["transfer"],
        )


EMPTY_IS_COMPOSED = _("留空则按供电点、容量和规则拟写")


def most(name: str) -> int:
    """Letters that a version keeps of a field."""
    return int(getattr(Scheme._meta.get_field(name), "max_length", 0) or 0)


def words_field(label: Any, name: str, **kwargs: Any) -> forms.CharField:
    """Words of a planner, as many as a version keeps; what he leaves empty is composed from what he entered."""
    return forms.CharField(
        label=label, max_length=most(name), required=False, help_text=EMPTY_IS_COMPOSED, **kwargs
    )


class SchemeForm(StepForm):
    """The structured fields of a supply scheme, entered by hand. Drafted anew it begins with the points and figures of the version
    before and the words a person gave it; what was composed then is composed anew.

    ``workbench`` names the page where the same is composed from the grid and the rules: the way a planner should go.
    """

    workbench = "scheme"

    supply_point = forms.CharField(label=_("供电电源点"), max_length=120)
    standby_point = forms.CharField(label=_("备用电源点"), max_length=120, required=False)
    apart = forms.ChoiceField(label=_("两路电源分别来自"), choices=APART, required=False)
    transfer = forms.ChoiceField(
        label=_("多电源切换"), choices=[("", _("由双方商定")), *TRANSFERS], required=False
    )
    capacity_kva = forms.DecimalField(label=_("供电容量（kVA）"), min_value=1, max_digits=9, decimal_places=1)
    use = forms.ChoiceField(label=_("用电性质"), choices=[("", _("请选择")), *Site.Use.choices])
    units = UnitsField()
    line = forms.ChoiceField(label=_("进线方式"), choices=[("", _("请选择")), *LINES])
    boundary = words_field(_("产权分界点"), "boundary")
    metering = forms.ChoiceField(label=_("计量方式"), choices=Scheme.Metering.choices)
    ct_ratio = forms.RegexField(
        label=_("电流互感器变比"),
        regex=r"^\s*[1-9]\d{0,4}\s*/\s*[15]\s*$",
        max_length=24,
        required=False,
        help_text=_("例如 75/5"),
    )
    meter_class = forms.RegexField(
        label=_("电能表准确度等级"),
        regex=r"^\s*(0\.2S?|0\.5S?|1(\.0)?|2(\.0)?|[A-D])\s*$",
        max_length=12,
        required=False,
        help_text=_("例如 0.5S"),
    )
    tariff = words_field(_("电价类别"), "tariff")
    protection = words_field(_("继电保护"), "protection")
    power_quality = words_field(_("电能质量治理"), "power_quality")
    duties = words_field(_("双方责任（法定责任之外的约定）"), "duties", widget=forms.Textarea)
    exception_reason = forms.CharField(
        label=_("与规则不符时的理由"),
        max_length=most("exception_reason"),
        required=False,
        help_text=_("规则不许而仍要这样定时必填"),
    )
    industry = forms.CharField(label=_("行业分类"), max_length=60, required=False)
    contact = forms.CharField(label=_("联系人"), max_length=60, required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for field, words in against(self.case, values):
            if field in self.fields:
                self.add_error(field, str(words))
        return values

    def prepare(self) -> None:
        self.fields["standby_point"].required = sources_of(self.case) > 1
        is_high = level_of(self.case.case_class) == "HV"
        if sources_of(self.case) < 2:
            del self.fields["apart"], self.fields["transfer"]
        if not is_high:
            del self.fields["units"]
        site = Site.objects.filter(case=self.case).first() or Site(case=self.case)
        if self.case.is_solar or is_use_known(self.case, site):
            del self.fields["use"]
        if self.case.is_solar:
            self.fields["supply_point"].label = _("并网点")
            self.fields["capacity_kva"].label = _("装机容量（kW）")
        metering = Scheme.Metering.HV_HV if is_high else Scheme.Metering.LV_LV
        begun = {"capacity_kva": self.case.capacity_kva, "metering": metering, "use": use_of(self.case)}
        before = self.case.schemes.order_by("version").last()
        begun |= begun_with(before) if before else {}
        self.initial = {name: begun[name] for name in begun if name in self.fields} | dict(self.initial)


class CountersignForm(StepForm):
    """Countersign of the draft by the other departments: nothing is ticked beforehand, a no says why."""

    agreed = forms.ChoiceField(
        label=_("会签意见"),
        choices=[("yes", _("同意")), ("no", _("不同意，退回修改"))],
        widget=forms.RadioSelect,
    )
    text = TextWhen(
        label=_("说明"),
        max_length=400,
        widget=forms.Textarea,
        asked_when=_("（不同意时必填：要改什么）"),
    )

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"]).strip()
        if self.cleaned_data.get("agreed") == "no" and not text:
            raise forms.ValidationError(_("请写明要改什么，方案凭此修改"))
        return text


class ReplyForm(StepForm):
    """Answer the customer. Without a draft (low voltage: one visit) the scheme is entered here."""

    def prepare(self) -> None:
        if not self.case.schemes.filter(state=Scheme.State.DRAFT).exists():
            self.workbench = SchemeForm.workbench
            draft = SchemeForm(case=self.case)
            self.fields.update(draft.fields)
            self.initial = dict(draft.initial) | dict(self.initial)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "supply_point" in self.fields:
            for field, words in against(self.case, values):
                if field in self.fields:
                    self.add_error(field, str(words))
        return values


class SignForm(StepForm):
    """The customer accepts the scheme, or asks for another and says why."""

    answer = forms.ChoiceField(
        label=_("客户答复"),
        choices=[(ACCEPTED, _("确认方案")), (ANOTHER, _("要求另拟方案"))],
        initial=ACCEPTED,
    )
    words = TextWhen(label=_("希望怎样修改"), max_length=300, asked_when=_("（要求另拟方案时必填）"))

    def clean_words(self) -> str:
        words = str(self.cleaned_data["words"]).strip()
        if self.cleaned_data.get("answer") == ANOTHER and not words:
            raise forms.ValidationError(_("请说明希望怎样修改"))
        return words


class LetterForm(StepForm):
    """Number of the letter of access to the grid that is sent to who installs PV at 10 kV and above."""

    number = forms.CharField(label=_("意见函文号"), max_length=40)


class ExtensionForm(forms.Form):
    until_on = forms.DateField(label=_("延期至"), widget=DAY)


class MeasuredForm(forms.Form):
    """Measured values of one scheme; what was not measured stays empty."""

    measured_on = forms.DateField(label=_("测量日期"), widget=DAY)

    def __init__(self, *args: Any, items: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for item, label in items.items():
            self.fields[item] = forms.FloatField(label=label, min_value=-MOST, max_value=MOST, required=False)

    def values(self) -> dict[str, float]:
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name != "measured_on" and value is not None
        }
