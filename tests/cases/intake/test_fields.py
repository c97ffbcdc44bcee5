"""A field of an application is described once: what it takes at the counter it takes from the customer and in a correction."""

import pytest
from django import forms

from jiedian.cases.intake.forms import ApplicantForm, AppliedForm
from jiedian.cases.intake.forms.corrections import CorrectionForm
from jiedian.cases.intake.forms.lodging import ApplicationForm
from jiedian.doors.portal.forms import ApplyForm
from jiedian.doors.portal.forms.corrections import PutRightForm


@pytest.mark.parametrize("form", [ApplicationForm, CorrectionForm, ApplyForm, PutRightForm])
def test_who_applies_is_asked_alike_everywhere(form: type[forms.Form]) -> None:
    for name, field in ApplicantForm.base_fields.items():
        assert type(form.base_fields[name]) is type(field) and form.base_fields[name].label == field.label


@pytest.mark.parametrize("form", [ApplicationForm, CorrectionForm, ApplyForm])
def test_a_power_is_taken_as_people_type_it(form: type[forms.Form]) -> None:
    """The counter refused 5,5, which the customer's own form takes."""
    assert str(form.base_fields["capacity_kva"].clean("5,5")) == "5.5"
    assert form not in (ApplicationForm, CorrectionForm) or issubclass(form, AppliedForm)
