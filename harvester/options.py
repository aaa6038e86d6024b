"""Values of the command line that are not plain text: a day in Hong Kong, a time of day, a size."""

import re
from datetime import UTC, datetime, time
from typing import Any, Literal

import click

from harvester.clock import HONG_KONG
from harvester.watch_settings import listening


class HongKongDate(click.ParamType[datetime]):
    """A day in Hong Kong, ``2026-11-23``, as the moment that day ends there (aware, UTC)."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the end of the day ``value``; a bad date is a usage error that shows a good one."""
        if isinstance(value, datetime):
            return value
        try:
            day = datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 (a day, given its zone below)
        except ValueError:
            self.fail(f"{value!r} is not a date: write it as 2026-11-23.", param, ctx)
        return datetime.combine(day, time(23, 59, 59), HONG_KONG).astimezone(UTC)


class HourMinute(click.ParamType[time]):
    """A time of day, ``02:30``."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> time:
        """Return the time of day ``value``; anything else is a usage error that shows a good one."""
        try:
            return value if isinstance(value, time) else time.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a time of day: write it as 02:30.", param, ctx)


class Size(click.ParamType[int]):
    """A size in bytes, as ``0``, ``500MB`` or ``20GiB``: thousands with B, 1,024 with iB."""

    name = "size"
    _WRITTEN = re.compile(r"(\d{1,12}(?:\.\d{1,3})?)\s*(?:([KMGT])(I)?B?|B)?", re.IGNORECASE)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the bytes that ``value`` stands for; anything else is a usage error that shows a good one."""
        if isinstance(value, int):
            return value
        found = self._WRITTEN.fullmatch(value.strip())
        if found is None:
            self.fail(f"{value!r} is not a size: write it as 20GiB, 500MB or 0.", param, ctx)
        number, unit, binary = found.groups()
        return int(float(number) * (1024 if binary else 1000) ** " KMGT".index((unit or " ").upper()))


class Listen(click.ParamType[tuple[str, int] | Literal["off"]]):
    """A place to listen on, ``127.0.0.1:8010``, or ``off``."""

    name = "listen"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int] | Literal["off"]:
        """Return host and port; anything else is a usage error that shows a good one."""
        try:
            return "off" if value == "off" else listening(value)
        except ValueError as error:
            self.fail(f"{error}.", param, ctx)
