"""A life of thirty days, scripted: the views tell exactly that story, and the portal was asked as little as told."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from sqlite_utils import Database

from harvester.clock import iso
from harvester.errors import PortalError
from harvester.harvest import harvest
from harvester.joining import Record
from harvester.records import LANGUAGES, Category, Language, Provider
from harvester.store.workshop import Run, step, workshop

START = datetime(2026, 11, 10, 18, 30, tzinfo=UTC)
"""02:30 in Hong Kong on 11 November; the story ends in December."""
DAYS = 30
QUERIES = yaml.safe_load((Path(__file__).parents[1] / "metadata.yml").read_text())["databases"]["catalog"]["queries"]


@dataclass
class Town:
    """A portal in memory that counts what it is asked, and the clock of those who ask."""

    day: float = 0
    records: dict[tuple[Language, str], dict[str, object]] = field(default_factory=dict)
    told: list[tuple[Language, str, str]] = field(default_factory=list)
    away: bool = False
    stop_after: int | None = None
    failing: set[str] = field(default_factory=set)
    asked: Counter[str] = field(default_factory=Counter)
    base_url: str = "http://data.test"
    languages: tuple[Language, ...] = LANGUAGES
    threads: int = 1

    def clock(self) -> datetime:
        """Return the moment it is."""
        return START + timedelta(days=self.day)

    def add(self, name: str, provider: str, like: str | None = None, ids: str | None = None) -> None:
        """Put a dataset in all instances, with the resources of ``like`` and the record ids of ``ids``."""
        for language in LANGUAGES:
            url = f"https://data.test/{like or name}-{language}.csv"
            self.records[language, name] = {
                "id": f"{language}-{ids or name}",
                "name": name,
                "title": f"{like or name} {language}",
                "organization": {"name": provider},
                "maintainer_email": "who@data.test",
                "resources": [{"shared_id": like or name, "name": "File", "url": url, "format": "CSV", "is_api": "Y"}],
            }

    def edit(self, name: str, *languages: Language, told: Iterable[Language] = (), **changes: object) -> None:
        """Change a dataset in some instances; those of ``told`` say so in their feeds."""
        for language in languages or LANGUAGES:
            self.records[language, name] |= changes
        self.told += [(language, name, iso(self.clock() - timedelta(hours=1))) for language in told]

    def edit_file(self, name: str, *languages: Language, told: Iterable[Language] = (), **changes: object) -> None:
        """Change the first resource of a dataset in some instances."""
        for language in languages or LANGUAGES:
            first, *others = self.records[language, name]["resources"]  # type: ignore[misc]
            self.edit(name, language, told=told, resources=[first | changes, *others])

    def remove(self, name: str, *languages: Language) -> None:
        """Take a dataset out of some instances."""
        for language in languages or LANGUAGES:
            del self.records[language, name]

    def package_list(self, language: Language) -> list[str]:
        """Return the names an instance lists."""
        self.asked["list"] += 1
        if self.away:
            raise PortalError("The portal does not answer.")
        return sorted(name for lang, name in self.records if lang == language)

    def package_show(self, language: Language, name: str) -> Record | None:
        """Return a record, until it is stopped."""
        self.asked["show"] += 1
        if self.stop_after is not None and self.asked["show"] > self.stop_after:
            raise KeyboardInterrupt
        if name in self.failing:
            raise PortalError(f"{name} gave no JSON.")
        return self.records[language, name]

    def changed(self, language: Language) -> Iterator[tuple[str, str]]:
        """Yield what an instance's feed tells of the last 14 days."""
        self.asked["feed"] += 1
        first = iso(self.clock() - timedelta(days=14))
        yield from ((name, at) for lang, name, at in self.told if lang == language and at >= first)

    def providers(self) -> list[Provider]:
        """Return the list of providers."""
        self.asked["side"] += 1
        return []

    def categories(self) -> list[Category]:
        """Return the list of categories, which takes two requests."""
        self.asked["side"] += 2
        return []

    def archived(self, start: date, end: date) -> Iterator[str]:
        """Yield what the archive keeps, a page of 500 at a time."""
        for place, name in enumerate(sorted({name for _, name in self.records})):
            self.asked["archive"] += place % 500 == 0
            assert start < end
            yield f"https://data.test/{name}-en.csv"

    def night(self, db: Database, *, full: bool = False) -> Run:
        """Harvest once and return the run."""
        self.asked.clear()
        with step(db, "harvest", self.clock, {}, self.base_url) as run:
            harvest(db, self, run, self.clock, full=full)
        return run


