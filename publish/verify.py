"""`barometer verify`: whether a published file is whole, and holds the rows that were published."""

import sys
from pathlib import Path

import click

from publish.checksum import verify as verified


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify(file: Path) -> None:
    """Sum every table of FILE anew, and compare with the sums it was published with.

    Exit code 0: sound; 1: not sound, with what differs; 2: no catalogue of ours.

    Example: barometer verify catalog.db
    """
    told = verified(file)
    if told.sound:
        click.echo(f"{file} is sound: the SHA-256 of its content is {told.found}.")
        return
    click.echo(f"{file} is not sound:")
    for problem in told.problems:
        click.echo(f"  {problem}")
    sys.exit(1)
