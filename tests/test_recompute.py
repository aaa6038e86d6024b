"""Whoever has the published file has the scores: made again from it alone, they are the same to the last digit."""

import csv
import io
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
import yaml
from click.testing import CliRunner

from harvester.cli import barometer
from harvester.errors import SettingsError
from publish.build import publish
from publish.metadata_file import metadata_file
from scoring.criteria.base import Answer
from scoring.from_catalogue import NUMBERS, opened, profiles, score_again, score_by
from scoring.from_catalogue_told import COLUMNS, moved
from scoring.rubric import load_rubric, load_rubrics
from tests.catalogue_fixture import fill
from tests.test_rescore import FIRST, harvested, lived, own_answers

OURS = Path(__file__).parents[1] / "scoring" / "rubrics"
STANDING = "SELECT profile, subject_type, subject, pillar, point, low, high, known, n FROM score WHERE until IS NULL"
NAME_MINE = (r"^profile: .*$", "profile: mine")
FREE_7 = (r"(- criterion: free\n +weight:) \S+", r"\1 7")
OF_P = "profile = 'mine' AND subject_type = 'provider' AND subject = 'p' AND pillar = '' AND until IS NULL"
SOUND = {"licence": True, "measured": 0.5}


def again(*arguments):
    """What `barometer score --from` ends with: its exit code and what it printed."""
    done = CliRunner().invoke(barometer, ["score", "--from", *map(str, arguments)])
    return done.exit_code, done.output


def rows(catalog, sql, *values):
    with closing(sqlite3.connect(f"file:{catalog}?mode=ro", uri=True)) as connection:
        return connection.execute(sql, values).fetchall()


def rubric_file(place, *changes):
    """Our checklist as a user's file, in whose text each first of a pair has become its second."""
    text = (OURS / "gdb-checklist.yml").read_text(encoding="utf-8")
    for old, new in changes:
        changed = re.sub(old, new, text, count=1, flags=re.MULTILINE)
        assert changed != text, old
        text = changed
    place.write_text(text, encoding="utf-8")
    return place


@pytest.mark.slow
def test_a_scan_is_made_again_to_the_last_digit(scan, tmp_path):
    """Each standing score of the sample, of every profile and pillar, and no other; the file is only read."""
    place = tmp_path / "catalog.db"
    shutil.copy(scan.folder / "catalog.db", place)
    place.chmod(0o444)
    before = place.read_bytes()
    code, said = again(place, "--json")
    told = json.loads(said.splitlines()[-1])
    assert code == 0, said[:2000]
    assert "to the last digit" in said
    assert told["differ"] == told["not_made"] == []
    made = {tuple(row[name] for name in COLUMNS[:9]) for row in told["scores"]}
    stored = {tuple(row) for row in rows(place, STANDING)}
    assert made == stored
    assert len({row[0] for row in stored}) >= 8
    assert told["compared"] == len(stored)
    assert place.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["catalog.db"]


def with_single(name, told):
    """A dataset's own answers of a day, and whether it is a record of its own."""
    value = told.get("single", 1.0)
    return [*own_answers(name, told), Answer("single", name, "", value, "own" if value else "copy")]


@pytest.fixture(scope="module")
def made_up(tmp_path_factory):
    """Four days in which whatever can happen between two scorings does.

    Datasets move, one leaves and comes back as a second record, one cannot be judged, and a profile is
    left out of the last scoring.
    """
    folder = tmp_path_factory.mktemp("made-up")

    both = load_rubrics([rubric_file(folder / "mine.yml", NAME_MINE, FREE_7)])
    days = [
        {"a": (SOUND, "p"), "b": ({**SOUND, "free": 0.0}, "p"), "c": ({**SOUND, "timely": None}, "q")},
        {"a": ({**SOUND, "bulk": 0.5}, "q"), "b": ({**SOUND, "free": 0.5}, "q"), "c": (None, "q")},
        {"a": ({**SOUND, "free": 0.0}, "p"), "b": ({"cannot": "be judged"}, "q"), "c": ({**SOUND, "single": 0.0}, "p")},
    ]
    ours = tuple(each for each in both if each.profile != "mine")
    with patch("tests.test_rescore.own_answers", with_single):
        db = lived(folder / "harvest.db", both, days, [ours])
    for run, rubrics in enumerate((both, both, both, ours), 1):  # as the command writes them down
        options = {"rubrics": {each.profile: each.digest for each in rubrics}}
        db["run"].update(run, {"options": json.dumps(options)})
    harvested(db, 4, FIRST + timedelta(days=5), {"a": (SOUND, "q")})  # a move that nothing has scored yet
    db.conn.close()
    publish(folder / "harvest.db", folder / "days.db", lambda: FIRST + timedelta(days=9), "https://data.gov.hk")
    return folder


