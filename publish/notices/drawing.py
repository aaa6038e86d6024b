"""A letter as HTML for mail, and as plain text that no chat takes for more than text."""

from collections.abc import Iterator
from functools import cache, partial

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from publish.i18n import TAGS, Translator
from publish.notices.records import Message
from publish.notices.words import Letter
from publish.safe import clean, mail_link

EDITIONS: tuple[tuple[int, bool], ...] = (
    (10, True), (5, True), (2, True), (10, False), (5, False), (2, False), (0, False)
)  # fmt: skip
"""Editions of the text: so many tasks of each kind, each with all its lines or with its name and page only."""
IN_CHAT = str.maketrans({"@": "＠", "<": "＜", ">": "＞"})
"""What calls people or opens markup in a chat, in its full-width form: it reads the same and does nothing."""


def message(letter: Letter, digest: str, contact: str, tr: Translator) -> Message:
    """Return a letter drawn: HTML, and text in every edition. ``contact`` is a mail address or a page."""
    texts = tuple(dict.fromkeys(text(letter, tr, top, whole=whole) for top, whole in EDITIONS))
    mail = contact if mail_link(contact) else ""
    return Message(letter.title.translate(IN_CHAT), as_html(letter, tr), texts, digest, mail)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("publish", "templates/notices"), undefined=StrictUndefined, trim_blocks=True,
        autoescape=select_autoescape(default=True, default_for_string=True), finalize=_cleaned, lstrip_blocks=True,
    )  # fmt: skip


def _cleaned(value: object) -> object:
    return clean(value) if type(value) is str else value


def as_html(letter: Letter, tr: Translator) -> str:
    """Return a letter as HTML that loads nothing; everything in it is escaped."""
    return _environment().get_template("letter.html").render(
        letter=letter, tag=TAGS[tr.language], colon=tr(": "), page=tr("Its page"), number=tr.number,
        more=partial(_more, tr),
    )  # fmt: skip


def text(letter: Letter, tr: Translator, top: int, *, whole: bool) -> str:
    """Return a letter as plain text with ``top`` tasks of each kind, in full where ``whole``."""
    return "\n".join(_blocks(letter, tr, top, whole=whole)).translate(IN_CHAT)


def _blocks(letter: Letter, tr: Translator, top: int, *, whole: bool) -> Iterator[str]:
    colon = tr(": ")
    yield letter.heading
    yield from letter.lead
    for part in letter.parts:
        yield f"\n{part.title}{colon}{tr.number(part.count)}"
        for place, item in enumerate(part.items[:top], 1):
            yield f"\n{place}. {item.name}" if whole else f"{place}. {item.name}"
            yield from (f"{label}{colon}{line}" for label, line in item.lines if whole)
            yield f"{tr('Its page')}{colon}{item.page}" if whole else item.page
        if top and part.count > len(part.items[:top]):
            yield f"{_more(tr, part.count - len(part.items[:top]))} {letter.more}"
    yield ""
    yield from (f"{label}{colon}{address}" for label, address in letter.links)
    yield from letter.foot if whole else letter.foot[: 2 if top else 1]


def _more(tr: Translator, number: int) -> str:
    return tr("and {number} more:", number=tr.number(number))
