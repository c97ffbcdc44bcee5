"""Form of the search for supply points."""

from django import forms


class SearchForm(forms.Form):
    """Search asked for: a radius (m), a bus to add, a bus to let go; each may be left out."""

    radius_m = forms.FloatField(min_value=0, required=False)
    add = forms.CharField(max_length=120, required=False)
    drop = forms.CharField(max_length=120, required=False)
