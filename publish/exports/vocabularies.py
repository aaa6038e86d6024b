"""What our words are in other people's vocabularies: the EU's authority tables and W3C's dimensions of quality.

Pure look-ups. The EU's tables are those DCAT-AP 3.0 names (section "Controlled vocabularies to be used"); W3C's
dimensions are those of the Data Quality Vocabulary's note (www.w3.org/TR/vocab-dqv, section 6.2).
"""

import re
from functools import lru_cache
from urllib.parse import quote, urlsplit

from rdflib import Namespace, URIRef

from harvester.frequency import HOUR, MINUTE, YEAR
from publish.safe import http_link

DQV = Namespace("http://www.w3.org/ns/dqv#")
LDQD = Namespace("http://www.w3.org/2016/05/ldqd#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
EU = "http://publications.europa.eu/resource/authority/"
IANA = "https://www.iana.org/assignments/media-types/"

LANGUAGE = {"en": URIRef(f"{EU}language/ENG"), "zh": URIRef(f"{EU}language/ZHO")}
HONG_KONG = URIRef(f"{EU}country/HKG")
PERIODS: dict[str, float] = {
    "1MIN": MINUTE, "5MIN": 5 * MINUTE, "10MIN": 10 * MINUTE, "15MIN": 15 * MINUTE, "30MIN": 30 * MINUTE,
    "HOURLY": HOUR, "BIHOURLY": 2 * HOUR, "TRIHOURLY": 3 * HOUR, "DAILY_2": 0.5, "DAILY": 1, "WEEKLY_3": 7 / 3,
    "WEEKLY_2": 7 / 2, "WEEKLY": 7, "MONTHLY_3": YEAR / 36, "BIWEEKLY": 14, "MONTHLY_2": YEAR / 24,
    "MONTHLY": YEAR / 12, "BIMONTHLY": YEAR / 6, "QUARTERLY": YEAR / 4, "ANNUAL_3": YEAR / 3, "ANNUAL_2": YEAR / 2,
    "ANNUAL": YEAR, "BIENNIAL": 2 * YEAR, "TRIENNIAL": 3 * YEAR, "QUADRENNIAL": 4 * YEAR, "QUINQUENNIAL": 5 * YEAR,
    "DECENNIAL": 10 * YEAR,
}  # fmt: skip
"""The EU's frequencies that are a period, in days; the vocabulary has no others that a record could mean."""
NEAR = 0.03
"""How far a period may be from one of these and still be it: a month of 30 or 31 days is a month."""
SCHEDULES = {"real-time": "UPDATE_CONT", "as-needed": "AS_NEEDED", "unknown": "UNKNOWN"}
THEMES = {
    "AGRI": "Agriculture, fisheries, forestry and food", "ECON": "Economy and finance",
    "EDUC": "Education, culture and sport", "ENVI": "Environment", "GOVE": "Government and public sector",
    "HEAL": "Health", "JUST": "Justice, legal system and public safety", "REGI": "Regions and cities",
    "SOCI": "Population and society", "TECH": "Science and technology", "TRAN": "Transport",
}  # fmt: skip
"""The EU's data themes that a category of ours falls under, with their own names."""
CATEGORIES = {
    "city-management": "REGI", "climate-and-weather": "ENVI", "commerce-and-industry": "ECON", "development": "REGI",
    "education": "EDUC", "employment-and-labour": "SOCI", "environment": "ENVI", "finance": "ECON", "food": "AGRI",
    "health": "HEAL", "housing": "SOCI", "information-technology-and-broadcasting": "TECH",
    "law-and-security": "JUST", "legislature": "GOVE", "population": "SOCI", "recreation-and-culture": "EDUC",
    "social-welfare": "SOCI", "tourism": "ECON", "transport": "TRAN",
}  # fmt: skip
"""The categories of DATA.GOV.HK to the EU's themes; "miscellaneous" is none of them."""
FILE_TYPES = {
    **{name: name.upper() for name in (
        "csv", "tsv", "xls", "xlsx", "ods", "json", "geojson", "xml", "rss", "atom", "kml", "kmz", "gml", "html",
        "pdf", "doc", "docx", "ppt", "pptx", "rtf", "png", "jpeg", "gif", "tiff", "svg", "shp", "gpkg", "mdb", "zip",
        "gzip", "rest",
    )},
    "text": "TXT", "fgdb": "GDB", "wms": "WMS_SRVC", "wfs": "WFS_SRVC", "wmts": "WMTS_SRVC",
}  # fmt: skip
"""Our formats to the EU's file types, where it has them."""
DIMENSIONS = {
    "online": "availability", "free": "licensing", "licence": "licensing", "machine_readable": "interoperability",
    "bulk": "availability", "timely": "timeliness", "historical": "completeness", "tools": "versatility",
    "language": "versatility", "missing_data": "completeness", "extent": "completeness",
    "format": "interoperability", "secure": "security", "encoding": "interoperability", "shape": "syntacticValidity",
    "fields": "interpretability", "links": "availability", "consistent": "consistency",
    "plausible": "semanticAccuracy", "headers": "interpretability", "dates": "timeliness",
    "translation": "consistency", "schedule": "timeliness", "dictionary": "interpretability",
    "contact": "trustworthiness", "metadata": "understandability", "single": "conciseness",
}  # fmt: skip
"""Criteria to the dimension of quality each speaks of."""

_PLAIN = r"A-Za-z0-9\-._~!$&'()*+,;=:@/"
_BEYOND = (
    "\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef"
    + "".join(f"{chr(plane << 16)}-{chr((plane << 16) + 0xFFFD)}" for plane in range(1, 14))
    + "\U000e1000-\U000efffd"
)
_IRI = re.compile(
    rf"https?://[^/?#]+(?:[{_PLAIN}{_BEYOND}]|%[0-9A-Fa-f]{{2}})*"
    rf"(?:\?(?:[{_PLAIN}?{_BEYOND}\ue000-\uf8ff]|%[0-9A-Fa-f]{{2}})*)?(?:\#(?:[{_PLAIN}?{_BEYOND}]|%[0-9A-Fa-f]{{2}})*)?",
    re.IGNORECASE,
)
"""Path, query and fragment as RFC 3987, section 2.2 has them."""
_HOST = re.compile(rf"(?:[A-Za-z0-9\-._~!$&'()*+,;={_BEYOND}]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{{1,5}})?")


@lru_cache(maxsize=4096)
def iri(address: str | None) -> URIRef | None:
    """Return an http(s) address as an IRI; None where it is no valid one (a call with holes, a space, a user name)."""
    link = http_link(address)
    if link is None or not _IRI.fullmatch(link) or not _HOST.fullmatch(urlsplit(link).netloc):
        return None
    return URIRef(link)


def part(name: str) -> str:
    """Return a name as one part of an IRI: everything but letters, digits and ``-._~`` is percent-encoded."""
    return quote(name, safe="")


def frequency(schedule: str, period_days: float | None) -> URIRef:
    """Return the EU's frequency of a dataset: by its period (days) where it has one, OTHER where none is near."""
    code = SCHEDULES.get(schedule, "UNKNOWN")
    if schedule == "periodic" and period_days:
        near = min(PERIODS, key=lambda name: abs(PERIODS[name] - period_days) / PERIODS[name])
        code = near if abs(PERIODS[near] - period_days) <= NEAR * PERIODS[near] else "OTHER"
    return URIRef(f"{EU}frequency/{code}")


def language_of(text: str | None) -> URIRef | None:
    """Return the EU's language of a code such as ``en``, ``tc`` or ``zh-Hant``; None for any other."""
    code = (text or "").strip().lower()
    if code in ("tc", "sc") or code.startswith("zh"):
        return LANGUAGE["zh"]
    return LANGUAGE["en"] if code.startswith("en") else None
