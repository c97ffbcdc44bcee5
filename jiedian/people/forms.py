"""Forms of duty."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from .models import User
from .queries import answers_for, by_name

DAY = forms.DateInput(attrs={"type": "date"})


class AbsenceForm(forms.Form):
    """Form of an absence: who is away, and who stands in."""

    user = forms.ModelChoiceField(User.objects.none(), label=_("缺席人"))
    deputy = forms.ModelChoiceField(User.objects.none(), label=_("代理人"), required=False)
    from_on = forms.DateField(label=_("自"), widget=DAY)
    until_on = forms.DateField(label=_("至（含）"), widget=DAY)

    def __init__(self, *args: Any, me: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self.fields["user"], answers_for(me))
        _choose(self.fields["deputy"], User.objects.filter(is_active=True))


class HandoverForm(forms.Form):
    """Form of a handover: whose desk goes to whom."""

    from_user = forms.ModelChoiceField(User.objects.none(), label=_("交出"))
    to_user = forms.ModelChoiceField(User.objects.none(), label=_("承接"))

    def __init__(self, *args: Any, me: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self.fields["from_user"], answers_for(me))
        _choose(self.fields["to_user"], User.objects.filter(is_active=True))


def _choose(field: forms.Field, people: QuerySet[User]) -> None:
    """Let a field offer these people by name."""
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = by_name(people)
