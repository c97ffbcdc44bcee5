"""``jiedian replay-clocks``: compute clocks anew from the facts and compare them with those stored."""

from jiedian.cases.case.models.case import Case

from .queries.replay import differences


def replay_clocks(argv: list[str]) -> int:
    """Compute every clock of a case anew from its facts. Example: ``jiedian replay-clocks C-2026-000001``."""

    numbers = argv or Case.objects.values_list("number", flat=True)
    found = [line for number in numbers for line in differences(number)]
    print("\n".join(found) or "一致 / the same")
    return 1 if found else 0
