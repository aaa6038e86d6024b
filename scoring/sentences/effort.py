"""How much work a mend is, and what the mended thing looks like, by the reason.

The effort is ours, a class and not a measurement: minutes for what is typed into a record, hours for a file or a
server that must be set right once, days for what must be made anew or asked of others. Examples are written so that
they read the same in every language.
"""

from collections.abc import Mapping
from typing import Literal

Effort = Literal["minutes", "hours", "days"]

HOURS: Mapping[Effort, float] = {"minutes": 0.5, "hours": 4.0, "days": 24.0}
"""Working hours a class stands for where gain is set against effort: half an hour, half a day, three days."""

OF_CRITERION: Mapping[str, Effort] = {
    "online": "hours", "free": "days", "secure": "hours", "links": "minutes", "headers": "hours", "format": "minutes",
    "machine_readable": "hours", "encoding": "hours", "fields": "hours", "timely": "hours", "historical": "days",
    "missing_data": "days", "consistent": "hours", "plausible": "hours", "dates": "minutes", "translation": "minutes",
    "schedule": "minutes", "dictionary": "hours", "contact": "minutes", "metadata": "minutes", "shape": "hours",
    "single": "minutes", "licence": "minutes", "bulk": "days", "tools": "days", "language": "days",
}  # fmt: skip
"""The effort of each criterion's mends, where no reason has its own."""

OF_REASON: Mapping[tuple[str, str], Effort] = {
    ("online", "bad-address"): "minutes", ("online", "gone"): "minutes", ("online", "flapping"): "days",
    ("online", "timeout"): "days", ("online", "key-required"): "days", ("online", "payment-required"): "days",
    ("format", "another"): "hours", ("format", "page"): "hours",
    ("machine_readable", "document"): "days", ("machine_readable", "picture"): "days",
    ("machine_readable", "page"): "days", ("machine_readable", "shell"): "days",
    ("fields", "blank-labels"): "minutes", ("fields", "duplicate-labels"): "minutes",
    ("encoding", "bom-varies"): "minutes", ("shape", "blank-label"): "minutes",
    ("shape", "formula-errors"): "minutes",
    ("translation", "numbers-differ"): "hours", ("translation", "rows-differ"): "hours",
    ("timely", "recent-undeclared"): "minutes", ("historical", "archive-only"): "hours",
    ("dictionary", "dead"): "minutes", ("dictionary", "none"): "days", ("bulk", "split"): "hours",
    ("tools", "api"): "hours", ("tools", "preview"): "hours",
}  # fmt: skip
"""Reasons whose mend is more or less work than their criterion's others."""

TABLE = "date,station,value\n2026-11-23,HKO,21.5"
EXAMPLES: Mapping[tuple[str, str], str] = {
    ("machine_readable", "header-rows"): TABLE, ("machine_readable", "merged-cells"): TABLE,
    ("machine_readable", "document"): TABLE, ("machine_readable", "picture"): TABLE,
    ("machine_readable", "page"): TABLE,
    ("machine_readable", "no-field-names"): '[{"date": "2026-11-23", "value": 21.5}]',
    ("shape", "title-rows"): TABLE, ("shape", "header-rows"): TABLE, ("shape", "footer"): TABLE,
    ("shape", "section-rows"): "district,station,value\nSha Tin,A,1\nSha Tin,B,2", ("shape", "no-table"): TABLE,
    ("shape", "blank-label"): "date,station,value", ("fields", "nameless"): "date,station,value",
    ("fields", "blank-labels"): "date,station,value", ("fields", "duplicate-labels"): "value_2025,value_2026",
    ("encoding", "undecodable"): "UTF-8", ("encoding", "not-utf-8"): "UTF-8",
    ("dates", "future"): "2026-11-23", ("dates", "unreadable"): "2026-11-23", ("schedule", "absent"): "Monthly",
    ("schedule", "unreadable"): "Monthly", ("contact", "mail-malformed"): "opendata@example.gov.hk",
    ("contact", "none"): "opendata@example.gov.hk", ("contact", "telephone-only"): "opendata@example.gov.hk",
    ("contact", "name-only"): "opendata@example.gov.hk", ("secure", "http-only"): "https://",
    ("headers", "type"): "Content-Type: text/csv; charset=utf-8",
    ("headers", "charset"): "Content-Type: text/csv; charset=utf-8",
    ("plausible", "swapped-coordinates"): "latitude,longitude\n22.302,114.174",
    ("dictionary", "none"): "field,type,description\nvalue,number,°C",
    ("dictionary", "document"): "field,type,description\nvalue,number,°C",
    ("dictionary", "picture"): "field,type,description\nvalue,number,°C",
    ("consistent", "district-spelling"): "Sha Tin",
}  # fmt: skip
"""What the mended thing looks like, where a line of it says more than words."""


def effort(criterion: str, reason: str) -> Effort:
    """Return how much work mending an answer is; hours for one we do not know."""
    return OF_REASON.get((criterion, reason)) or OF_CRITERION.get(criterion, "hours")


def gain_per_hour(points: float, criterion: str, reason: str) -> float:
    """Return the points (0-100) an hour of work on a task gives back."""
    return points / HOURS[effort(criterion, reason)]