def test_any_history_is_made_again(made_up):
    """Moves, withdrawals, datasets that could not be judged and profiles of an earlier day give the stored scores."""
    with opened(made_up / "days.db") as db:
        found = [score_again(db, each) for each in profiles(db)]
    assert {"gdb-checklist", "mine", "mqa-405"} <= {made.rubric.profile for made in found}
    assert [made.differ for made in found] == [()] * len(found)
    leading = found[0]
    assert leading.failed == {"b"}
    assert ("dataset", "b", "") in leading.scores
    assert {key[1] for key in leading.scores if key[0] == "provider"} == {"p"}  # all of q could not be judged
    stored = {tuple(row[:4]) for row in rows(made_up / "days.db", STANDING)}
    made = {(each.rubric.profile, *key) for each in found for key in each.scores}
    assert made <= stored
    assert {row[1:3] for row in stored - made} == {("provider", "q"), ("category", "q")}


def test_a_second_record_has_its_score_and_no_part_in_a_mean(made_up):
    """The provider of one that counts and one that does not has the score of the first; both have their own."""
    with opened(made_up / "days.db") as db:
        made = score_again(db, profiles(db)[0])
    assert {each.dataset: each.counts for each in made.datasets} == {"a": True, "b": True, "c": False}
    one, copy = (made.scores["dataset", name, ""].point for name in ("a", "c"))
    assert one != copy
    assert made.scores["provider", "p", ""].point == made.scores["category", "p", ""].point == one
    assert made.scores["provider", "p", ""].n == made.scores["portal", "", ""].n == 1


@pytest.mark.parametrize("number", [*NUMBERS, "gone", "extra"])
def test_every_number_is_compared(made_up, tmp_path, number):
    """One number changed in the file, a score lost or one invented: it is named with both values, and the code is 1."""
    spoilt = tmp_path / "spoilt.db"
    shutil.copy(made_up / "days.db", spoilt)
    change = {"parts": "parts = '{}'", "gone": "until = since", "extra": "subject = 'nobody'"}
    sql = f"UPDATE score SET {change.get(number, f'{number} = {number} - 1')} WHERE {OF_P}"  # noqa: S608 - our own words
    with closing(sqlite3.connect(spoilt)) as connection:
        assert connection.execute(sql).rowcount == 1
        connection.commit()
    code, said = again(spoilt, "--json")
    told = json.loads(said.splitlines()[-1])
    assert code == 1
    assert {(each["profile"], each["subject_type"]) for each in told["differ"]} == {("mine", "provider")}
    assert {each["number"] for each in told["differ"]} == {number if number in NUMBERS else "point"}
    assert all(each["made"] != each["stored"] for each in told["differ"])
    assert f"mine provider {told['differ'][0]['subject']}: " in said


def test_a_profile_without_its_file_is_told(made_up, tmp_path):
    """Scores whose rubric is not in the file, or reads otherwise now, cannot be made again: said, with code 1."""
    lost = tmp_path / "lost.db"
    shutil.copy(made_up / "days.db", lost)
    with closing(sqlite3.connect(lost)) as connection:
        connection.execute("UPDATE rubric SET text = replace(text, 'weight: 7', 'weight: 6') WHERE profile = 'mine'")
        connection.execute("UPDATE rubric SET text = 'nonsense' WHERE profile = 'odb-2016'")
        connection.commit()
    code, said = again(lost, "--json")
    assert code == 1
    assert set(json.loads(said.splitlines()[-1])["not_made"]) == {"mine", "odb-2016"}


@pytest.mark.slow
def test_a_changed_weight_changes_exactly_what_it_should(scan, tmp_path):
    """Each point is the checklist's formula, done here by hand; what is not weighed anew keeps every digit."""
    catalog = scan.folder / "catalog.db"
    rubric = load_rubric(rubric_file(tmp_path / "mine.yml", (r"(- criterion: tools\n +weight:) \S+", r"\1 9")))
    with opened(catalog) as db:
        kept = profiles(db)
        now, before = score_by(db, rubric, kept), score_again(db, kept[0])
    assert not now.kept
    assert now.scores.keys() == before.scores.keys()
    others = [key for key in now.scores if key[2] not in ("", "by-provider")]
    assert others
    assert all(now.scores[key] == before.scores[key] for key in others)
    moves = 0
    for one in now.datasets:
        parts = before.scores["dataset", one.dataset, ""].parts
        weights = {item.criterion: item.weight for item in rubric.items}
        known = {name: value for name, value in parts["items"].items() if value is not None}
        if one.score.point is None:
            assert not known
            continue
        share = 100 * sum(weights[name] * value for name, value in known.items()) / sum(weights[name] for name in known)
        point = share + sum(parts["modifiers"].values())
        for factor in parts["gates"].values():
            point *= factor
        assert one.score.point == pytest.approx(min(100.0, max(0.0, point)), abs=1e-6), one.dataset
        moves += one.score.point != before.scores["dataset", one.dataset, ""].point
    assert moves > len(now.datasets) / 2
    assert moved(now)["portal", "", ""] == (before.scores["portal", "", ""].point, now.scores["portal", "", ""].point)
    code, said = again(catalog, "--rubric", tmp_path / "mine.yml")
    assert code == 0
    assert "gdb-checklist beside the stored gdb-checklist: portal " in said


