"""The barometer command: one verb a step. It reads options, hands them to the steps, and says how it went."""

import json
import signal
import sqlite3
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from harvester import shared_options as option
from harvester import steps
from harvester.errors import BarometerError
from harvester.fold_command import fold
from harvester.place import Place, StepOutcome
from harvester.recheck_command import recheck
from harvester.status import change_line, change_record, in_words, status_lines
from harvester.store.health import Change
from harvester.store.visits import Which
from harvester.watch_command import watch
from publish.commands import explain
from publish.desk.command import desk
from publish.exports.export import FORMATS
from publish.exports.export import export as write_export
from publish.metadata_file import metadata_file
from publish.notices.command import notify
from publish.notices.memory import lines as notices_lines
from publish.safe import csv_cell
from publish.verify import verify
from scoring import from_catalogue_told
from scoring.sentences.states import WHY

DONE, DONE_WITH_FAILURES, COULD_NOT_RUN, STOPPED = 0, 1, 2, 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="hk-open-data-barometer", prog_name="barometer")
def barometer() -> None:
    """Measure which files and APIs of DATA.GOV.HK open, parse, arrive on time and stay up.

    `barometer run` does it all: harvest, check, validate, score, publish. Each step can also be run alone,
    stopped at any point and run again: it goes on from where it was.
    """


@barometer.command()
@option.placed(network=True)
@option.vocabulary
@option.full
@option.as_json
def harvest(place: Place, full: bool, as_json: bool) -> None:
    """Fetch the catalogue's records in three languages: all the first time, then those that may have changed.

    Example: barometer harvest --portal https://data.gov.hk --contact me@example.org
    """
    _finish([steps.harvest(place, full=full)], as_json)


@barometer.command()
@option.placed(network=True)
@option.keep_bodies
@click.option("--all", "every", is_flag=True, help="Visit every address, not only those that are due.")
@click.option("--failing", is_flag=True, help="Visit those that are down, degraded or blocked, or failed last time.")
@click.option("--url", "urls", multiple=True, metavar="ADDRESS", help="An address to visit at once. Repeatable.")
@click.option("--dataset", "datasets", multiple=True, metavar="NAME", help="A dataset to visit at once. Repeatable.")
@click.option("--provider", "providers", multiple=True, metavar="SLUG", help="A provider to visit. Repeatable.")
@option.as_json
def check(place: Place, as_json: bool, **asked: Any) -> None:
    """Visit the addresses that are due, each once, and keep what answered.

    With --all, --failing, --url, --dataset or --provider those are visited at once, and what changed is told.

    Example: barometer check --provider hk-hko --failing --contact me@example.org
    """
    which = Which(**asked)
    checked = steps.check(place, which if which.targeted else steps.NIGHTLY)
    told: dict[str, object] = {}
    if which.targeted:
        for change in checked.changes:
            click.echo(change_line(change, _why(change)))
        click.echo(f"{checked.unchanged:,} links unchanged.")
        told = {
            "changed": [change_record(change, _why(change)) for change in checked.changes],
            "unchanged": checked.unchanged,
        }
    _finish([checked.outcome], as_json, told)


@barometer.command()
@option.placed()
@option.keep_bodies
@option.as_json
def validate(place: Place, as_json: bool) -> None:
    """Judge every body not judged before: Frictionless's verdict on tables, ours on other formats.

    Example: barometer validate --db harvest.db
    """
    _finish([steps.validate(place)], as_json)


@barometer.command()
@option.placed()
@option.as_of
@option.rubrics
@click.option(
    "--rescore", is_flag=True, help="Score all history anew from the stored answers, by --rubric or by every profile."
)
@click.option(
    "--from", "catalog", type=click.Path(dir_okay=False, path_type=Path), metavar="CATALOG",
    help="Make the scores again from a published file alone, by the profiles it keeps or by --rubric.",
)  # fmt: skip
@click.option(
    "--csv", "as_csv", is_flag=True, help="With --from: every score as CSV; the table goes to standard error."
)
@option.as_json
def score(
    place: Place, as_of: datetime | None, rubrics: tuple[Path, ...], rescore: bool, catalog: Path | None,
    as_csv: bool, as_json: bool,
) -> None:  # fmt: skip
    """Answer each criterion from the evidence, and score the answers by every profile.

    With --rescore nothing is judged: what was answered at each moment is scored by the rubric as it is now, so that a
    changed weight leaves no break in the history. Cut off and run again, it goes on from where it was.

    With --from nothing is written, and no workshop is needed: what is not the stored score is listed (exit code 1).

    Example: barometer score --rubric mine.yml --rescore
    """
    if catalog is not None:
        if rescore or as_of is not None:
            raise click.UsageError("--from reads a published file: leave --rescore and --as-of out.")
        sys.exit(DONE_WITH_FAILURES if _again(catalog, rubrics, as_csv, as_json) else DONE)
    if as_csv:
        raise click.UsageError("--csv tells the scores of a published file: name it with --from.")
    if rescore:
        if as_of is not None:
            raise click.UsageError("--rescore scores every moment anew: leave --as-of out.")
        _finish([steps.rescore(place, rubrics)], as_json)
        return
    _finish([steps.score(place, rubrics, as_of)], as_json)


