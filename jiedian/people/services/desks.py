"""The desk of one of the staff changes hands for good, and nobody forgets who answered before."""

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from jiedian.core.findings import refuse
from jiedian.core.words import Text
from jiedian.core.workdays import local_day
from jiedian.ground.journal.services import Actor, record

from ..models import Duty, User
from ..queries import roles
from ..queries.deputies import absences_on, in_force, missing_roles


@transaction.atomic
def hand_over(from_user: User, to_user: User, *, actor: Actor, at: datetime) -> int:
    """Hand a whole desk over: duties, open steps, cases, errands, concerns. Returns how many steps and concerns moved.

    The duties of the one who leaves end today, those of the one who follows begin today.
    """
    if from_user.pk == to_user.pk or not to_user.is_active:
        raise refuse("handover.receiver")
    on = local_day(at)
    if away := absences_on(on).get(to_user.pk):
        raise refuse("handover.away", name=Text(to_user.name_zh, to_user.name_en), until_on=away.until_on)
    missing = missing_roles(from_user, to_user, on=on)
    if missing:
        names = {row.id: Text(row.name_zh, row.name_en) for row in roles()}
        raise refuse("handover.role", missing=[names.get(role, role) for role in missing])
    duties = _pass_duties(from_user, to_user, on=on)
    moved = 0
    for dotted in import_string(f"{settings.WIRING}.HANDOVER"):
        moved += import_string(dotted)(
            from_user=from_user.pk, to_user=to_user.pk, to_name=to_user.name_zh, actor=actor, at=at
        )
    record(
        "people.handed_over",
        stream=f"person:{from_user.pk}",
        actor=actor,
        at=at,
        data={"receiver": to_user.pk, "duties": duties, "moved": moved},
    )
    return moved


def _pass_duties(from_user: User, to_user: User, *, on: date) -> int:
    """End every duty of one and begin the same for another; one that has not begun yet simply changes its holder."""
    Duty.objects.filter(user=from_user, effective_from__gt=on).update(user=to_user)
    said = ("role", "department", "area", "voltage", "customer_class")
    theirs = set(in_force(on).filter(user=to_user, effective_to=None).values_list(*said))
    ended = list(in_force(on).filter(user=from_user).select_for_update())
    for duty in ended:
        words = {name: getattr(duty, name) for name in said}
        if tuple(words.values()) not in theirs:
            Duty.objects.create(user=to_user, effective_from=on, effective_to=duty.effective_to, **words)
        Duty.objects.filter(pk=duty.pk).update(effective_to=on)
    return len(ended)
