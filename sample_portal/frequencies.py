"""How departments write how often they update, and how they call their tables: raw texts, period by period."""

from sample_portal.names import Text

WRITTEN: dict[str, tuple[Text, ...]] = {
    "daily": (
        ("Daily", "每日", "每日"),
        ("Everyday", "每天", "每天"),
        ("Daily (updated to previous calendar day)", "每日（更新至前一日）", "每日（更新至前一日）"),
        ("Daily at 9:00am", "每日上午九時", "每日上午九时"),
        ("daily", "每日", "每日"),
    ),
    "weekly": (
        ("Weekly", "每周", "每周"),
        ("Every Week", "每星期", "每星期"),
        ("WEEKLY", "每週", "每周"),
        ("weekly ", "每星期一次", "每星期一次"),
    ),
    "monthly": (
        ("Monthly", "每月", "每月"),
        ("monthly", "每月", "每月"),
        ("MONTHLY", "每月一次", "每月一次"),
        ("Every 1 month", "每一個月", "每一个月"),
        ("Once a month", "每月一次", "每月一次"),
        ("Monthly and as necessary", "每月及有需要時", "每月及有需要时"),
        ("Every mid of month", "每月中旬", "每月中旬"),
    ),
    "quarterly": (
        ("Quarterly", "每季", "每季"),
        ("QUARTERLY", "每季", "每季"),
        ("Every 3 months", "每三個月", "每三个月"),
        ("Quarterly and as necessary", "每季及有需要時", "每季及有需要时"),
        ("quarterly", "每季度", "每季度"),
    ),
    "half-yearly": (
        ("Half-yearly", "每半年", "每半年"),
        ("Every 6 months", "每六個月", "每六个月"),
        ("Every Six Months", "每六個月", "每六个月"),
        ("Twice per year", "每年兩次", "每年两次"),
    ),
    "yearly": (
        ("Annually", "每年", "每年"),
        ("ANNUALLY", "每年", "每年"),
        ("Yearly", "每年", "每年"),
        ("Annual", "每年", "每年"),
        ("Every year", "每年一次", "每年一次"),
        ("Every 1 year", "每一年", "每一年"),
        ("Once a year", "每年一次", "每年一次"),
        ("Annually and as\nnecessary", "每年及有需要時", "每年及有需要时"),
        ("On yearly basis", "每年", "每年"),
        ("Yearly or as and when necessary", "每年或有需要時", "每年或有需要时"),
    ),
}

AS_NEEDED: tuple[Text, ...] = (
    ("As and when necessary", "有需要時", "有需要时"),
    ("AS AND WHEN NECESSARY", "有需要時", "有需要时"),
    ("As necessary", "按需要", "按需要"),
    ("Ad hoc", "不定期", "不定期"),
    ("As and when required", "按需要", "按需要"),
    ("On a need basis", "按需要更新", "按需要更新"),
    ("Update when necessary", "有需要時更新", "有需要时更新"),
    ("Ad-hoc", "不定期", "不定期"),
)

LIVE: tuple[Text, ...] = (
    ("Real-time", "實時", "实时"),
    ("Every 10 minutes", "每十分鐘", "每十分钟"),
    ("Every 15 minutes during office hours", "辦公時間內每十五分鐘", "办公时间内每十五分钟"),
    ("Hourly", "每小時", "每小时"),
    ("Information on next arrivals updated every 30 mintues", "每三十分鐘更新", "每三十分钟更新"),
)

UNREADABLE: tuple[Text, ...] = (
    ("N/A", "不適用", "不适用"),
    ("", "", ""),
    ("To be confirmed", "待定", "待定"),
    ("-", "-", "-"),
)

NAMES_OF_PERIODS: dict[str, Text] = {
    "daily": ("Daily", "每日", "每日"),
    "weekly": ("Weekly", "每周", "每周"),
    "monthly": ("Monthly", "每月", "每月"),
    "quarterly": ("Quarterly", "每季", "每季"),
    "half-yearly": ("Half-yearly", "半年度", "半年度"),
    "yearly": ("Annual", "年度", "年度"),
}

TITLES: tuple[tuple[str, Text], ...] = (
    ("by-district", ("{topic} by District", "{topic}（按地區劃分）", "{topic}（按地区划分）")),
    ("statistics", ("{period} Statistics on {topic}", "{topic}{period}統計數字", "{topic}{period}统计数字")),
    ("new-territories", ("{topic} in the New Territories", "新界區{topic}", "新界区{topic}")),
    ("kowloon", ("{topic} in Kowloon", "九龍區{topic}", "九龙区{topic}")),
    ("one-district", ("{topic} in {place} District", "{topic}（{place}）", "{topic}（{place}）")),
    ("hong-kong-island", ("{topic} on Hong Kong Island", "香港島{topic}", "香港岛{topic}")),
)
