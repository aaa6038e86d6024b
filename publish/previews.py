"""Preview pictures, as a chat or a social network shows them beside a link: drawn when asked for, one at a time."""

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache

import vl_convert

from harvester.records import Language
from publish import standing
from publish.badges import BANDS, CJK, GREY, WARN, escape, is_wide, measure
from publish.i18n import TAGS, Translator
from publish.standing import Standing

WIDTH, HEIGHT, EDGE = 1200, 630, 72
"""Pixels of the picture and of the room round its text: the size Open Graph pictures are shown whole at."""
PAPER, INK, MUTED, LINE = "#fbfbf9", "#1a1c1f", "#5c6470", "#d5d9de"
CHINESE = "Noto Sans CJK {cjk}, Noto Sans {cjk}, PingFang {cjk}, Microsoft JhengHei, Microsoft YaHei"
LATIN = "Noto Sans, Liberation Sans, Arial, Helvetica, DejaVu Sans"
"""Fonts, the likeliest first; English names the Latin ones first, for Chinese fonts set a curly apostrophe wide."""
MOST_BYTES = 24_000_000
"""What the pictures kept may come to: some five hundred."""
MOST_WAITING = 6
"""Pictures drawn or waiting to be; who asks for one more is told to come back."""

Key = tuple[object, ...]


class Studio:
    """Draws pictures, one at a time whoever asks, and keeps those asked for last."""

    def __init__(self, most_bytes: int = MOST_BYTES, most_waiting: int = MOST_WAITING) -> None:
        self._most_bytes, self._most_waiting = most_bytes, most_waiting
        self._kept: OrderedDict[Key, bytes] = OrderedDict()
        self._drawing: dict[Key, Future[bytes]] = {}
        self._lock = threading.RLock()
        self._one = ThreadPoolExecutor(max_workers=1, thread_name_prefix="preview")

    def kept(self, key: Key) -> bytes | None:
        """Return the picture that is kept under ``key``, None where it must be drawn."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    async def picture(self, key: Key, draw: Callable[[], bytes]) -> bytes | None:
        """Return the picture ``draw`` makes, kept under ``key``; None where too many are waiting before it."""
        with self._lock:
            future = self._drawing.get(key)
            if future is None:
                if len(self._drawing) >= self._most_waiting:
                    return None
                future = self._drawing[key] = self._one.submit(draw)
                future.add_done_callback(lambda done: self._done(key, done))
        return await asyncio.shield(asyncio.wrap_future(future))

    def _done(self, key: Key, future: "Future[bytes]") -> None:
        with self._lock:
            self._drawing.pop(key, None)
            if future.cancelled() or future.exception() is not None:
                return
            self._kept[key] = future.result()
            while sum(map(len, self._kept.values())) > self._most_bytes:
                self._kept.popitem(last=False)


STUDIO = Studio()
"""The one of this process."""


def readable(language: Language) -> Language:
    """Return the language a picture can be written in on this machine: English where it has no Chinese letters."""
    return language if language == "en" or has_chinese() else "en"


@cache
def has_chinese() -> bool:
    """Return whether some font here holds Chinese: without one, two different characters come out the same."""
    size = f'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" font-family="{fonts("tc")}">'
    one, other = (_png(f'{size}<text y="30" font-size="30">{letter}</text></svg>') for letter in "數據")
    return one != other


def fonts(language: Language) -> str:
    """Return the fonts a picture asks for, as SVG's font-family lists them."""
    chinese = CHINESE.format(cjk=CJK[language])
    return ", ".join([LATIN, chinese, "sans-serif"] if language == "en" else [chinese, LATIN, "sans-serif"])


def picture(it: Standing, language: Language) -> bytes:
    """Return the PNG of a subject, 1200 x 630 pixels."""
    return _png(sketch(it, language))


def _png(svg: str) -> bytes:
    return bytes(vl_convert.svg_to_png(svg))


