"""Forms of the scheme steps."""

from django import forms
from django.utils.translation import gettext_lazy as _

from jiedian.cases.forms import YES_NO, StepForm

from .models import Scheme


class SchemeForm(StepForm):
    """The structured fields of a supply scheme."""

    supply_point = forms.CharField(label=_("供电电源点"), max_length=120)
    standby_point = forms.CharField(label=_("备用电源点"), max_length=120, required=False)
    capacity_kva = forms.DecimalField(label=_("供电容量（kVA）"), min_value=1, decimal_places=1)
    boundary = forms.CharField(label=_("产权分界点"), max_length=200)
    metering = forms.ChoiceField(label=_("计量方式"), choices=Scheme.Metering.choices)
    ct_ratio = forms.CharField(label=_("电流互感器变比"), max_length=24, required=False)
    meter_class = forms.CharField(label=_("电能表准确度等级"), max_length=12)
    tariff = forms.CharField(label=_("电价类别"), max_length=60)
    protection = forms.CharField(label=_("继电保护"), max_length=200, required=False)
    power_quality = forms.CharField(label=_("电能质量治理"), max_length=200, required=False)
    duties = forms.CharField(label=_("双方责任"), max_length=400, widget=forms.Textarea)

    def prepare(self) -> None:
        self.fields["standby_point"].required = self.case.case_class == "HV2"
        is_high = self.case.voltage_kv >= 10
        self.initial = {
            "capacity_kva": self.case.capacity_kva,
            "metering": Scheme.Metering.HV_HV if is_high else Scheme.Metering.LV_LV,
        } | dict(self.initial)


class CountersignForm(StepForm):
    """What the other departments say of the draft."""

    agreed = forms.ChoiceField(label=_("会签意见"), choices=YES_NO)
    text = forms.CharField(label=_("说明"), max_length=400, widget=forms.Textarea)


class ReplyForm(StepForm):
    """Answer the customer. Without a draft (low voltage: one visit) the scheme is entered here."""

    def prepare(self) -> None:
        if not self.case.schemes.exists():
            draft = SchemeForm(case=self.case)
            self.fields.update(draft.fields)
            self.initial = dict(draft.initial) | dict(self.initial)


class SignForm(StepForm):
    """The customer accepts the scheme."""

    is_accepted = forms.BooleanField(label=_("客户已确认供电方案"))
