"""Plain text: a calendar, a delimited table, or prose."""

import csv
import re
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from io import StringIO
from itertools import islice

from harvester.records import Nature
from harvester.sniff.text import Decoded

DELIMITERS = ",\t;|"
SAMPLE_ROWS = 300
HEAD_CHARACTERS = 256 * 1024
_SENTENCE = re.compile(r"[.!?。！？]\s*$|[.!?]\s+[A-Z]|[a-z]\s[a-z]+\s[a-z]+\s[a-z]+\s[a-z]+\s[a-z]+")
_TROUBLE = re.compile(
    r"\b(?:[45]\d\d)\b.{0,40}\b(?:error|not found|forbidden|denied|unavailable)|(?:page|file) not found|access denied"
    r"|internal server error|service (?:temporarily )?unavailable|bad (?:request|gateway)"
    r"|^\s*(?:not found|forbidden|unauthori[sz]ed|error)\b|\b(?:fatal|uncaught) (?:error|exception)"
    r"|traceback \(most recent|\b\w*exception\b.{0,10}:|invalid (?:api )?(?:key|parameter|request|token)"
    r"|missing (?:required )?(?:parameter|argument)|\b(?:parameter|argument)s?\b.{0,40}\b(?:missing|required|invalid)\b"
    r"|unable to (?:connect|process|open|read)"
    r"|(?:could|can) ?not (?:be )?(?:connect|open|find|found|read|process|reach)"
    r"|connection (?:refused|failed|reset|timed out)|too many connections|(?:please )?try again later|^\s*ORA-\d{4,5}\b"
    r"|找不到|錯誤|错误|系統維護|系统维护|暫停服務|暂停服务|系統繁忙|系统繁忙|請稍後再試|请稍后再试",
    re.IGNORECASE,
)


def calendar(decoded: Decoded) -> tuple[str, Nature] | None:
    """Return ics where the text begins as an iCalendar object does (RFC 5545, section 3.4)."""
    return ("ics", "data") if decoded.text.lstrip("\ufeff \t\r\n")[:15].upper() == "BEGIN:VCALENDAR" else None


def recognise(decoded: Decoded) -> tuple[str, Nature]:
    """Return csv, tsv or text, with the nature error for a line or two that only say that something failed."""
    text = decoded.text.lstrip("\ufeff")
    lines = [line for line in text.splitlines()[: SAMPLE_ROWS * 4] if line.strip()]
    if not decoded.whole and len(lines) > 1:
        lines.pop()
    delimiter, width, share = table(text if decoded.whole else text[: text.rfind("\n") + 1] or text)
    if _is_complaint(lines, share):
        return "text", "error"
    if width > 1:
        return ("tsv" if delimiter == "\t" else "csv"), "data"
    return ("csv" if _is_single_column(lines) else "text"), "data"


@lru_cache(maxsize=2)  # the same text is asked about when a body is sniffed and when it is laid out
def table(text: str) -> tuple[str, int, float]:
    """Return the delimiter that cuts ``text`` into the steadiest table, its usual width and the share of rows so wide.

    Width 1 where no delimiter makes a table. Looks at the first 300 rows.
    """
    best = (",", 1, 0.0)
    for delimiter in DELIMITERS:
        if delimiter not in text[:HEAD_CHARACTERS]:
            continue
        rows = _rows(text[:HEAD_CHARACTERS], delimiter)
        found = _steady(rows)
        if found is None:
            continue
        width, share = found
        if share * min(width, 4) > best[2] * min(best[1], 4) and not _is_prose(rows, delimiter):
            best = (delimiter, width, share)
    return best


def _rows(text: str, delimiter: str) -> list[list[str]]:
    lines = StringIO(text, newline="")
    reader = csv.reader(_without_nul(lines) if "\0" in text else lines, delimiter=delimiter)
    rows: list[list[str]] = []
    with suppress(csv.Error):  # a cell longer than the reader allows: what came before it still counts
        rows.extend(islice(reader, SAMPLE_ROWS))
    return [row for row in rows if any(map(str.strip, row))]


def _without_nul(lines: Iterable[str]) -> Iterable[str]:
    return (line.replace("\0", "") for line in lines)


def _steady(rows: list[list[str]]) -> tuple[int, float] | None:
    """Return the usual width and the share of rows that have it, None where the rows do not agree on one."""
    if not rows:
        return None
    widths = [len(row) for row in rows]
    width, count = max(Counter(widths).items(), key=lambda item: (item[1], item[0]))
    if width > 1 and (count >= len(rows) * 0.5 or count >= 20):  # noqa: PLR2004 - a table after a long preamble
        return width, count / len(rows)
    wide = Counter(w for w in widths if w > 1)
    if not wide:
        return None
    width, count = wide.most_common(1)[0]
    run = _longest_run(widths, width)
    return (width, max(count / len(rows), 0.3)) if run >= 3 and width >= 3 else None  # noqa: PLR2004


def _longest_run(widths: list[int], width: int) -> int:
    best = run = 0
    for each in widths:
        run = run + 1 if each == width else 0
        best = max(best, run)
    return best


def _is_prose(rows: list[list[str]], delimiter: str) -> bool:
    """Sentences with commas: cells that begin with a space and read on, or one row that is a sentence."""
    if delimiter != ",":
        return False
    wide = [row for row in rows if len(row) > 1]
    if len(rows) == 1:
        return bool(_SENTENCE.search(",".join(rows[0])))
    if len(wide) > 6:  # noqa: PLR2004 - six lines of prose hardly agree in their commas
        return False
    spaced = sum(1 for row in wide for cell in row[1:] if cell[:1] == " ")
    cells = sum(len(row) - 1 for row in wide)
    ends = sum(1 for row in rows if _SENTENCE.search(row[-1]))
    return spaced > cells * 0.7 and ends >= len(rows) * 0.5


def _is_single_column(lines: list[str]) -> bool:
    """A list: more than one line, all short, next to none of them a sentence."""
    if len(lines) < 2:  # noqa: PLR2004
        return False
    sentences = sum(1 for line in lines if len(line) > 80 or _SENTENCE.search(line))  # noqa: PLR2004 - a label's length
    return sentences <= len(lines) * 0.1


def _is_complaint(lines: list[str], share: float) -> bool:
    words = " ".join(lines)
    if len(lines) > 2 and lines[0].strip().isalpha() and _is_single_column(lines):  # noqa: PLR2004
        return False  # a label and its values: "Error" may well be what a list is about
    return len(lines) <= 6 and len(words) < 600 and share < 1 and _TROUBLE.search(words) is not None  # noqa: PLR2004
