"""Forms of the grid room."""

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from jiedian.core.findings import Finding
from jiedian.grid.readers.calc.simbench import is_code
from jiedian.shell.kit.fields import moment_input

from .queries.versions import Effect


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
        required=False,
        widget=MultipleFiles(attrs={"multiple": True}),
        help_text=_("pandapower JSON、CGMES/CIM-XML（可为压缩包）、CSV/XLSX 表格。"),
    )
    code = forms.CharField(
        label=_("或 SimBench 代码"),
        required=False,
        max_length=80,
        help_text=_("例如 1-MVLV-rural-all-0-sw；德国示例电网，取其最大负荷时刻，在后台读入。"),
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        code, parts = values.get("code", ""), [part for part in values.get("parts") or [] if part]
        if bool(code) == bool(parts):
            raise forms.ValidationError(_("请给出文件，或一个 SimBench 代码。"))
        if code and not is_code(code):
            self.add_error("code", _("不是 SimBench 代码。"))
        return values


class TakeForm(forms.Form):
    """Take an import over: from when, and why."""

    effective_at = forms.DateTimeField(label=_("生效时间"), widget=moment_input(), required=False)
    reason = forms.CharField(label=_("事由"), max_length=200)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    is_seen = forms.BooleanField(
        label=_("我已看过上面的变化，仍要启用"), required=False, help_text=_("启用后仍可撤销，回到前一版本。")
    )

    def __init__(self, *args: Any, effect: Effect | None = None, **kwargs: Any) -> None:
        """Form of an import with this ``effect``: one that is grave must have been seen."""
        super().__init__(*args, **kwargs)
        self.effect = effect
        self.initial["seen"] = effect.version if effect else None
        if effect is None or not effect.is_grave:
            del self.fields["is_seen"]

    def clean(self) -> dict[str, Any]:
        """Refuse changes that were not shown, or against another version than the one in force by now; they are shown anew."""
        values: dict[str, Any] = super().clean() or {}
        if self.effect and values.get("seen") != self.effect.version:
            kept = {name: value for name, value in self.data.items() if name != "is_seen"}
            self.data = kept | {"seen": str(self.effect.version)}
            finding = Finding("grid.changed_since", version=self.effect.version)
            raise forms.ValidationError(finding.words(get_language() or "zh-hans"))
        return values

    def clean_is_seen(self) -> bool:
        """Refuse a grave effect that nobody has seen."""
        is_seen = bool(self.cleaned_data["is_seen"])
        if not is_seen and self.effect:
            raise forms.ValidationError(self.effect.finding().words(get_language() or "zh-hans"))
        return is_seen


class SheetForm(forms.Form):
    """A table to take in for a grid."""

    kind = forms.ChoiceField(
        label=_("内容"),
        choices=[
            ("load", _("实测负荷")),
            ("neighbours", _("户号与杆号")),
            ("basemap", _("底图（街道、地点）")),
        ],
    )
    file = forms.FileField(label=_("CSV 或 XLSX 文件；底图为 GeoJSON"))
