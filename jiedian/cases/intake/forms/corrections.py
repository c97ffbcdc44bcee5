"""Form of 更正申请: an application as it stands, to be put right."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jiedian.cases.case.models.case import Case, Customer
from jiedian.core.closed import SOLAR
from jiedian.core.identity import is_persons
from jiedian.shell.kit.fields import offer_current

from ..calc.corrections import CASE, CUSTOMER, FEED_IN, LOAD
from ..queries import feed_in_wish
from ..rows import band_of, feed_in_bands
from . import INVERTERS, TOO_MUCH_PV, AppliedForm, SolarForm

OF_PV = {
    "address": _("项目地址"),
    "case_class": _("客户类别"),
    "capacity_kva": _("光伏装机（kW）"),
    "needed_on": _("希望并网日期"),
}
"""Labels of the fields that PV is asked in words of its own."""


class CorrectionForm(SolarForm, AppliedForm):
    """更正申请: an application as it stands, to be put right, and why. What is sent is compared with it, never with ``initial``."""

    kind = forms.ChoiceField(label=_("申请人"), choices=Customer.Kind.choices)
    case_class = forms.ChoiceField(
        label=_("用电类别"),
        choices=Case.Class.choices,
        help_text=_("类别、电压、容量或重要性改变后，工单按新的情况重新勘查，编号、资料和时限不变"),
    )
    reason = forms.CharField(label=_("更正原因"), max_length=200)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wish = feed_in_wish(case)
        now = {name: getattr(case, name) for name in CASE} | {
            name: getattr(case.customer, name) for name in CUSTOMER
        }
        now |= {name: getattr(wish, name, None) for name in FEED_IN}
        for name in OF_PV if case.is_solar else ():
            self.fields[name].label = self.label_of(case, name)
        self.fields["capacity_kva"].help_text = INVERTERS if case.is_solar else ""
        now["voltage_kv"] = kv = f"{case.voltage_kv.normalize():f}"
        self.initial = now | ({} if self.is_bound else dict(self.initial))
        for name, words in (("case_class", ""), ("voltage_kv", f"{kv} kV"), ("area", ""), ("kind", "")):
            offer_current(self, name, now[name], words)
        if case.energised_at:
            for name in LOAD:
                del self.fields[name]

    @classmethod
    def label_of(cls, case: Case, field: str) -> Any:
        """Label of a field, as this case is asked for it: of PV its kW and the day it is connected."""
        return (OF_PV.get(field) if case.is_solar else "") or cls.base_fields[field].label

    def clean(self) -> dict[str, Any]:
        """A capacity that stays as it was is not doubted again."""
        values = super().clean() or {}
        self._follow_power(values)
        if "identity_number" in self.changed_data and "kind" not in self.changed_data:
            is_person = is_persons(values.get("identity_number") or "")
            if is_person is not None:  # a shop may be a person's: the new number says who applies
                values["kind"] = Customer.Kind.PERSON if is_person else Customer.Kind.ORGANISATION
        if {"case_class", "capacity_kva"} & set(self.changed_data):
            self.doubt(values)
        else:
            self._ask_nothing()
        return {name: value for name, value in values.items() if name not in ("sure", "sure_of")}

    def _follow_power(self, values: dict[str, Any]) -> None:
        """PV of another power has the class and voltage of that power, unless they are corrected with it."""
        kw, changed = values.get("capacity_kva"), set(self.changed_data)
        if not kw or values.get("case_class") not in SOLAR or "capacity_kva" not in changed:
            return
        if kw > feed_in_bands()[-1].to_kw:
            self.add_error("capacity_kva", TOO_MUCH_PV)
        elif not {"case_class", "voltage_kv"} & changed:
            band = band_of(kw)
            values |= {"case_class": band.customer_class, "voltage_kv": band.voltage_kv}

    def values(self) -> dict[str, Any]:
        """Values of the application as they were typed, without the reason."""
        return {name: value for name, value in self.cleaned_data.items() if name != "reason"}
