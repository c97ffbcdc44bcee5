"""Forms of the grid room."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class MultipleFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several; each is checked like a single one."""

    widget = MultipleFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        one = super().clean
        return (
            [one(item, initial) for item in data] if isinstance(data, list) and data else one(None, initial)
        )


class ImportForm(forms.Form):
    """A network to read in: one file, or several that belong together."""

    grid_code = forms.SlugField(
        label=_("电网代号"),
        max_length=60,
        help_text=_("字母、数字、短横；同一代号的下一次导入成为它的新版本。"),
    )
    parts = FilesField(
        label=_("文件"),
        widget=MultipleFiles(attrs={"multiple": True}),
        help_text=_("pandapower JSON、CGMES/CIM-XML（可为压缩包）、CSV/XLSX 表格。"),
    )


class TakeForm(forms.Form):
    """Take an import over: from when, and why."""

    effective_at = forms.DateTimeField(
        label=_("生效时间"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}), required=False
    )
    reason = forms.CharField(label=_("事由"), max_length=200)


class SheetForm(forms.Form):
    """A table to take in for a grid."""

    kind = forms.ChoiceField(
        label=_("内容"),
        choices=[("measured", _("实测负荷")), ("neighbours", _("户号与杆号"))],
    )
    file = forms.FileField(label=_("CSV 文件"))
