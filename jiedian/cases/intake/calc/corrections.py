"""Changes of an application: which fields may be put right, what differs, and how the journal keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from jiedian.core.masking import mask_number, mask_phone

CUSTOMER = ("kind", "name", "identity_number", "phone", "email")
CASE = (
    "address",
    "area",
    "case_class",
    "voltage_kv",
    "capacity_kva",
    "importance",
    "is_special_load",
    "is_residential_community",
    "needed_on",
)
FEED_IN = ("mode", "roof", "module_kwp")
"""What only PV says; empty for any other case."""
FIELDS = (*CUSTOMER, *CASE, *FEED_IN)
LOAD = {
    *FEED_IN,
    "case_class",
    "voltage_kv",
    "capacity_kva",
    "importance",
    "is_special_load",
    "is_residential_community",
}
"""What scheme, papers and promises rest on."""
PAPERS_ONLY = {"roof", "module_kwp"}
"""What of it only papers rest on: nothing has to be looked at anew. The grid sees the inverters, not the modules."""
PRIVATE = {"name", "email", "address"}
"""Of these the journal keeps the first letter and the length, of telephone and identity number a few figures."""


@dataclass(frozen=True)
class Change:
    """One field of an application before and after it was put right."""

    field: str
    before: Any
    after: Any

    def masked(self) -> dict[str, str]:
        """Change as the journal keeps it: nothing personal can be read in it."""
        return {
            "field": self.field,
            "from": _shown(self.field, self.before),
            "to": _shown(self.field, self.after),
        }


def _shown(field: str, value: Any) -> str:
    text = _text(value)
    if field == "phone":
        return mask_phone(text)
    if field == "identity_number":
        return mask_number(text)
    return f"{text[:1]}{'*' * len(text[1:])}" if field in PRIVATE else text


def _text(value: Any) -> str:
    """
    >>> _text(Decimal("100.00")), _text(True), _text(None)
    ('100', 'yes', '')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else str(value or "")


def changes_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Changes between two sayings of an application, in the order of its fields."""
    return [
        Change(name, before[name], after[name])
        for name in FIELDS
        if _text(before[name]).strip() != _text(after[name]).strip()
    ]
