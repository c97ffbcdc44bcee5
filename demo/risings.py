"""Two rises for the demo's hot spots: a line that fails in one area, works that do not begin in the other. Simulated."""

from datetime import datetime, timedelta
from random import Random

from django.db.models import F

from jiedian.cases.case.models.case import Case
from jiedian.ground.journal.services import Actor
from jiedian.voice.classify.rows import corpus
from jiedian.voice.inbox.services.channels import Incoming, hear

SEED = 19
CUSTOMER = Actor(None, "客户（模拟）", "customer")
RISES = (("east", "reliability", "operate", 11), ("west", "speed", "build", 7))
"""Area, expectation, step, and how many customers say so within five days."""


def rise(*, until: datetime) -> int:
    """Let customers of an area say the same kind of thing in the last days, in words of the corpus; returns how many.

    Those on the map come first, from the north, so that the rise has a place.
    """
    dice, count = Random(SEED), 0
    for area, leaf, step, n in RISES:
        said = [row for row in corpus() if (row.leaf, row.step, row.also) == (leaf, step, "")]
        past = Case.objects.filter(area=area, is_simulated=True, applied_at__lt=until - timedelta(days=5))
        north_first = F("site__lat").desc(nulls_last=True)
        cases = past.select_related("customer").order_by(north_first, "-id")[:n]
        for case, row in zip(cases, dice.sample(said, n), strict=False):
            at = until - timedelta(hours=dice.uniform(4, 120))
            if case.applied_at < at:
                heard = Incoming(
                    channel=dice.choice(["hotline", "sms", "web", "app"]),
                    external_id=f"rise-{area}-{row.id}",
                    text=row.text,
                    received_at=at,
                    sender=case.customer.phone,
                    case_number=case.number,
                    is_simulated=True,
                )
                hear(heard, actor=CUSTOMER, at=at)
                count += 1
    return count
