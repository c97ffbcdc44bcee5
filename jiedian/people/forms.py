"""Forms of duty."""

from django import forms
from django.utils.translation import gettext_lazy as _

from .models import User
from .queries import by_name

DAY = forms.DateInput(attrs={"type": "date"})


class AbsenceForm(forms.Form):
    """Who is away, and who stands in."""

    user = forms.ModelChoiceField(User.objects.none(), label=_("缺席人"))
    deputy = forms.ModelChoiceField(User.objects.none(), label=_("代理人"), required=False)
    from_on = forms.DateField(label=_("自"), widget=DAY)
    until_on = forms.DateField(label=_("至（含）"), widget=DAY)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        people = by_name(User.objects.filter(is_active=True))
        for field in ("user", "deputy"):
            self.fields[field].queryset = people  # type: ignore[attr-defined]


class HandoverForm(forms.Form):
    """Whose desk goes to whom."""

    from_user = forms.ModelChoiceField(User.objects.none(), label=_("交出"))
    to_user = forms.ModelChoiceField(User.objects.none(), label=_("承接"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        people = by_name(User.objects.filter(is_active=True))
        for field in ("from_user", "to_user"):
            self.fields[field].queryset = people  # type: ignore[attr-defined]
