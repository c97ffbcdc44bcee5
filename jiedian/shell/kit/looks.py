"""Looks of a state: one table from the words of every room to six looks."""

LOOKS: dict[str, frozenset[str]] = {
    look: frozenset(states.split())
    for look, states in {
        "run": "run running in_use ongoing act asked reading waiting open acknowledged company working sending",
        "done": "done kept finished answered accepted imported able confirmed closed keep sent delivered paid passed taken connected",
        "warn": "warn due soon submitted candidate read checked escalated advice present owed draft shown rise queued declined expedite doubt bounced",
        "late": "late broken over rejected refused failed short supervised forbidden come lost hot lapsed dead",
        "wait": "wait paused customer merged chosen held replied",
        "plain": "plain withdrawn expired dropped cancelled none dismissed undone retired released",
    }.items()
}
"""Look → the states that have it. A state that is not here looks like one that has not begun."""
_LOOK_OF = {state: look for look, states in LOOKS.items() for state in states}


def look_of(state: object) -> str:
    """The look of a state, which is also the class of the chip: run, done, warn, late, wait, plain or nothing.

    >>> look_of("broken"), look_of("late"), look_of("never heard of"), look_of(None)
    ('late', 'late', '', '')
    """
    return _LOOK_OF.get(str(state), "")
