"""Forms of the links: a message worded anew."""

from django import forms
from django.utils.translation import gettext_lazy as _

from .services import LONGEST


class WordingForm(forms.Form):
    """A text in both languages, and why it is changed."""

    zh = forms.CharField(
        label=_("中文"), widget=forms.Textarea(attrs={"rows": 4, "lang": "zh"}), max_length=LONGEST
    )
    en = forms.CharField(
        label=_("英文"), widget=forms.Textarea(attrs={"rows": 4, "lang": "en"}), max_length=LONGEST
    )
    reason = forms.CharField(label=_("为什么改"), max_length=200)
