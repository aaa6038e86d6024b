"""The command `barometer recheck`: a dataset looked at anew, at once, and what its officer gets for it."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from harvester import shared_options as option
from harvester import steps
from harvester.errors import UnknownNameError
from harvester.place import Place
from harvester.rechecked import Rechecked
from harvester.records import LANGUAGES, Language
from harvester.replies import beside, outcome, settled, waiting
from publish import recheck_told
from publish.i18n import Translator
from publish.safe import clean


@click.command()
@click.argument("datasets", metavar="DATASET...", nargs=-1)
@option.placed(network=True)
@option.keep_bodies
@click.option("--asked", is_flag=True, help="Those that officers asked for at the desk, the oldest first.")
@click.option(
    "--catalog", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Score and publish everything afterwards, so that the site shows it. Default: it is not published.",
)  # fmt: skip
@option.rubrics
@click.option(
    "--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="The language of the words."
)
@option.as_json
def recheck(
    place: Place, datasets: tuple[str, ...], asked: bool, catalog: Path | None, rubrics: tuple[Path, ...],
    lang: Language, as_json: bool,
) -> None:  # fmt: skip
    """Look at DATASET anew, whatever is due, and tell what was, what is, and the points regained.

    Its record is read, its addresses and its dictionary are visited, and it alone is answered and scored. One good
    visit after a failure is "recovering": a check 45 minutes later confirms it.

    Example: barometer recheck hk-hko-rainfall --contact me@example.org
    """
    if asked == bool(datasets):
        raise click.UsageError("name the datasets to look at, or give --asked for those that officers wait for.")
    tr, done = Translator(lang), list[Rechecked]()
    found = _asked(place, rubrics, catalog) if asked else steps.recheck_datasets(place, rubrics, datasets, catalog)
    for each in found:
        if done:
            click.echo()
        for line in recheck_told.lines(each, tr):
            click.echo(line)
        done.append(each)
    if not done:
        click.echo("Nobody waits for a recheck.")
    failed = sum(len(each.failures) for each in done)
    if as_json:
        told: dict[str, Any] = {"rechecked": [recheck_told.record(each, tr) for each in done], "failed": failed}
        click.echo(json.dumps(told, sort_keys=True))
    sys.exit(1 if failed else 0)


def _asked(place: Place, rubrics: Sequence[Path], catalog: Path | None) -> Iterator[Rechecked]:
    """Do what officers wait for and tell the desk what came of it; publish once, at the end."""
    officers, last = beside(place.db), None
    for wanted in waiting(officers):
        try:
            (found,) = steps.recheck_datasets(place, rubrics, [wanted.dataset])
        except UnknownNameError as error:  # it left the catalogue meanwhile: the others must not wait for it for ever
            settled(officers, wanted, {"failed": [str(error)]}, place.clock)
            click.echo(clean(str(error)), err=True)
            continue
        settled(officers, wanted, outcome(found), place.clock)
        if last is not None:
            yield last
        last = found
    if last is not None:
        if catalog is not None:
            steps.score(place, rubrics, None)
            steps.publish(place, catalog)
        yield replace(last, published=catalog is not None)
