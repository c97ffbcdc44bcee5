"""Work that nobody waits for, and the commands that look after it."""

import sys

from django.utils.translation import get_language

from .mail import check as mail
from .sms import check as sms
from .webhook import check as webhook
from .wechat import check as wechat


def check_links(argv: list[str]) -> int:
    """Let each gateway examine settings and connection without changing anything."""

    found = [finding for check in (mail.check, sms.check, wechat.check, webhook.check) for finding in check()]
    for finding in found:
        print(finding.words(get_language() or "zh-hans"), file=sys.stderr)
    return 1 if found else 0