def sketch(it: Standing, language: Language) -> str:
    """Return what the picture shows as SVG: name, score with its range, the facts, and that it is unofficial.

    A title in letters that this language's picture cannot be sure of is replaced by the subject's own name.
    """
    tr = Translator(language)
    colour = GREY if it.band is None else BANDS[min(it.band, len(BANDS) - 1)]
    known = tr("How open is Hong Kong’s open data?") if it.kind == "portal" else it.title
    title = known if language != "en" or not any(map(is_wide, known)) or has_chinese() else it.name
    parts = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>',
        f'<rect width="16" height="{HEIGHT}" fill="{colour}"/>',
        _text(EDGE, 96, 30, standing.site_name(tr), MUTED),
        *_heading(title),
        *_score(it, tr),
        *_foot(it, tr),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" xml:lang="{TAGS[language]}"'
        f' font-family="{fonts(language)}">{"".join(parts)}</svg>'
    )


def _heading(title: str) -> list[str]:
    lines = wrap(title, 52, WIDTH - 2 * EDGE, 3)
    return [_text(EDGE, 178 + 66 * turn, 52, line, INK, bold=True) for turn, line in enumerate(lines)]


def _score(it: Standing, tr: Translator) -> list[str]:
    if it.band is None or it.point is None or it.low is None or it.high is None:
        said = standing.said_of_score(it, tr)
        return [_text(EDGE, 444 + 46 * n, 36, line, MUTED) for n, line in enumerate(wrap(said, 36, WIDTH - 144, 2))]
    figure, colour = tr.number(it.point, 1), BANDS[min(it.band, len(BANDS) - 1)]
    after = EDGE + measure(figure, 120) + 20
    span, scale = WIDTH - 2 * EDGE, (WIDTH - 2 * EDGE) / 100
    return [
        _text(EDGE, 440, 120, figure, colour, bold=True),
        _text(after, 440, 36, f"{tr('of 100')} · {it.band_word(tr)}", MUTED),
        f'<rect x="{EDGE}" y="476" width="{span}" height="6" fill="{LINE}"/>',
        _bar(EDGE + scale * it.low, 470, max(scale * (it.high - it.low), 6), 18, colour, 0.35),
        _bar(EDGE + scale * it.point - 5, 462, 10, 34, colour),
    ]


def _bar(x: float, y: int, width: float, height: int, fill: str, opacity: float = 1) -> str:
    return f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{height}" fill="{fill}" opacity="{opacity:g}"/>'


def _foot(it: Standing, tr: Translator) -> list[str]:
    note = f"{tr('GDB-style, unofficial')} · {tr.day(it.scanned)}"
    warning = standing.provenance(it.origin, tr).rstrip(".。")
    parts = [_text(EDGE, 590, 26, note, MUTED)]
    if it.resources:
        parts.append(_text(EDGE, 546, 28, standing.said_of_links(it, tr), INK))
    if warning:
        wide = measure(warning, 30) + 48
        parts.append(f'<rect x="{WIDTH - wide - EDGE}" y="54" width="{wide}" height="60" rx="8" fill="{WARN}"/>')
        parts.append(_text(WIDTH - wide - EDGE + 24, 95, 30, warning, "#fff"))
    return parts


def _text(x: int, y: int, size: int, text: str, colour: str, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}"{weight}>{escape(text)}</text>'


def wrap(text: str, size: int, width: int, most: int) -> list[str]:
    """Return ``text`` in at most ``most`` lines of ``width`` pixels, the last with a mark where something is left out.

    Chinese may break after any character, other words at spaces, and where one word is wider than a line.
    """
    words: list[str] = []
    for character in " ".join(text.split())[:400]:
        if words and not is_wide(character) and not is_wide(words[-1][-1]) and not words[-1].endswith(" "):
            words[-1] += character
        else:
            words.append(character)
    lines = [""]
    for word in words:
        for piece in [word] if measure(word, size) <= width else word:
            if lines[-1] and measure((lines[-1] + piece).rstrip(), size) > width:
                lines.append("")
            lines[-1] += piece if lines[-1] else piece.lstrip()
    if len(lines) > most:
        last = lines[most - 1]
        while last and measure(last + "…", size) > width:
            last = last[:-1]
        lines = [*lines[: most - 1], last.rstrip() + "…"]
    return [line.strip() for line in lines if line.strip()]