OTHERS = [f"hk-x-{number:02}" for number in range(14)]


def town() -> Town:
    made = Town()
    for name in ("rain", "tide", "uv"):
        made.add(f"hk-hko-{name}", "hk-hko")
    for name in ("a", "b", "c", "d"):
        made.add(f"hk-ogcio-{name}", "hk-ogcio")
    for name in ("speed", "park"):
        made.add(f"hk-td-{name}", "hk-td")
    for name in OTHERS:
        made.add(name, "hk-x")
    return made


def act(town: Town, day: int) -> None:  # noqa: C901, PLR0912 -- a script is read from top to bottom
    """What happens on each day of the story, before that night's harvest."""
    more = {"shared_id": "more", "name": "More", "url": "https://data.test/more.json", "format": "JSON", "is_api": "N"}
    match day:
        case 1:
            town.edit("hk-hko-rain", "en", told=["en"], title="")
        case 2:
            town.edit("hk-x-09", "sc", title="Alone")  # in one language, and no feed tells
        case 3:
            town.edit_file("hk-td-speed", is_api="N")  # no feed tells
        case 4:
            town.remove("hk-hko-tide")
        case 5 | 11:
            town.away = True
        case 6:
            town.add("hk-lamps-posts", "hk-lamps")
        case 8:
            town.edit("hk-td-park", "tc", "sc", maintainer_email=None)  # no feed tells
        case 9:
            town.add("hk-hko-tide", "hk-hko")
            town.edit("hk-hko-tide", "en", title="Tides")
        case 14:
            for name in ("a", "b", "c", "d"):
                town.remove(f"hk-ogcio-{name}")
                town.add(f"hk-dpo-{name}", "hk-dpo", like=f"hk-ogcio-{name}")
        case 16:
            town.remove("hk-hko-uv", "sc")
        case 18:
            first = town.records["tc", "hk-x-03"]["resources"]
            town.edit("hk-x-03", "tc", told=["tc"], resources=[*first, more])  # type: ignore[misc]
        case 19:
            town.edit_file("hk-x-05", told=["sc"], url="https://new.test/5", format="XLSX")
        case 20:
            town.remove("hk-x-07")
            town.add("hk-x-seven", "hk-x", like="hk-x-07", ids="hk-x-07")
        case 22:
            town.edit("hk-dpo-a", "en", told=["en"], title="Spectrum")
        case 27:
            town.remove("hk-x-11")


def live(town: Town, db: Database) -> list[Run]:
    """Live the story: nights at 02:30, one cut off and taken up in the morning, two on which the portal is away."""
    runs = []
    for day in range(DAYS):
        town.day, town.away = day, False
        act(town, day)
        if day == 12:
            town.stop_after = 2
            with pytest.raises(KeyboardInterrupt):
                town.night(db)
            town.day, town.stop_after = day + 0.3, None
        with suppress(PortalError):
            runs.append(town.night(db))
    return runs


def day_of(at: str) -> int:
    return (datetime.fromisoformat(at) - START).days


CHANGES = "SELECT dataset, event, language, resource, field, old, new, at FROM changes_between_runs"

Told = tuple[str, str, str, str, str, str | None, str | None]


