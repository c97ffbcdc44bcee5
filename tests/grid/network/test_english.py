"""Names of devices on English pages: by rule where every letter is known, Chinese and marked so where one is not."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import activate, override

from demo.town.plan import HALLS, RINGS, STATIONS
from jiedian.core.spelling import CHINESE
from jiedian.grid.network.models import Grid
from jiedian.grid.network.queries.basemap import (
    SyllableRow,
    device_mark,
    device_name,
    english,
    forget_names,
)
from jiedian.grid.network.queries.finding import find_place
from jiedian.grid.network.services.basemap import take_map
from jiedian.ground.rulebook.services import load
from tests.cast import moment
from tests.grid.conftest import PLANNER

from .maps import town_map

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _is_chinese() -> Iterator[None]:
    """Whatever language a page of an earlier test was asked in."""
    activate("zh-hans")
    forget_names()
    yield
    activate("zh-hans")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("10kV 学府线 3号环网柜", "10kV Xuefu Line No. 3 ring main unit"),
        ("学府路#1环网柜（10kV 学府线）", "Xuefu Road #1 ring main unit（10kV Xuefu Line）"),
        ("云溪变", "Yunxi Substation"),
        ("110kV柳镇变电站", "110kV Liuzhen Substation"),
        ("柳镇变 35kV母线", "Liuzhen Substation 35kV busbar"),
        ("北柳甲线12号杆", "Beiliujia Line No. 12 pole"),
        ("1号主变", "No. 1 main transformer"),
        ("西关市场2号公变", "West Market No. 2 public transformer"),
        ("S1-B1-F01-A01", "S1-B1-F01-A01"),
        ("变电站", "Substation"),
    ],
)
def test_a_name_is_said_in_english_by_rule(name: str, said: str) -> None:
    west = {"type": "FeatureCollection", "features": [*town_map()["features"]]}
    west["features"][-1] = west["features"][-1] | {
        "properties": {"kind": "place", "name": "西关市场", "name_en": "West Market", "what": "market"}
    }
    take_map(west, name="云溪", actor=PLANNER, at=moment("2025-06-01 09:00"))
    forget_names()
    assert english(name) == said
    assert device_name(name) == name, "a Chinese reader reads it as it stands"
    with override("en"):
        assert device_name(name) == said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("人民路12号院", "Renmin Road No. 12 Yuan"),
        ("安源公司", "Anyuan Company"),
        ("丰华有限公司配电室", "Fenghua Co. Ltd. distribution room"),
        ("3号变压器", "No. 3 transformer"),
        ("变压器", "transformer"),
        ("西郊变电所", "Xijiao Substation"),
        ("柳镇变10kVⅡ母", "Liuzhen Substation 10kVⅡ busbar"),
        ("大学路#2环网柜", "Daxue Road #2 ring main unit"),
        ("市医院2号箱变", "Shi Hospital No. 2 compact substation"),
        ("医院东路1号杆", "Yiyuandong Road No. 1 pole"),
        ("绿园小区1号台区", "Lvyuan Estate No. 1 transformer area"),
        ("松柏街", "Songbai Street"),
        ("戊线", "Wu Line"),
        ("民主巷", "Minzhu Lane"),
        ("10kV线路", "10kV line"),
        ("城东第一小学", "Chengdongdiyi Primary School"),
        ("路北变", "Lubei Substation"),
    ],
)
def test_names_of_other_kinds_are_said_too(name: str, said: str) -> None:
    assert english(name) == said


GB_2312 = (
    "a啊 ai埃 an鞍 ang肮 ao凹 ba芭 bai白 ban斑 bang邦 bao苞 bei杯 ben奔 beng崩 bi逼 bian鞭 biao标 bie鳖 bin彬 bing兵 bo玻 "
    "bu捕 ca擦 cai猜 can餐 cang苍 cao操 ce厕 ceng层 cha插 chai拆 chan搀 chang昌 chao超 che车 chen郴 cheng撑 chi吃 "
    "chong充 chou抽 chu初 chuai揣 chuan川 chuang疮 chui吹 chun春 chuo戳 ci疵 cong聪 cou凑 cu粗 cuan蹿 cui摧 cun村 "
    "cuo磋 da搭 dai呆 dan耽 dang当 dao刀 de德 deng蹬 di堤 dian颠 diao碉 die跌 ding丁 diu丢 dong东 dou兜 du督 duan端 "
    "dui堆 dun墩 duo掇 e蛾 en恩 er而 fa发 fan藩 fang坊 fei菲 fen芬 feng丰 fo佛 fou否 fu夫 ga噶 gai该 gan干 gang冈 gao篙 "
    "ge哥 gei给 gen根 geng耕 gong工 gou钩 gu辜 gua刮 guai乖 guan棺 guang光 gui瑰 gun辊 guo锅 ha哈 hai骸 han酣 hang夯 "
    "hao壕 he呵 hei嘿 hen痕 heng哼 hong轰 hou喉 hu呼 hua花 huai槐 huan欢 huang荒 hui灰 hun荤 huo豁 ji击 jia嘉 jian歼 "
    "jiang僵 jiao蕉 jie揭 jin巾 jing荆 jiong炯 jiu揪 ju鞠 juan捐 jue撅 jun均 ka喀 kai开 kan刊 kang康 kao考 ke坷 ken肯 "
    "keng坑 kong空 kou抠 ku枯 kua夸 kuai块 kuan宽 kuang匡 kui亏 kun坤 kuo括 la垃 lai莱 lan蓝 lang琅 lao捞 le勒 lei雷 "
    "leng棱 li厘 lia俩 lian联 liang粮 liao撩 lie列 lin琳 ling玲 liu溜 long龙 lou楼 lu芦 lv驴 luan峦 lve掠 lun抡 luo萝 "
    "ma妈 mai埋 man瞒 mang芒 mao猫 me么 mei玫 men门 meng萌 mi眯 mian棉 miao苗 mie蔑 min民 ming明 miu谬 mo摸 mou谋 mu拇 "
    "na拿 nai氖 nan南 nang囊 nao挠 ne呢 nei馁 nen嫩 neng能 ni妮 nian蔫 niang娘 niao鸟 nie捏 nin您 ning柠 niu牛 nong脓 "
    "nu奴 nv女 nuan暖 nve虐 nuo挪 o哦 ou欧 pa啪 pai拍 pan攀 pang乓 pao抛 pei呸 pen喷 peng砰 pi坯 pian篇 piao飘 pie撇 "
    "pin拼 ping乒 po坡 pou剖 pu扑 qi期 qia掐 qian牵 qiang枪 qiao橇 qie切 qin钦 qing青 qiong琼 qiu秋 qu趋 quan圈 que缺 "
    "qun裙 ran然 rang瓤 rao饶 re惹 ren壬 reng扔 ri日 rong戎 rou揉 ru茹 ruan软 rui蕊 run闰 ruo若 sa撒 sai腮 san三 sang桑 "
    "sao搔 se瑟 sen森 seng僧 sha莎 shai筛 shan珊 shang墒 shao梢 she奢 shen砷 sheng声 shi师 shou收 shu蔬 shua刷 shuai摔 "
    "shuan栓 shuang霜 shui谁 shun吮 shuo说 si斯 song松 sou搜 su苏 suan酸 sui虽 sun孙 suo蓑 ta塌 tai胎 tan坍 tang汤 "
    "tao掏 te特 teng藤 ti梯 tian天 tiao挑 tie贴 ting厅 tong通 tou偷 tu凸 tuan湍 tui推 tun吞 tuo拖 wa挖 wai歪 wan豌 "
    "wang汪 wei威 wen瘟 weng嗡 wo挝 wu巫 xi昔 xia瞎 xian掀 xiang相 xiao萧 xie楔 xin薪 xing星 xiong兄 xiu休 xu墟 xuan轩 "
    "xue靴 xun勋 ya压 yan焉 yang殃 yao邀 ye椰 yi一 yin茵 ying英 yo哟 yong拥 you幽 yu迂 yuan鸳 yue曰 yun耘 za匝 zai栽 "
    "zan咱 zang赃 zao遭 ze责 zei贼 zen怎 zeng增 zha扎 zhai摘 zhan瞻 zhang樟 zhao招 zhe遮 zhen珍 zheng蒸 zhi芝 zhong中 "
    "zhou舟 zhu珠 zhua抓 zhuai拽 zhuan专 zhuang桩 zhui椎 zhun谆 zhuo捉 zi兹 zong鬃 zou邹 zu租 zuan钻 zui嘴 zun尊 zuo昨 "
)
"""First letter of each syllable in the first level of GB/T 2312-1980, whose 3755 letters stand in the order of their sounds."""
ELSEWHERE = {"都": "capital (du), listed under dou", "厦": "building (sha), listed under xia"}
"""Letters with two sounds whose other one is meant in names."""


def test_every_letter_of_the_first_level_has_the_sound_the_national_code_lists_it_under() -> None:
    starts = [(each[-1].encode("gb2312"), each[:-1]) for each in GB_2312.split()]
    assert starts == sorted(starts) and len(starts) == 397
    checked, wrong = 0, []
    for row in load("grid/syllables.csv", SyllableRow):
        for letter in row.letters:
            code = letter.encode("gb2312")
            if code < b"\xd8" and letter not in ELSEWHERE:
                found = [sound for start, sound in starts if start <= code][-1]
                checked += 1
                wrong += [] if found == row.id else [(letter, row.id, found)]
    assert checked > 850 and wrong == []


def test_a_letter_nobody_knows_keeps_the_whole_name_chinese_and_says_so() -> None:
    forget_names()
    with override("en"):
        assert device_name("龘靐线") == "龘靐线"
        assert device_mark("龘靐线") == '<span lang="zh">龘靐线</span>'
        assert device_mark("学府线") == '<span title="学府线">Xuefu Line</span>'
        assert "&lt;b&gt;" in device_mark("<b>线")
    assert device_mark("学府线") == "学府线"


def test_every_device_of_the_made_up_city_has_an_english_name() -> None:
    forget_names()
    words = [word for row in (*RINGS, *HALLS) for word in row if isinstance(word, str)]
    named = [word for word in (*words, *(row.name for row in STATIONS)) if CHINESE.search(word)]
    assert len(named) > 40 and [word for word in named if CHINESE.search(english(word))] == []


def test_a_device_is_found_by_its_english_name_and_shown_so(town: Grid) -> None:
    forget_names()
    feeder = town.devices.filter(kind="feeder").first()
    assert feeder
    town.devices.filter(pk=feeder.pk).update(name="学府线")
    Grid.objects.filter(pk=town.pk).update(revision=town.revision + 1)
    town.refresh_from_db()
    with override("en"):
        (row, *_more) = find_place("Xuefu Line", town).rows
        assert row.name == "Xuefu Line"
    browser = Client()
    browser.cookies["django_language"] = "en"
    page = browser.get(
        reverse("places"), {"where": "学府线", "to": "apply", "grid": town.code}
    ).content.decode()
    assert "Xuefu Line" in page
