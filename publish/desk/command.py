"""The verb `barometer desk`; `harvester.cli` lists it among its verbs."""

import sys
from pathlib import Path

import click

from harvester import shared_options as option
from harvester.place import Place
from harvester.replies import beside
from publish.metadata_file import metadata_file


@click.command()
@option.placed()
@option.catalog
@option.path("--officers", "officers.yml", "Who may sign in and answer for whom (docs/desk.md).")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8002, show_default=True, help="The port to listen on.")
def desk(place: Place, catalog: Path, officers: Path, host: str, port: int) -> None:
    """Serve the desk where providers' officers answer what is flagged, until Ctrl-C. It reads catalog.db.

    Answers are kept in officers.db, in the folder of --db; the next publish shows them, `barometer watch` re-checks.

    Example: barometer desk --port 8002 --officers officers.yml
    """
    from publish.desk.serve import serve  # noqa: PLC0415 - the verbs that do not serve need none of Datasette
    from publish.desk.store import Desk  # noqa: PLC0415 - as above

    sys.exit(serve(Desk(catalog, beside(place.db), officers, place.clock), metadata_file(), host, port))
