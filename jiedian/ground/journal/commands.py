"""``jiedian verify-journal``: check the hash chain of the journal."""

import argparse

from django.utils import timezone

from .queries import unsealed_days, verify
from .services import seal


def verify_journal(argv: list[str]) -> int:
    """Walk every chain and every daily root. Example: ``jiedian verify-journal --seal``."""

    parser = argparse.ArgumentParser(prog="jiedian verify-journal", description=verify_journal.__doc__)
    parser.add_argument("--seal", action="store_true", help="first seal the finished days")
    if parser.parse_args(argv).seal:
        today = timezone.localdate()
        for day in unsealed_days(before=today):
            seal(day, today=today)
    fault = verify()
    if fault is None:
        print("完整 / intact")
        return 0
    print(f"不完整 / broken: {fault.what} {fault.stream} #{fault.seq} (id {fault.fact_id})")
    return 1
