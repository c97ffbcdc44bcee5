"""供电点的产权: whether a point is the public grid's or another customer's own, by the strongest evidence there is; names come last."""

import re
from dataclasses import dataclass
from typing import Literal

Side = Literal["public", "customer", "unknown"]
Evidence = Literal["record", "reserved", "serves", "account", "line", "name", "kind", "none"]

ROOM = re.compile("配电室|配电房|配电站|高压室|变电所|箱变|箱式变|欧变|美变|开关柜室")
"""What stands on the ground and may be anybody's: the name alone does not say whose."""
CABINET = re.compile("环网|分支箱|分接箱|开关站|开闭所|开闭站|ring.?main|RMU", re.IGNORECASE)
"""What stands on the ground and is the public grid's by its kind, unless its name says otherwise."""
CUSTOMERS = re.compile(
    "用户|客户|专变|专用变|自维|自管|自备|用户站|公司|工厂|厂区|集团|酒店|宾馆|医院|学校|大学|商厦|矿|customer",
    re.IGNORECASE,
)
"""Words of a customer's own in a name; ``公用`` beside them takes them back."""
PUBLIC = re.compile("公用|公变|公网|public", re.IGNORECASE)
WORDS = {
    "record": ("电网资料的产权栏", "the column of ownership in the grid's data"),
    "reserved": ("已答复的其他客户由此供电", "another customer is supplied from here by his scheme"),
    "serves": ("供多个用户", "it serves several customers"),
    "account": ("此处只挂一个用户的户号", "one customer's account alone hangs there"),
    "name": ("名称", "its name"),
    "line": ("所在线路是专线", "its feeder is a customer's own"),
    "kind": (
        "公用线路上的杆塔、接头或母线，没有属于用户的记载",
        "a pole, joint or busbar of a public line, nothing says it is a customer's",
    ),
    "none": ("资料没有记载，名称也看不出", "nothing is on record and its name does not tell"),
}
"""How evidence is said, in both languages."""


CODES = {"01": "public", "1": "public", "02": "customer", "2": "customer"}
"""公变专变标志 as marketing systems keep it: 01 公变, 02 专变."""


@dataclass(frozen=True)
class Spot:
    """Spot of the grid and what is known of it: its name and that of its feeder, what the data record (``public``, ``customer`` or nothing), accounts that hang there,
    whether another customer's scheme takes its power there, and how many loads its own distribution transformers feed.
    """

    name: str
    line: str = ""
    recorded: str = ""
    accounts: int = 0
    is_reserved: bool = False
    loads_below: int = 0
    kv: float = 10.0


@dataclass(frozen=True)
class Owner:
    """Owner of a point and the evidence it rests on."""

    side: Side
    by: Evidence

    @property
    def words(self) -> tuple[str, str]:
        """The evidence in both languages."""
        return WORDS[self.by]


def is_in_ground(name: str) -> bool:
    """True where lines leave in the ground, by the name: no pole stands there to hang a line on."""
    return bool(ROOM.search(name) or CABINET.search(name))


def recorded(text: str) -> str:
    """Side a column of ownership tells; empty where it tells none of both.

    >>> recorded("用户"), recorded("公变"), recorded("供电公司"), recorded("02"), recorded("?")
    ('customer', 'public', 'public', 'customer', '')
    """
    said = text.strip().lower()
    if said in CODES:
        return CODES[said]
    if re.search("用户|客户|专用|专变|自有|customer|private|user", said):
        return "customer"
    return "public" if re.search("公用|公网|公变|供电|电网|局属|public|utility", said) else ""


def owner_of(seen: Spot) -> Owner:
    """Owner of a point: what is recorded first, then whom it is known to serve, then its kind and name.

    A pole of a public line stays public whoever hangs on it; a switch room that nothing tells of is nobody's we know.
    """
    if seen.recorded in ("public", "customer"):
        return Owner("customer" if seen.recorded == "customer" else "public", "record")
    if seen.is_reserved:
        return Owner("public", "reserved")
    if "专线" in seen.line and not PUBLIC.search(seen.line):
        return Owner("customer", "line")
    if seen.kv < 1:
        return Owner("customer", "name") if _names_customer(seen.name) else Owner("public", "kind")
    if seen.loads_below > 1 or seen.accounts > 1:
        return Owner("public", "serves")
    if not is_in_ground(seen.name):
        return (
            Owner("customer", "name")
            if re.search("用户站|用户侧|客户侧", seen.name)
            else Owner("public", "kind")
        )
    if seen.accounts == 1:
        return Owner("customer", "account")
    if _names_customer(seen.name):
        return Owner("customer", "name")
    if PUBLIC.search(seen.name) or (CABINET.search(seen.name) and not ROOM.search(seen.name)):
        return Owner("public", "name")
    return Owner("unknown", "none")


def _names_customer(name: str) -> bool:
    return bool(CUSTOMERS.search(name)) and not PUBLIC.search(name)
