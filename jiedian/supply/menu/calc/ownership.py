"""供电点的产权: whether a point is the public grid's or another customer's own, by the strongest evidence there is; names come last."""

import re
from dataclasses import dataclass
from typing import Literal

Side = Literal["public", "customer", "unknown"]
Evidence = Literal["record", "unclear", "serves", "account", "line", "named", "name", "kind", "none"]

ROOM = re.compile("配电室|配电房|配电站|高压室|变电所|箱变|箱式变|欧变|美变|开关柜室")
"""What stands on the ground and may be anybody's: the name alone does not say whose."""
CABINET = re.compile("环网|分支箱|分接箱|开关站|开闭所|开闭站|ring.?main|RMU", re.IGNORECASE)
"""What stands on the ground and is the public grid's by its kind, unless its name says otherwise."""
OWN = re.compile("用户(?!服务)|客户(?!服务)|专变|专用变|自维|自管|自备|customer(?!.?service)", re.IGNORECASE)
"""Words that say in a name that it is a customer's."""
WHERE = "路|街|巷|弄|胡同|道|桥|村|城|广场|花园|小区|社区|台区|片区|宿舍|家属|公寓|住宅"
"""Ends of the names of streets and quarters, which are called after works, schools and hospitals too."""
CUSTOMERS = re.compile(
    "(?:有限公司|公司|工厂|厂区|集团|酒店|宾馆|医院|学校|中学|小学|学院|大学|商厦|矿)"
    f"(?![\u4e00-\u9fff0-9#]{{0,3}}(?:{WHERE}))"
)
"""Who has switchgear of his own, unless the word is part of the name of a street or quarter."""
UTILITY = re.compile("供电公司|电力公司|电网公司|供电分公司")
"""Ourselves."""
PUBLIC = re.compile("公用|公变|公网|public", re.IGNORECASE)
WORDS = {
    "record": ("电网资料的产权栏", "the column of ownership in the grid's data"),
    "unclear": (
        "电网资料的产权栏两种说法都有",
        "the column of ownership in the grid's data says the one and the other",
    ),
    "serves": ("供多个用户", "it serves several customers"),
    "account": ("此处只挂一个用户的户号", "one customer's account alone hangs there"),
    "name": ("名称", "its name"),
    "named": ("名称像是用户的", "its name reads like a customer's"),
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
SIDES: tuple[Side, Side] = ("customer", "public")
SAID: dict[Side, str] = {
    "customer": "用户|客户(?!服务)|专用|专变|自有|customer|private|users?\\b",
    "public": "公用|公网|公变|供电[公局所企部]|供电$|电网|局属|public|utility",
}
"""Words of each side in a column of ownership."""
NOT = r"非|不是|不属于?|不归|无|\bnot? (?:an? |the )?|\bnon[- ]?"
"""What turns a word into its opposite."""


@dataclass(frozen=True)
class Spot:
    """Spot of the grid and what is known of it: its name and that of its feeder, what the data record (as ``recorded``
    says it), accounts that hang there, and how many loads its own distribution transformers feed.

    What we answered others before is no evidence: it rested on the point being the grid's.
    """

    name: str
    line: str = ""
    recorded: str = ""
    accounts: int = 0
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
    """Side a column of ownership tells, ``unclear`` where it tells both; empty where it tells none of both.

    >>> recorded("用户"), recorded("公变"), recorded("供电公司"), recorded("02"), recorded("?")
    ('customer', 'public', 'public', 'customer', '')
    >>> recorded("公用，非专用"), recorded("非用户资产"), recorded("非公用"), recorded("用户资产，供电公司代管")
    ('public', 'public', 'customer', 'unclear')
    """
    said = text.strip().lower()
    if said in CODES:
        return CODES[said]
    sides = {
        SIDES[side == "customer"] if no else side
        for side, words in SAID.items()
        for no in (bool(found[1]) for found in re.finditer(f"({NOT})?(?:{words})", said))
    }
    return "unclear" if len(sides) > 1 else next(iter(sides), "")


def owner_of(seen: Spot) -> Owner:
    """Owner of a point: what is recorded first, then whom it is known to serve, then its kind and name.

    Only what is recorded, or a feeder of his own, makes a point another customer's. A name that reads like his, or his
    account alone in a switch room, leave it open and ask for a look. A pole of a public line stays public whoever hangs on it.
    """
    if seen.recorded in ("public", "customer"):
        return Owner("customer" if seen.recorded == "customer" else "public", "record")
    if "专线" in seen.line and not PUBLIC.search(seen.line):
        return Owner("customer", "line")
    if seen.recorded == "unclear":
        return Owner("unknown", "unclear")
    if seen.kv >= 1 and (seen.loads_below > 1 or seen.accounts > 1):
        return Owner("public", "serves")
    if seen.kv < 1 or not is_in_ground(seen.name):
        at_his = _names_customer(seen.name) if seen.kv < 1 else re.search("用户站|用户侧|客户侧", seen.name)
        return Owner("unknown", "named") if at_his else Owner("public", "kind")
    return _of_a_room(seen)


def _of_a_room(seen: Spot) -> Owner:
    """Owner of what stands on the ground: a cabinet of a ring is the grid's by its kind, whoever alone hangs on it."""
    if _names_customer(seen.name):
        return Owner("unknown", "named")
    if PUBLIC.search(seen.name) or (CABINET.search(seen.name) and not ROOM.search(seen.name)):
        return Owner("public", "name")
    return Owner("unknown", "account" if seen.accounts == 1 else "none")


def _names_customer(name: str) -> bool:
    if PUBLIC.search(name):
        return False
    return bool(OWN.search(name) or CUSTOMERS.search(UTILITY.sub("", name)))
