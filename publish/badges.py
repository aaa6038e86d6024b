"""Badges (one line of SVG) and embeds (a page small enough for a frame): our findings on other people's pages."""

import html
import unicodedata
from dataclasses import dataclass

from harvester.records import Language
from publish import standing
from publish.i18n import TAGS, Translator
from publish.safe import clean, short
from publish.standing import Standing

HEIGHT, SIZE, PAD = 20, 11, 6
"""Pixels: a badge's height, its letters' size, and the room left and right of each text."""
FONT = "Verdana,DejaVu Sans,Noto Sans CJK {cjk},PingFang {cjk},Microsoft JhengHei,Microsoft YaHei,sans-serif"
CJK = {"en": "HK", "tc": "HK", "sc": "SC"}
GREY, NAME, NOTE, WARN = "#5c6470", "#30353b", "#4a5159", "#7a4a00"
"""Backgrounds: nothing to grade, the badge's own name, its note, and the note where the data is not live."""
BANDS = ("#0a6b5e", "#2c6b2f", "#47641f", "#8a5a00")
"""Backgrounds of the profile's bands, best first; white letters stand at least 4.5 to 1 against each."""
WIDTHS = (
    ("ijl.,:;'|!I", 0.35), (" ", 0.35), ('frt()-[]/"', 0.44), ("mwMW@%—", 0.95), ("0123456789", 0.64),
    ("ABCDEFGHJKLNOPQRSTUVXYZ&", 0.71),
)  # fmt: skip
"""How wide letters of the usual sans-serif fonts are, in ems; others are about 0.62, Chinese ones are 1."""


@dataclass(frozen=True, slots=True)
class Badge:
    """What a badge says: its three texts, the colours behind the last two, and the whole in one sentence."""

    name: str
    value: str
    colour: str
    note: str
    note_colour: str
    sentence: str


def badge(it: Standing | None, tr: Translator) -> Badge:
    """Return the badge of a subject; where there is no such subject, one that says so."""
    value, colour = _value(it, tr)
    note, behind = tr("barometer, unofficial"), NOTE
    if it and it.origin != "live":
        note = tr("barometer, sample data") if it.origin == "sample" else tr("barometer, recorded data")
        behind = WARN
    title = short(it.title, 100) if it else ""
    told = f"{title}{tr(': ') if title else ''}{tr('open data')} {value} · {standing.site_name(tr)} · {note}"
    return Badge(tr("open data"), value, colour, note, behind, told)


def _value(it: Standing | None, tr: Translator) -> tuple[str, str]:
    """Return a badge's middle text and the colour behind it."""
    if it is None:
        return tr("not listed"), GREY
    if it.withdrawn:
        return tr("withdrawn"), GREY
    if it.point is None:
        return tr("not scored"), GREY
    if it.band is None:
        return tr("too little known"), GREY
    return f"{tr.number(it.point, 1)} {it.band_word(tr)}", BANDS[min(it.band, len(BANDS) - 1)]


def draw(it: Badge, language: Language, titled: bool = True) -> str:
    """Return a badge as SVG without script, style or reference; every text is escaped.

    ``titled`` is False inside a page, where the label alone names it and a title would be a tooltip.
    """
    texts = [(it.name, NAME), (it.value, it.colour), (it.note, it.note_colour)]
    widths = [2 * PAD + measure(text) for text, _colour in texts]
    parts, left = [], 0
    for (text, colour), width in zip(texts, widths, strict=True):
        parts.append(f'<rect x="{left}" width="{width}" height="{HEIGHT}" fill="{colour}"/>')
        parts.append(f'<text x="{left + PAD}" y="14" textLength="{width - 2 * PAD}">{escape(text)}</text>')
        left += width
    said = escape(it.sentence)
    font = FONT.format(cjk=CJK[language])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left}" height="{HEIGHT}" viewBox="0 0 {left} {HEIGHT}"'
        f' role="img" lang="{TAGS[language]}" xml:lang="{TAGS[language]}" aria-label="{said}">'
        + (f"<title>{said}</title>" if titled else "")
        + f'<g fill="#fff" font-family="{font}" font-size="{SIZE}">{"".join(parts)}</g></svg>'
    )


def measure(text: str, size: float = SIZE) -> int:
    """Return about how many pixels wide ``text`` is in a sans-serif font of ``size`` pixels."""
    return round(sum(_em(character) for character in text) * size + 0.5)


def _em(character: str) -> float:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0.0
    if is_wide(character):
        return 1.0
    return next((width for letters, width in WIDTHS if character in letters), 0.62)


def is_wide(character: str) -> bool:
    """Tell whether a character is as wide as it is high, as Chinese ones are."""
    return unicodedata.east_asian_width(character) in "WF"


def escape(text: str) -> str:
    """Return ``text`` for XML, as text or in an attribute: no control, no character that XML has no place for."""
    whole = " ".join(clean(text.replace("\n", " ").replace("\t", " ")).split())
    return html.escape("".join(one for one in whole if ord(one) & 0xFFFE != 0xFFFE))  # noqa: PLR2004 - U+FFFE, U+FFFF of each plane


def addresses(it: Standing, language: str) -> dict[str, str]:
    """Return the addresses on this site of a subject's ``page``, ``badge``, ``embed`` and ``preview``."""
    place = it.place() or "portal"
    return {
        "page": f"/{language}/{it.place()}",
        "badge": f"/{language}/badge/{place}.svg",
        "embed": f"/{language}/embed/{place}",
        "preview": f"/preview/{language}/{place}.png?{it.scanned[:10]}",
    }


def snippets(it: Standing, address: str, tr: Translator) -> dict[str, str]:
    """Return the HTML to put on another page: ``badge`` and ``embed``, both leading to the evidence.

    The words do not say the score, which changes while the snippet stands. ``address`` is the site's own.
    """
    ways = {name: html.escape(address + way) for name, way in addresses(it, tr.language).items()}
    said = escape(f"{short(it.title, 100)}{tr(': ')}{tr('open data')} · {standing.site_name(tr)}")
    return {
        "badge": f'<a href="{ways["page"]}"><img src="{ways["badge"]}" alt="{said}" height="{HEIGHT}"></a>',
        "embed": f'<iframe src="{ways["embed"]}" title="{said}" width="340" height="290" loading="lazy"></iframe>',
    }
