"""Forms of the steps between the accepted scheme and the energised meter."""

from django import forms
from django.utils.translation import gettext_lazy as _

from jiedian.cases.intake.forms import StepForm, TextWhen
from jiedian.shell.kit.fields import day_input

PASS, FAIL = RESULTS = ("pass", "rectify")
"""What an inspection says; the gateways behind it read the same words."""
DAY = day_input()


class FeeForm(StepForm):
    """One charge: quantity times unit price, and the document that allows it."""

    name = forms.CharField(label=_("费用名称"), max_length=60)
    quantity = forms.DecimalField(label=_("数量/容量"), min_value=0, decimal_places=3)
    unit_price_cny = forms.DecimalField(label=_("单价（元）"), min_value=0, decimal_places=4)
    basis = forms.CharField(label=_("收费依据"), max_length=120)


class PaymentForm(StepForm):
    """The receipt of a payment."""

    receipt_number = forms.CharField(label=_("收据号"), max_length=40)


class ContractForm(StepForm):
    """The number under which the contract is drafted; left empty it follows from the case."""

    number = forms.CharField(label=_("合同编号"), max_length=40, required=False)


class SignatureForm(StepForm):
    """Form of a signature: who signed; a residential contract is drafted and signed in one go."""

    number = forms.CharField(label=_("合同编号"), max_length=40, required=False)
    signatory = forms.CharField(label=_("签约人"), max_length=80)

    def prepare(self) -> None:
        if hasattr(self.case, "contract"):
            del self.fields["number"]
        self.initial.setdefault("signatory", self.case.customer.name)


class SignForm(StepForm):
    """The customer signs from afar: his name, and the code that was sent to the phone on record."""

    signatory = forms.CharField(label=_("签约人"), max_length=80)
    code = forms.CharField(label=_("短信验证码"), max_length=6)

    def prepare(self) -> None:
        self.initial.setdefault("signatory", self.case.customer.name)


class GridWorksForm(StepForm):
    """The finished grid supporting works."""

    project_number = forms.CharField(label=_("项目编号"), max_length=40)
    scope = forms.CharField(label=_("工程内容"), max_length=300)
    completed_on = forms.DateField(label=_("完工日期"), widget=DAY)


class DesignForm(StepForm):
    """The designer the customer chose, with his licence."""

    designer = forms.CharField(label=_("设计单位（客户自主选择）"), max_length=120)
    designer_licence = forms.CharField(label=_("设计资质证号"), max_length=60)


class CustomerWorksForm(StepForm):
    """The contractor the customer chose, with his licence, and the day the works were finished."""

    contractor = forms.CharField(label=_("施工单位（客户自主选择）"), max_length=120)
    contractor_licence = forms.CharField(label=_("承装（修、试）许可证号"), max_length=60)
    completed_on = forms.DateField(label=_("完工日期"), widget=DAY)


class CompletionForm(StepForm):
    """The customer reports completion; drawings and completion papers are handed in together, once."""

    is_complete = forms.BooleanField(label=_("设计、施工与竣工资料一次提交，申请检验"))


class InspectionForm(StepForm):
    """Pass, or what must be put right."""

    result = forms.ChoiceField(label=_("结论"), choices=[(PASS, _("合格")), (FAIL, _("需整改"))])
    defects = TextWhen(
        label=_("缺陷"), max_length=600, asked_when=_("（需整改时必填）"), widget=forms.Textarea
    )

    def clean_defects(self) -> str:
        defects = str(self.cleaned_data["defects"]).strip()
        if self.cleaned_data.get("result") == FAIL and not defects:
            raise forms.ValidationError(_("需整改时须一次写明全部缺陷"))
        return defects


class RectifyForm(StepForm):
    """Form of a rectification: what was put right."""

    note = forms.CharField(label=_("整改情况"), max_length=300, widget=forms.Textarea)
    photo = forms.FileField(label=_("整改照片或报告"), required=False)


class AllocationForm(StepForm):
    """The meter allotted."""

    meter_number = forms.CharField(label=_("电能表编号"), max_length=40)
    ct_ratio = forms.CharField(label=_("电流互感器变比"), max_length=24, required=False)


class InstallationForm(StepForm):
    """The meter installed; a residential meter is brought and installed on one visit."""

    meter_number = forms.CharField(label=_("电能表编号"), max_length=40)
    seal_number = forms.CharField(label=_("封印号"), max_length=40)
    first_reading_kwh = forms.DecimalField(label=_("起始示数（kWh）"), min_value=0, decimal_places=2)

    def prepare(self) -> None:
        if hasattr(self.case, "metering"):
            del self.fields["meter_number"]


class EnergiseForm(StepForm):
    """Power flows."""

    is_live_line = forms.BooleanField(label=_("带电接火"), required=False)
    reading_kwh = forms.DecimalField(label=_("送电时示数（kWh）"), min_value=0, decimal_places=2)
