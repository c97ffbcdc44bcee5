"""Inputs of days and moments: written as a browser reads them, whatever the language of the page; else it shows them empty."""

from django import forms


def day_input() -> forms.DateInput:
    """Input of a day."""
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def moment_input() -> forms.DateTimeInput:
    """Input of a day and a minute."""
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
