"""Values of the command line that are not plain text: a day in Hong Kong, a time of day."""

from datetime import UTC, datetime, time
from typing import Any

import click

from harvester.clock import HONG_KONG


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
