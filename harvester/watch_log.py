"""The watch's log: one line an event, for people and programs alike (logfmt), on standard error."""

import io
import json
import logging
import re
import sys
from typing import TextIO

from harvester.clock import HONG_KONG, Clock

LOGGER = logging.getLogger("barometer.watch")
_PLAIN = re.compile(r"[^\s\"=\\\x00-\x1f\x7f-\x9f]+")
_LONGEST = 2000


def event(level: int, what: str, **fields: object) -> None:
    """Tell one event with its values; what is None or empty is left out."""
    LOGGER.log(level, what, extra={"fields": fields})


def start_logging(clock: Clock, stream: TextIO | None = None) -> logging.Handler:
    """Send events to ``stream`` (standard error where None) as lines, in the time of ``clock``; return the handler."""
    handler = Handler(stream or sys.stderr)
    handler.setFormatter(Lines(clock))
    LOGGER.handlers[:] = [handler]
    LOGGER.propagate = False
    LOGGER.setLevel(logging.INFO)
    return handler


class Handler(logging.StreamHandler[TextIO]):
    """Writes lines; one that cannot be written (a full disk) is lost, and no reason to end or to say more."""

    def handleError(self, _record: logging.LogRecord) -> None:  # noqa: N802 - the name by which logging calls it
        """Say nothing: what would be said on standard error comes back here, and would fail as well."""


class Lines(logging.Formatter):
    """Writes a record as ``at=2026-11-23T02:30:00+08:00 level=info job=scan event=started ...``."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; the moment is Hong Kong's, with its offset."""
        fields: dict[str, object] = dict(getattr(record, "fields", {}))
        head = {
            "at": self._clock().astimezone(HONG_KONG).isoformat(timespec="seconds"), "level": record.levelname.lower(),
            "job": fields.pop("job", None), "event": record.getMessage(),
        }  # fmt: skip
        if record.exc_info:
            fields["trace"] = self.formatException(record.exc_info)
        told = {**head, **fields}
        return " ".join(f"{name}={_value(value)}" for name, value in told.items() if value not in (None, ""))


def _value(value: object) -> str:
    """Return a value in logfmt: as it is where it is one plain word, else in quotes, on one line."""
    text = str(value)[:_LONGEST]
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=not text.isprintable())


class Said(io.TextIOBase):
    """Stands in for standard error while a watch runs: what the steps say there becomes an event a line."""

    def __init__(self) -> None:
        super().__init__()
        self._rest = ""

    def write(self, text: str) -> int:
        """Take in text, and tell each line that is whole."""
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            if line.strip():
                event(logging.INFO, "said", text=line.strip())
        return len(text)

    def isatty(self) -> bool:
        """Return False: no bars are drawn into a log."""
        return False
