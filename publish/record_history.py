"""What a dataset's record said before: each fact that was not what it had been, newest first, in the reader's words."""

import sqlite3

from publish.i18n import NAMES, Translator, mark
from publish.queries import Row, rows
from publish.safe import short

MOST = 40
"""Changes a page tells; the table underneath has all."""
LONGEST = 120
"""Characters of a value that was, or is."""
FIELDS: dict[str, str] = {
    "dataset": mark("Dataset"), "record": mark("Record in this language"), "resource": mark("Resource"),
    "title": mark("Title"), "notes": mark("Description"), "frequency": mark("Update frequency"),
    "maintainer": mark("Contact"), "maintainer_email": mark("Mail"), "maintainer_phone": mark("Telephone"),
    "licence_id": mark("Licence"), "licence_title": mark("Licence"), "dictionary": mark("Data dictionary"),
    "category": mark("Category"), "provider": mark("Provider"), "format": mark("Format"), "url": mark("Address"),
    "is_api": mark("Is an API"),
}  # fmt: skip
"""Fields of table ``change`` in words; another keeps its own."""
WORDS: dict[str, str] = {"listed": mark("listed"), "withdrawn": mark("withdrawn")}
SQL = """
SELECT c.at, c.resource, c.language, c.field, c.old, c.new, r.title_en, r.title_tc, r.title_sc
FROM change c LEFT JOIN resource r ON r.shared_id = c.resource
WHERE c.dataset = ? ORDER BY c.at DESC, c.run DESC, c.resource, c.field, c.language LIMIT ?
"""


def of_dataset(connection: sqlite3.Connection, name: str, tr: Translator) -> list[Row]:
    """Return the newest changes of a dataset's record: when (ISO 8601 UTC), of what, from what to what.

    ``old`` or ``new`` is None where nothing was, or is, said; ``language`` is the instance's own name, empty where the
    fact is of all of them.
    """
    found = []
    for row in rows(connection, SQL, [name, MOST]):
        word = FIELDS.get(row["field"])
        found.append(
            {
                "at": row["at"], "field": row["field"], "what": tr(word) if word else row["field"],
                "language": NAMES.get(row["language"], row["language"]), "old": _value(row["old"], tr),
                "new": _value(row["new"], tr), "resource": row["resource"],
                "resource_title": short(tr.title(row) or row["resource"]) if row["resource"] else "",
            }
        )  # fmt: skip
    return found


def _value(text: str | None, tr: Translator) -> str | None:
    if text is None:
        return None
    word = WORDS.get(text)
    return tr(word) if word else short(text, LONGEST)
