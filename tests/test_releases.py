"""Releases: what was published stays, can be told from any other, and goes only when nobody reads it."""

import fcntl
import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.switch import again
from harvester.cli import barometer
from harvester.errors import BarometerError, BusyError
from publish import build, releases
from publish.checksum import content_sum, sum_of, tables, verify
from publish.releases import KEPT, LIST, gone_from, held, listed, publishing, release_behind, releases_of
from publish.site_process import holding
from tests.catalogue_fixture import fill
from tests.test_site import get, served

ROOT = Path(__file__).parents[1]
START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("releases")
    fill(folder / "harvest.db")
    build.publish(folder / "harvest.db", folder / "catalog.db", lambda: START, "https://data.gov.hk")
    return folder


@pytest.fixture
def catalog(made, tmp_path) -> Path:
    """A catalogue of one release, to be published again."""
    shutil.copytree(made / "catalog.releases", tmp_path / "catalog.releases")
    (tmp_path / "catalog.db").hardlink_to(tmp_path / "catalog.releases" / listed(made / "catalog.db")[0].file)
    return tmp_path / "catalog.db"


def write(place: Path, *statements: str) -> None:
    with closing(sqlite3.connect(place)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_a_publish_is_a_release_with_its_sums_beside_it(catalog):
    """The name catalog.db, the release, its .sha256 and the list are of one file, and sha256sum agrees."""
    (release,) = listed(catalog)
    folder = releases_of(catalog)
    place = folder / release.file
    assert release.stamp == "20261123T030000Z"
    assert place.samefile(catalog)
    assert release.bytes == place.stat().st_size
    assert release.sha256 == hashlib.sha256(place.read_bytes()).hexdigest()
    done = subprocess.run(["sha256sum", "-c", f"{release.file}.sha256"], cwd=folder, check=False, capture_output=True)
    assert done.returncode == 0, done
    told = json.loads((folder / LIST).read_text())["releases"][0]
    assert told["content_sha256"] == verify(catalog).found == release.content_sha256
    assert told["rubrics"]["gdb-checklist"]


def test_the_last_three_stay_and_one_that_is_read_stays_longer(catalog):
    """A fourth release removes the first, unless somebody holds it; what is gone is remembered."""
    first = listed(catalog)[0]
    hold = held(releases_of(catalog) / first.file)
    assert hold is not None
    later = [again(catalog) for _ in range(KEPT)]
    assert [each.stamp for each in listed(catalog)] == [each.stamp for each in (*reversed(later), first)]
    os.close(hold)
    later.append(again(catalog))
    assert [each.stamp for each in listed(catalog)] == [each.stamp for each in reversed(later[-KEPT:])]
    folder = releases_of(catalog)
    assert [each.stamp for each in gone_from(folder)] == [later[0].stamp, first.stamp]
    assert {place.suffix for place in folder.glob(f"{first.stamp}*")} == set()
    assert release_behind(catalog) == folder / later[-1].file


def test_two_releases_of_one_second_have_two_names(made, tmp_path):
    """Publishing twice at the same time loses neither, and the later is the newer."""
    for _ in range(2):
        build.publish(made / "harvest.db", tmp_path / "catalog.db", lambda: START, "https://data.gov.hk")
    assert [each.stamp for each in listed(tmp_path / "catalog.db")] == ["20261123T030000Z-2", "20261123T030000Z"]
    one, other = listed(tmp_path / "catalog.db")
    assert one.sha256 == other.sha256


def test_a_change_of_any_row_is_found_and_named(catalog):
    """A copy with one changed, missing or added row, or another column, is told apart, by its table."""
    for statement, told in (
        ("UPDATE answer SET value = 0.25 WHERE rowid = (SELECT min(rowid) FROM answer)", "table answer holds other"),
        ("DELETE FROM defect WHERE rowid = (SELECT max(rowid) FROM defect)", "table defect has"),
        ("ALTER TABLE task ADD COLUMN extra TEXT", "table task holds other rows, or other columns"),
        ("CREATE TABLE more (a)", "table more was not published"),
        ("UPDATE meta SET value = '2020' WHERE key = 'built'", "table meta holds other"),
        ("UPDATE meta SET value = '00' WHERE key = 'content_sha256'", "the sum of the content"),
    ):
        copy = catalog.with_name("copy.db")
        shutil.copyfile(catalog, copy)
        write(copy, statement)
        told_of = verify(copy)
        assert not told_of.sound
        assert len(told_of.problems) == 1
        assert told_of.problems[0].startswith(told), told_of
    half = catalog.with_name("half.db")
    half.write_bytes(catalog.read_bytes()[: catalog.stat().st_size // 2])
    assert not verify(half).sound


def test_the_verb_tells_sound_and_not_sound(catalog):
    """Exit code 0 and the sum, 1 and what differs, 2 and a sentence."""
    run = CliRunner().invoke
    sound = run(barometer, ["verify", str(catalog)])
    assert (sound.exit_code, listed(catalog)[0].content_sha256 in sound.output) == (0, True)
    copy = catalog.with_name("copy.db")
    shutil.copyfile(catalog, copy)
    write(copy, "DELETE FROM score")
    broken = run(barometer, ["verify", str(copy)])
    assert broken.exit_code == 1
    assert "table score has 0 rows" in broken.output
    copy.write_text("no database " * 100)
    assert isinstance(run(barometer, ["verify", str(copy)]).exception, BarometerError)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 2**40), st.one_of(st.none(), st.text(max_size=9), st.binary(max_size=9), st.integers()
                      .filter(lambda n: abs(n) < 2**62), st.floats(allow_nan=False)),
        ), unique_by=lambda row: row[0], max_size=8,
    ),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_the_sum_is_of_the_rows_and_not_of_how_they_are_stored(rows, chance):
    """Rows put in in another order, into another file layout, have the same sum; any other value has another."""
    sums = []
    for order in (rows, chance.sample(rows, len(rows)), [*rows[:-1], (rows[-1][0], "another value")] if rows else rows):
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.execute("CREATE TABLE t (a INTEGER, b, PRIMARY KEY (a, b))")
            connection.executemany("INSERT INTO t VALUES (?, ?)", order)
            sums.append(content_sum([sum_of(connection, name) for name in tables(connection)]))
    assert sums[0] == sums[1]
    assert not rows or sums[0] != sums[2]


