"""路口: two streets in what people type, and what they write around a place: opposite, next to, so many metres east."""

import re
import unicodedata
from dataclasses import dataclass

TAIL = re.compile(
    "的?(?:十字|丁字|三岔|交叉|交[汇会]|相交|交界)?(?:路口|岔口|口|处|点|[东西]?[南北]?角|拐角|转角|街角)$|的?(?:交叉|交[汇会])$"
)
JOINT = re.compile(
    r"\s*(?:与|和|跟|同|及|、|/|&|\+|×|-|—|~|靠近|靠|临近|近|临|交|\bx\b|\band\b|\bwith\b|\bat\b|\bnear\b)\s*"
)
CORNER = re.compile(
    r"^\s*(?:at |the )*(?:corner|crossing|crossroads|intersection|junction)\s+(?:of\s+)?|\s+(?:corner|crossing|intersection|junction)\s*$"
)
ENDS = "路街道巷弄同"
STREET = re.compile(rf"(?<=[{ENDS}])(?=\s*[^\W\d]{{2}})")
"""After the word for a street more follows: a second street, where nothing stands between."""
SIDES = {"东": 90, "南": 180, "西": 270, "北": 0, "东北": 45, "东南": 135, "西北": 315, "西南": 225}
WAYS = {"north": 0, "south": 180, "east": 90, "west": 270}
WAYS |= {f"{ns}{ew}": SIDES[zh] for ns, ew, zh in (("north", "east", "东北"), ("south", "east", "东南"), ("north", "west", "西北"), ("south", "west", "西南"))}  # fmt: skip
AWAY = re.compile(
    r"(?P<name>.+?)[往向朝以]?(?P<side>[东西][北南]|[东南西北])(?:边|面|侧|方向)?(?:走|约|大约)*(?P<n>[0-9]{1,4})\s*(?:米|m)(?:处|远|左右)*$"
)
AWAY_EN = re.compile(
    r"^\s*(?P<n>[0-9]{1,4})\s*(?:m|metres|meters)\s+(?P<side>(?:north|south)?[ -]?(?:east|west)?)\s+(?:of|from)\s+(?P<name>.+)$"
)
BESIDE = re.compile(
    "的?(?P<word>(?:斜|正)?对[面过]|旁边|隔壁|附近|旁|周边|门口|门前|后面|背后|前面|里面|楼下|[东南西北](?:侧|边|面|头|段)|中段|尽头|以[东南西北])$"
)
BESIDE_EN = re.compile(
    r"^\s*(?P<word>(?:diagonally )?opposite(?: to)?|across from|next to|beside|near|behind|in front of|close to)\s+(?P<name>.+)$"
)
FARTHEST_M = 5000


@dataclass(frozen=True)
class Aside:
    """Words written around a name: the name alone, the words for it, and the point of the compass and metres where it says any."""

    name: str
    word: str
    bearing: int | None = None
    metres: int = 0


def aside_of(text: str) -> Aside | None:
    """Words around a name; None for a plain name.

    >>> aside_of("城西市场往东200米"), aside_of("学府小学对面")
    (Aside(name='城西市场', word='往东200米', bearing=90, metres=200), Aside(name='学府小学', word='对面', bearing=None, metres=0))
    >>> aside_of("200 m north-east of West Market").bearing, aside_of("opposite Xuefu School").name, aside_of("学府路88号")
    (45, 'xuefu school', None)
    """
    half = unicodedata.normalize("NFKC", text).casefold().strip()
    if found := AWAY.search(half) or AWAY_EN.search(half):
        side = found["side"].replace("-", "").replace(" ", "")
        if (bearing := SIDES.get(side, WAYS.get(side))) is not None and int(found["n"]) <= FARTHEST_M:
            name = found["name"]
            word = half.removeprefix(name) if half.startswith(name) else half.removesuffix(name)
            return Aside(name.strip(), word.strip(), bearing, int(found["n"]))
    if found := BESIDE_EN.search(half):
        return Aside(found["name"], found["word"])
    if (found := BESIDE.search(half)) and found.start() > 1:
        return Aside(half[: found.start()], found["word"])
    return None


def pairs_of(text: str) -> list[tuple[str, str]]:
    """Pairs of names that a text may mean as a crossing, the likeliest first; whether they are streets the map says.

    >>> pairs_of("学府路与人民路交叉口"), pairs_of("学府路人民路路口"), pairs_of("corner of Xuefu Rd and Renmin Rd")
    ([('学府路', '人民路')], [('学府路', '人民路')], [('xuefu rd', 'renmin rd')])
    >>> pairs_of("学府路（人民路口）"), pairs_of("学府路近人民路"), pairs_of("学府路88号")
    ([('学府路', '人民路')], [('学府路', '人民路')], [])
    >>> ("和平路", "交通路") in pairs_of("和平路/交通路")
    True
    """
    half = unicodedata.normalize("NFKC", text).casefold().replace("(", "").replace(")", "").strip()
    half = CORNER.sub("", half)
    tails = (TAIL.sub("", half).rstrip(), half.removesuffix("口"))
    bare = next((each for each in tails if each[-1:] in ENDS), half)
    joints = {m.start(): m.end() for m in JOINT.finditer(bare)}
    cuts = {m.start(): m.start() for m in STREET.finditer(bare)} | joints
    pairs = [(bare[:a].strip(" ,，的"), bare[b:].strip(" ,，的")) for a, b in cuts.items()]
    return list(dict.fromkeys(pair for pair in pairs if min(map(len, pair)) > 1 and pair[0] != pair[1]))[:6]
