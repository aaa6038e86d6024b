"""The plain records that cross between rooms: what is claimed, what was seen, what it turned out to be.

Every record is frozen and holds plain values only. Times are ISO 8601 in UTC to the second
(``2026-11-23T02:30:00Z``); sizes are bytes; durations are milliseconds or days as named.
"""

from harvester.records.claims import (
    LANGUAGES,
    Category,
    Dataset,
    Kind,
    Language,
    Provider,
    Resource,
    Schedule,
    Trilingual,
)
from harvester.records.contents import (
    Column,
    Content,
    Defect,
    Dialect,
    Ladder,
    Nature,
    Odd,
    Oddity,
    Part,
    Place,
    Profile,
    Sniffed,
    Spellings,
    Verdict,
)
from harvester.records.visits import Asked, Outcome, Spell, State, Visit

__all__ = [
    "LANGUAGES",
    "Asked",
    "Category",
    "Column",
    "Content",
    "Dataset",
    "Defect",
    "Dialect",
    "Kind",
    "Ladder",
    "Language",
    "Nature",
    "Odd",
    "Oddity",
    "Outcome",
    "Part",
    "Place",
    "Profile",
    "Provider",
    "Resource",
    "Schedule",
    "Sniffed",
    "Spell",
    "Spellings",
    "State",
    "Trilingual",
    "Verdict",
    "Visit",
]
