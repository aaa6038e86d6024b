"""What was laid beside each other, read in two goes and handed out to each dataset."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlite_utils import Database

from harvester.compare.records import Comparison, Difference
from scoring.facts import Beside

TOLD = """
SELECT kind, a, b, reason, facts FROM comparison WHERE kind IN ('dictionary', 'languages'){among} ORDER BY kind, a, b
"""
PLACES = """
SELECT kind, a, b, code, column_a, column_b, row_a, row_b, value_a, value_b FROM difference
WHERE kind IN ('dictionary', 'languages'){among} ORDER BY kind, a, b, number
"""
AMONG = " AND a IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True)
class Laid:
    """All comparisons there are, by kind and first content, then by the second."""

    found: dict[tuple[str, str], dict[str, Comparison]]

    def of(self, dictionary: str | None, contents: Iterable[str]) -> Beside:
        """Return what is known of a dataset whose dictionary and files have these contents."""
        files = set(contents)
        beside = self.found.get(("dictionary", dictionary), {}) if dictionary else {}
        pairs = ((a, b, told) for a in sorted(files) for b, told in self.found.get(("languages", a), {}).items())
        return Beside(
            {b: told for b, told in beside.items() if b in files},
            {(a, b): told for a, b, told in pairs if b in files},
        )


def read_laid(db: Database, only: Collection[str] | None = None) -> Laid:
    """Return all comparisons of dictionaries and of languages; none where the database is older than they are.

    Where ``only`` (sha256) is given, those whose first content is among them.
    """
    among, asked = ("", []) if only is None else (AMONG, [json.dumps(sorted(only))])
    found: dict[tuple[str, str], dict[str, Comparison]] = defaultdict(dict)
    if "comparison" not in db.table_names():
        return Laid(found)
    places: dict[tuple[str, str, str], list[Difference]] = defaultdict(list)
    for kind, a, b, *place in db.execute(PLACES.format(among=among), asked):
        places[kind, a, b].append(Difference(*place))
    for kind, a, b, reason, facts in db.execute(TOLD.format(among=among), asked):
        found[kind, a][b] = Comparison(reason, json.loads(facts), tuple(places.get((kind, a, b), ())))
    return Laid(found)
