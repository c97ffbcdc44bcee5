"""Verbs of a scheme on the case screen: to apply again when a signed one lapsed."""

from django.utils.translation import gettext_lazy

from jiedian.cases.screen.forms import ReasonForm
from jiedian.cases.screen.verbs import Verb

from .queries.schemes import may_redo
from .services import validity

VERBS = {
    "redo": Verb(
        gettext_lazy("失效重办"),
        "plans.redo",
        ReasonForm,
        lambda c, v, who, at: validity.redo(c, actor=who, at=at, **v),
        may_redo,
    ),
}