def test_a_copy_of_ours_is_ours(made_up, tmp_path):
    """A file that weighs the same is compared with the stored scores, whatever its layout and comments."""
    copy = tmp_path / "copy.yml"
    copy.write_text("# mine\n" + (OURS / "gdb-checklist.yml").read_text(encoding="utf-8"), encoding="utf-8")
    code, said = again(made_up / "days.db", "--rubric", copy)
    assert code == 0
    assert "all are those in the file, to the last digit" in said


def test_a_measure_that_was_not_taken_is_unknown_and_said_so(made_up, tmp_path):
    """A profile may ask for what no scan of this file measured: it is told which, and counts as unknown, not as no."""
    asked = "items:\n  - measure: stars\n    weight: 3\n    source: made up"
    place = rubric_file(tmp_path / "asks.yml", (NAME_MINE[0], "profile: asks"), (r"^items:$", asked))
    catalog = tmp_path / "without.db"
    shutil.copy(made_up / "days.db", catalog)
    with closing(sqlite3.connect(catalog)) as connection:
        connection.execute("DELETE FROM measure")
        connection.commit()
    code, said = again(catalog, "--rubric", place, "--json")
    told = json.loads(said.splitlines()[-1])
    assert code == 0
    assert told["unmeasured"] == {"asks": ["stars"]}
    assert "no measure stars is in this catalogue, so it is unknown" in said
    whole = next(row for row in told["scores"] if row["subject_type"] == "portal" and not row["pillar"])
    assert whole["low"] < whole["high"]
    assert whole["known"] < 1


def test_csv_has_every_score(made_up):
    """The CSV is the JSON's rows, and nothing else is on standard output."""
    done = CliRunner().invoke(barometer, ["score", "--from", str(made_up / "days.db"), "--csv"])
    table = list(csv.DictReader(io.StringIO(done.stdout)))
    told = json.loads(again(made_up / "days.db", "--json")[1].splitlines()[-1])
    assert [{name: "" if row[name] is None else str(row[name]) for name in COLUMNS} for row in told["scores"]] == table
    assert "gdb-checklist" in done.stderr


def test_bad_input_is_one_sentence(made_up, tmp_path):
    """What is no catalogue, or makes no sense together, is refused with what to do, and nothing is made of it."""
    fill(tmp_path / "harvest.db")
    (tmp_path / "text.db").write_text("not a database, but long enough to be looked at " * 40, encoding="utf-8")
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE secret (x)")
    for name, says in (
        ("none.db", "barometer publish"), ("text.db", "no catalogue of ours"), ("other.db", "no table answer"),
        ("harvest.db", "is a workshop"),
    ):  # fmt: skip
        done = CliRunner().invoke(barometer, ["score", "--from", str(tmp_path / name)])
        assert done.exit_code
        assert says in str(done.exception), name
    bad = tmp_path / "bad.yml"
    bad.write_text("profile: [", encoding="utf-8")
    done = CliRunner().invoke(barometer, ["score", "--from", str(made_up / "days.db"), "--rubric", str(bad)])
    assert "bad.yml, line" in str(done.exception)
    for arguments in (["--from", str(made_up / "days.db"), "--rescore"], ["--csv"],
                      ["--from", str(made_up / "days.db"), "--as-of", "2026-11-20"]):  # fmt: skip
        done = CliRunner().invoke(barometer, ["score", *arguments])
        assert done.exit_code == 2
        assert "--from" in done.output
    assert not (tmp_path / "none.db").exists()


