"""Plan of the made-up city: what stands in every block, stations, rings, villages and overhead feeders; the story in tables."""

from dataclasses import dataclass

DRAWING = (
    "RRSRRRRRRTTTTTTT",
    "RRRRRRRRRTTSNNNN",
    "RRMRCRRRCTTNNNNN",
    "RRRRRRRRRRTRNNNN",
    "OOOOORPRRHCRRNSN",
    "OOCCOORRRRCRRPRR",
    "OMCGCORRSRCRMRRR",
    "OOSOOORRCRRGRRRR",
    "~~~~~~~~~~~~~~~~",
    "RROORRFFFFFFFLLF",
    "VVRRRRFFFFSFFFFF",
    "VVVZRFFFFFFFFFLF",
)
"""Blocks from north to south, west to east: O old town, R estates, N new estates, V estates with much PV, C shops, S school,
H hospital, G government, M market, T high technology, F factory, L depot, Z railway station, P park, ~ the river."""


@dataclass(frozen=True)
class BlockRow:
    """Load of a block: public transformers (kVA each, share loaded at the peak), one customer's transformers, PV on roofs."""

    public: tuple[int, ...] = ()
    loaded: float = 0.0
    own_kva: int = 0
    own_loaded: float = 0.0
    kind: str = "residential"
    pv_kwp: float = 0.0


BLOCKS = {
    "O": BlockRow((400, 400), 0.64, kind="old"),
    "R": BlockRow((630, 630), 0.54),
    "N": BlockRow((800,), 0.24),
    "V": BlockRow((500, 400), 0.42, pv_kwp=900.0),
    "C": BlockRow((500,), 0.58, 1600, 0.52, "shops"),
    "S": BlockRow((), 0.0, 630, 0.45, "school"),
    "H": BlockRow((315,), 0.5, 3200, 0.5, "hospital"),
    "G": BlockRow((), 0.0, 1000, 0.4, "office"),
    "M": BlockRow((400,), 0.6, 630, 0.5, "shops"),
    "T": BlockRow((), 0.0, 2000, 0.34, "office"),
    "F": BlockRow((), 0.0, 2500, 0.5, "factory"),
    "L": BlockRow((), 0.0, 1250, 0.36, "factory"),
    "Z": BlockRow((), 0.0, 1250, 0.44, "shops"),
    "P": BlockRow((100,), 0.3),
}
"""Some roofs carry PV elsewhere too: one estate in seven, 60 kWp."""


@dataclass(frozen=True)
class StationRow:
    """A station: its corner of the street net, its main transformers (MVA) and where their taps stand (turns ratio)."""

    name: str
    at: tuple[int, int]
    mains_mva: tuple[float, ...]
    tap: float


STATIONS = (
    StationRow("云溪变", (4, 6), (31.5, 31.5, 31.5), 1.0125),
    StationRow("学府变", (10, 6), (40.0, 40.0), 1.0125),
    StationRow("高新变", (12, 10), (50.0, 50.0), 1.0125),
    StationRow("园区变", (10, 2), (40.0, 40.0), 1.0125),
)
RINGS = (
    ("人民线", "云溪变", "学府线", "学府变", ((4, 6), (10, 6))),
    ("公园线", "云溪变", "医院线", "学府变", ((4, 6), (4, 8), (10, 8), (10, 6))),
    ("城北线", "云溪变", "创新线", "高新变", ((4, 6), (4, 10), (12, 10))),
    ("北环线", "云溪变", "软件线", "高新变", ((4, 6), (2, 6), (2, 12), (12, 12), (12, 10))),
    ("滨河线", "云溪变", "制造线", "园区变", ((4, 6), (4, 4), (8, 4), (8, 2), (10, 2))),
    ("南门线", "云溪变", "纺织线", "园区变", ((4, 6), (4, 2), (5, 0), (9, 0), (9, 2), (10, 2))),
    ("老街线", "云溪变", "鼓楼线", "云溪变", ((4, 6), (4, 5), (0, 5), (0, 6), (4, 6))),
    ("西关线", "云溪变", "西环线", "云溪变", ((4, 6), (4, 7), (0, 7), (0, 11), (1, 11), (1, 9), (3, 9), (3, 7), (4, 6))),
    ("东湖线", "学府变", "科技线", "高新变", ((10, 6), (14, 6), (14, 10), (12, 10))),
    ("体育线", "学府变", "新城线", "高新变", ((10, 6), (12, 6), (12, 10))),
    ("和平线", "学府变", "机电线", "园区变", ((10, 6), (12, 6), (12, 2), (10, 2))),
    ("东风线", "学府变", "物流线", "园区变", ((10, 6), (10, 5), (16, 5), (16, 1), (12, 1), (10, 2))),
    ("云谷线", "高新变", "数谷线", "高新变", ((12, 10), (16, 10), (16, 12), (13, 12), (12, 10))),
    ("冶金线", "园区变", "化工线", "园区变", ((10, 2), (14, 2), (14, 0), (11, 0), (10, 2))),
    ("湖滨线", "学府变", "银杏线", "云溪变", ((10, 6), (9, 6), (9, 9), (6, 9), (6, 7), (4, 7), (4, 6))),
    ("新区线", "高新变", "文昌线", "学府变", ((12, 10), (12, 9), (16, 9), (16, 7), (11, 7), (10, 7), (10, 6))),
    ("南关线", "云溪变", "磨坊线", "园区变", ((4, 6), (2, 6), (2, 1), (7, 1), (7, 2), (10, 2))),
)  # fmt: skip
"""Cable rings: two feeders, their stations and the corners the ring goes by; it is opened at one point about its middle."""
HALLS = (("广场开闭所", ("商城一线", "云溪变"), ("商城二线", "学府变"), (7, 6)),)
"""Switching stations: two busbar sections, each on its own cable, the tie between them open."""
HALL_REACH_M = 1400.0
CUTS = {"和平线": 0.2}
"""Share of a ring's load on its first feeder, where it is not about half."""
HOTTER = {"机电线": 1.2, "鼓楼线": 1.25, "西关线": 1.12, "新城线": 0.7, "软件线": 0.8}
"""Feeders that carry more or less than their blocks would: one is nearly full."""
OVERLOADED = {(1, 5): 1.07, (4, 4): 0.98, (7, 10): 1.02, (2, 9): 0.84, (8, 7): 0.82, (3, 2): 0.86}
"""Blocks (column, row of the south-west corner) whose first public transformer is loaded so."""


