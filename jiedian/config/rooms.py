"""The rooms of the house in floor order, and what hangs on them.

A room is a folder with a ``room.py`` and a line here. Imports point down this list: a floor may use the floors below it, and rooms
on one floor do not see each other. ``room.py`` declares, all by name and none required: ``NAV STEPS REACTIONS VERBS
PANELS ABOUTS HANDOVER GATES ENTERED JOBS COMMANDS IMPORTS GATEWAYS CHECKS MEASURES TOOLS``.
"""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

FLOORS: tuple[tuple[str, ...], ...] = (
    ("doors.office", "doors.portal"),
    ("voice.gaps",),
    ("voice.visits", "voice.hotspots", "voice.attenuation"),
    ("voice.surveys", "voice.classify", "voice.channels"),
    ("voice.inbox", "works"),
    ("supply.scheme",),
    ("supply.bench",),
    ("supply.study",),
    ("supply.menu",),
    ("cases.screen",),
    ("cases.forecast",),
    ("cases.history", "cases.coordination"),
    ("cases.intake",),
    ("cases.papers",),
    ("cases.case",),
    ("grid.publication",),
    ("grid.capacity",),
    ("grid.load", "grid.kernel"),
    ("grid.network",),
    ("grid.readers",),
    ("grid.cim",),
    ("grid.circuit",),
    ("links", "clocks"),
    ("process",),
    ("people",),
    ("ground.files",),
    ("ground.journal",),
    ("shell",),
    ("ground.throttle",),
    ("ground.jobs", "ground.vault"),
    ("ground.rulebook",),
    ("core",),
)
"""Top floor first."""
ROOMS: tuple[str, ...] = tuple(f"jiedian.{room}" for floor in FLOORS for room in floor if room != "core")
MAY = "jiedian.people.queries.may"
"""Answers whether a person may do an action, and why not."""
HOME = "jiedian.people.queries.home_of"
"""Answers on which page a person's day begins."""
ENGLISH_NAMES = "jiedian.people.queries.english_names"
"""Answers the English names of the staff by their Chinese ones."""
STEP_NAME = "jiedian.process.templatetags.process_tags.step_name"
"""Answers the name of a step in the reader's language; any other text as it is."""
PROCESSES_OF = "jiedian.process.queries.processes_of"
"""Answers the keys of the processes that cases, by their numbers, are on."""
GRID_ANSWER = "jiedian.supply.study.queries.studies.grid_answer"
"""Answers whether the grid carries a case, with its figure and reason; called with the case as it would be, and the day."""
GROUPS = ("办件", "客户之声", "电网", "管理")
"""The groups of the navigation, in their order; msgids."""


def declared(name: str) -> list[Any]:
    """Declarations of every room under a name, the bottom floor first."""
    rooms = [import_module(f"{room}.room") for room in reversed(ROOMS) if find_spec(f"{room}.room")]
    return [getattr(room, name) for room in rooms if hasattr(room, name)]


def _listed(name: str) -> tuple[Any, ...]:
    return tuple(row for rows in declared(name) for row in rows)


def _joined(name: str) -> dict[str, Any]:
    return {key: value for table in declared(name) for key, value in table.items()}


def _gathered(tables: list[Mapping[str, list[str]]]) -> dict[str, list[str]]:
    gathered: dict[str, list[str]] = {}
    for table in tables:
        for key, names in table.items():
            gathered.setdefault(key, []).extend(names)
    return gathered


STEPS: tuple[str, ...] = tuple(declared("STEPS"))
"""The modules in which rooms say with ``@step`` how a step is done."""
REACTIONS: dict[str, list[str]] = _gathered(declared("REACTIONS"))
"""Fact (or ``fact?name``: only where its value ``name`` is true) → what runs when it is read; it may run twice and must not care."""
MESSAGE_WORDS: tuple[str, ...] = _listed("MESSAGE_WORDS")
"""Called with case and fact; each returns words that a message to the customer may use."""
PANELS: tuple[tuple[str, str], ...] = _listed("PANELS")
"""What each room shows on the case screen: a query (``panel(case, at=…)``: a frozen dataclass, or None for nothing) and the
template that reads it as ``panel``. Without a query the template is always shown and reads ``case``."""
ABOUTS: tuple[str, ...] = _listed("ABOUTS")
"""Called with a case and its open steps; returns what the first card tells of them: what is owed, what must be put right."""
HANDOVER: tuple[str, ...] = _listed("HANDOVER")
"""Called with from_user, to_user, actor, at when a desk changes hands."""
GATES: tuple[str, ...] = _listed("GATES")
"""Called with case and step before a step ends; a gate that is not passed raises Refused."""
ENTERED: tuple[str, ...] = _listed("ENTERED")
"""Called with version, at, before when a version of a network comes into force."""
JOBS: tuple[str, ...] = _listed("JOBS")
"""Modules in which tasks of the queue are defined."""
COMMANDS: dict[str, tuple[str, str]] = _joined("COMMANDS")
"""Commands that need the system: name → what it does, and ``module:function``."""
VERBS: tuple[str, ...] = _listed("VERBS")
"""Tables of verbs that rooms hang on the case screen."""
GATEWAYS: dict[str, str] = _joined("GATEWAYS")
"""Wire → what hands one message to the outside; called with to, text, key and meta."""
CHECKS: dict[str, str] = _joined("CHECKS")
"""Wire → what examines its settings and connection; returns findings and changes nothing."""
MEASURES: dict[str, str] = _joined("MEASURES")
"""Indicator → what counts it between two instants from the rows of its room; called with since and until, returns a ``Share``."""
FIRST = ("today", "desk", "department")
"""The pages of a group that come before the others."""
NAV: tuple[tuple[str, str, str, str], ...] = tuple(
    sorted(_listed("NAV"), key=lambda row: (GROUPS.index(row[3]), row[0] not in FIRST))
)
"""URL name, label (a msgid), permission, and the group it stands in."""
PUBLIC_NAV: tuple[tuple[str, str], ...] = _listed("PUBLIC_NAV")
"""URL name and label (a msgid) of the doors that stand open to everybody."""
TOOLS: dict[str, str] = _joined("TOOLS")
"""What the frame of every page offers → the URL name of its page: search, news, help, tour."""
IMPORTS: tuple[Any, ...] = _listed("IMPORTS")
"""The kinds of file the house takes in: an ``Importer`` each, with its columns and its functions."""
