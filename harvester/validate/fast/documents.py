"""Lists of JSON records as the rows Frictionless's parsers make of them, and whether Python's reading stands for them.

Frictionless streams a JSON list through ijson, whose fractions are Decimals, and JSON lines through Python's own json.
"""

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import suppress
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

import ijson
import jsonlines.jsonlines
from frictionless import Detector
from frictionless.settings import DEFAULT_BUFFER_SIZE, DEFAULT_SAMPLE_SIZE

from harvester.validate.fast import native
from harvester.validate.fast.body import Outcome
from harvester.validate.fast.opening import Unproved

Record = Mapping[str, Any]


def judge(
    path: Path, text: str, parsed: Any, where: Sequence[str], records: Sequence[Record], limit: int, shown: int
) -> Outcome:
    """Return what Frictionless says of the list of objects at ``where`` in the JSON document at ``path``.

    ``text`` is the file's (UTF-8, no mark), ``parsed`` what Python's json makes of it, ``records`` the list in it. Only
    the first hundred are streamed once more, for the types are inferred from them, unless a row must be looked at by
    itself. Raises Unproved where something is beyond what is certain.
    """
    if stands_for(text, parsed, where):
        stream = streamed(path, where)
        first = list(islice(stream, DEFAULT_SAMPLE_SIZE))
        stream.close()
        rest = rows(first[0], records[len(first) - 1 :]) if first else ()
        with suppress(native.Inexact):
            return native.judge(chain(first, rest), limit, shown, exact=False)
    return native.judge(streamed(path, where), limit, shown)


def judge_lines(path: Path, records: Sequence[Any], limit: int, shown: int) -> Outcome:
    """Return what Frictionless says of JSON lines, ``records`` being what Python's json makes of them.

    Raises Unproved where something is beyond what is certain.
    """
    if not are_plain_lines(path, records):
        raise Unproved("its lines are not all plain objects in UTF-8")
    labels = list(records[0])
    return native.judge(chain([labels], rows(labels, records)), limit, shown)


def streamed(path: Path, where: Sequence[str]) -> Generator[list[Any], None, None]:
    """Yield the labels, then the rows of the list of objects at ``where``, exactly as Frictionless's parser does.

    Raises Unproved where it would find no list of objects there, or where the document cannot be read to its end.
    """
    labels: list[str] | None = None
    with path.open("rb") as file:
        try:
            for item in ijson.items(file, ".".join([*where, "item"])):
                if not isinstance(item, dict):
                    raise Unproved("its list does not hold objects only")
                if labels is None:
                    yield (labels := list(item))
                yield [item.get(label) for label in labels]
        except (ijson.JSONError, UnicodeError, ArithmeticError, ValueError):
            raise Unproved("it cannot be streamed to its end") from None


def rows(labels: Sequence[str], records: Sequence[Record]) -> Sequence[Sequence[Any]]:
    """Return the values under ``labels`` of each record, None where it has none."""
    try:
        found = list(map(itemgetter(*labels), records))
    except (KeyError, TypeError):  # a record without one of them; no labels at all
        return [[record.get(label) for label in labels] for record in records]
    return found if len(labels) > 1 else [(value,) for value in found]


def stands_for(text: str, parsed: Any, where: Sequence[str]) -> bool:
    """Tell whether what Python read at ``where`` is what is streamed from there, but for Decimals read as floats.

    ijson looks for names joined by dots, wherever they come again, and reads half a surrogate pair in its own way.
    """
    if "\\ud" in text or "\\uD" in text or text.startswith("\ufeff"):
        return False
    if where and ("\\u" in text or "\\/" in text):
        return False  # a name may be written in another way
    for name in where:
        if not isinstance(parsed, Mapping) or text.count(json.dumps(name, ensure_ascii=False)) != 1:
            return False
        if any(not key or "." in key for key in parsed):
            return False
        parsed = parsed[name]
    return True


def are_plain_lines(path: Path, records: Sequence[Any]) -> bool:
    """Tell whether ``records`` are what Frictionless's parser of JSON lines reads, an object a line and no line blank.

    It guesses the encoding; and it asks a faster reader than Python's where one is installed.
    """
    body = path.read_bytes()
    try:
        text = body.decode("utf-8")
        guessed = Detector().detect_encoding(body[:DEFAULT_BUFFER_SIZE])
    except (UnicodeError, LookupError):
        return False
    ends = text.count("\n") + (not text.endswith("\n"))
    only_objects = bool(records) and all(type(record) is dict for record in records)
    plain = guessed == "utf-8" and "\ufeff" not in text and text.count("\r") == text.count("\r\n")
    return plain and only_objects and ends == len(records) and jsonlines.jsonlines.default_loads is json.loads
