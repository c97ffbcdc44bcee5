"""用电性质: what a customer uses power for: what was said, and what his class and names let one guess."""

from jiedian.cases.case.models.case import Case, Customer

from ..models import Site
from .rules import likely_use


def use_of(case: Case) -> str:
    """Likely use of power by the customer of a case: by his class, then by his names; empty where nobody can tell."""
    is_home = case.case_class == Case.Class.PV and case.customer.kind == Customer.Kind.PERSON
    if case.case_class == Case.Class.RES or is_home or case.is_residential_community:
        return Site.Use.RESIDENTIAL
    return likely_use(case.title, case.customer.name)


def is_use_known(case: Case, site: Site) -> bool:
    """True if the use was said, or is beyond doubt: a household's by its class, a shop's by its name, which has the tariff every
    shop has; a farm, a works or a home by its name alone would have another."""
    certain = Site.Use.RESIDENTIAL if case.case_class == Case.Class.RES else Site.Use.BUSINESS
    return site.is_use_told or use_of(case) == certain
