"""What a body is, by its bytes alone: never by its name, its address or the type its server gave it."""

from io import SEEK_END
from typing import BinaryIO

from harvester.records import Nature, Sniffed
from harvester.sniff import binary, delimited, drawn, markup, notation, page, text

__all__ = ["sniff"]

HEAD_BYTES = 256 * 1024
"""How much of a body's beginning is read: enough for a title page, a preamble and the first hundred rows."""
TAIL_BYTES = 64 * 1024


def sniff(body: BinaryIO) -> Sniffed:
    """Return what ``body``, a seekable binary stream, is: format, nature, encoding, and the names inside an archive.

    Reads at most the first 256 KB, the last 64 KB and a ZIP's directory, whatever the size, and never raises on
    what it reads. The stream's position afterwards is not defined.
    """
    size = body.seek(0, SEEK_END)
    body.seek(0)
    head = body.read(HEAD_BYTES)
    if not head.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        return Sniffed("empty", "empty") if size <= HEAD_BYTES else Sniffed("binary", "data")
    found = binary.recognise(head, size, body)
    if found is not None:
        return Sniffed(found.format, "data", members=found.members)
    tail = b""
    if size > len(head):
        body.seek(max(len(head), size - TAIL_BYTES))
        tail = body.read(TAIL_BYTES)
    decoded = text.decode(head, whole=size <= len(head), tail=tail)
    if decoded is None:
        return Sniffed("binary", "data")
    format_, nature = _written(decoded)
    return Sniffed(format_, nature, encoding=decoded.encoding, bom=decoded.bom)


def _written(decoded: text.Decoded) -> tuple[str, Nature]:
    """Return format and nature of text: drawing, JSON, markup, calendar, table or prose, in this order of certainty."""
    if not decoded.text.strip():
        return "empty", "empty"
    for recognise in (drawn.recognise, notation.recognise, markup.recognise, delimited.calendar):
        found = recognise(decoded)
        if found is not None:
            return (found[0], page.nature(decoded.text)) if found[0] == "html" else found
    return delimited.recognise(decoded)
