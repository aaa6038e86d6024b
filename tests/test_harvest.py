"""The harvest: nothing lost, nothing doubled, nothing withdrawn by mistake, and an interrupted run goes on."""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from harvester.errors import PortalError
from harvester.harvest import UNTOLD, harvest
from harvester.joining import Record
from harvester.records import LANGUAGES, Category, Language, Provider, Trilingual
from harvester.store.workshop import Run, step, workshop
from tests.test_portal import record

DAY_ONE = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@dataclass
class Shelf:
    """A portal in memory, with a record for each name and language, that stumbles when told to."""

    records: dict[tuple[Language, str], object] = field(default_factory=dict)
    failing: set[str] = field(default_factory=set)
    stop_at: str | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    base_url: str = "http://data.test"
    threads: int = 3
    languages: tuple[Language, ...] = LANGUAGES

    def add(self, *names: str, **changes: object) -> None:
        """Put datasets in all three instances."""
        for name in names:
            for language in ("en", "tc", "sc"):
                url = f"https://{language}.test/{name}.csv"
                own = [{"shared_id": f"{name}-1", "name": "File", "url": url, "format": "CSV", "is_api": "N"}]
                self.records[language, name] = record(language, **{"name": name, "resources": own} | changes)

    def remove(self, name: str) -> None:
        """Take a dataset out of all three instances."""
        self.records = {key: value for key, value in self.records.items() if key[1] != name}

    def package_list(self, language: Language) -> list[str]:
        """Return the names an instance lists."""
        return sorted(name for lang, name in self.records if lang == language)

    def package_show(self, language: Language, name: str) -> Record | None:
        """Return a record, or stumble."""
        self.asked.append((language, name))
        if name == self.stop_at:
            raise KeyboardInterrupt
        if name in self.failing:
            raise PortalError(f"{name} gave no JSON in 5 tries.")
        return self.records[language, name]  # type: ignore[return-value]

    def providers(self) -> list[Provider]:
        """Return the list of providers."""
        return [Provider("hk-hko", Trilingual("Hong Kong Observatory", "香港天文台", "香港天文台"))]

    def categories(self) -> list[Category]:
        """Return the list of categories."""
        return [Category("climate-and-weather", Trilingual("Climate", "氣象", "气象"))]

    def archived(self, start: date, end: date) -> Iterator[str]:
        """Yield what the archive keeps, as long as the days asked for make sense."""
        assert start < end
        yield from self.kept


def scan(db: Database, shelf: Shelf, day: int = 0) -> Run:
    def clock() -> datetime:
        return DAY_ONE + timedelta(days=day)

    with step(db, "harvest", clock, {}, shelf.base_url) as run:
        harvest(db, shelf, run, clock)
    return run


