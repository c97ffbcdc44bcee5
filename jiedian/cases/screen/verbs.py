"""A verb of the case screen: what can be done to a case from its page, by whom, with which form."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise

from jiedian.cases.case.models.case import Case
from jiedian.ground.journal.services import Actor

from .forms import CorrectForm, VerbForm


@dataclass(frozen=True)
class Verb:
    """One thing that can be done to a case from its screen; without ``offers`` it makes sense for every case.

    One that is final is read back and asked for once more.
    """

    label: Promise | str
    permission: str
    form: type[VerbForm] | type[CorrectForm]
    perform: Callable[[Case, dict[str, Any], Actor, datetime], object]
    offers: Callable[[Case], bool] | None = None
    is_final: bool = False