@barometer.command()
@option.placed()
@option.catalog
@option.as_json
def publish(place: Place, catalog: Path, as_json: bool) -> None:
    """Build catalog.db, whole, from the workshop; the old one stands until the new one is checked.

    Example: barometer publish --catalog catalog.db
    """
    _finish([steps.publish(place, catalog)], as_json)


@barometer.command()
@option.placed(network=True)
@option.keep_bodies
@option.catalog
@option.as_of
@option.rubrics
@option.vocabulary
@option.full
@option.as_json
def run(
    place: Place, catalog: Path, as_of: datetime | None, rubrics: tuple[Path, ...], full: bool, as_json: bool
) -> None:
    """Do it all: harvest, check, validate, score, publish.

    Example: barometer run --portal https://data.gov.hk --contact me@example.org
    """
    _finish(steps.run(place, catalog, rubrics, as_of, full=full), as_json)


@barometer.command()
@click.argument("folder", type=click.Path(path_type=Path))
@option.catalog
@click.option(
    "--format", "formats", multiple=True, type=click.Choice(list(FORMATS)),
    help="A format to write. Repeatable. Default: all but csv-spreadsheet.",
)  # fmt: skip
@option.as_json
def export(folder: Path, catalog: Path, formats: tuple[str, ...], as_json: bool) -> None:
    """Write catalog.db into FOLDER in other people's standards (docs/exports.md), whole or not at all.

    Example: barometer export out --format parquet --format datapackage
    """
    counts = write_export(folder, catalog, metadata_file(), formats)
    for name, count in counts.items():
        click.echo(f"{name}: {in_words(count)}")
    if as_json:
        click.echo(json.dumps(counts, sort_keys=True))


@barometer.command()
@option.placed()
@option.catalog
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8001, show_default=True, help="The port to listen on.")
def serve(place: Place, catalog: Path, host: str, port: int) -> None:
    """Serve catalog.db with Datasette until Ctrl-C.

    Example: barometer serve --port 8001
    """
    sys.exit(steps.serve(place, catalog, host, port))


@barometer.command()
@option.placed()
@option.as_json
def status(place: Place, as_json: bool) -> None:
    """Tell what each step last did, and list the items it could not work on.

    Example: barometer status --json
    """
    told = steps.status(place)
    for line in [*status_lines(told), *notices_lines(place.db)]:
        click.echo(line)
    if as_json:
        click.echo(json.dumps(told, sort_keys=True, ensure_ascii=False))


barometer.add_command(desk)
barometer.add_command(explain)
barometer.add_command(watch)
barometer.add_command(verify)
barometer.add_command(fold)
barometer.add_command(notify)
barometer.add_command(recheck)


def _again(catalog: Path, rubrics: tuple[Path, ...], as_csv: bool, as_json: bool) -> bool:
    """Print the scores of a published file made again, and return whether any is not the stored one."""
    found, lost = steps.score_from(catalog, rubrics)
    for line in from_catalogue_told.lines(found, lost):
        click.echo(line, err=as_csv)
    if as_csv:
        click.echo(from_catalogue_told.as_csv(found, csv_cell), nl=False)
    if as_json:
        click.echo(json.dumps(from_catalogue_told.as_record(found, lost), sort_keys=True))
    return bool(lost or any(made.differ for made in found))


def _why(change: Change) -> str:
    return WHY.get(change.after.reason, change.after.reason)


def _finish(outcomes: list[StepOutcome], as_json: bool, more: Mapping[str, object] | None = None) -> None:
    """Say what each step did and exit with 0, or with 1 where items failed."""
    failed = sum(outcome.failed for outcome in outcomes)
    for outcome in outcomes:
        counts = in_words(outcome.counts)
        click.echo(f"{outcome.kind}: {counts or 'nothing to do'}")
        for note in outcome.notes:
            click.echo(f"  {note}")
    if failed:
        click.echo(f"{failed:,} items failed: `barometer status` lists them.", err=True)
    if as_json:
        told: dict[str, object] = {outcome.kind: outcome.counts for outcome in outcomes}
        for outcome in outcomes:
            told |= outcome.told
        click.echo(json.dumps({**told, "failed": failed, **(more or {})}, sort_keys=True))
    sys.exit(DONE_WITH_FAILURES if failed else DONE)


def _stop(_signal: int, _frame: object) -> None:
    """Say at once that the signal was heard: ending in order can take as long as the slowest answer under way."""
    click.echo(
        "\nStopping: what is under way is ended in order. Once more stops at once; nothing stored is lost.", err=True
    )
    raise KeyboardInterrupt


def main() -> None:
    """Run the command line; every error the user can act on is one sentence, never a traceback."""
    signal.signal(signal.SIGTERM, _stop)
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # a shell's background job is not the terminal's to stop
        signal.signal(signal.SIGINT, _stop)
    try:
        barometer(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(COULD_NOT_RUN)
    except BarometerError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(COULD_NOT_RUN)
    except sqlite3.OperationalError as error:
        click.echo(
            f"Error: the database could not be written ({error}): free some disk space or its lock, then run again.",
            err=True,
        )
        sys.exit(COULD_NOT_RUN)
    except OSError as error:
        click.echo(
            f"Error: {error.strerror or error} ({error.filename or 'the disk'}): mend that, then run again.", err=True
        )
        sys.exit(COULD_NOT_RUN)
    except (KeyboardInterrupt, click.Abort):
        click.echo("Stopped. Run the same command again: it goes on from here.", err=True)
        sys.exit(STOPPED)
