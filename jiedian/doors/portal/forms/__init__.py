"""Forms for customers, in plain questions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4, uuid5

from django import forms
from django.forms.boundfield import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jiedian.cases.case.models.feed_in import FeedIn
from jiedian.cases.intake.calc.application import Application, FeedInWish, points_of
from jiedian.cases.intake.calc.plausible import kva_of
from jiedian.cases.intake.forms import (
    MODULES,
    NO_ANSWER,
    TOO_MUCH_PV,
    VOLTAGES,
    ApplicantForm,
    DoubtingForm,
    PowerField,
)
from jiedian.cases.intake.rows import UsualRow, appliances, band_of, feed_in_bands, usual
from jiedian.core.identity import is_persons, number_in, tidy_phone
from jiedian.core.workdays import local_day
from jiedian.process.rows import classes
from jiedian.shell.kit.fields import day_input
from jiedian.shell.kit.names import name_of
from jiedian.shell.shell import business_now
from jiedian.supply.study.queries.offers import BESIDE

from ..queries import high_voltages, when_answered

KINDS = [
    ("RES", _("家里用电")),
    ("LV0", _("商铺、小企业，160 kW 及以下（三零）")),
    ("LVN", _("其他低压用电")),
    ("HV1", _("工厂、大楼等高压用电，10 kV 及以上")),
    ("HV2", _("高压用电，需要两路电源")),
    ("PV", _("家里已经有电，只装光伏")),
    ("PVO", _("单位已经有电，只装光伏")),
]
SOLAR_KINDS = [("PV", _("光伏，接低压（10 kV 以下）")), ("PVH", _("光伏，接 10 kV 及以上"))]
"""What a case of PV can be put right to: it stays PV, its meter and its clocks are of its own kind."""
PERSONS = ("RES", "PV")
"""Classes of which a person applies as a rule; where a number is given it says who applies: a shop may be a person's."""
ONLY_SOLAR = ("PV", "PVO")
"""Answers of who has power already and only installs PV."""
VOLTAGE_KV = {"RES": "0.22", "LV0": "0.38", "LVN": "0.38", "HV1": "10", "HV2": "10"}
ASKS: tuple[tuple[str, str | Promise, tuple[str, ...]], ...] = (
    ("kind", _("用电做什么"), ("declared_class",)),
    ("place", _("在哪里用电"), ("address", "area", "beside")),
    ("size", _("要多少电"), ("capacity_kva", "voltage_kv", "sure", "sure_of")),
    ("solar", _("装不装光伏"), ("pv_kw", "pv_kwp", "pv_mode", "pv_roof")),
    ("who", _("怎样找到您"), ("name", "identity_number", "phone", "email")),
    ("wish", _("什么时候要、最在意什么"), ("needed_on", "points")),
)
"""The questions of an application, their words and their fields."""
PLAINLY = {"name": _("姓名或单位名称"), "area": _("就近服务中心")}
"""Labels in a customer's words of what the company calls otherwise."""
PLACE = ("beside", "lon", "lat", "spot")
PIN = ("lon", "lat", "spot")
SOLAR_ASKED = ("pv_kw", "pv_mode", "pv_roof", "pv_kwp")


def today() -> date:
    return local_day(business_now())


@dataclass(frozen=True)
class Appliance:
    """An appliance to be counted: its field, what one of it draws, and who uses it."""

    field: BoundField
    kw: Decimal
    used_by: str


@dataclass(frozen=True)
class Ask:
    """One question of the application: its word, its fields, whether it asks for the place on the map or for appliances."""

    key: str
    word: str
    fields: list[BoundField]
    appliances: list[Appliance]


class PlaceForm(forms.Form):
    """Questions for the place: what stands beside it, or a pin on the map with the words it was found by."""

    beside = forms.CharField(
        label=_("邻居的户号、近旁的杆号或台区名"),
        max_length=60,
        required=False,
        help_text=_("知道任何一个，就能当场得到能不能接、从哪里接的答复"),
    )
    lon = forms.FloatField(label=_("经度"), min_value=-180, max_value=180, required=False)
    lat = forms.FloatField(label=_("纬度"), min_value=-90, max_value=90, required=False)
    spot = forms.CharField(
        label=_("选定的地点"), max_length=60, required=False, widget=forms.TextInput({"readonly": True})
    )

    @property
    def pin(self) -> tuple[float, float] | None:
        """Pin where the customer clicked, (longitude, latitude)."""
        lon, lat = self.cleaned_data["lon"], self.cleaned_data["lat"]
        return None if lon is None or lat is None else (lon, lat)

    @property
    def spot_words(self) -> str:
        """Words of the place that was chosen among several."""
        return str(self.cleaned_data["spot"])