def test_the_recipe_in_the_documents_gives_the_same_sum(catalog):
    """What docs/data.md tells anybody to run, with Python alone, prints the sum that the file keeps."""
    text = (ROOT / "docs" / "data.md").read_text()
    recipe = next(block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "sqlite3" in block)
    done = subprocess.run(
        [sys.executable, "-I", "-c", recipe, str(catalog)], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == listed(catalog)[0].content_sha256


def test_two_at_once_are_told_apart(made, tmp_path):
    """While one process publishes, another is told so in a sentence, and nothing changes."""
    with (
        publishing(tmp_path / "catalog.db"),
        pytest.raises(BusyError, match="Another process is publishing"),
    ):
        build.publish(made / "harvest.db", tmp_path / "catalog.db", lambda: START, "https://data.gov.hk")
    assert not (tmp_path / "catalog.db").exists()


def test_a_full_disk_leaves_the_old_release_and_nothing_half(made, catalog, monkeypatch):
    """Whether room ends while the file is filled or while it is put in place, the one before stands and is listed."""
    before = (catalog.read_bytes(), listed(catalog), sorted(place.name for place in releases_of(catalog).iterdir()))

    def publish_again() -> None:
        later = START + timedelta(minutes=1)
        build.publish(made / "harvest.db", catalog, lambda: later, "https://data.gov.hk")

    def full(*_rest: object) -> None:
        raise OSError(28, "No space left on device")

    for module, name, instead in (
        (build, "fill_layers", lambda connection, _built: connection.execute("PRAGMA max_page_count = 200")),
        (releases, "_second_name", full),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, instead)
            with pytest.raises(BarometerError, match=r"could not be written.*make room.*stands as it was"):
                publish_again()
        now = (catalog.read_bytes(), listed(catalog), sorted(place.name for place in releases_of(catalog).iterdir()))
        assert now == before
    publish_again()
    assert len(listed(catalog)) == 2


def test_a_folder_that_cannot_be_written_is_named(made, tmp_path):
    """Where the folder of the releases cannot be made, the sentence names it and says what to do."""
    (tmp_path / "catalog.releases").write_text("a file in its place")
    with pytest.raises(BarometerError, match=r"catalog\.releases cannot be written.*make it writable"):
        build.publish(made / "harvest.db", tmp_path / "catalog.db", lambda: START, "https://data.gov.hk")


def test_what_a_kill_left_is_cleared_away_and_a_lost_list_is_made_anew(catalog):
    """Unlisted files of a killed publish go at the next one; where the list itself is lost the files are listed."""
    folder = releases_of(catalog)
    for name in (".packed", ".draft", "20260101T000000Z.db"):
        (folder / name).write_bytes(b"half")
    with publishing(catalog):
        assert sorted(place.name for place in folder.glob("*.db")) == [listed(catalog)[0].file]
        assert not (folder / ".packed").exists()
    before = listed(catalog)
    (folder / LIST).write_text("{")
    assert listed(catalog) == ()
    with publishing(catalog):
        assert listed(catalog) == before


def test_a_file_that_is_no_release_is_served_under_a_name_of_its_own(catalog):
    """A downloaded file is held under a second name, so that what takes its place later is not mixed with it."""
    alone = catalog.with_name("mine.db")
    shutil.copyfile(catalog, alone)
    with holding(alone) as file:
        assert file.place.samefile(alone)
        assert file.place != alone
        alone.with_name("new").write_bytes(b"another")
        alone.with_name("new").replace(alone)
        assert file.place.read_bytes() == catalog.read_bytes()
        with file.place.open("r+b") as other, pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert not file.place.exists()
    with holding(catalog) as file:
        assert file.place == releases_of(catalog) / listed(catalog)[0].file
        assert file.inspected["catalog"]["tables"]["dataset"]["count"] > 0


def test_the_site_lists_the_releases_gives_them_and_tells_of_those_that_are_gone(catalog):
    """Every listed release is given whole with its sums; one that is gone is 410 with what its sums were."""
    first = listed(catalog)[0]
    for _ in range(KEPT):
        again(catalog)
    site = served(catalog)
    kept = get(site, "/en/data.json")[0].json()["releases"]
    assert [each["sha256"] for each in kept] == [each.sha256 for each in listed(catalog)]
    page = get(site, "/tc/data")[0].text
    for each in kept:
        file, sums = get(site, each["address"], each["sums"])
        assert hashlib.sha256(file.content).hexdigest() == each["sha256"]
        assert file.headers["content-length"] == str(each["bytes"])
        assert sums.text == f"{each['sha256']}  {each['file']}\n"
        assert each["address"] in page
    gone, never, odd, whole = get(
        site, f"/releases/{first.file}", "/releases/20200101T000000Z.db", "/releases/..%2fcatalog.db", "/catalog.db"
    )
    assert gone.status_code == 410
    assert first.sha256 in gone.text
    assert never.status_code == 404
    assert odd.status_code in (302, 404)
    assert whole.content == catalog.read_bytes()
    assert 'filename="catalog.db"' in whole.headers["content-disposition"]
    assert get(site, "/releases/releases.json")[0].json()["gone"][0]["stamp"] == first.stamp
