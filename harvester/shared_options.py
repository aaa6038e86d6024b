"""What several verbs of the command line take: where the databases are, the network's manners, profiles, JSON."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from harvester.clock import system_clock
from harvester.options import HongKongDate, Size
from harvester.place import Place

Command = TypeVar("Command", bound=Callable[..., Any])


def path(name: str, default: str, text: str) -> Callable[[Command], Command]:
    """Return the option ``name`` that takes a file, ``default`` where it is not given."""
    kind = click.Path(dir_okay=False, path_type=Path)
    return click.option(name, type=kind, default=default, show_default=True, help=text)


def placed(*, network: bool = False) -> Callable[[Command], Command]:
    """Give a command --db and --portal (and the manners of the network), handed over as one `Place`."""

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def at_its_place(db: Path, portal: str | None, **options: Any) -> Any:
            manners = {name: options.pop(name) for name in MANNERS if name in options}
            return command(Place(db=db, portal=portal, clock=system_clock, **manners), **options)

        options = [
            path("--db", "harvest.db", "The workshop: the database of everything seen."),
            click.option("--portal", metavar="PORTAL", help=PORTAL_HELP),
            *(NETWORK if network else ()),
        ]
        for option in reversed(options):
            at_its_place = option(at_its_place)
        return cast("Command", at_its_place)

    return decorate


MANNERS = ("contact", "pace", "in_flight", "allow", "ignore_robots", "vocabulary", "keep_bodies")
PORTAL_HELP = "`sample`, or a portal's address (https://data.gov.hk). Default: the one --db holds, else sample."
NETWORK = (
    click.option(
        "--contact", envvar="BAROMETER_CONTACT", metavar="MAIL",
        help="Your mail address, sent with every request so that a host can reach you.",
    ),
    click.option(
        "--pace", type=click.FloatRange(0, 60), metavar="SECONDS",
        help="The least time between two requests to one host. Default: 0.5 (none for the sample).",
    ),
    click.option(
        "--in-flight", type=click.IntRange(1, 32), metavar="N",
        help="How many answers of the portal's API may be waited for at once. Default: 4 (without a pace: 32).",
    ),
    click.option(
        "--allow", multiple=True, metavar="HOST",
        help="A host that may be visited although its address is not public. Repeatable.",
    ),
    click.option(
        "--ignore-robots", multiple=True, metavar="HOST",
        help="A host whose robots.txt is not honoured, because its keepers told you so. Repeatable.",
    ),
)  # fmt: skip
as_of = click.option(
    "--as-of", type=HongKongDate(), metavar="DATE", help="Judge as of the end of this day in Hong Kong. Default: now."
)
rubrics = click.option(
    "--rubric", "rubrics", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE", multiple=True,
    help="A profile of your own, scored beside ours; one with the name of one of ours takes its place. Repeatable.",
)  # fmt: skip
vocabulary = click.option(
    "--vocabulary", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
    envvar="BAROMETER_VOCABULARY",
    help="Your own meanings of frequencies, formats and dates, beside ours (docs/harvest.md).",
)  # fmt: skip
keep_bodies = click.option(
    "--keep-bodies", type=Size(), metavar="SIZE", default="20GiB", show_default=True, envvar="BAROMETER_KEEP_BODIES",
    help="Room for the files that were judged already, kept to be judged again under new rules; 0 keeps none.",
)  # fmt: skip
full = click.option("--full", is_flag=True, help="Fetch every record, not only those that may have changed.")
as_json = click.option("--json", "as_json", is_flag=True, help="End with one line of counts as JSON.")
catalog = path("--catalog", "catalog.db", "The shop window: the database that is published.")
