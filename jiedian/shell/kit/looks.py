"""How a state looks: one table from the words of every room to six looks."""

LOOKS: dict[str, frozenset[str]] = {
    look: frozenset(states.split())
    for look, states in {
        "run": "run running in_use ongoing act asked waiting open acknowledged company queued sending",
        "done": "done kept finished answered accepted imported able confirmed closed keep sent delivered paid passed",
        "warn": "warn due soon submitted candidate read checked escalated advice present owed draft shown expedite doubt bounced",
        "late": "late broken over rejected refused failed short supervised forbidden come lost dead",
        "wait": "wait paused customer merged chosen held",
        "plain": "plain withdrawn expired dropped cancelled none",
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
