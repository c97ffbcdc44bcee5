"""Reactions to the facts of a case: a case that is started again is where the one before it was."""

from jiedian.cases.case.models.case import Case
from jiedian.ground.journal.models import Fact

from .models import Site


def keep_site(fact: Fact) -> None:
    """Copy the site of the case before, unless the new one was put on the map already."""
    before = fact.data.get("predecessor")
    site = Site.objects.filter(case__number=before).first() if before else None
    case = Case.objects.get(number=fact.stream.partition(":")[2])
    if site is None or Site.objects.filter(case=case).exists():
        return
    site.pk, site.case = None, case
    site.save(force_insert=True)
