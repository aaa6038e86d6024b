"""Whatever is typed, the answer is one clear sentence that says what to do, and an exit code a script can trust."""

import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from harvester.cli import barometer, main
from harvester.options import Size
from harvester.store.bodies import Bodies
from scoring.rubric import load_rubrics
from tests.catalogue_fixture import fill

COMMANDS = ("harvest", "check", "validate", "score", "publish", "run", "serve", "status", "watch", "fold", "recheck",
            "desk", "notify")  # fmt: skip
READERS = ("explain", "export", "verify")
"""Those that read the published file only: they have no workshop and no portal."""


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


def started(*arguments: str, cwd: Path) -> Done:
    """Type a command as a user would, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "harvester", *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Type a command into this process: the same entry as a process of its own has, without two seconds of imports."""
    monkeypatch.setattr("harvester.cli.signal.signal", lambda *_: None)  # the stops of the tests' process stay its own

    def run(*arguments: str, cwd: Path) -> Done:
        monkeypatch.chdir(cwd)
        monkeypatch.setattr(sys, "argv", ["barometer", *arguments])
        capfd.readouterr()
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        else:
            code = 0
        return Done(code, *capfd.readouterr())

    return run


def refused(done: Done) -> str:
    """Return the one sentence a command refused with."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert len(lines) == 1, done.stderr
    return lines[0]


@pytest.mark.parametrize(
    "arguments",
    [("score", "--db", "none.db"), ("harvset",), ("run", "--rubric", "none.yml"), ("score", "--as-of", "2026-02-30")],
)
def test_a_process_of_its_own_says_what_ours_says(arguments, typed, tmp_path):
    """The other tests here type into their own process: a real one ends with the same code and the same words."""
    assert refused(typed(*arguments, cwd=tmp_path)) == refused(started(*arguments, cwd=tmp_path))


def test_every_command_helps_with_an_example():
    """`--help` of each verb shows a command line to copy, and the options the three people need."""
    assert {*COMMANDS, *READERS} == set(barometer.commands)
    for name in (*COMMANDS, *READERS):
        shown = CliRunner().invoke(barometer, [name, "--help"])
        assert shown.exit_code == 0
        assert f"Example: barometer {name}" in shown.output
        assert ("--db" in shown.output) == ("--portal" in shown.output) == (name in COMMANDS)
        command = barometer.commands[name]
        assert all(option.help for option in command.params if isinstance(option, click.Option))


@pytest.mark.parametrize("name", ["check", "validate", "score", "publish", "status", "fold"])
def test_no_such_database(name, typed, tmp_path):
    """A step without its workshop says which command makes one."""
    assert "barometer harvest" in refused(typed(name, "--db", "none.db", cwd=tmp_path))
    assert list(tmp_path.glob("none.db")) == []


@pytest.mark.parametrize("name", ["check", "status", "harvest"])
def test_not_our_database(name, typed, tmp_path):
    """Another program's database, or no database at all, is left as it was."""
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE secret (x)")
    (tmp_path / "text.db").write_text("not a database at all, but long enough to look at " * 20)
    for path in ("other.db", "text.db"):
        before = (tmp_path / path).read_bytes()
        assert "--db" in refused(typed(name, "--db", path, "--portal", "sample?datasets=2", cwd=tmp_path))
        assert (tmp_path / path).read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("score", "--as-of", "2026-02-30"), "2026-11-23"),
        (("score", "--as-of", "yesterday"), "2026-11-23"),
        (("watch", "--at", "25:99"), "02:30"),
        (("harvest", "--portal", "ftp://example.org"), "https://data.gov.hk"),
        (("harvest", "--portal", "sample?sets=3"), "datasets"),
        (("harvest", "--db", "no/such/folder/h.db"), "folder"),
        (("serve", "--catalog", "none.db"), "barometer publish"),
        (("run", "--rubric", "none.yml"), "none.yml"),
        (("run", "--rubric", "bad.yml"), "bad.yml, line 1"),
        (("watch", "--rubric", "bad.yml"), "bad.yml, line 1"),
        (("score", "--rubric", "bad.yml", "--rubric", "bad.yml"), "bad.yml, line 1"),
        (("harvset",), "harvset"),
    ],
)
def test_bad_words_are_answered_with_good_ones(arguments, says, typed, tmp_path):
    """A bad date, hour, portal, folder, rubric or verb is told at once, with what would have been right."""
    (tmp_path / "bad.yml").write_text("profile: [never closed", encoding="utf-8")
    assert says in refused(typed(*arguments, cwd=tmp_path))


