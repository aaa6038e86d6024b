"""A copy of the site in files: every page of ours, for a plain web server or a folder that is opened from the disk.

``python -m publish.static_site catalog.db FOLDER [ADDRESS]``; ADDRESS is where the copy will stand.
"""

import asyncio
import hashlib
import re
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from html import escape, unescape
from http import HTTPStatus
from pathlib import Path
from posixpath import relpath
from typing import Any
from urllib.parse import quote

import yaml
from datasette.app import Datasette

from harvester.errors import BarometerError
from harvester.records import LANGUAGES, Language
from publish.i18n import NAMES, TAGS, Translator, mark
from publish.metadata_file import metadata_file
from publish.render import path, style_address
from publish.serve import SETTINGS

WITHOUT_KEY = ("down", "references", "method", "data", "worklist")
"""Pages about no one thing that need nothing to be asked; comparing and searching do."""
FORMS = {
    "provider": (".json", ".csv", ".jsonld"), "dataset": (".json", ".csv", ".jsonld"), "category": (".json", ".csv"),
    "worklist": (".json", ".csv", ".xlsx", ".atom", ".ics"), "task": (".json",),
}  # fmt: skip
"""The kinds of page, and the files that each is besides."""
NAMES_SQL = {
    "provider": "SELECT slug FROM provider ORDER BY 1",
    "dataset": "SELECT name FROM dataset ORDER BY 1",
    "category": "SELECT slug FROM category ORDER BY 1",
    "worklist": "SELECT slug FROM provider ORDER BY 1",
    "task": "SELECT key FROM task ORDER BY 1",
}
NOTICE = mark("A copy in files: search, comparisons and filters are left out.")
LONGEST_NAME = 120
"""Bytes of one part of a file's name that every file system takes, with room for what is added."""
POLICY = "script-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'"
"""What a page may do where no server says it."""
GONE = re.compile(
    r"<form\b.*?</form>|<script\b[^>]*\bsrc=[^>]*></script>"
    r'|<meta (?:property="og:image|name="twitter:)[^>]*>',
    re.DOTALL,
)
"""What needs a server to answer it: forms, the script that helps to search, preview pictures."""
LINK = re.compile(r'\b(href|src)="(/[^"]*)"')
"""A link of ours to a place of this site; the templates write every attribute in double quotes."""

Files = Mapping[str, str]
"""Addresses without query, to the files that hold what stands there."""


def export(catalog: Path, folder: Path, address: str = "") -> int:
    """Write the site of ``catalog`` into ``folder``, which must be new or empty, and return how many files it has.

    ``address`` is where the copy will stand (``https://example.org``), for what must hold whole addresses. Raises
    BarometerError where the folder holds something, or a page cannot be made.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BarometerError(f"{folder} is not empty: name a new folder.")
    with closing(sqlite3.connect(f"{catalog.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        files = placed([*addresses(connection)])
    asyncio.run(_write(_site(catalog, address), folder, files))
    shutil.copyfile(catalog, folder / f"{catalog.stem}.db")
    (folder / "index.html").write_text(front(), encoding="utf-8")
    return sum(1 for each in folder.rglob("*") if each.is_file())


def addresses(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield the address of everything that is written, pages without an ending."""
    names = {kind: [str(row[0]) for row in connection.execute(sql)] for kind, sql in NAMES_SQL.items()}
    for one in LANGUAGES:
        yield from (f"/{one}/", f"/{one}/index.json", f"/{one}/index.csv", f"/{one}/down.atom", f"/{one}/changes.atom")
        yield from (f"/{one}/badge/portal.svg", f"/{one}/embed/portal")
        for kind in WITHOUT_KEY:
            yield from (f"/{one}/{kind}{form}" for form in ("", ".json", ".csv"))
        for kind, forms in FORMS.items():
            for name in names[kind]:
                yield from (path(one, kind, name) + form for form in ("", *forms))
        for kind in ("provider", "dataset"):
            for name in names[kind]:
                yield path(f"{one}/badge", kind, name) + ".svg"
                yield path(f"{one}/embed", kind, name)
    yield from ("/robots.txt", "/llms.txt", "/sitemap.xml", "/sitemap-1.xml", style_address().partition("?")[0])


