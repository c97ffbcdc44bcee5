"""Names of the made-up city, Chinese and English; none is meant for a real street, firm or person."""

COLUMNS = (
    ("西环路", "Xihuan Road"), ("柳泉巷", "Liuquan Lane"), ("西关街", "Xiguan Street"), ("槐荫巷", "Huaiyin Lane"),
    ("云溪大道", "Yunxi Avenue"), ("书院巷", "Shuyuan Lane"), ("建设路", "Jianshe Road"), ("百花巷", "Baihua Lane"),
    ("中山路", "Zhongshan Road"), ("银杏巷", "Yinxing Lane"), ("学府路", "Xuefu Road"), ("海棠巷", "Haitang Lane"),
    ("和平路", "Heping Road"), ("梧桐巷", "Wutong Lane"), ("东湖路", "Donghu Road"), ("听松巷", "Tingsong Lane"),
    ("东环路", "Donghuan Road"),
)  # fmt: skip
"""North–south streets from west to east."""
ROWS = (
    ("南环路", "Nanhuan Road"), ("磨坊街", "Mofang Street"), ("工业路", "Gongye Road"), ("渡口街", "Dukou Street"),
    ("滨河大道", "Binhe Avenue"), ("鼓楼街", "Gulou Street"), ("人民路", "Renmin Road"), ("文庙街", "Wenmiao Street"),
    ("公园路", "Gongyuan Road"), ("丁香街", "Dingxiang Street"), ("创新路", "Chuangxin Road"),
    ("云谷街", "Yungu Street"), ("北环路", "Beihuan Road"),
)  # fmt: skip
"""West–east streets from south to north."""
ESTATES = (
    ("桂花", "Guihua"), ("学府", "Xuefu"), ("松鹤", "Songhe"), ("清荷", "Qinghe"), ("望溪", "Wangxi"), ("锦绣", "Jinxiu"),
    ("翠竹", "Cuizhu"), ("春晖", "Chunhui"), ("晨光", "Chenguang"), ("紫薇", "Ziwei"), ("金穗", "Jinsui"), ("兰亭", "Lanting"),
    ("向阳", "Xiangyang"), ("银河", "Yinhe"), ("枫林", "Fenglin"), ("雅园", "Yayuan"), ("和顺", "Heshun"), ("长乐", "Changle"),
    ("康宁", "Kangning"), ("福田", "Futian"), ("安居", "Anju"), ("玉泉", "Yuquan"), ("明珠", "Mingzhu"), ("青年", "Qingnian"),
    ("红旗", "Hongqi"), ("朝霞", "Zhaoxia"), ("龙门", "Longmen"), ("凤鸣", "Fengming"), ("白云", "Baiyun"), ("碧水", "Bishui"),
    ("石榴", "Shiliu"), ("海棠", "Haitang"), ("丹桂", "Dangui"), ("广源", "Guangyuan"), ("吉祥", "Jixiang"), ("同心", "Tongxin"),
    ("瑞景", "Ruijing"), ("观山", "Guanshan"), ("听雨", "Tingyu"), ("湖畔", "Hupan"),
)  # fmt: skip
ENDINGS = (("里", "Li"), ("苑", "Garden"), ("新村", "New Village"), ("小区", "Estate"))
"""An estate is called by a name and an ending: forty times four."""
WORKS = (
    ("云溪精密制造厂", "Yunxi Precision Works"), ("示范轴承厂", "Shifan Bearing Works"), ("溪东纺织厂", "Xidong Textile Mill"),
    ("长虹印染厂", "Changhong Dyeing Works"), ("石桥铸造厂", "Shiqiao Foundry"), ("北辰注塑厂", "Beichen Moulding Works"),
    ("宏图机电公司", "Hongtu Machinery"), ("南渡面粉厂", "Nandu Flour Mill"), ("齐云陶瓷厂", "Qiyun Ceramics"),
    ("云阳化工厂", "Yunyang Chemicals"), ("同盛玻璃厂", "Tongsheng Glass"), ("远东电缆厂", "Yuandong Cable Works"),
    ("华兴锻压厂", "Huaxing Forge"), ("三江食品厂", "Sanjiang Foods"), ("鼎新家具厂", "Dingxin Furniture"),
    ("力源水泵厂", "Liyuan Pumps"), ("金泰钢构厂", "Jintai Steelworks"), ("恒通车架厂", "Hengtong Frames"),
    ("嘉禾饲料厂", "Jiahe Feeds"), ("启明灯具厂", "Qiming Lamps"), ("蓝图印务公司", "Lantu Printing"),
    ("东方线缆厂", "Dongfang Wires"), ("友联五金厂", "Youlian Hardware"), ("万里轮胎厂", "Wanli Tyres"),
    ("盛世包装厂", "Shengshi Packaging"), ("西岭建材厂", "Xiling Building Materials"), ("云帆船具厂", "Yunfan Marine Gear"),
    ("和润制药厂", "Herun Pharma"), ("新科模具厂", "Xinke Moulds"), ("顺达减速机厂", "Shunda Gears"),
)  # fmt: skip
TECH = (
    ("云谷软件园", "Yungu Software Park"), ("数谷数据中心", "Shugu Data Centre"), ("创新大厦", "Innovation Tower"),
    ("光电产业园", "Photonics Park"), ("生物医药园", "Biopharma Park"), ("智造中心", "Smart Manufacturing Centre"),
    ("科技孵化园", "Science Incubator"), ("检测中心", "Testing Centre"), ("北斗研究院", "Beidou Institute"),
    ("芯源微电子", "Xinyuan Microelectronics"), ("云溪会展中心", "Yunxi Expo Centre"), ("新能源研究院", "New Energy Institute"),
)  # fmt: skip
SHOPS = (
    ("云溪广场", "Yunxi Plaza"), ("鼓楼商场", "Gulou Department Store"), ("人民商厦", "Renmin Mall"), ("溪畔酒店", "Xipan Hotel"),
    ("中山百货", "Zhongshan Department Store"), ("东湖影城", "Donghu Cinema"), ("和平大厦", "Heping Building"),
    ("学府书城", "Xuefu Book City"), ("银座酒店", "Yinzuo Hotel"), ("金街购物中心", "Jinjie Shopping Centre"),
)  # fmt: skip
SCHOOLS = (
    ("示范一中", "Shifan No. 1 School"), ("鼓楼小学", "Gulou Primary School"), ("学府中学", "Xuefu School"),
    ("滨河小学", "Binhe Primary School"), ("东湖中学", "Donghu School"), ("示范职业学院", "Shifan Vocational College"),
    ("实验小学", "Shiyan Primary School"),
)  # fmt: skip
MARKETS = (
    ("西关市场", "Xiguan Market"),
    ("鼓楼菜市场", "Gulou Market"),
    ("东环农贸市场", "Donghuan Farmers' Market"),
)
OFFICES = (("示范市政府", "City Hall"), ("政务中心", "Government Service Centre"))
HOSPITALS = (("示范市人民医院", "City People's Hospital"),)
PARKS = (("人民公园", "People's Park"), ("东湖公园", "Donghu Park"))
DEPOTS = (
    ("兴业物流园", "Xingye Logistics Park"),
    ("铁路货场", "Rail Freight Yard"),
    ("冷链配送中心", "Cold-chain Centre"),
)
DISTRICTS = {
    "老城": ("老城区", "Old Town"), "城北": ("城北片区", "North District"), "高新": ("高新区", "High-tech District"),
    "学府": ("学府片区", "Xuefu District"), "工业": ("工业园区", "Industrial Park"), "河南": ("南关片区", "Nanguan District"),
}  # fmt: skip
"""Districts by the word that the drawing of the city uses."""
STATIONS = {
    "云溪": "Yunxi",
    "学府": "Xuefu",
    "高新": "Gaoxin",
    "园区": "Yuanqu",
    "北郊": "Beijiao",
    "柳镇": "Liuzhen",
}
"""Substations by the word before 变."""
SMALL = (
    ("超市", "shop"), ("面馆", "shop"), ("药店", "shop"), ("五金店", "shop"), ("洗车行", "shop"), ("理发店", "shop"),
    ("早餐店", "shop"), ("书店", "shop"), ("打印社", "shop"), ("水果店", "shop"), ("幼儿园", "nursery"), ("充电站", "charging"),
)  # fmt: skip
RURAL = ("合作社", "养殖场", "粮食加工厂", "农机站", "大棚基地", "卫生室", "小学", "砖厂")


def station_en(name: str) -> str:
    """A substation's name in English.

    >>> station_en("110kV 高新变")
    '110kV Gaoxin Substation'
    """
    *level, word = name.removesuffix("变").split()
    return " ".join([*level, STATIONS[word], "Substation"])