def dump(db: Database, *without: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the catalogue, without the columns named."""
    tables = ("provider", "category", "url", "dataset", "resource", "record_version")
    found = {}
    for table in tables:
        columns = ", ".join(column.name for column in db[table].columns if column.name not in without)
        found[table] = sorted(db.execute(f"SELECT {columns} FROM {table}").fetchall(), key=repr)  # noqa: S608
    return found


def test_a_first_harvest_keeps_everything(db: Database) -> None:
    """Datasets, resources, addresses, dictionaries, titles and raw records of three languages are all there."""
    shelf = Shelf(kept=["https://en.test/a.csv", "https://elsewhere.test/x"])
    shelf.add("a", "b")
    run = scan(db, shelf)
    assert (run.counts["datasets"], run.counts["new"], run.counts["resources"], run.failed) == (2, 2, 2, 0)
    row = next(iter(db.query("SELECT * FROM dataset WHERE name = 'a'")))
    assert (row["title_en"], row["title_tc"], row["provider"]) == ("Rainfall", "雨量", "hk-hko")
    assert json.loads(row["languages"]) == ["en", "tc", "sc"]
    assert (row["first_seen"], row["withdrawn_at"]) == ("2026-11-23T02:00:00Z", None)
    urls = {row["url"]: row for row in db.query("SELECT * FROM url")}
    assert set(urls) == {"https://en.test/a.csv", "https://en.test/b.csv", "https://hko.test/d.pdf?a&copy=1"}
    assert urls["https://en.test/a.csv"]["archived_at"] == "2026-11-23T02:00:00Z"
    assert urls["https://en.test/b.csv"]["archived_at"] is None
    provider = next(iter(db.query("SELECT * FROM provider WHERE slug = 'hk-hko'")))
    assert provider["title_sc"] == "香港天文台"
    body = db.execute("SELECT body FROM record_version WHERE dataset = 'b' AND language = 'tc'").fetchone()[0]
    assert json.loads(zlib.decompress(body)) == shelf.records["tc", "b"]


def test_an_unchanged_catalogue_adds_nothing(db: Database) -> None:
    """A second harvest of the same records leaves every row as it was, but for when it was last seen."""
    shelf = Shelf()
    shelf.add("a", "b", "c")
    scan(db, shelf)
    before = dump(db, "last_seen")
    run = scan(db, shelf, 1)
    assert dump(db, "last_seen") == before
    assert (run.counts["record_versions"], run.counts["new"], run.counts["withdrawn"]) == (0, 0, 0)


def test_a_changed_record_is_kept_beside_the_old(db: Database) -> None:
    """A change is one more raw record in its language and the new title in the row."""
    shelf = Shelf()
    shelf.add("a", "b")
    scan(db, shelf)
    shelf.records["en", "a"] = record("en", title="Snowfall")
    run = scan(db, shelf, 1)
    assert run.counts["record_versions"] == 1
    assert db.execute("SELECT title_en FROM dataset WHERE name = 'a'").fetchone()[0] == "Snowfall"


def withdrawn(db: Database, table: str = "dataset", key: str = "name") -> dict[str, str | None]:
    return dict(db.execute(f"SELECT {key}, withdrawn_at FROM {table}").fetchall())  # noqa: S608


def test_what_is_gone_is_marked_and_what_returns_is_cleared(db: Database) -> None:
    """A dataset off the list is withdrawn with its resources, never deleted, and stands again when it is back."""
    shelf = Shelf()
    shelf.add("a", "b", "c")
    scan(db, shelf)
    shelf.remove("b")
    assert scan(db, shelf, 1).counts["withdrawn"] == 1
    assert withdrawn(db) == {"a": None, "b": "2026-11-24T02:00:00Z", "c": None}
    assert withdrawn(db, "resource", "shared_id")["b-1"] == "2026-11-24T02:00:00Z"
    assert scan(db, shelf, 2).counts["withdrawn"] == 0  # an old withdrawal is not told again
    assert withdrawn(db)["b"] == "2026-11-24T02:00:00Z"
    shelf.add("b")
    assert scan(db, shelf, 3).counts["datasets"] == 3
    assert set(withdrawn(db).values()) == {None}
    assert withdrawn(db, "resource", "shared_id")["b-1"] is None


def test_a_resource_gone_from_its_record_is_marked(db: Database) -> None:
    """A dataset that drops a resource keeps it as withdrawn."""
    shelf = Shelf()
    shelf.add("a", "b")
    scan(db, shelf)
    shelf.add("a", resources=[{"shared_id": "a-2", "url": "https://x.test/2"}])
    scan(db, shelf, 1)
    assert withdrawn(db, "resource", "shared_id") == {"a-1": "2026-11-24T02:00:00Z", "a-2": None, "b-1": None}


def test_a_dataset_that_cannot_be_fetched_is_never_withdrawn(db: Database) -> None:
    """A portal that stumbles over one dataset costs a failure with its sentence, and changes nothing of it."""
    shelf = Shelf()
    shelf.add("a", "b")
    scan(db, shelf)
    shelf.failing = {"a"}
    run = scan(db, shelf, 1)
    assert run.failed == 1
    assert [row["item"] for row in db.query("SELECT item FROM failure")] == ["a"]
    assert set(withdrawn(db).values()) == {None}


@pytest.mark.parametrize("left", [0, 1])
def test_an_empty_or_halved_list_is_refused(left: int, db: Database) -> None:
    """A list that would withdraw half the catalogue stops the harvest before it changes anything."""
    shelf = Shelf()
    shelf.add("a", "b", "c")
    scan(db, shelf)
    before = dump(db)
    small = Shelf()
    small.add(*"abc"[:left])
    with pytest.raises(PortalError, match=r"lists no datasets|where 3 are known"):
        scan(db, small, 1)
    assert dump(db) == before


def test_an_instance_that_falls_empty_is_refused_and_one_that_never_was_is_not(db: Database) -> None:
    """A Chinese instance that suddenly lists nothing would look like a missing translation everywhere."""
    shelf = Shelf()
    shelf.add("a", "b")
    shelf.records = {key: value for key, value in shelf.records.items() if key[0] != "sc"}
    assert scan(db, shelf).counts["datasets"] == 2
    shelf.records = {key: value for key, value in shelf.records.items() if key[0] != "tc"}
    with pytest.raises(PortalError, match="'tc'"):
        scan(db, shelf, 1)


@pytest.mark.parametrize("stop_at", ["d000", "d077", "d119"])
def test_an_interrupted_harvest_goes_on(stop_at: str, tmp_path: Path) -> None:
    """Stopped anywhere, the next run fetches only what was not stored, and ends as if nothing had happened."""
    shelf = Shelf(threads=2)
    shelf.add(*(f"d{number:03}" for number in range(120)))
    with workshop(tmp_path / "whole.db", create=True) as whole:
        counts = scan(whole, shelf).counts
        expected = dump(whole)
    shelf.stop_at = stop_at
    with workshop(tmp_path / "cut.db", create=True) as cut:
        with pytest.raises(KeyboardInterrupt):
            scan(cut, shelf)
        stored = {row[0] for row in cut.execute("SELECT dataset FROM harvested")}
        shelf.stop_at, shelf.asked = None, []
        run = scan(cut, shelf)
        assert run.resumed
        assert {name for _, name in shelf.asked} == {name for _, name in shelf.records} - stored
        assert dump(cut) == expected
        assert run.counts == counts


def test_one_shared_id_in_two_datasets_is_two_resources(db: Database) -> None:
    """A resource id that two datasets claim does not wander between them."""
    shelf = Shelf()
    shelf.add("a", "b", resources=[{"shared_id": "same", "url": "https://x.test/1"}])
    for day in (0, 1):
        scan(db, shelf, day)
        owners = dict(db.execute("SELECT shared_id, dataset FROM resource WHERE withdrawn_at IS NULL").fetchall())
        assert owners == {"same": "a", "b:same": "b"}


def test_a_dataset_one_language_lacks_is_not_asked_there(db: Database) -> None:
    """The lists say who has what; the missing instance is a fact of the row."""
    shelf = Shelf()
    shelf.add("a", "b", "c")
    del shelf.records["sc", "b"]
    scan(db, shelf)
    assert ("sc", "b") not in shelf.asked
    languages = dict(db.execute("SELECT name, languages FROM dataset").fetchall())
    assert json.loads(languages["b"]) == ["en", "tc"]


VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.lists(st.integers(), max_size=2)
)
KEYS = st.sampled_from([*record("en"), *record("en")["resources"][0]])  # type: ignore[index, misc]
BROKEN = st.dictionaries(KEYS, VALUES | st.lists(st.dictionaries(KEYS, VALUES, max_size=6), max_size=3), max_size=10)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(BROKEN, min_size=1, max_size=4))
def test_no_record_stops_a_harvest(db: Database, records: list[dict[str, object]]) -> None:
    """Whatever JSON stands where a record should, it is stored and the run ends."""
    names = ["sound", *(f"broken-{number}" for number in range(4))]
    shelf = Shelf()
    shelf.add(*names)
    for number, raw in enumerate(records):
        shelf.records["en", f"broken-{number}"] = raw
    scan(db, shelf)
    assert {row[0] for row in db.execute("SELECT DISTINCT error FROM failure")} <= {UNTOLD}
    assert {row[0] for row in db.execute("SELECT name FROM dataset")} == set(names)
