"""Bytes to text: which encoding a body is written in, told from its bytes."""

import codecs
import re
from dataclasses import dataclass

import chardet

BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with that one
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL = bytes([*range(9), *range(14, 27), *range(28, 32), 127])
_PRINTABLE = re.compile(rb"[\x20-\x7e\t\r\n]")
_HAN_AND_ASCII = re.compile(r"[\t\r\n\x20-\x7e\u00a0-\u024f\u2000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
_DOUBLE_BYTE = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
_THREE_BYTES = re.compile(rb"[\xe3-\xe9][\x80-\xbf]{2}")
_LEGACY = {
    "big5": "big5", "big5hkscs": "big5-hkscs", "cp950": "big5",
    "gb18030": "gb18030", "gbk": "gb18030", "gb2312": "gb18030",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decoded:
    """A body's beginning as text. ``whole``: that is all of it. ``encoding`` may be ``mixed``, or None: cannot tell."""

    text: str
    encoding: str | None
    bom: bool
    whole: bool
    tail: str = ""


def decode(head: bytes, *, whole: bool, tail: bytes = b"") -> Decoded | None:
    """Return ``head`` as text with the encoding it is in, or None where it is not text at all.

    ``tail`` is the body's end where ``whole`` is False: it may show that what began in ASCII goes on in another
    encoding.
    """
    encoding, skip = _by_mark(head)
    bom = skip > 0
    if encoding is None:
        encoding = _utf16_without_mark(head) or _by_bytes(head, tail, whole=whole)
    if encoding is None and not _looks_like_text(head):
        return None
    body = head[skip:]
    text = _read(body, encoding or "utf-8", strict=False, whole=whole)
    end = _read(tail, encoding or "utf-8", strict=False, whole=True)
    return Decoded(text, encoding, bom, whole, end)


def codec(encoding: str) -> str:
    """Return Python's name of the codec for one of our encodings; ``mixed`` is read as UTF-8, and fails there."""
    return {"big5-hkscs": "big5hkscs", "big5": "cp950", "windows-1252": "cp1252", "mixed": "utf-8"}.get(
        encoding, encoding
    )


def _by_mark(head: bytes) -> tuple[str | None, int]:
    for mark, name in BOMS:
        if head.startswith(mark):
            return name, len(mark)
    return None, 0


def _by_bytes(head: bytes, tail: bytes, *, whole: bool) -> str | None:
    """Return the encoding of unmarked bytes: ASCII, UTF-8, Big5, Big5-HKSCS, GB18030, Windows-1252, or None."""
    if not _looks_like_text(head):
        return None
    sample = head + tail
    if sample.isascii():
        return "ascii"
    if _decodes(head, "utf-8", whole=whole):
        if not tail or _tail_is_utf8(tail):
            return "utf-8"
        line = tail.find(b"\n") + 1  # the tail may begin in the middle of a character
        return _legacy(tail[line:], whole=True) if head.isascii() else "mixed"
    return "mixed" if _is_mixed(head) else _legacy(head, whole=whole)


def _is_mixed(data: bytes) -> bool:
    """Whether some lines are UTF-8 beyond doubt (Chinese characters of three bytes) and others are not UTF-8 at all."""
    lines = [line for line in data.splitlines()[:-1] if not line.isascii()]
    utf8 = sum(1 for line in lines if _decodes(line, "utf-8", whole=True) and _THREE_BYTES.search(line))
    other = sum(1 for line in lines if not _decodes(line, "utf-8", whole=True))
    return other > 0 and (utf8 >= max(2, len(lines) * 0.05) or utf8 >= other)


def _tail_is_utf8(tail: bytes) -> bool:
    return any(_decodes(tail[cut:], "utf-8", whole=True) for cut in range(min(4, len(tail))))


def _legacy(head: bytes, *, whole: bool) -> str | None:
    """Tell Big5 from GB18030 by the second bytes: GB2312's are all above 0xA0, a third of Big5's are not."""
    big5, hkscs, gb = (_decodes(head, name, whole=whole) for name in ("cp950", "big5hkscs", "gb18030"))
    pairs = _DOUBLE_BYTE.findall(head)
    if (big5 or hkscs) and gb and pairs:
        low = sum(1 for pair in pairs if pair[1] < 0x7F)  # noqa: PLR2004 - the last low second byte of Big5
        if low / len(pairs) < 0.12:  # noqa: PLR2004 - Big5 prose has 0.3 to 0.45, GB2312 none
            return _asked(head) or "gb18030"
    for good, name in ((big5, "big5"), (hkscs, "big5-hkscs"), (gb, "gb18030")):
        if good and _mostly_han(head, codec(name)):
            return name
    return _western(head)


def _asked(head: bytes) -> str | None:
    """Ask chardet where the bytes alone leave both open: it knows which characters are common."""
    guess = chardet.detect(head[:65536])["encoding"]
    return _LEGACY.get((guess or "").lower().replace("-", "").replace("_", ""))


def _western(head: bytes) -> str | None:
    """Windows-1252 where the odd byte (a pound sign, an accent) stands alone in ASCII; None where it is a mess."""
    high = sum(byte > 0x7F for byte in head)  # noqa: PLR2004 - the end of ASCII
    fine = _decodes(head, "cp1252", whole=True) and high < max(4, len(head) * 0.1)
    return "windows-1252" if fine else None


def _mostly_han(head: bytes, name: str) -> bool:
    text = [character for character in head.decode(name, "ignore") if ord(character) > 0x7F]  # noqa: PLR2004
    return bool(text) and sum(bool(_HAN_AND_ASCII.match(c)) for c in text) >= len(text) * 0.9


def _utf16_without_mark(head: bytes) -> str | None:
    even, odd = head[0::2].count(0), head[1::2].count(0)
    units = len(head) // 2
    if max(even, odd) < max(2, units * 0.01):
        return None
    for name, here, there in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if there > here * 0.05 or not _decodes(head[: units * 2], name, whole=False):
            continue
        mostly_ascii = here > units * 0.3
        printable = len(_PRINTABLE.findall(head)) / len(head)
        text = head[: units * 2].decode(name, "ignore")
        sane = sum(bool(_HAN_AND_ASCII.match(character)) for character in text) >= len(text) * 0.9
        if sane and (mostly_ascii or printable < 0.8):  # noqa: PLR2004 - ASCII with stray NULs stays ASCII
            return name
    return None


def _looks_like_text(head: bytes) -> bool:
    return len(head) - len(head.translate(None, _CONTROL)) <= max(2, len(head) * 0.02)


def _decodes(data: bytes, name: str, *, whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder(name)("strict").decode(data, final=whole)
    except UnicodeDecodeError:
        return False
    return True


def _read(data: bytes, encoding: str, *, strict: bool, whole: bool) -> str:
    decoder = codecs.getincrementaldecoder(codec(encoding))("strict" if strict else "replace")
    return decoder.decode(data, final=whole)
