"""What is made for people: PDF (pages, text or scans), Word and PowerPoint files, and web pages with their tables."""

import re
import struct
import time
import zipfile
from datetime import date
from importlib.metadata import version
from pathlib import Path
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from harvester.records import Sniffed
from harvester.sniff.text import codec
from harvester.validate.archives import member_bytes, unpacking
from harvester.validate.finding import Finding, broken, telling, unmeasured

PAGES_READ, PAGE_SECONDS = 50, 8.0
"""Pages whose text is looked for, and the CPU seconds after which no more is."""
_TAG = re.compile(r"<(/?table|tr)\b", re.IGNORECASE)
PDF_BYTES = 64 * 1024 * 1024
WORDS = 20
"""Letters and digits from which a page has text: a scan with a stamped page number has none."""
HTML_BYTES = 4 * 1024 * 1024
_DAMAGED = (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, OSError, struct.error,
            NotImplementedError, AssertionError, ZeroDivisionError)  # fmt: skip
"""What pypdf raises on a damaged document, besides its own errors."""


def examine_pdf(path: Path, _sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on a PDF: its pages, and of the first fifty those with text and those that are pictures."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 4096))
        if b"%%EOF" not in file.read():
            return broken("The PDF is cut short: its end mark is missing.")
        if path.stat().st_size > PDF_BYTES:
            return Finding("opens", f"Of a PDF above {PDF_BYTES:,} bytes only the end mark was looked at.")
        file.seek(0)
        try:
            reader = PdfReader(file, strict=False)
            if reader.is_encrypted and not reader.decrypt(""):
                return Finding("opens", "The PDF asks for a password.", profile=telling(None, {"locked": "yes"}))
            pages = len(reader.pages)
        except _DAMAGED as error:
            return broken(f"The PDF does not open: {str(error)[:120] or type(error).__name__}.")
        if pages == 0:
            return broken("The PDF has no pages.")
        facts = {"pages": pages, **_text(reader, pages)}
    return Finding("opens", profile=telling(None, facts), route=f"opened by pypdf {version('pypdf')}")


def _text(reader: PdfReader, pages: int) -> dict[str, object]:
    """Return how many of the pages looked at have text, how many could not be read, and what that makes of it."""
    until = time.process_time() + PAGE_SECONDS
    looked = texts = unread = 0
    for number in range(min(pages, PAGES_READ)):
        if looked and time.process_time() > until:
            break
        looked += 1
        try:
            words = reader.pages[number].extract_text()
            texts += len(re.findall(r"\w", words)) >= WORDS
        except _DAMAGED:
            unread += 1
    kind = "text" if texts else "unread" if unread == looked else "scanned"
    return {"pages_looked_at": looked, "pages_with_text": texts, "pages_unread": unread or None, "kind": kind}


_PARTS = {"docx": "word/document.xml", "pptx": "ppt/presentation.xml"}


@unpacking
def examine_office(path: Path, sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on a DOCX or PPTX: it unpacks, its main part is well-formed; tables or slides are counted."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    main = _PARTS[sniffed.format]
    if main not in names:
        return broken(f"The document has no {main}.")
    body = member_bytes(path, main)
    if body is None:
        return unmeasured("The document's text is larger than is looked at.")
    try:
        root = fromstring(body)
    except DefusedXmlException:
        return unmeasured("The document declares entities, which are not expanded for safety.")
    except (ParseError, ValueError, LookupError) as error:
        return broken(f"The document's text is not well-formed: {error}.")
    word = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    slides = sum(1 for name in names if re.fullmatch(r"ppt/slides/slide\d+\.xml", name))
    facts: dict[str, object] = {"slides": slides} if sniffed.format == "pptx" else {
        "paragraphs": sum(1 for _ in root.iter(f"{word}p")), "tables": sum(1 for _ in root.iter(f"{word}tbl")),
    }  # fmt: skip
    return Finding("opens", profile=telling(None, facts), route="opened by defusedxml")


def examine_ole(path: Path, sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on a DOC, PPT or MAX file: an OLE container (MS-CFB) whose directory lies within the file."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(76)
    if len(head) < 76:  # noqa: PLR2004 - as far as the header's counts go
        return broken("The document is cut short: its header is not whole.")
    shift = struct.unpack_from("<H", head, 30)[0]
    tables, first = struct.unpack_from("<II", head, 44)
    if shift not in (9, 12):
        return broken("The document's container has sectors of no known size.")
    sector = 1 << shift
    holds = tables * (sector // 4)  # sectors that the allocation tables speak of
    if (first + 1) * sector >= size or (holds - sector // 4) * sector > size:
        return broken("The document is cut short: parts that its header tells of lie beyond its end.")
    reason = None if sniffed.format != "max" else "Only 3ds Max reads its scene."
    return Finding("opens", reason, route="opened by its structure")


def examine_page(path: Path, sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on a web page: for people, whatever it shows; its tables of two rows and more are told."""
    with path.open("rb") as file:
        text = file.read(HTML_BYTES).decode(codec(sniffed.encoding or "utf-8"), "replace")
    tables = [rows for rows in _tables(text) if rows > 1]
    facts = {"tables": len(tables), "longest_table_rows": max(tables, default=0)}
    return Finding("opens", ladder="page", profile=telling(None, facts) if tables else None)


def _tables(html: str) -> list[int]:
    """Return the rows of each table, those of a table inside a cell counted with the inner one."""
    rows: list[int] = []
    opened: list[int] = []
    for tag in _TAG.finditer(html):
        name = tag.group(1).lower()
        if name == "table":
            opened.append(len(rows))
            rows.append(0)
        elif name == "tr" and opened:
            rows[opened[-1]] += 1
        elif name == "/table" and opened:
            opened.pop()
    return rows
