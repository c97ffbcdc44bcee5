"""Reactions to the facts of a case: one started again is where the one before was, another address is another place."""

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


def forget_site(fact: Fact) -> None:
    """Take a case off the map whose address was corrected after it was put there: what the grid answered was for another place."""
    if any(change["field"] == "address" for change in fact.data.get("changes", ())):
        Site.objects.filter(
            case__number=fact.stream.partition(":")[2], located_at__lt=fact.occurred_at
        ).delete()