@dataclass(frozen=True)
class VillageRow:
    """A village: where (kilometres east and north), the place its road comes from, how many pole transformers of what size, loaded how."""

    name: str
    name_en: str
    at_km: tuple[float, float]
    road_from: str
    areas: int
    kva: int
    loaded: float
    pv_kwp: float = 0.0
    tap: float = 1.05


VILLAGES = (
    VillageRow("杨树屯", "Yangshutun", (-1.2, 3.0), "0,8", 3, 200, 0.55),
    VillageRow("小王庄", "Xiaowangzhuang", (-2.2, 3.4), "杨树屯", 2, 160, 0.5),
    VillageRow("柳镇", "Liuzhen", (-4.3, 2.7), "小王庄", 4, 400, 0.6),
    VillageRow("上柳村", "Shangliu", (-5.3, 3.9), "柳镇", 3, 100, 0.55),
    VillageRow("河湾村", "Hewan", (-4.8, 1.0), "柳镇", 3, 200, 0.5),
    VillageRow("石门村", "Shimen", (2.6, 5.7), "8,12", 2, 200, 0.6),
    VillageRow("榆树沟", "Yushugou", (1.8, 7.4), "石门村", 3, 200, 0.52),
    VillageRow("北山村", "Beishan", (1.1, 9.2), "榆树沟", 4, 250, 0.56, tap=1.0),
    VillageRow("枣岭村", "Zaoling", (0.2, 10.9), "北山村", 4, 200, 0.58),
    VillageRow("东庄", "Dongzhuang", (6.9, 2.5), "16,6", 3, 250, 0.5),
    VillageRow("三里铺", "Sanlipu", (8.0, 3.1), "东庄", 2, 200, 0.45, 150.0),
    VillageRow("梨园村", "Liyuan", (9.1, 2.6), "三里铺", 3, 200, 0.4, 290.0),
    VillageRow("南庄", "Nanzhuang", (3.2, -1.1), "8,0", 3, 315, 0.55),
    VillageRow("沙河村", "Shahe", (3.9, -2.2), "南庄", 2, 200, 0.5),
    VillageRow("渡口村", "Dukou", (5.0, -3.0), "沙河村", 3, 200, 0.55),
    VillageRow("西坡村", "Xipo", (0.1, -1.2), "2,0", 3, 200, 0.55),
    VillageRow("陈家店", "Chenjiadian", (-1.5, -1.9), "西坡村", 2, 50, 0.6),
)


@dataclass(frozen=True)
class CountryRow:
    """An overhead feeder: its station, villages in order, conductors of trunk, and the feeder it is tied to at its end."""

    name: str
    station: str
    villages: tuple[str, ...]
    trunk: str
    tie: str = ""


COUNTRY = (
    CountryRow("西郊线", "云溪变", ("杨树屯", "小王庄"), "JKLYJ-240", "柳镇线"),
    CountryRow("北山线", "高新变", ("石门村", "榆树沟", "北山村", "枣岭村"), "LGJ-50"),
    CountryRow("东庄线", "学府变", ("东庄", "三里铺", "梨园村"), "JKLYJ-240"),
    CountryRow("南庄线", "园区变", ("南庄", "沙河村", "渡口村"), "LGJ-120"),
    CountryRow("西坡线", "云溪变", ("西坡村", "陈家店"), "LGJ-120", "河湾线"),
    CountryRow("柳镇线", "柳镇变", ("柳镇",), "JKLYJ-240"),
    CountryRow("上柳线", "柳镇变", ("上柳村",), "LGJ-70"),
    CountryRow("河湾线", "柳镇变", ("河湾村",), "LGJ-70"),
)
NORTH = ("北郊变", (0.9, 5.2), 31.5)
"""The station with the 35 kV busbars: name, kilometres, MVA of each of two transformers."""
TOWN = ("柳镇变", 5.0)
"""The 35/10 kV station beside 柳镇: name, MVA of each of two transformers."""
