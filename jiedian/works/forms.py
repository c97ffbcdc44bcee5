"""Forms of the steps between the accepted scheme and the energised meter."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jiedian.cases.intake.forms import StepForm, TextWhen
from jiedian.process.queries import asks
from jiedian.shell.kit.fields import day_input

from .models import Fee, Objection
from .queries import REFUSED, waiting_objection

SIGNED, PAID = "signed", "paid"
SIGNINGS, PAYINGS = (SIGNED, REFUSED), (PAID, REFUSED)
"""What a customer says to his contract and to his fee; the gateways behind them send a refused one back."""
PASS, FAIL = RESULTS = ("pass", "rectify")
"""What an inspection says; the gateways behind it read the same words."""
DAY = day_input()


class AnsweringForm(StepForm):
    """A form that drafts: anew after a customer said no, it also answers him."""

    kind: Objection.Kind

    reply = forms.CharField(
        label=_("答复客户的意见"),
        max_length=300,
        widget=forms.Textarea,
        help_text=_("改了什么，或为什么不能改；客户在查询页看到"),
    )

    def prepare(self) -> None:
        if waiting_objection(self.case, self.kind) is None:
            del self.fields["reply"]


LEAST_CNY, MOST_CNY = Decimal("0.01"), Decimal(10) ** 10
"""What a charge comes to at least, and less than what."""


class FeeForm(AnsweringForm):
    """One charge: quantity times unit price, and the document that allows it; drafted anew it begins with the last one."""

    kind = Objection.Kind.FEE
    field_order = ("name", "quantity", "unit_price_cny", "basis", "reply")

    name = forms.CharField(label=_("费用名称"), max_length=60)
    quantity = forms.DecimalField(label=_("数量/容量"), min_value=0, max_digits=12, decimal_places=3)
    unit_price_cny = forms.DecimalField(label=_("单价（元）"), min_value=0, max_digits=12, decimal_places=4)
    basis = forms.CharField(label=_("收费依据"), max_length=120)

    def clean(self) -> dict[str, Any]:
        """A charge that comes to nothing is none: nobody could pay it."""
        given = super().clean() or {}
        quantity, price = given.get("quantity"), given.get("unit_price_cny")
        if quantity is not None and price is not None and not LEAST_CNY <= quantity * price < MOST_CNY:
            words = _("数量乘单价得 %(cny)s 元，请核对；不收费的，请在前面的环节选“无业务费用”")
            self.add_error(
                "unit_price_cny", forms.ValidationError(words, params={"cny": f"{quantity * price:,.2f}"})
            )
        return given

    def prepare(self) -> None:
        super().prepare()
        if last := Fee.objects.filter(case=self.case).order_by("id").last():
            names = ("name", "quantity", "unit_price_cny", "basis")
            self.initial = {name: getattr(last, name) for name in names} | dict(self.initial)


class RefusableForm(StepForm):
    """A form by which a customer's word is entered, who may also say no: then only his reason is asked."""

    variable, yes = "", ("", _("同意"))
    """What the gateway behind it reads, and a yes with its words."""
    needed = ""
    """The field a yes needs."""

    words = TextWhen(
        label=_("客户的意见"),
        max_length=300,
        widget=forms.Textarea,
        asked_when=_("（不同意时必填：客户要改什么）"),
    )

    def prepare(self) -> None:
        if asks(self.case.number, self.variable, REFUSED):
            self.fields["answer"] = forms.ChoiceField(
                label=_("客户答复"),
                choices=[self.yes, (REFUSED, _("不同意，退回重拟"))],
                initial=self.yes[0],
                widget=forms.RadioSelect,
            )
        else:
            del self.fields["words"]
        self.order_fields(("answer", "number", self.needed, "words"))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        is_no = values.get("answer") == REFUSED
        field = "words" if is_no else self.needed
        if field not in self.errors and not str(values.get(field, "")).strip():
            needed = self.fields[field].error_messages["required"]
            self.add_error(field, _("请写明客户要改什么，重拟凭此修改") if is_no else needed)
        return values


class PaymentForm(RefusableForm):
    """The receipt of a payment, or what the customer has against the fee."""

    variable, yes, needed = "fee_answer", (PAID, _("已缴费")), "receipt_number"

    receipt_number = TextWhen(label=_("收据号"), max_length=40, asked_when=_("（已缴费时必填）"))


class ContractForm(AnsweringForm):
    """The number under which the contract is drafted; left empty it follows from the case."""

    kind = Objection.Kind.CONTRACT
    field_order = ("number", "reply")

    number = forms.CharField(label=_("合同编号"), max_length=40, required=False)

    def prepare(self) -> None:
        super().prepare()
        if hasattr(self.case, "contract"):
            self.initial.setdefault("number", self.case.contract.number)


class SignatureForm(RefusableForm):
    """Form of a signature: who signed, or what he has against the contract; a resident's is drafted and signed in one go."""

    variable, yes, needed = "contract_answer", (SIGNED, _("签署")), "signatory"

    number = forms.CharField(label=_("合同编号"), max_length=40, required=False)
    signatory = TextWhen(label=_("签约人"), max_length=80, asked_when=_("（签署时必填）"))

    def prepare(self) -> None:
        super().prepare()
        if hasattr(self.case, "contract"):
            del self.fields["number"]
        self.initial.setdefault("signatory", self.case.customer.name)


class ObjectionForm(forms.Form):
    """Objection of a customer to his contract or his fee, from his own page."""

    words = forms.CharField(
        label=_("您不同意什么、希望怎样改"),
        max_length=300,
        widget=forms.Textarea,
        error_messages={"required": _("请写明不同意什么，重拟凭此修改")},
    )


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
    first_reading_kwh = forms.DecimalField(
        label=_("起始示数（kWh）"), min_value=0, max_digits=12, decimal_places=2
    )

    def prepare(self) -> None:
        if hasattr(self.case, "metering"):
            del self.fields["meter_number"]


class EnergiseForm(StepForm):
    """Power flows."""

    is_live_line = forms.BooleanField(label=_("带电接火"), required=False)
    reading_kwh = forms.DecimalField(
        label=_("接通时示数（kWh）"), min_value=0, max_digits=12, decimal_places=2
    )
