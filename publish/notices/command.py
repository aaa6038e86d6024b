"""The verb `barometer notify`."""

import sys
from pathlib import Path

import click

from harvester import shared_options as option
from harvester.place import Place
from publish.notices.notify import notify as tell_all
from publish.notices.trial import rehearse, trial


@click.command()
@option.placed()
@option.catalog
@option.path("--notices", "notices.yml", "Who is told what, by mail or chat, in which language, when.")
@click.option("--dry-run", is_flag=True, help="Print what would be sent, word by word; send and remember nothing.")
@click.option("--test", "provider", metavar="PROVIDER", help="Send a test message to those told of this provider.")
def notify(place: Place, catalog: Path, notices: Path, dry_run: bool, provider: str | None) -> None:
    """Tell officers what opened, was mended and came back: one message a provider, each thing once.

    Example: barometer notify --notices notices.yml --dry-run
    """
    if provider is not None and dry_run:
        raise click.UsageError("--test sends and --dry-run does not: leave one of them out.")
    if provider is not None:
        told = trial(place.db, catalog, notices, provider, place.clock)
    elif dry_run:
        told = rehearse(place.db, catalog, notices, place.clock)
    else:
        told = tell_all(place.db, catalog, notices, place.clock)
    for note in told.notes:
        click.echo(note, err=True)
    click.echo(f"notify: {told.sent} {'to be sent' if dry_run else 'sent'}, {told.failed} not delivered")
    sys.exit(1 if told.failed else 0)
