"""Forms by which something comes in: the public's, the kiosk's, the clerk's, a file of tickets, a scan."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from jiedian.core.identity import number_in
from jiedian.voice.inbox.queries.channels import channel_choices

TEXT = forms.Textarea(attrs={"rows": 5})


class CaseNumberField(forms.CharField):
    """The number of an application as people copy it, or nothing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, required=False, **kwargs)

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        if text and not (text := number_in(text)):
            raise forms.ValidationError(_("申请编号是 C、年份和一串数字，例如 C-2026-000123；不记得就留空。"))
        return text


class SayForm(forms.Form):
    """Say something, from home. The hidden token makes a second press of the button the same telling."""

    text = forms.CharField(
        label=_("您想说什么"),
        widget=forms.Textarea(attrs={"rows": 6, "placeholder": _("一件事一段话就好；几件事可以写在一起")}),
        max_length=4000,
    )
    phone = forms.CharField(label=_("联系电话"), max_length=20, required=False)
    case_number = CaseNumberField(label=_("申请编号"), help_text=_("例如 C-2026-000123"))
    place = forms.CharField(label=_("地点"), max_length=120, required=False)
    file = forms.FileField(label=_("照片或文件"), required=False)
    token = forms.CharField(widget=forms.HiddenInput, max_length=40)
    website = forms.CharField(
        required=False,
        label=_("网址（请留空，只有程序会填）"),
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["token"].initial = str(uuid4())

    def clean_website(self) -> str:
        """The field that people do not see: who filled it in is told, as a browser may have done it for him."""
        if self.cleaned_data["website"]:
            sent: Any = self.data
            emptied = sent.copy()
            emptied["website"] = ""
            self.data = emptied
            raise forms.ValidationError(_("有程序替您填了一个看不见的格子，已清空；请再按一次提交。"))
        return ""


class KioskForm(forms.Form):
    """Say something at the kiosk: short, in large letters."""

    text = forms.CharField(label=_("您想说什么"), widget=forms.Textarea(attrs={"rows": 4}), max_length=1000)
    phone = forms.CharField(
        label=_("手机号"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "type": "tel"}),
    )
    token = forms.CharField(widget=forms.HiddenInput, max_length=40)


class KeyInForm(forms.Form):
    """Form for words said in the hall, at a visit, on the way: keyed in by staff, found again by the phone."""

    channel = forms.ChoiceField(label=_("渠道"))
    phone = forms.CharField(label=_("联系电话"), max_length=20, help_text=_("按电话归到同一客户"))
    name = forms.CharField(label=_("姓名或单位名称"), max_length=80, required=False)
    text = forms.CharField(label=_("客户的原话"), widget=TEXT, max_length=4000)
    case_number = CaseNumberField(label=_("申请编号"))
    place = forms.CharField(label=_("地点"), max_length=120, required=False)
    is_complaint = forms.BooleanField(label=_("投诉"), required=False)
    token = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = channel_choices("hall", "mobile_hall", "visit")  # type: ignore[attr-defined]
        self.fields["token"].initial = str(uuid4())


class TicketsForm(forms.Form):
    """A file of hotline tickets."""

    channel = forms.ChoiceField(label=_("来源"))
    file = forms.FileField(label=_("CSV 或 XLSX 文件"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = channel_choices("hotline", "city_hotline")  # type: ignore[attr-defined]


class ScanForm(forms.Form):
    """A scanned letter or fax."""

    channel = forms.ChoiceField(label=_("来源"))
    file = forms.FileField(
        label=_("扫描件（PDF、TIFF、JPG、PNG）"),
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.tif,.tiff,.jpg,.jpeg,.png"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = channel_choices("letter", "fax")  # type: ignore[attr-defined]


class ConfirmForm(forms.Form):
    """Form to confirm a scan, beside its picture."""

    text = forms.CharField(
        label=_("识别出的文字，请对照原件改正"), widget=forms.Textarea(attrs={"rows": 18}), max_length=20000
    )
    phone = forms.CharField(label=_("联系电话"), max_length=20, required=False)
    name = forms.CharField(label=_("姓名或单位名称"), max_length=80, required=False)
    case_number = CaseNumberField(label=_("申请编号"))
