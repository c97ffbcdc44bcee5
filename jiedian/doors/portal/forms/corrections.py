"""Form of 更正申请 for customers, in plain questions."""

from collections.abc import Mapping
from typing import Any

from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from jiedian.cases.case.models.case import Case
from jiedian.cases.intake.calc.corrections import FEED_IN
from jiedian.cases.intake.forms.corrections import CorrectionForm
from jiedian.shell.kit.fields import offer_current
from jiedian.supply.study.models import Site

from ..queries import kva_told, when_answered
from . import KINDS, ONLY_SOLAR, PLACE, PLAINLY, SOLAR_KINDS, HighVoltageForm, PlaceForm, today


class PutRightForm(PlaceForm, CorrectionForm, HighVoltageForm):
    """更正申请 as the customer reads it: the questions of the application with what it says now, its place, and why."""

    kinds = dict(KINDS + SOLAR_KINDS)
    field_order = (
        *("case_class", "capacity_kva", "module_kwp", "mode", "roof", "voltage_kv", "sure", "sure_of"),
        *("kind", "name", "identity_number"),
        *("phone", "email", "address", "area", "needed_on", "reason", *PLACE),
    )
    words: Mapping[str, Any] = {
        **PLAINLY,
        "case_class": _("您要用电做什么"),
        "capacity_kva": _("需要的容量（kVA）"),
        "voltage_kv": _("想用的电压"),
        "kind": _("您是个人还是单位"),
        "needed_on": _("希望哪天通电"),
        "reason": _("为什么要改"),
    }
    solar_words = {
        "address": _("项目地址"),
        "case_class": _("光伏接到哪一级电压"),
        "capacity_kva": _("光伏装机（kW）"),
        "needed_on": _("希望哪天并网"),
    }

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        site = Site.objects.filter(case=case, how="pin").first()
        pin = {"lon": site.lon, "lat": site.lat, "spot": site.reference} if site else {}
        self.initial = {**pin, **self.initial}
        for name in ("importance", "is_special_load", "is_residential_community"):  # he was never asked
            self.fields.pop(name, None)
        is_solar = case.is_solar
        for name in () if is_solar else FEED_IN:
            self.fields.pop(name, None)
        for name, words in {**self.words, **(self.solar_words if is_solar else {})}.items():
            if name in self.fields:
                self.fields[name].label = words
        if "case_class" in self.fields:
            choice: Any = self.fields["case_class"]
            choice.choices = SOLAR_KINDS if is_solar else [row for row in KINDS if row[0] not in ONLY_SOLAR]
            choice.help_text = _("用途、电压或容量改了，会按新的重新答复；编号和已交的资料不变。")
            offer_current(self, "case_class", case.case_class, case.get_case_class_display())
            self.fields["voltage_kv"].help_text = when_answered(today())

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        kv, kva = values.get("voltage_kv"), self.data.get("capacity_kva")
        if kv and "capacity_kva" in self.errors and (told := kva_told({"capacity_kva": str(kva)})):
            self.offer_voltage(kv, told)
        return values

    @property
    def questions(self) -> list[BoundField]:
        """The questions that stand before the map."""
        return [bound for bound in self.visible_fields() if bound.name not in PLACE]

    @property
    def is_moved(self) -> bool:
        """True if he names another place than the one that is known."""
        return bool(set(self.changed_data) & set(PLACE)) and bool(self.cleaned_data["beside"] or self.pin)

    def values(self) -> dict[str, Any]:
        """Values of the application as they were typed, without the reason and the place."""
        return {name: value for name, value in super().values().items() if name not in PLACE}
