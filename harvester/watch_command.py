"""``barometer watch``: reads options and hands them to the watch."""

from datetime import time
from functools import partial
from pathlib import Path
from typing import Literal

import click

from harvester import shared_options as option
from harvester.options import HourMinute, Listen
from harvester.place import Place
from harvester.watch import watch as watch_for_ever
from harvester.watch_settings import said_over


@click.command()
@option.placed(network=True)
@option.keep_bodies
@option.catalog
@option.rubrics
@option.vocabulary
@click.option("--at", type=HourMinute(), help="The hour of the nightly scan in Hong Kong. Default: 02:30.")
@click.option(
    "--settings", "settings_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
    help="What is done when, in one file (docs/watch.md); read again when it changes.",
)  # fmt: skip
@click.option(
    "--status", "listen", type=Listen(), metavar="HOST:PORT",
    help="Where the status page and the metrics are served, or off. Default: 127.0.0.1:8010.",
)  # fmt: skip
@click.option(
    "--notices", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
    help="Whom to tell of what, after each publication (docs/notices.md).",
)  # fmt: skip
def watch(
    place: Place, catalog: Path, rubrics: tuple[Path, ...], at: time | None, settings_file: Path | None,
    listen: tuple[str, int] | Literal["off"] | None, notices: Path | None,
) -> None:  # fmt: skip
    """Scan, check, publish and tell by the clock until stopped; what is missed is caught up and accounted for.

    Example: barometer watch --portal https://data.gov.hk --contact me@example.org --settings watch.yml
    """
    over = partial(said_over, at=at, listen=listen)
    watch_for_ever(place, catalog, rubrics, settings_file=settings_file, notices=notices, over=over)
