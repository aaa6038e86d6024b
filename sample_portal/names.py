"""Who publishes, on what, and where: names in English, Traditional and Simplified Chinese, written for the sample."""

import csv
import io
from dataclasses import dataclass
from importlib.resources import files

Text = tuple[str, str, str]
"""One text in English, Traditional Chinese and Simplified Chinese."""


PROVIDERS: dict[str, Text] = {
    "aahk": ("Airport Authority Hong Kong", "香港機場管理局", "香港机场管理局"),
    "cfs": ("Centre for Food Safety", "食物安全中心", "食物安全中心"),
    "clp": ("CLP Power Hong Kong Limited", "中華電力有限公司", "中华电力有限公司"),
    "ctb": ("Citybus Limited", "城巴有限公司", "城巴有限公司"),
    "compcomm": ("Competition Commission", "競爭事務委員會", "竞争事务委员会"),
    "cc": ("Consumer Council", "消費者委員會", "消费者委员会"),
    "eac": ("Electoral Affairs Commission", "選舉管理委員會", "选举管理委员会"),
    "hk-afcd": ("Agriculture, Fisheries and Conservation Department", "漁農自然護理署", "渔农自然护理署"),
    "hk-archsd": ("Architectural Services Department", "建築署", "建筑署"),
    "hk-aud": ("Audit Commission", "審計署", "审计署"),
    "hk-bd": ("Buildings Department", "屋宇署", "屋宇署"),
    "hk-cad": ("Civil Aviation Department", "民航處", "民航处"),
    "hk-cedd": ("Civil Engineering and Development Department", "土木工程拓展署", "土木工程拓展署"),
    "hk-censtatd": ("Census and Statistics Department", "政府統計處", "政府统计处"),
    "hk-cr": ("Companies Registry", "公司註冊處", "公司注册处"),
    "hk-csd": ("Correctional Services Department", "懲教署", "惩教署"),
    "hk-customs": ("Customs and Excise Department", "香港海關", "香港海关"),
    "hk-dh": ("Department of Health", "衞生署", "卫生署"),
    "hk-doj": ("Department of Justice", "律政司", "律政司"),
    "hk-dpo": ("Digital Policy Office", "數字政策辦公室", "数字政策办公室"),
    "hk-dsd": ("Drainage Services Department", "渠務署", "渠务署"),
    "hk-edb": ("Education Bureau", "教育局", "教育局"),
    "hk-emsd": ("Electrical and Mechanical Services Department", "機電工程署", "机电工程署"),
    "hk-epd": ("Environmental Protection Department", "環境保護署", "环境保护署"),
    "hk-fehd": ("Food and Environmental Hygiene Department", "食物環境衞生署", "食物环境卫生署"),
    "hk-fsd": ("Fire Services Department", "消防處", "消防处"),
    "hk-gfs": ("Government Flying Service", "政府飛行服務隊", "政府飞行服务队"),
    "hk-gld": ("Government Logistics Department", "政府物流服務署", "政府物流服务署"),
    "hk-govtlab": ("Government Laboratory", "政府化驗所", "政府化验所"),
    "hk-had": ("Home Affairs Department", "民政事務總署", "民政事务总署"),
    "hk-hkma": ("Hong Kong Monetary Authority", "香港金融管理局", "香港金融管理局"),
    "hk-hko": ("Hong Kong Observatory", "香港天文台", "香港天文台"),
    "hk-hkpf": ("Hong Kong Police Force", "香港警務處", "香港警务处"),
    "hk-hkpo": ("Hongkong Post", "香港郵政", "香港邮政"),
    "hk-housing": ("Housing Department", "房屋署", "房屋署"),
    "hk-hyd": ("Highways Department", "路政署", "路政署"),
    "hk-icac": ("Independent Commission Against Corruption", "廉政公署", "廉政公署"),
    "hk-immd": ("Immigration Department", "入境事務處", "入境事务处"),
    "hk-investhk": ("Invest Hong Kong", "投資推廣署", "投资推广署"),
    "hk-ipd": ("Intellectual Property Department", "知識產權署", "知识产权署"),
    "hk-ird": ("Inland Revenue Department", "稅務局", "税务局"),
    "hk-isd": ("Information Services Department", "政府新聞處", "政府新闻处"),
    "hk-itc": ("Innovation and Technology Commission", "創新科技署", "创新科技署"),
    "hk-lad": ("Legal Aid Department", "法律援助署", "法律援助署"),
    "hk-landsd": ("Lands Department", "地政總署", "地政总署"),
    "hk-lcsd": ("Leisure and Cultural Services Department", "康樂及文化事務署", "康乐及文化事务署"),
    "hk-ld": ("Labour Department", "勞工處", "劳工处"),
    "hk-lr": ("Land Registry", "土地註冊處", "土地注册处"),
    "hk-md": ("Marine Department", "海事處", "海事处"),
    "hk-ofca": ("Office of the Communications Authority", "通訊事務管理局辦公室", "通讯事务管理局办公室"),
    "hk-pland": ("Planning Department", "規劃署", "规划署"),
    "hk-reo": ("Registration and Electoral Office", "選舉事務處", "选举事务处"),
    "hk-rthk": ("Radio Television Hong Kong", "香港電台", "香港电台"),
    "hk-rvd": ("Rating and Valuation Department", "差餉物業估價署", "差饷物业估价署"),
    "hk-swd": ("Social Welfare Department", "社會福利署", "社会福利署"),
    "hk-td": ("Transport Department", "運輸署", "运输署"),
    "hk-tid": ("Trade and Industry Department", "工業貿易署", "工业贸易署"),
    "hk-try": ("Treasury", "庫務署", "库务署"),
    "hk-wsd": ("Water Supplies Department", "水務署", "水务署"),
    "hkelectric": ("The Hongkong Electric Company, Limited", "香港電燈有限公司", "香港电灯有限公司"),
    "hospital": ("Hospital Authority", "醫院管理局", "医院管理局"),
    "ia": ("Insurance Authority", "保險業監管局", "保险业监管局"),
    "legco": ("Legislative Council Secretariat", "立法會秘書處", "立法会秘书处"),
    "mtr": ("MTR Corporation Limited", "香港鐵路有限公司", "香港铁路有限公司"),
    "towngas": ("The Hong Kong and China Gas Company Limited", "香港中華煤氣有限公司", "香港中华煤气有限公司"),
    "ura": ("Urban Renewal Authority", "市區重建局", "市区重建局"),
    "wkcda": ("West Kowloon Cultural District Authority", "西九文化區管理局", "西九文化区管理局"),
}