class _Html(BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"<!doctype html><title>Welcome</title><p>Not an API."
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Keep the test's output to itself."""


def test_a_portal_that_answers_html(typed, tmp_path):
    """A web site that is no CKAN portal is told apart from a portal that is down."""
    with HTTPServer(("127.0.0.1", 0), _Html) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        sentence = refused(typed("harvest", "--portal", address, "--allow", "127.0.0.1", "--pace", "0", cwd=tmp_path))
        server.shutdown()
    assert "HTML" in sentence
    assert address in sentence


def test_a_portal_that_is_not_public_is_never_asked(typed, tmp_path):
    """Without --allow an address inside is refused, and the sentence says how to allow it."""
    assert "--allow" in refused(typed("harvest", "--portal", "http://127.0.0.1:9", "--pace", "0", cwd=tmp_path))


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ("0", 0),
        ("500MB", 500 * 10**6),
        ("20GiB", 20 * 2**30),
        ("1.5 kib", 1536),
        ("7", 7),
        ("9B", 9),
        ("2T", 2 * 10**12),
    ],
)
def test_a_size_is_read_as_it_is_written(written, size):
    """Thousands with B, 1,024 with iB, whatever the case."""
    assert Size().convert(written, None, None) == size


@pytest.mark.parametrize("written", ["", "lots", "-1", "1e9", "20 apples", "GiB", "1" * 40])
def test_what_is_no_size_is_refused_with_a_good_one(written):
    """The message shows how to write it."""
    with pytest.raises(click.BadParameter, match="20GiB"):
        Size().convert(written, None, None)


def test_no_body_stays_where_none_shall(tmp_path):
    """With `--keep-bodies 0` a scan's files are gone once they have their verdict, and the verdicts stay."""
    done = started("run", "--portal", "sample?datasets=6", "--keep-bodies", "0", cwd=tmp_path)
    assert done.returncode in (0, 1), done.stderr
    with closing(sqlite3.connect(tmp_path / "harvest.db")) as db:
        unjudged = {row[0] for row in db.execute("SELECT sha256 FROM content WHERE verdict IS NULL")}
        assert db.execute("SELECT count(*) FROM content WHERE verdict IS NOT NULL").fetchone()[0] > 5
    with Bodies(tmp_path / "harvest.bodies") as bodies:
        assert set(bodies.small.sizes()) | {path.name for path in bodies.folder.glob("??/*")} == unjudged


def _own(path, profile, changed=("weight: 3", "weight: 4")):
    """Write a profile of a user's own: the leading one under another name, with something changed."""
    ours = Path("scoring/rubrics/gdb-checklist.yml").read_text(encoding="utf-8")
    path.write_text(ours.replace("profile: gdb-checklist", f"profile: {profile}").replace(*changed), encoding="utf-8")
    return str(path)


def test_every_profile_is_scored_and_told_in_one_table(tmp_path):
    """All of ours and each file given: a table that 80 columns hold, and as JSON with what the terms are worth."""
    fill(tmp_path / "harvest.db")
    wide = ("source: >-", "out-of: 200\nsource: >-")
    own = [
        _own(tmp_path / "a.yml", "a-profile-with-quite-a-long-name", wide),
        _own(tmp_path / "b.yml", "gdb-checklist"),
    ]
    options = [word for path in own for word in ("--rubric", path)]
    shown = CliRunner().invoke(barometer, ["score", "--db", str(tmp_path / "harvest.db"), *options, "--json"])
    assert shown.exit_code == 0, shown.output
    *lines, last = shown.output.splitlines()
    assert max(map(len, lines[1:])) <= 80
    told = {one["profile"]: one for one in json.loads(last)["profiles"]}
    ours = {each.profile: each for each in load_rubrics()}
    assert set(told) == {*ours, "a-profile-with-quite-a-long-name"}
    assert next(iter(told)) == "gdb-checklist"
    assert told["gdb-checklist"]["digest"] != ours["gdb-checklist"].digest
    wide_told = told["a-profile-with-quite-a-long-name"]
    assert wide_told["own"]["point"] == pytest.approx(wide_told["point"] * 2)
    assert wide_told["own"]["out_of"] == 200
    assert any(line.strip().startswith("a-profile-with-quite") and " of 200 " in line for line in lines)
    assert told["gdb-checklist"]["licence"]["points"] == pytest.approx(
        told["gdb-checklist"]["licence"]["applied"] - told["gdb-checklist"]["licence"]["without"], abs=2e-6
    )
    with closing(sqlite3.connect(tmp_path / "harvest.db")) as db:
        stored = dict(db.execute("SELECT profile, digest FROM rubric"))
    assert stored == {name: one["digest"] for name, one in told.items()}


def test_two_files_with_one_name_are_refused(typed, tmp_path):
    """Two profiles of one name cannot both be scored, and the sentence names the files."""
    fill(tmp_path / "harvest.db")
    one, two = _own(tmp_path / "one.yml", "mine"), _own(tmp_path / "two.yml", "mine")
    said = refused(typed("score", "--rubric", one, "--rubric", two, cwd=tmp_path))
    assert "one.yml" in said
    assert "two.yml" in said
