"""Time left of a promise, as a word and a look."""

from typing import Any

from django.utils.translation import gettext

PRESSING = 0.8
"""From which share of its time on a promise is pressing."""


def clock_words(view: Any) -> tuple[str, str]:
    """(look, words) of a ClockView: a promise up to an instant is counted in plain days, all others in working days."""
    is_instant = getattr(view.clock, "due_at", None) is not None
    if view.state == "kept":
        return "done", gettext("按时")
    if view.state == "paused" and not is_instant:
        return "wait", gettext("计时暂停")
    if view.state == "broken" and is_instant and view.left_wd == 0:
        return "late", gettext("超时")
    if view.state == "broken" or view.left_wd < 0:  # past, also before the sweep has said so
        words = gettext("超 %(n)s 天") if is_instant else gettext("超 %(n)s 日")
        return "late", words % {"n": abs(view.left_wd)}
    if view.left_wd == 0:
        return "warn", gettext("今天到期")
    words = gettext("余 %(n)s 天") if is_instant else gettext("余 %(n)s 日")
    return ("warn" if view.share >= PRESSING else "run"), words % {"n": view.left_wd}
