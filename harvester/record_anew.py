"""One dataset's record read anew from the portal, at once: a mended record counts before the next harvest."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from sqlite_utils import Database

from harvester.clock import Clock
from harvester.errors import PortalError
from harvester.joining import category_of, join_dataset, providers_of
from harvester.portals.base import Portal
from harvester.rechecked import Mended, Read
from harvester.store import catalogue
from harvester.store.catalogue import Fetched
from harvester.store.changes import digest
from harvester.store.examples import note_examples
from harvester.store.workshop import Run, record_failure
from harvester.wordlist import Vocabulary, shipped

GONE = "No instance of the portal has a record of it now. The next harvest tells whether it left the catalogue."
CHANGES = """
SELECT language, resource, field, old, new FROM change WHERE run = ? AND dataset = ? ORDER BY resource, field, language
"""


def read_anew(db: Database, portal: Portal, run: Run, clock: Clock, name: str) -> Read:
    """Read the record of the live dataset ``name`` in every instance and keep it as a harvest does; say what came.

    All instances or none, as in a harvest. What lists alone can tell (that a dataset came, left or was renamed) is left
    to the next harvest. Texts are read by the vocabulary of the last one, so that nothing else changes their meaning.
    What cannot be read is recorded as a failure of the run, and everything stays as it was.
    """
    before = dict(db.execute("SELECT language, sha256 FROM reading WHERE dataset = ?", [name]).fetchall())
    try:
        with ThreadPoolExecutor(min(portal.threads, len(portal.languages)), "record") as pool:
            came = pool.map(partial(portal.package_show, name=name), portal.languages)
            found = dict(zip(portal.languages, came, strict=True))
    except PortalError as error:
        record_failure(db, run, name, str(error), clock)
        return "unread"
    records = {language: record for language, record in found.items() if record is not None}
    if not records:
        record_failure(db, run, name, GONE, clock)
        return "gone"
    own_ids = len(portal.languages) == 1
    slugs = catalogue.provider_slugs(db)
    dataset = join_dataset(name, records, slugs, own_ids=own_ids, vocabulary=_vocabulary(db))
    asked = tuple(language for language in portal.languages if language in records or language in before)
    fetched = Fetched(dataset, records, asked, own_ids, providers_of(records), category_of(records))
    catalogue.save_batch(db, run, [fetched])
    note_examples(db, run, name)
    same = all(digest(found[language]) == before.get(language) for language in asked)
    return "unchanged" if same else "changed"


def mended(db: Database, run: Run, name: str) -> tuple[Mended, ...]:
    """Return what of the record of ``name`` this run found to be another."""
    return tuple(Mended(*row) for row in db.execute(CHANGES, [run.id, name]))


def _vocabulary(db: Database) -> Vocabulary:
    """Return the vocabulary by which the workshop's rows were last read, the shipped one where none is noted."""
    written = {(kind, text): means for kind, text, means in db.execute("SELECT kind, text, means FROM vocabulary")}
    return Vocabulary(written) if written else shipped()