def story() -> dict[Told, tuple[int, int]]:
    """The story as it should be told: each event, and the first and last day on which it may be noticed."""
    told: dict[Told, tuple[int, int]] = {
        ("hk-hko-rain", "lost", "en", "", "title", "hk-hko-rain en", None): (1, 1),
        ("hk-x-09", "changed", "sc", "", "title", "hk-x-09 sc", "Alone"): (2, 9),
        ("hk-hko-tide", "withdrawn", "", "", "dataset", "listed", "withdrawn"): (4, 4),
        ("hk-lamps-posts", "appeared", "", "", "dataset", None, "listed"): (6, 6),
        ("hk-hko-tide", "returned", "", "", "dataset", "withdrawn", "listed"): (9, 9),
        ("hk-hko-tide", "changed", "en", "", "title", "hk-hko-tide en", "Tides"): (9, 9),
        ("hk-x-03", "resource added", "tc", "more", "resource", None, "listed"): (18, 18),
        ("hk-x-03", "gained", "tc", "more", "title", None, "More"): (18, 18),
        ("hk-x-03", "gained", "tc", "more", "url", None, "https://data.test/more.json"): (18, 18),
        ("hk-x-03", "gained", "tc", "more", "format", None, "JSON"): (18, 18),
        ("hk-x-03", "gained", "tc", "more", "is_api", None, "N"): (18, 18),
        ("hk-x-seven", "renamed", "", "", "name", "hk-x-07", "hk-x-seven"): (20, 20),
        ("hk-dpo-a", "changed", "en", "", "title", "hk-ogcio-a en", "Spectrum"): (22, 22),
        ("hk-x-11", "withdrawn", "", "", "dataset", "listed", "withdrawn"): (27, 27),
        ("hk-hko-uv", "record lost", "sc", "", "record", "listed", None): (16, 16),
        ("hk-hko-uv", "resource lost", "sc", "hk-hko-uv", "resource", "listed", None): (16, 16),
    }
    lost = {"title": "hk-hko-uv sc", "provider": "hk-hko", "maintainer_email": "who@data.test"}
    file = {"title": "File", "url": "https://data.test/hk-hko-uv-sc.csv", "format": "CSV", "is_api": "Y"}
    for resource, facts in (("", lost), ("hk-hko-uv", file)):
        told |= {("hk-hko-uv", "lost", "sc", resource, name, old, None): (16, 16) for name, old in facts.items()}
    for language in LANGUAGES:
        told["hk-td-speed", "changed", language, "hk-td-speed", "is_api", "Y", "N"] = (3, 10)
        url = f"https://data.test/hk-x-05-{language}.csv"
        told["hk-x-05", "changed", language, "hk-x-05", "url", url, "https://new.test/5"] = (19, 19)
        told["hk-x-05", "changed", language, "hk-x-05", "format", "CSV", "XLSX"] = (19, 19)
        for name in "abcd":
            told[f"hk-dpo-{name}", "changed", language, "", "provider", "hk-ogcio", "hk-dpo"] = (14, 14)
    for language in ("tc", "sc"):
        told["hk-td-park", "lost", language, "", "maintainer_email", "who@data.test", None] = (8, 15)
    told |= {
        (f"hk-dpo-{name}", "renamed", "", "", "name", f"hk-ogcio-{name}", f"hk-dpo-{name}"): (14, 14) for name in "abcd"
    }
    return told


def test_the_views_tell_exactly_the_story(db: Database) -> None:
    """Every edit, withdrawal, return and rename is told once, in time, and nothing else is."""
    portal = town()
    runs = live(portal, db)
    assert len(runs) == DAYS - 2
    expected = story()
    told = {tuple(row[:7]): day_of(row[7]) for row in db.execute(CHANGES)}
    assert set(told) == set(expected)
    assert db.execute(f"SELECT count(*) FROM ({CHANGES})").fetchone()[0] == len(expected)  # noqa: S608 -- ours
    assert {event: day for event, day in told.items() if not expected[event][0] <= day <= expected[event][1]} == {}
    held = {row[0]: json.loads(row[1]) for row in db.execute("SELECT name, extras FROM dataset")}
    assert set(held) >= {name for _, name in portal.records}


def test_lives_months_and_renames_are_carried_on_as_one(db: Database) -> None:
    """A dataset asked for by either name has one life; renames count neither as withdrawn nor as new."""
    live(town(), db)
    life = QUERIES["life_of_a_dataset"]["sql"]
    by_name = [db.execute(life, {"dataset": name}).fetchall() for name in ("hk-ogcio-a", "hk-dpo-a")]
    assert by_name[0] == by_name[1]
    assert [row[1] for row in reversed(by_name[0])] == [
        "appeared",
        "changed",
        "changed",
        "changed",
        "renamed",
        "changed",
    ]
    months = db.execute("SELECT * FROM catalogue_by_month").fetchall()
    assert months == [("2026-11", 23, 1, 1, 1, 4, 24), ("2026-12", 0, 0, 1, 0, 1, 23)]
    renames = db.execute("SELECT old, new, source FROM provider_rename").fetchall()
    assert [row[:2] for row in renames] == [("hk-ogcio", "hk-dpo")]
    owners = db.execute(
        "SELECT dataset FROM resource WHERE shared_id = 'hk-ogcio-a' AND withdrawn_at IS NULL"
    ).fetchall()
    assert owners == [("hk-dpo-a",)]


