"""``jiedian check-links``: check every gateway without sending anything."""

import sys

from django.utils.translation import get_language

from .queries import examined


def check_links(argv: list[str]) -> int:
    """Let each gateway examine settings and connection without changing anything."""

    found = [finding for findings in examined().values() for finding in findings]
    for finding in found:
        print(finding.words(get_language() or "zh-hans"), file=sys.stderr)
    return 1 if found else 0
