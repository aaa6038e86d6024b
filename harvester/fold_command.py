"""The verb `barometer fold`."""

import json

import click

from harvester import shared_options as option
from harvester.fold import KEEP_DAYS, fold_at
from harvester.place import Place

MEGABYTE = 1_000_000


@click.command()
@option.placed()
@click.option(
    "--keep-days", type=click.IntRange(KEEP_DAYS, 36_500), default=KEEP_DAYS, show_default=True, metavar="N",
    help="Whole days of visits that are kept as they are.",
)  # fmt: skip
@option.as_json
def fold(place: Place, keep_days: int, as_json: bool) -> None:
    """Count old visits by the day and let them go, with what only they rested on; no score or trend loses anything.

    Example: barometer fold --keep-days 180
    """
    counts = fold_at(place, keep_days).counts
    click.echo(
        f"fold: {counts['visits']:,} visits counted into {counts['days']:,} days, {counts['let_go']:,} let go,"
        f" {counts['kept']:,} older ones kept because something rests on them."
    )
    click.echo(
        f"  {counts['lightened']:,} superseded bodies keep their verdict only, {counts['contents']:,} are gone."
        f" The workshop has {counts['bytes'] / MEGABYTE:,.1f} MB, {counts['free_bytes'] / MEGABYTE:,.1f} MB of it free"
        " to be filled."
    )
    if as_json:
        click.echo(json.dumps(counts, sort_keys=True))
