"""A form that asks once more where a capacity is not what is usual: nothing strange is taken without a word."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jiedian.cases.case.models.case import Case

from .calc.plausible import doubt_about
from .rows import usual


class DoubtingForm(forms.Form):
    """A form with a class and a capacity. Its last field stands there only when they do not fit together.

    The tick counts for the very capacity it was asked about: another number is asked about again.
    """

    kinds: Mapping[str, str | Promise] = dict(Case.Class.choices)
    """The classes in the words of this form."""

    sure = forms.BooleanField(label=_("确实如此"), required=False)
    sure_of = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self._ask_nothing()

    def _ask_nothing(self) -> None:
        self.fields.pop("sure", None)
        self.fields.pop("sure_of", None)

    def doubt(self, values: dict[str, Any]) -> None:
        """Add the error that asks, unless the capacity is usual or the applicant has said that it is so."""
        kind, kva = values.get("declared_class"), values.get("capacity_kva")
        is_sure, of = values.pop("sure", False), values.pop("sure_of", "")
        row = usual().get(str(kind))
        found = doubt_about(kva, row) if row and isinstance(kva, Decimal) else None
        if found is None:
            return self._ask_nothing()
        key = f"{kind}:{kva:f}"
        self.fields["sure"].label = gettext("确实是 %(kva)s kVA") % {"kva": f"{kva:,f}"}
        if is_sure and of == key:
            return None
        self.data = self.data.copy()
        self.data["sure_of"] = key
        self.data.pop("sure", None)
        told = {"kva": f"{kva:,f}", "low": f"{found.low:,f}", "high": f"{found.high:,f}"}
        words = gettext("您填的是 %(kva)s kVA，这一类一般在 %(low)s 到 %(high)s kVA 之间。请核对数字。") % told
        if found.other:
            other = self.kinds[found.other]
            words += gettext("要的也许是“%(other)s”，可改选类别。") % {"other": other}
        self.add_error("capacity_kva", words + gettext("确实如此，请在下面勾选后再交。"))
        return None
