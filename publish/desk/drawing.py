"""The desk's pages drawn as HTML: everything escaped, nothing an officer wrote a link, and no script at all."""

from functools import cache
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from harvester.records import LANGUAGES, Language
from publish.i18n import NAMES, TAGS, Translator
from publish.render import path, style_address
from publish.safe import clean, http_link, short


def _finalize(value: object) -> object:
    if isinstance(value, str) and not isinstance(value, Markup):
        return clean(value)
    return "" if value is None else value


@cache
def environment() -> Environment:
    """Return the templates' environment: everything escaped, an unknown name an error."""
    folders = [PackageLoader("publish", f"templates/{each}") for each in ("desk", "pages")]
    made = Environment(
        loader=ChoiceLoader(folders), autoescape=True, undefined=StrictUndefined, finalize=_finalize,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.globals.update(path=path, short=short, http_link=http_link, tags=TAGS, language_names=NAMES,
                        languages=LANGUAGES, style=style_address())  # fmt: skip
    return made


def draw(template: str, language: Language, place: str, values: dict[str, Any]) -> str:
    """Return a page; ``place`` is its address after the language, for the way to it in the other two."""
    tr = Translator(language)
    switch = {other: f"/{other}/{place}" for other in LANGUAGES}
    return environment().get_template(template).render(**values, lang=language, _=tr, tr=tr, switch=switch)