def placed(found: list[str]) -> Files:
    """Return each address with its file: its own words, but in a folder of its own where it is a page.

    A part that is too long, or differs from another by case alone, is told apart by a digest; escapes stay as they
    are, so that no name leads out of the folder.
    """
    files: dict[str, str] = {}
    taken: dict[str, str] = {}
    for address in found:
        parts: list[str] = []
        for part in address.strip("/").split("/"):
            stem, dot, form = part.partition(".")
            mark = "~" + hashlib.sha256(stem.encode()).hexdigest()[:12]
            name = stem if len(stem) <= LONGEST_NAME else stem[:LONGEST_NAME] + mark
            if taken.setdefault("/".join([*parts, name]).casefold(), stem) != stem:
                name += mark
            parts.append(name + dot + form)
        page = "." not in address.rpartition("/")[2]
        files[address] = "/".join([*parts, "index.html"] if page else parts)
    return files


def _site(catalog: Path, address: str) -> Datasette:
    metadata: dict[str, Any] = yaml.safe_load(metadata_file().read_text(encoding="utf-8"))
    metadata["plugins"] = {"barometer": {"address": address}}
    settings = {name: value == "on" if value in ("on", "off") else int(value) for name, value in SETTINGS.items()}
    return Datasette(files=[], immutables=[str(catalog)], metadata=metadata, settings=settings)


async def _write(site: Datasette, folder: Path, files: Files) -> None:
    await site.invoke_startup()
    for address, name in files.items():
        answer = await site.client.get(address)
        if answer.status_code == HTTPStatus.NOT_FOUND and address == "/sitemap-1.xml":
            continue
        if answer.status_code != HTTPStatus.OK:
            raise BarometerError(f"{address} could not be made: it is answered with {answer.status_code}.")
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        html = name.endswith(".html")
        page = relative(noticed(answer.text, name), name, files) if html else ""
        place.write_bytes(page.encode() or answer.content)


def noticed(html: str, name: str) -> str:
    """Return a page that says, in its language, that it is of a copy."""
    language: Language = next((one for one in LANGUAGES if name.startswith(f"{one}/")), "en")
    said = f'<aside class="wrap banner">{escape(Translator(language)(NOTICE))}</aside>\n'
    return html.replace('<main id="main"', said + '<main id="main"', 1)


def relative(html: str, name: str, files: Files) -> str:
    """Return a page with its links to other files relative to its own (``name``).

    What only a server can answer is taken out: forms, and links to what is not among ``files``, whose words stay.
    """

    def linked(found: re.Match[str]) -> str:
        address, _, rest = unescape(found[2]).partition("#")
        file = files.get(address.partition("?")[0])
        if file is None:
            return f'data-left-out="{found[1]}"'
        way = quote(relpath(file, start=name.rpartition("/")[0] or "."), safe="/~")
        return f'{found[1]}="{escape(way + (f"#{rest}" if rest else ""))}"'

    whole = LINK.sub(linked, GONE.sub("", html))
    whole = re.sub(r'<link\b[^>]*data-left-out="[^>]*>\n?', "", whole).replace(' data-left-out="href"', "")
    return whole.replace("<head>", f'<head>\n<meta http-equiv="Content-Security-Policy" content="{POLICY}">', 1)


def front() -> str:
    """Return the first page: the choice of a language."""
    ways = "".join(
        f'<p><a href="{one}/index.html" lang="{TAGS[one]}" hreflang="{TAGS[one]}">{NAMES[one]}</a></p>\n'
        for one in LANGUAGES
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{TITLE}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<link rel="stylesheet" href="{style_address().partition("?")[0].lstrip("/")}">\n</head>\n'
        f'<body>\n<main id="main" class="wrap">\n<h1>{TITLE}</h1>\n{ways}</main>\n</body>\n</html>\n'
    )


TITLE = "Hong Kong Open Data Barometer"


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code."""
    if len(arguments) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        count = export(Path(arguments[0]), Path(arguments[1]), *arguments[2:])
    except (BarometerError, sqlite3.Error, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    print(f"{count} files in {arguments[1]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