CATEGORIES: dict[str, Text] = {
    "city-management": ("City Management and Utilities", "城市管理及公共設施", "城市管理及公共设施"),
    "climate-and-weather": ("Climate and Weather", "氣象", "气象"),
    "commerce-and-industry": ("Commerce and Industry", "工商業", "工商业"),
    "social-welfare": ("Community and Social Welfare", "社區及社會福利", "社区及社会福利"),
    "development": ("Development, Geography and Land Information", "發展、地理及土地資訊", "发展、地理及土地资讯"),
    "education": ("Education", "教育", "教育"),
    "legislature": ("Election and Legislature", "選舉及立法機關", "选举及立法机关"),
    "employment-and-labour": ("Employment and Labour", "就業及勞工", "就业及劳工"),
    "environment": ("Environment", "環境", "环境"),
    "finance": ("Finance", "財經", "财经"),
    "food": ("Food", "食物", "食物"),
    "health": ("Health", "衞生", "卫生"),
    "housing": ("Housing", "房屋", "房屋"),
    "law-and-security": ("Law and Security", "法律及保安", "法律及保安"),
    "population": ("Population", "人口", "人口"),
    "recreation-and-culture": ("Recreation, Sports and Culture", "康樂、體育及文化", "康乐、体育及文化"),
    "information-technology-and-broadcasting": ("Technology and Broadcasting", "科技及廣播", "科技及广播"),
    "tourism": ("Tourism", "旅遊", "旅游"),
    "transport": ("Transportation", "運輸", "运输"),
    "miscellaneous": ("Miscellaneous", "其他", "其他"),
}

DISTRICTS: tuple[tuple[Text, float, float], ...] = (
    (("Central and Western", "中西區", "中西区"), 22.2867, 114.1546),
    (("Wan Chai", "灣仔", "湾仔"), 22.2797, 114.1717),
    (("Eastern", "東區", "东区"), 22.2841, 114.2242),
    (("Southern", "南區", "南区"), 22.2473, 114.1588),
    (("Yau Tsim Mong", "油尖旺", "油尖旺"), 22.3215, 114.1726),
    (("Sham Shui Po", "深水埗", "深水埗"), 22.3307, 114.1622),
    (("Kowloon City", "九龍城", "九龙城"), 22.3282, 114.1916),
    (("Wong Tai Sin", "黃大仙", "黄大仙"), 22.3419, 114.1953),
    (("Kwun Tong", "觀塘", "观塘"), 22.3133, 114.2258),
    (("Kwai Tsing", "葵青", "葵青"), 22.3548, 114.0840),
    (("Tsuen Wan", "荃灣", "荃湾"), 22.3710, 114.1140),
    (("Tuen Mun", "屯門", "屯门"), 22.3908, 113.9725),
    (("Yuen Long", "元朗", "元朗"), 22.4445, 114.0222),
    (("North", "北區", "北区"), 22.4947, 114.1381),
    (("Tai Po", "大埔", "大埔"), 22.4508, 114.1642),
    (("Sha Tin", "沙田", "沙田"), 22.3771, 114.1974),
    (("Sai Kung", "西貢", "西贡"), 22.3814, 114.2705),
    (("Islands", "離島", "离岛"), 22.2611, 113.9461),
)


@dataclass(frozen=True, slots=True)
class Measure:
    """One counted or measured thing: its label with the unit, and its usual range."""

    label: Text
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject a department publishes figures on: a count and a second, decimal, measure."""

    slug: str
    provider: str
    category: str
    title: Text
    count: Measure
    rate: Measure


def _measure(row: dict[str, str], prefix: str) -> Measure:
    label = (row[f"{prefix}_en"], row[f"{prefix}_tc"], row[f"{prefix}_sc"])
    return Measure(label, int(row[f"{prefix}_low"]), int(row[f"{prefix}_high"]))


def _topics() -> tuple[Topic, ...]:
    text = files("sample_portal").joinpath("topics.csv").read_text(encoding="utf-8")
    return tuple(
        Topic(
            row["slug"],
            row["provider"],
            row["category"],
            (row["en"], row["tc"], row["sc"]),
            _measure(row, "count"),
            _measure(row, "rate"),
        )
        for row in csv.DictReader(io.StringIO(text))
    )


TOPICS = _topics()
"""The topics of topics.csv, our own, in the file's order."""
