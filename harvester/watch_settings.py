"""What `barometer watch` goes by: one YAML file, checked word by word, and what holds where there is none."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any, Literal

import yaml

from harvester.errors import SettingsError
from harvester.own_file import read_own
from harvester.watch_calendar import Rhythm, daily, rhythm

Job = Literal["scan", "deep", "fold", "links", "apis", "publish", "asked", "notices"]
TIMED: tuple[Job, ...] = ("scan", "deep", "fold", "links", "apis")
"""The jobs that a clock makes due, the first to go where several are."""
WANTED: tuple[Job, ...] = ("asked", "publish", "notices")
"""The jobs that are due when there is something for them: before any of the others."""
OFF = "off"
_SPAN = re.compile(r"(\d{1,5})\s*(minute|hour|day)s?")
_LISTEN = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})")

SHIPPED = """\
scan: daily 02:30
deep: sunday 05:00
fold: daily 06:00
links: every 1 hour
apis: every 1 hour
asked: on
notices: on
status: 127.0.0.1:8010
retry: 10 minutes
grace: 15 minutes
whole: 28 days
visits: 90 days
account: 400 days
"""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a watch goes by.

    ``rhythms`` has the timed jobs that are not off. ``asked`` and ``notices`` are whether officers' wishes are looked
    for and notices sent. ``listen`` is where the status page is served, None where nowhere. ``retry`` is how long after
    a failure it is tried again, ``grace`` how late a run may begin and still be on time, ``whole`` after how long a
    deep validation reads whole what was only confirmed, ``visits`` and ``account`` how long visits and what was due are
    kept one by one.
    """

    rhythms: Mapping[Job, Rhythm] = field(default_factory=dict)
    asked: bool = True
    notices: bool = True
    listen: tuple[str, int] | None = None
    retry: timedelta = timedelta(minutes=10)
    grace: timedelta = timedelta(minutes=15)
    whole: timedelta = timedelta(days=28)
    visits: timedelta = timedelta(days=90)
    account: timedelta = timedelta(days=400)


SPANS: Mapping[str, tuple[timedelta, timedelta]] = {
    "retry": (timedelta(minutes=1), timedelta(days=1)),
    "grace": (timedelta(minutes=1), timedelta(days=1)),
    "whole": (timedelta(days=1), timedelta(days=365)),
    "visits": (timedelta(days=90), timedelta(days=36500)),
    "account": (timedelta(days=31), timedelta(days=36500)),
}
"""The words that take a span of time, with the least and the most of each."""
WORDS = (*TIMED, "asked", "notices", "status", *SPANS)


def shipped() -> Settings:
    """Return the settings that hold where no file says otherwise."""
    return _read("the shipped settings", SHIPPED, Settings())


def load_settings(path: Path | None) -> Settings:
    """Return the shipped settings with a user's own file laid over them.

    Raises SettingsError, with the file, the line and the word, where it cannot be read or makes no sense.
    """
    if path is None:
        return shipped()
    text = read_own(path, "settings file")
    return _read(str(path), text, shipped())


class SettingsFile:
    """The settings' file of a running watch, read again when it changes; ``over`` is said over what it says."""

    def __init__(self, path: Path | None, over: Callable[[Settings], Settings]) -> None:
        self._path, self._over = path, over
        self._read = self._stamp()

    def read(self) -> Settings:
        """Return the settings. Raises SettingsError as `load_settings` does."""
        return self._over(load_settings(self._path))

    def changed(self) -> Settings | None:
        """Return the settings where the file is another than when it was read last. Raises SettingsError, once."""
        stamp = self._stamp()
        if stamp == self._read:
            return None
        self._read = stamp
        return self.read()

    def _stamp(self) -> tuple[int, int]:
        """Return what tells a version of the file from another."""
        with suppress(OSError):
            if self._path:
                told = self._path.stat()
                return told.st_mtime_ns, told.st_size
        return 0, 0


def said_over(settings: Settings, at: time | None, listen: tuple[str, int] | Literal["off"] | None) -> Settings:
    """Return settings with what a command line says over them: the nightly hour, and where the status is served."""
    if at is not None:
        settings = replace(settings, rhythms={**settings.rhythms, "scan": daily(at)})
    if listen is not None:
        settings = replace(settings, listen=None if listen == "off" else listen)
    return settings


def listening(text: str) -> tuple[str, int]:
    """Return host and port of ``127.0.0.1:8010``. Raises ValueError on anything else."""
    found = _LISTEN.fullmatch(text.strip())
    if found is None or not 0 < int(found[3]) < 65536:  # noqa: PLR2004 - the ports there are
        raise ValueError(f"{text!r} is no place to listen on: write it as 127.0.0.1:8010, or off")
    return found[1] or found[2], int(found[3])


def _read(name: str, text: str, settings: Settings) -> Settings:
    seen: set[str] = set()
    for key, node in _pairs(name, text):
        word = str(key.value)
        if word not in WORDS:
            raise _wrong(name, key, f"`{word}` is not known here: use {', '.join(WORDS)}")
        if word in seen:
            raise _wrong(name, key, f"`{word}` is written twice: keep one")
        seen.add(word)
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            raise _wrong(name, key, f"`{word}:` wants one value on its own line")
        try:
            settings = _set(settings, word, node.value)
        except ValueError as error:
            raise _wrong(name, node, f"{word}: {error}") from error
    return settings


def _set(settings: Settings, word: str, value: str) -> Settings:
    for job in TIMED:
        if word == job:
            others = {name: each for name, each in settings.rhythms.items() if name != job}
            mine = {} if value.lower() in (OFF, "false") else {job: rhythm(value)}
            return replace(settings, rhythms={**others, **mine})
    if word == "status":
        return replace(settings, listen=None if value.lower() in (OFF, "false") else listening(value))
    read: bool | timedelta = _span(word, value) if word in SPANS else _flag(value)
    changed: dict[str, Any] = {word: read}  # the word is the field's name
    return replace(settings, **changed)


def _flag(value: str) -> bool:
    if value.lower() not in ("on", OFF, "true", "false"):
        raise ValueError(f"{value!r} is neither on nor off")
    return value.lower() in ("on", "true")


def _span(word: str, value: str) -> timedelta:
    found = _SPAN.fullmatch(value.strip().lower())
    least, most = SPANS[word]
    span = timedelta(**{f"{found[2]}s": int(found[1])}) if found else None
    if span is None or not least <= span <= most:
        raise ValueError(f"{value!r}: write minutes, hours or days, from {told(least)} to {told(most)}")
    return span


def told(span: timedelta) -> str:
    """Return a span as the settings write it: ``28 days``, ``10 minutes``."""
    for unit, seconds in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        many, rest = divmod(int(span.total_seconds()), seconds)
        if many and not rest:
            return f"{many} {unit}{'' if many == 1 else 's'}"
    return f"{span.total_seconds():.0f} seconds"


def _pairs(name: str, text: str) -> list[tuple[yaml.Node, yaml.Node]]:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SettingsError(f"{name}, line {line}: this is not YAML ({error.problem}).") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise SettingsError(f"{name}: this is not YAML that can be read.") from error
    if root is None:
        return []
    if not isinstance(root, yaml.MappingNode):
        raise _wrong(name, root, f"settings are lines such as `scan: daily 02:30`; the words are {', '.join(WORDS)}")
    return list(root.value)


def _wrong(name: str, node: yaml.Node, what: str) -> SettingsError:
    return SettingsError(f"{name}, line {node.start_mark.line + 1}: {what}.")