ROOT = Path(__file__).parents[1]
ELSEWHERE = """
import os, sys
sys.path.insert(0, sys.argv.pop(1))
import harvester.cli, publish, scoring
assert all(each.__file__.startswith(sys.path[0] + os.sep) for each in (harvester, publish, scoring)), scoring.__file__
harvester.cli.main()
"""
MACHINES = (
    {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "LANG": "C", "PYTHONHASHSEED": "1", "COLUMNS": "40"},
    {"TZ": "America/St_Johns", "LC_ALL": "zh_HK.UTF-8", "LANG": "zh_HK.UTF-8", "PYTHONHASHSEED": "4242"},
)
"""Time zone, locale, order of sets and width of the terminal of other people's machines."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The files that somebody who installs the wheel has, and no others of ours."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    for name in ("harvester", "scoring", "publish", "sample_portal"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "metadata.yml"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, source / name)
    told = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder), str(source)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *told], check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    told = ["--quiet", "--no-deps", "--no-index", "--target", str(folder / "installed"), str(built)]
    subprocess.run([sys.executable, "-m", "pip", "install", *told], check=True, capture_output=True)
    return folder / "installed"


def elsewhere(wheel, machine, cwd, *arguments):
    """What the command prints, as bytes, on another machine: a new process with the wheel's files alone."""
    cwd.mkdir(exist_ok=True)
    command = [sys.executable, "-P", "-W", "error", "-c", ELSEWHERE, str(wheel), *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, env=machine, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert list(cwd.iterdir()) == []
    return done.stdout


@pytest.mark.slow
def test_another_machine_makes_the_same_bytes_of_a_scan(scan, wheel, tmp_path):
    """The CSV of all scores is the same to the byte under another locale, zone, hash seed and folder, by any rubric.

    The scores of the whole sample are sums of many numbers in an order that must not matter.
    """
    catalog = tmp_path / "read only.db"
    shutil.copy(scan.folder / "catalog.db", catalog)
    catalog.chmod(0o444)
    mine = rubric_file(tmp_path / "mine.yml", NAME_MINE, FREE_7)
    for place, (machine, more) in enumerate(zip(MACHINES, ([], ["--rubric", str(mine)]), strict=True)):
        here = CliRunner().invoke(barometer, ["score", "--from", str(catalog), "--csv", *more]).stdout_bytes
        assert here.count(b"\n") > 100
        assert elsewhere(wheel, machine, tmp_path / str(place), "score", "--from", catalog, "--csv", *more) == here


@pytest.mark.slow
def test_what_is_installed_knows_what_it_publishes(scan, wheel, tmp_path):
    """Without a checkout, the exports have the words of metadata.yml, which came with the package."""
    command = [
        sys.executable,
        "-P",
        "-W",
        "error",
        "-c",
        ELSEWHERE,
        str(wheel),
        "export",
        "out",
        "--format",
        "datapackage",
    ]
    told = [*command, "--catalog", str(scan.folder / "catalog.db")]
    done = subprocess.run(told, cwd=tmp_path, env=MACHINES[0], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    (package,) = tmp_path.rglob("datapackage.json")
    title = yaml.safe_load((ROOT / "metadata.yml").read_text(encoding="utf-8"))["title"]
    assert json.loads(package.read_text(encoding="utf-8"))["title"] == title
    with patch("publish.metadata_file.files", return_value=None), pytest.raises(SettingsError, match="install the"):
        metadata_file(tmp_path)


def explained(catalog, *arguments):
    done = CliRunner().invoke(barometer, ["explain", *arguments, "--catalog", str(catalog)])
    assert done.exit_code == 0, done.output
    return done.output


def explained_whole(catalog, name):
    """Hold every criterion of a dataset to its chain and return how many rest on visits."""
    listed = json.loads(explained(catalog, name, "--json"))["criteria"]
    stored = "SELECT value, reason FROM answer WHERE dataset = ? AND resource = '' AND criterion = ? AND until IS NULL"
    asked = [each["criterion"] for each in listed if each["sentence"]]
    assert set(asked) >= {row[0] for row in rows(catalog, "SELECT DISTINCT criterion FROM answer WHERE dataset = ?"
                                                 " AND resource = '' AND until IS NULL", name)}  # fmt: skip
    visited = 0
    for criterion in asked:
        told = json.loads(explained(catalog, name, criterion, "--json"))
        text = explained(catalog, name, criterion)
        assert {"point", "low", "high", "known"} <= told["score"].keys()
        for value, reason in rows(catalog, stored, name, criterion):
            assert (told["answer"]["value"], told["answer"]["reason"]) == (value, reason)
        for label in ("Score", "Answer", "Evidence"):
            assert f"\n{label}" in text, (criterion, label)
        assert ("\nVisit " in text) == bool(told["visits"])
        assert told["visits"] or "\nVisits" in text
        visited += bool(told["visits"])
    return visited


MOST_ASKED = """
SELECT dataset FROM answer WHERE until IS NULL AND resource = ''
GROUP BY 1 ORDER BY sum(json_array_length(evidence, '$.visits') > 0) DESC, count(*) DESC, 1 LIMIT 1
"""


@pytest.mark.slow
def test_every_criterion_of_a_scanned_dataset_is_explained_down_to_its_visits(scan, wheel, tmp_path):
    """Each tells score, answer, evidence and visits (or that there are none), and the same on another machine."""
    catalog = scan.folder / "catalog.db"
    ((name,),) = rows(catalog, MOST_ASKED)
    assert explained_whole(catalog, name) > 8
    there = elsewhere(wheel, MACHINES[0], tmp_path / "there", "explain", name, "free", "--catalog", catalog)
    assert there.decode() == explained(catalog, name, "free")
