"""Addresses of the made-up city at which somebody may ask for power, by what stands there; each with its coordinates."""

from dataclasses import dataclass
from functools import cache
from random import Random

from . import names
from .blocks import Block, blocks
from .ground import SEED, Spot, apart, lonlat
from .plan import COUNTRY, VILLAGES
from .streets import Address, Net, lay

HOMES, SHOPS = "RRRRNNVOO", 3
ENDS = {
    "F": (
        "精密机械有限公司",
        "食品有限公司",
        "塑料制品厂",
        "五金厂",
        "包装厂",
        "纺织有限公司",
        "阀门厂",
        "玻璃制品厂",
    ),
    "T": ("软件有限公司", "光电科技公司", "数据服务公司", "医药研发中心"),
    "C": ("酒店", "购物中心", "写字楼", "影城"),
    "L": ("冷链物流公司", "仓储有限公司"),
    "S": ("实训楼", "宿舍楼"),
    "M": ("农贸批发部", "冷库"),
    "G": ("数据机房", "办公楼"),
    "Z": ("站前广场", "充电场站"),
    "R": ("充电站", "水泵站"),
}
"""What a new customer who takes 10 kV is called, by where he settles."""
IMPORTANT = ("示范市人民医院外科楼", "示范市人民医院门诊楼", "示范市急救中心", "示范市中心血站")


@dataclass(frozen=True)
class Site:
    """An address: what kind of customer may be there (home, shop, village, high, important, high_35, far), and where."""

    kind: str
    name: str
    address: str
    lon: float
    lat: float
    area: str


@cache
def sites() -> tuple[Site, ...]:
    """Every address, in an order that the seed alone decides."""
    net = lay()
    every, rng = blocks(net), Random(f"{SEED}:sites")
    found: list[Site] = []
    for n, block in enumerate(every):
        found += _of_block(block, n, rng)
    for village in VILLAGES:
        found += _of_village(net, village.name, rng)
    found += _beyond(net, rng)
    rng.shuffle(found)
    return tuple({site.address: site for site in found}.values())


def _of_block(block: Block, n: int, rng: Random) -> list[Site]:
    word = names.ESTATES[(11 * n + 5) % len(names.ESTATES)][0]
    if block.letter == "H":
        return [_site("important", name, _house(block, rng), block.name) for name in IMPORTANT]
    made: list[Site] = []
    if block.letter in "RNVO":
        made += [_site("home", "", _house(block, rng), block.name) for _ in range(4)]
        ends = rng.sample(names.SMALL, SHOPS)
        made += [_site("shop", f"{block.name}{end}", _house(block, rng), block.name) for end, _ in ends]
    if block.letter in "CM":
        ends = rng.sample(names.SMALL[:10], 2)
        made += [_site("shop", f"{word}{end}", _house(block, rng), block.name) for end, _ in ends]
    if block.letter in ENDS and (block.letter != "R" or n % 6 == 0):
        ends_here = ENDS[block.letter]
        end = ends_here[n % len(ends_here)]
        stem = block.name if block.letter in "RSGZ" else word
        made.append(_site("high", f"{stem}{end}", _house(block, rng), block.name))
    return made


def _house(block: Block, rng: Random) -> Address:
    """A house on one of a block's streets, on the block's own side: going round against the clock that is the left."""
    sides = [side for side in range(4) if block.is_street(side)]
    a, b = block.side(rng.choice(sides))
    metres = apart(block.net.at[a], block.net.at[b]) * rng.uniform(0.12, 0.88)
    return block.net.address(a, b, metres, is_left=True)


def _of_village(net: Net, village: str, rng: Random) -> list[Site]:
    main, made = net.main[village], []
    for crossing in main:
        for end in net.lanes[crossing]:
            house = net.address(crossing, end, rng.uniform(20, 130), is_left=rng.random() < 0.5)
            made.append(_site("home", "", house, village))
        house = net.address(crossing, net.lanes[crossing][0], rng.uniform(20, 120), is_left=True)
        made.append(_site("village", f"{village}{rng.choice(names.RURAL)}", house, village))
    return made


def _beyond(net: Net, rng: Random) -> list[Site]:
    """Works by the 35 kV line, and a farm where no low voltage reaches."""
    first, last = net.main["小王庄"][-1], net.main["柳镇"][0]
    road = net.route(first, last)
    made = []
    for k, name in enumerate(("西岭水泥厂", "柳西化工厂", "宏远冶炼厂")):
        a, b = road[1 + k], road[2 + k]
        made.append(_site("high_35", name, net.address(a, b, 120.0, is_left=False), "柳镇"))
    road = net.route(net.main["陈家店"][-1], net.main["河湾村"][-1])
    middle = len(road) // 2
    house = net.address(road[middle], road[middle + 1], rng.uniform(60, 200), is_left=True)
    return [*made, _site("far", "陈河家庭农场", house, COUNTRY[4].villages[-1])]


def _site(kind: str, name: str, house: Address, place: str) -> Site:
    lon, lat = lonlat(house.at)
    return Site(kind, name, f"{house.street} {house.number} 号（{place}）", lon, lat, _area(house.at))


def _area(at: Spot) -> str:
    """Service area: west and east of 中山路."""
    return "west" if at[0] < 2800.0 else "east"
