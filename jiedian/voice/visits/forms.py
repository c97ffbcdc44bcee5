"""The form of a sampling design."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import get_language, gettext_lazy

from jiedian.people.models import User
from jiedian.shell.kit.fields import day_input

from .queries import offices


def _visitors() -> QuerySet[User]:
    return User.objects.filter(is_active=True, roles__contains=["visitor"]).order_by("id")


class PlanForm(forms.Form):
    """A sampling design."""

    name = forms.CharField(label=gettext_lazy("计划名称"), max_length=80)
    from_on = forms.DateField(label=gettext_lazy("起"), widget=day_input())
    until_on = forms.DateField(label=gettext_lazy("止"), widget=day_input())
    chosen = forms.MultipleChoiceField(label=gettext_lazy("网点"), widget=forms.CheckboxSelectMultiple)
    open_visits = forms.IntegerField(
        label=gettext_lazy("每网点明察次数"), min_value=0, max_value=50, initial=1
    )
    undercover_visits = forms.IntegerField(
        label=gettext_lazy("每网点暗访次数"), min_value=0, max_value=50, initial=2
    )
    double_share = forms.FloatField(
        label=gettext_lazy("双人走访比例"),
        min_value=0,
        max_value=1,
        initial=0.2,
        help_text=gettext_lazy("由另一名访员另日重复，用来算一致性；至少一成。"),
    )
    visitors = forms.ModelMultipleChoiceField(
        User.objects.none(), label=gettext_lazy("访员"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows, is_zh = offices().values(), (get_language() or "zh").startswith("zh")
        names = [(row.id, row.name_zh if is_zh else row.name_en) for row in rows]
        self.fields["chosen"].choices = names  # type: ignore[attr-defined]
        self.fields["chosen"].initial = [row.id for row in rows]
        self.fields["visitors"].queryset = _visitors()  # type: ignore[attr-defined]
        self.fields["visitors"].label_from_instance = (  # type: ignore[attr-defined]
            lambda user: user.name_zh if is_zh else user.name_en
        )
        self.fields["visitors"].initial = _visitors()
