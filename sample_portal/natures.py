"""What a sound dataset is by its own nature, and no fault of anyone's: listed, so that the truth is whole."""

from collections.abc import Iterator

from sample_portal.drafts import Draft, Item
from sample_portal.truth import Entry

_FOR_PEOPLE = {"PDF": "document", "DOCX": "document", "PNG": "picture", "JPEG": "picture", "HTML": "page"}
_ANY = ("yes", "partly", "no", "unknown")


def natures(draft: Draft, listed: frozenset[tuple[str, str]]) -> Iterator[Entry]:
    """Yield the entries of a dataset's nature; `listed` are the (resource, criterion) that a plant speaks for."""
    for entry in (*_of_dataset(draft), *(entry for item in draft.items for entry in _of_item(draft, item))):
        if (entry.resource, entry.criterion) not in listed:
            yield entry


def _entry(
    draft: Draft, kind: str, criterion: str, expect: tuple[str, ...], why: str, item: Item | None = None
) -> Entry:
    return Entry(f"nature-{kind}", draft.name, item.shared_id if item else "", criterion, expect, None, (), False, why)


def _of_dataset(draft: Draft) -> Iterator[Entry]:
    if any(item.is_api == "Y" for item in draft.items):
        yield _entry(draft, "api", "tools", ("yes", "partly"), "an API call is among the resources")
    else:
        yield _entry(draft, "no-tool", "tools", ("no", "partly", "yes"), "files only; a preview is the portal's affair")
    spoken = {item.language for item in draft.items}
    if len(spoken) == 1:
        yield _entry(
            draft, "one-language", "language", ("partly", "yes"), "the files are in one language, the record in three"
        )
    if draft.dictionary.endswith((".pdf", ".docx", ".png")) and "old/" not in draft.dictionary:
        yield _entry(draft, "dictionary-document", "dictionary", ("partly",), "the dictionary is a document")


def _of_item(draft: Draft, item: Item) -> Iterator[Entry]:
    if item.format == "HTML" and any(other.format != "HTML" for other in draft.items):
        why = "a page, declared so beside data: no data were promised"
        yield _entry(draft, "page-beside-data", "machine_readable", ("unknown", "yes"), why, item)
    elif item.format in _FOR_PEOPLE:
        why = f"a {_FOR_PEOPLE[item.format]}, and declared so"
        yield _entry(draft, _FOR_PEOPLE[item.format], "machine_readable", ("no",), why, item)
    if item.format == "ZIP":
        yield _entry(draft, "archive", "machine_readable", ("yes", "partly"), "a table inside an archive", item)
    if item.url.startswith("http://"):
        yield _entry(draft, "http", "secure", ("no", "yes", "unknown"), "an http address", item)


def as_needed(draft: Draft) -> Iterator[Entry]:
    """Yield what is true of a dataset that is updated when there is something to update."""
    yield _entry(draft, "as-needed", "schedule", ("partly",), f"the frequency is {draft.frequency[0]!r}")
    yield _entry(draft, "as-needed", "timely", _ANY, "no period to hold it to")


def live(draft: Draft) -> Iterator[Entry]:
    """Yield what is true of a feed that shows the present moment only."""
    yield _entry(draft, "live", "historical", ("no", "partly", "unknown"), "a live feed keeps no past")
    yield _entry(draft, "live", "timely", ("yes", "unknown"), "made at the moment it is asked for")
