"""Limits a customer of a class may count on: of all in force the shortest for each thing he waits for."""

from collections.abc import Iterable, Sequence
from datetime import date

from .promises import OWED_TO_CUSTOMERS, Limit, Profile, Unit, binding

ORDER = ("E2E", "UTIL", "STEP")
WHOLE = {"E2E", "UTIL"}


def promises_to(
    limits: Iterable[Limit], profile: Profile, waited: Sequence[str], *, on: date, firm: bool = True
) -> list[Limit]:
    """The promises to a customer on a day, the one about the whole way first, then the steps he waits for in their order.

    ``firm`` ones are read in their text or from their issuer; the others are only known from people who quote them.
    Only limits in working days are compared with each other; of two for the same thing the shorter one is shown.
    """
    held = list(limits)
    found: dict[tuple[str, str], Limit] = {}
    for event in sorted({limit.starts_when for limit in held}):
        for limit in binding(held, profile, event=event, on=on):
            key = (limit.kind, "" if limit.kind in WHOLE else limit.step)
            if (
                limit.kind not in ORDER
                or limit.scope not in OWED_TO_CUSTOMERS
                or limit.is_promise != firm
                or limit.unit != Unit.WORKING_DAY
            ):
                continue
            if limit.kind == "STEP" and limit.step not in waited:
                continue
            if key not in found or limit.value < found[key].value:
                found[key] = limit
    return sorted(found.values(), key=lambda limit: _place(limit, waited))


def _place(limit: Limit, waited: Sequence[str]) -> tuple[int, int]:
    return ORDER.index(limit.kind), waited.index(limit.step) if limit.step in waited else 0