class HighVoltageForm(DoubtingForm):
    """A form that doubts a capacity above 10 kV by what is usual for its voltage."""

    def usual_range(self, kind: str, values: Mapping[str, Any]) -> UsualRow | None:
        """Range that is usual for the use; above 10 kV that of the voltage."""
        row, kv = super().usual_range(kind, values), values.get("voltage_kv") or Decimal(0)
        high = next((each for each in high_voltages(today()) if each.kv == kv), None)
        if row is None or high is None:
            return row
        return replace(row, from_kva=high.from_kva, to_kva=high.to_kva, smaller="", larger="")

    def offer_voltage(self, kv: Decimal, kva: Decimal) -> None:
        """Say at the voltage which higher ones are used for a capacity that is too large for the one applied for (kV, kVA)."""
        fit = [
            row.kv
            for row in high_voltages(today())
            if row.from_kva <= kva <= row.to_kva and row.kv > kv >= 10
        ]
        if fit := [each for each in fit if each != BESIDE]:
            kvs = "、".join(f"{each.normalize():f} kV" for each in fit)
            self.add_error("voltage_kv", _("这么大的容量一般用 %(kvs)s，可在这里改选。") % {"kvs": kvs})


class ApplyForm(PlaceForm, ApplicantForm, HighVoltageForm):
    """Form of a customer's application, one question after the other. The voltage follows from the first; the survey settles it.

    Who does not know his kVA counts his appliances; for a flat even that may stay empty. ``given`` names what a link says newly,
    over what was typed before.
    """

    kinds = dict(KINDS)

    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False)
    declared_class = forms.ChoiceField(label=_("您要用电做什么"), choices=KINDS, widget=forms.RadioSelect)
    capacity_kva = PowerField(
        label=_("需要的容量"),
        max_digits=9,
        required=False,
        help_text=_("kVA。不知道就不填，在下面数一数设备；家里用电可以都不填"),
    )
    voltage_kv = forms.ChoiceField(
        label=_("想用的电压"),
        choices=[("", _("不知道，由供电公司定")), *VOLTAGES],
        required=False,
    )
    pv_kw = PowerField(
        label=_("光伏装机（逆变器）"),
        max_digits=7,
        required=False,
        help_text=_(
            "kW，各台逆变器铭牌（交流侧）之和，答复和方案都按它；不知道就填组件的。不装就不填；并网服务不收费"
        ),
    )
    pv_kwp = PowerField(label=_("光伏组件（直流侧）"), max_digits=8, required=False, help_text=MODULES)
    pv_mode = forms.ChoiceField(
        label=_("光伏怎样上网"), choices=NO_ANSWER + FeedIn.Mode.choices, required=False
    )
    pv_roof = forms.ChoiceField(
        label=_("装在谁的屋顶"), choices=NO_ANSWER + FeedIn.Roof.choices, required=False
    )
    needed_on = forms.DateField(label=_("希望哪天通电"), widget=day_input(), required=False)
    points = forms.CharField(
        label=_("您最在意什么？每行一条，最要紧的写在前面"),
        widget=forms.Textarea(attrs={"placeholder": _("例如：月底前要用上电")}),
        required=False,
        max_length=900,
    )

    def __init__(self, *args: Any, given: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, words in PLAINLY.items():
            self.fields[name].label = words
        for row in appliances().values():
            self.fields[f"n_{row.id}"] = forms.IntegerField(
                label=name_of(row), min_value=0, max_value=500, required=False
            )
        self.fields["voltage_kv"].help_text = when_answered(today())
        for name in given:
            self.fields[name].widget.attrs["data-given"] = ""

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        self._ask_of_solar(values)
        row = usual().get(values.get("declared_class", ""))
        if row and values.get("capacity_kva") is None and "capacity_kva" not in self.errors:
            counted = [(each.kw, values.get(f"n_{each.id}") or 0) for each in appliances().values()]
            found = kva_of(counted, row.coincidence)
            needed = max(found, row.start_kva) if found or row.id == "RES" else None
            values["capacity_kva"] = needed
            if needed is None:
                self.add_error("capacity_kva", _("请填需要的容量，或在下面填设备的台数。"))
        kv, kva = self._weigh_voltage(values), values.get("capacity_kva")
        self.doubt(values)
        if kva and "capacity_kva" in self.errors:
            self.offer_voltage(kv, kva)
        return values

    def _weigh_voltage(self, values: dict[str, Any]) -> Decimal:
        """The voltage (kV) that was asked for, else the usual one of the use; one that the use has not is said at the field."""
        kind, asked = values.get("declared_class", ""), values.get("voltage_kv")
        kv = values["voltage_kv"] = Decimal(asked or VOLTAGE_KV.get(kind, "0.38"))
        row = classes().get(kind)
        if asked and row and not row.from_kv <= kv < row.below_kv:
            words = _("这样用电不用这个电压：10 kV 及以上请把用途改选高压用电，低压请改选别的用途。")
            self.add_error("voltage_kv", words)
        return kv

    def _ask_of_solar(self, values: dict[str, Any]) -> None:
        """Ask what is missing of PV; who installs nothing else has its power as his capacity."""
        kw, is_only = values.get("pv_kw"), values.get("declared_class") in ONLY_SOLAR
        if is_only:
            values["capacity_kva"] = kw
            self.errors.pop("capacity_kva", None)
        if "pv_kw" in self.errors or not (kw or is_only or values.get("pv_mode") or values.get("pv_kwp")):
            return
        if not kw:
            self.add_error("pv_kw", _("请填光伏装多少 kW；不装光伏，请改选用电类别。"))
        elif kw > feed_in_bands()[-1].to_kw:
            self.add_error("pv_kw", TOO_MUCH_PV)
        for name, words in (("pv_mode", _("请选光伏怎样上网。")), ("pv_roof", _("请选装在谁的屋顶。"))):
            if not values.get(name):
                self.add_error(name, words)

    @property
    def asks(self) -> list[Ask]:
        """The questions in their order, each with its fields."""
        counted = [Appliance(self[f"n_{row.id}"], row.kw, row.used_by) for row in appliances().values()]
        return [
            Ask(
                key,
                str(word),
                [self[name] for name in names if name in self.fields],
                counted if key == "size" else [],
            )
            for key, word, names in ASKS
        ]

    def applications(self, *, language: str) -> list[Application]:
        """Applications as filled in: for power, for PV, or for both, which are two: PV goes its own way with its own clocks."""
        asked = self.application(language=language)
        kw, *wish = (self.cleaned_data[name] for name in SOLAR_ASKED)
        if not kw:
            return [asked]
        band = band_of(kw)
        solar = replace(
            asked,
            declared_class=band.customer_class,
            voltage_kv=band.voltage_kv,
            capacity_kva=kw,
            feed_in=FeedInWish(*wish),
        )
        if asked.declared_class in ONLY_SOLAR:
            return [solar]
        once = str(uuid5(UUID(asked.once), "solar")) if asked.once else ""
        return [asked, replace(solar, once=once, points=())]

    def application(self, *, language: str) -> Application:
        """Application for power as it was filled in, for the cases room."""
        values: dict[str, Any] = {
            k: v
            for k, v in self.cleaned_data.items()
            if k not in (*PLACE, *SOLAR_ASKED) and not k.startswith("n_")
        }
        points = points_of(values.pop("points"))
        values["once"] = str(values["once"] or "")
        is_person = is_persons(values["identity_number"])
        if is_person is None:
            is_person = values["declared_class"] in PERSONS
        return Application(
            **values,
            customer_kind="person" if is_person else "organisation",
            title=values["name"],
            points=points,
            channel="web",
            language=language,
        )


class NumberForm(forms.Form):
    """The number of an application, as people copy it: small letters, full-width signs, white space, without its zeros."""

    number = forms.CharField(label=_("申请编号"), max_length=40, help_text=_("例如 C-2026-000123"))

    def clean_number(self) -> str:
        number = number_in(str(self.cleaned_data["number"]))
        if not number:
            raise forms.ValidationError(
                _("申请编号是 C、年份和一串数字，例如 C-2026-000123。找不到编号，可以用手机号找回。")
            )
        return number


class PhoneForm(forms.Form):
    """The phone an application was made with, as people type it."""

    phone = forms.CharField(label=_("登记的手机号"), max_length=30)

    def clean_phone(self) -> str:
        digits = tidy_phone(str(self.cleaned_data["phone"]))
        if len(digits) < 7:
            raise forms.ValidationError(_("请输入办电时登记的手机号。"))
        return digits


class CodeForm(forms.Form):
    code = forms.CharField(label=_("短信验证码"), max_length=6)


class AppointmentForm(forms.Form):
    """The half-day on which we may come."""

    day = forms.DateField()
    half = forms.CharField(max_length=10)

    @property
    def half_day(self) -> tuple[date, str]:
        """Day and half of it."""
        return self.cleaned_data["day"], self.cleaned_data["half"]
