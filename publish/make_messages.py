"""Brings the message catalogues up to date with what the code, the templates and the scoring's words say.

Run ``python -m publish.make_messages`` after a change of words, then write what it prints as missing.
"""

import io
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from publish.i18n import LOCALES
from publish.names import CRITERIA
from publish.sentences import templates
from scoring.measures import messages as of_measures

HERE = Path(str(files("publish")))
KEYWORDS = {"_": None, "tr": None, "mark": None}


def wanted() -> dict[str, str]:
    """Return every English message a visitor may read, and where it comes from."""
    found: dict[str, str] = {}
    for place in sorted(HERE.rglob("*.py")):
        found.update(dict.fromkeys(_messages("python", place), place.name))
    for place in sorted((*HERE.glob("templates/pages/*.html"), *HERE.glob("templates/desk/*.html"))):
        name = place.relative_to(HERE).as_posix()
        found.update(dict.fromkeys(_messages("jinja2.ext:babel_extract", place), name))
    found.update(dict.fromkeys(CRITERIA.values(), "scoring/criteria"))
    found.update(dict.fromkeys(templates(), "scoring/words.py"))
    found.update(dict.fromkeys(of_measures(), "scoring/measures"))
    return {message: found[message] for message in sorted(found)}


def _messages(method: str, place: Path) -> Iterator[str]:
    source = io.BytesIO(place.read_bytes())
    for _line, message, _comments, _context in extract(method, source, KEYWORDS):
        if isinstance(message, str):
            yield message


def read(locale: str) -> dict[str, str]:
    """Return a catalogue as it stands, English message to translation."""
    with _place(locale).open("rb") as source:
        return {str(each.id): str(each.string) for each in read_po(source) if each.id}


def _place(locale: str) -> Path:
    return HERE / "locale" / locale / "LC_MESSAGES" / "messages.po"


def write(locale: str, translations: dict[str, str]) -> list[str]:
    """Write the catalogue of ``locale`` with all wanted messages and return those that have no translation."""
    catalog = Catalog(locale=locale, project="barometer", fuzzy=False)
    missing = []
    for message, origin in wanted().items():
        text = translations.get(message, "")
        catalog.add(message, text, locations=[(origin, 0)])
        if not text:
            missing.append(message)
    sink = io.BytesIO()
    write_po(sink, catalog, width=120, sort_output=True, omit_header=True, include_lineno=False)
    header = f'msgid ""\nmsgstr ""\n"Language: {locale}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    _place(locale).write_text(header + sink.getvalue().decode(), encoding="utf-8")
    return missing


def main() -> None:
    """Update the two catalogues and print what is missing."""
    for language, locale in LOCALES.items():
        if language != "en":
            for message in write(locale, read(locale)):
                print(f"{locale}: {message}")


if __name__ == "__main__":
    main()
