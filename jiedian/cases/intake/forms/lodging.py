"""Forms of an application at the counter: for power, and for PV in words of its own."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from jiedian.cases.case.models.case import Case
from jiedian.core.closed import SOLAR
from jiedian.shell.kit.fields import day_input

from ..calc.application import Application, FeedInWish, points_of
from ..calc.corrections import FEED_IN
from ..rows import band_of, feed_in_bands
from . import INVERTERS, TOO_MUCH_PV, AppliedForm, PowerField, SolarForm

OF_POWER_ONLY = ("declared_class", "voltage_kv", "importance", "is_special_load", "is_residential_community")
"""Questions of an application for power that PV is not asked."""


class ApplicationForm(AppliedForm):
    """An application for power in plain questions. Points are one a line, the most important first."""

    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False)
    declared_class = forms.ChoiceField(
        label=_("用电类别"), choices=[row for row in Case.Class.choices if row[0] not in SOLAR]
    )
    customer_kind = forms.ChoiceField(
        label=_("申请人"), choices=[("person", _("个人")), ("organisation", _("单位"))]
    )
    points = forms.CharField(
        label=_("您最在意什么（每行一条，最要紧的写在前面）"),
        widget=forms.Textarea,
        required=False,
        max_length=900,
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        self.doubt(values)
        return values

    def application(self, *, channel: str, language: str) -> Application:
        """Application as it was filled in, for the cases room."""
        values: dict[str, Any] = dict(self.cleaned_data)
        points = points_of(values.pop("points"))
        values["once"] = str(values["once"] or "")
        return Application(**values, title=values["name"], points=points, channel=channel, language=language)


class SolarApplicationForm(SolarForm, ApplicationForm):
    """An application for PV in plain questions: kW, mode and roof; class and voltage follow from the power."""

    address = forms.CharField(label=_("项目地址"), max_length=200)
    capacity_kva = PowerField(label=_("光伏装机（kW）"), max_digits=8, help_text=INVERTERS)
    needed_on = forms.DateField(label=_("希望并网日期"), widget=day_input(), required=False)
    field_order = (
        *("once", "customer_kind", "name", "identity_number", "phone", "email", "address", "area"),
        *("capacity_kva", "module_kwp", "mode", "roof", "needed_on", "points"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in OF_POWER_ONLY:
            del self.fields[name]
        for name in ("mode", "roof"):
            field: Any = self.fields[name]
            field.required, field.choices = True, [("", _("请选择")), *field.choices[1:]]

    def clean_capacity_kva(self) -> Decimal:
        """Power of the inverters; beyond what a distributed source may have it is another procedure."""
        kw: Decimal = self.cleaned_data["capacity_kva"]
        if kw > feed_in_bands()[-1].to_kw:
            raise forms.ValidationError(TOO_MUCH_PV)
        return kw

    def application(self, *, channel: str, language: str) -> Application:
        """Application for PV as it was filled in, for the cases room."""
        values: dict[str, Any] = dict(self.cleaned_data)
        points, band = points_of(values.pop("points")), band_of(values["capacity_kva"])
        wish = FeedInWish(*(values.pop(name) for name in FEED_IN))
        return Application(
            **values | {"once": str(values["once"] or "")},
            declared_class=band.customer_class,
            voltage_kv=band.voltage_kv,
            title=values["name"],
            points=points,
            channel=channel,
            language=language,
            feed_in=wish,
        )