@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("hk-hko-rain", {("title", "en", 1)}),
        ("hk-hko-uv", {("title", "sc", 16), ("contact", "sc", 16), ("API", "sc", 16)}),
        ("hk-x-11", {("the dataset itself", "", 27)}),
    ],
)
def test_when_something_was_lost_is_one_query(db: Database, name: str, lost: set[tuple[str, str, int]]) -> None:
    """When a dataset lost its title, its API or its contact is answered by the canned query, and by no other rows."""
    live(town(), db)
    rows = db.execute(QUERIES["when_it_was_lost"]["sql"], {"dataset": name}).fetchall()
    assert {(row[1], row[2], day_of(row[0])) for row in rows} == lost
    assert len(rows) == len(lost)


def test_what_changed_between_two_runs_leaves_out_what_went_back(db: Database) -> None:
    """Between two harvests only what is different at their ends is told."""
    portal = town()
    first = portal.night(db)
    for day, title in ((1, "Other"), (2, "hk-x-00 en"), (3, "hk-x-00 en")):
        portal.day = day
        portal.edit("hk-x-00", "en", told=["en"], title=title)
        portal.edit("hk-x-01", "en", told=["en"], title=f"On day {day}")
        last = portal.night(db)
    query, runs = QUERIES["what_changed_between_two_runs"]["sql"], {"earlier_run": first.id, "later_run": last.id}
    assert [row[:6] for row in db.execute(query, runs)] == [("hk-x-01", "en", "", "title", "hk-x-01 en", "On day 3")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_change_in_one_record_that_no_feed_tells_is_found_within_seven_nights(
    db: Database, language: Language
) -> None:
    """Whichever record alone is changed just after whichever night, its change is kept seven nights later."""
    portal = town()
    for day in range(21):
        portal.day = day
        portal.night(db)
        if day < 14:
            portal.edit(OTHERS[13 - day], language, title=f"On day {day}")
    sql = "SELECT dataset, language, new, at FROM changes_between_runs"
    found = {row[:3]: day_of(row[3]) for row in db.execute(sql)}
    assert set(found) == {(OTHERS[13 - day], language, f"On day {day}") for day in range(14)}
    lags = [found[OTHERS[13 - day], language, f"On day {day}"] - day for day in range(14)]
    assert max(lags) <= 7


def test_a_harvest_cut_off_keeps_to_its_plan(db: Database) -> None:
    """Taken up, a night reads what it set out to read and not more, and takes in what came since."""
    portal = town()
    portal.night(db)
    portal.day, portal.stop_after = 7, 9
    with pytest.raises(KeyboardInterrupt):
        portal.night(db)
    planned = db.execute("SELECT count(*) FROM planned").fetchone()[0]
    portal.stop_after = None
    portal.add("hk-x-late", "hk-x")
    run = portal.night(db)
    assert run.resumed
    assert planned == 23
    assert (run.counts["why_sweep"], run.counts["why_new"]) == (23, 1)
    assert run.counts["records_read"] == 3 * 23 + 3
    assert db.execute("SELECT count(*) FROM reading WHERE at = ?", [run.started]).fetchone()[0] == 3 * 23 + 3


def test_a_dataset_that_failed_is_read_the_next_night(db: Database) -> None:
    """A change that could not be read for two nights is found on the third, although its feed told of it only once."""
    portal = town()
    portal.night(db)
    portal.failing = {"hk-x-13"}
    portal.edit("hk-x-13", told=["en"], title="Late")
    for day in (1, 4):
        portal.day = day
        assert portal.night(db).failed == 1
    portal.day, portal.failing, portal.told = 4.1, set(), []
    assert portal.night(db).counts["why_failed"] == 1
    assert db.execute("SELECT count(*) FROM dataset_life WHERE new = 'Late'").fetchone()[0] == 3


def test_a_language_that_is_added_is_told_with_all_it_says(db: Database) -> None:
    """An instance that lists a dataset it did not list adds its record, its resources and their facts, that night."""
    portal = town()
    record = portal.records.pop(("sc", "hk-x-13"))
    portal.night(db)
    portal.day, portal.records["sc", "hk-x-13"] = 1, record
    assert portal.night(db).counts["why_languages"] == 1
    sql = "SELECT event, field, new FROM changes_between_runs WHERE language = 'sc' AND dataset = 'hk-x-13'"
    told = set(db.execute(sql).fetchall())
    assert told >= {("record added", "record", "listed"), ("gained", "title", "hk-x-13 sc"), ("gained", "is_api", "Y")}
    assert db.execute("SELECT count(*) FROM dataset_life WHERE run > 1").fetchone()[0] == len(told) == 9


def test_a_rename_that_took_several_nights_is_known_from_the_written_list(db: Database) -> None:
    """hk-ogcio became hk-dpo: written by hand, it holds for datasets that went and came on different nights."""
    portal = town()
    portal.night(db)
    portal.day = 1
    portal.add("hk-dpo-a", "hk-dpo", like="hk-ogcio-a")
    assert portal.night(db).counts["renamed"] == 0
    portal.day = 2
    portal.remove("hk-ogcio-a")
    assert portal.night(db).counts["renamed"] == 1
    assert db.execute("SELECT name, dataset FROM dataset_line").fetchall() == [("hk-ogcio-a", "hk-dpo-a")]
    assert db.execute("SELECT old, new, at FROM provider_rename").fetchall() == [
        ("hk-ogcio", "hk-dpo", "2024-07-24T16:00:00Z")
    ]
    portal.day = 3
    assert portal.night(db).counts["renamed"] == 0
    portal.add("hk-ogcio-a", "hk-ogcio")
    portal.day = 4
    portal.night(db)
    assert db.execute("SELECT count(*) FROM dataset_line").fetchone()[0] == 0


def test_one_that_goes_while_a_stranger_comes_is_not_renamed(db: Database) -> None:
    """Two names that look alike are not one dataset: a provider of a single dataset needs the same record id."""
    portal = town()
    portal.add("hk-one-spending", "hk-one")
    portal.night(db)
    portal.day = 1
    portal.remove("hk-one-spending")
    portal.add("hk-two-spending", "hk-two")
    assert portal.night(db).counts["renamed"] == 0
    assert db.execute("SELECT appeared, withdrawn, renamed FROM catalogue_by_month").fetchall() == [(1, 1, 0)]


def test_a_night_that_finds_nothing_costs_under_a_tenth(db: Database) -> None:
    """At 3,822 datasets in three languages six nights of an unchanged week take under 10 % of a full harvest each.

    The seventh takes what is left of a full one, and the first of the next week is as the first of this.
    """
    portal = Town()
    for number in range(3822):
        portal.add(f"hk-x-{number:04}", "hk-x")
    assert portal.night(db).counts["records_read"] == 3 * 3822
    whole = portal.asked.total()
    assert whole >= 3 * 3822
    nights, shown = [], []
    for day in range(1, 9):
        portal.day = day
        counts = portal.night(db).counts
        nights.append(portal.asked.total() / whole)
        shown.append(portal.asked["show"])
        assert counts["records_read"] == 3 * 3822 - counts["records_left"] == shown[-1]
    assert shown == [*6 * [1092], 4914, 1092]
    assert max(nights[:6] + nights[7:]) < 0.1
    assert sum(nights[:7]) < 1.01
    assert counts["why_rotation"] == 546
    oldest = db.execute("SELECT min(at) FROM reading").fetchone()[0]
    assert oldest == iso(START + timedelta(days=2))


def test_a_full_harvest_reads_everything_when_asked(db: Database) -> None:
    """Asked for, or made by other code than the last, a harvest reads every record whatever is known of it."""
    portal = town()
    first = portal.night(db)
    assert portal.night(db).counts["records_left"] > 0
    run = portal.night(db, full=True)
    assert (run.counts["records_read"], run.counts["records_left"], run.counts["why_full"]) == (69, 0, 23)
    assert db.execute("SELECT count(*) FROM change WHERE run > ?", [first.id]).fetchone()[0] == 0
    db.execute("UPDATE run SET code_version = 'older'")
    assert portal.night(db).counts["why_full"] == 23


def test_a_workshop_of_before_begins_its_history_with_what_it_has(tmp_path: Path) -> None:
    """A database made before there was a history keeps its records, and its next harvest tells what changed since."""
    portal = town()
    with workshop(tmp_path / "harvest.db", create=True) as db:
        portal.night(db)
        for view in ("catalogue_by_month", "changes_between_runs", "dataset_life", "dataset_line"):
            db.execute(f"DROP VIEW {view}")
        for table in ("reading", "planned", "change", "provider_rename"):
            db.execute(f"DROP TABLE {table}")
        db.execute("DELETE FROM _sqlite_migrations WHERE name = '0003_history'")
        db.conn.commit()
    portal.day = 1
    portal.edit("hk-x-00", "en", title="Later")
    with workshop(tmp_path / "harvest.db") as db:
        assert portal.night(db).counts["why_stale"] == 23
        assert db.execute("SELECT dataset, old, new FROM changes_between_runs").fetchall() == [
            ("hk-x-00", "hk-x-00 en", "Later")
        ]
        assert db.execute("SELECT there_from_the_start FROM catalogue_by_month").fetchall() == [(23,)]
