"""A desk over the small hostile catalogue: its files, its officers, and replies written as the desk does."""

import secrets
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from datasette_auth_passwords.utils import hash_password

from harvester.clock import iso
from harvester.replies import beside, opened
from publish.build import publish
from publish.desk.store import Desk
from publish.queries import Row, rows
from publish.replies import fill as merge
from tests.catalogue_fixture import fill

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"  # noqa: S105 - of nobody
HASH = hash_password(PASSWORD, iterations=10_000)
SETTINGS = f"""
officers:
  chan.tai.man: {{password: "{HASH}", providers: [hk-hko]}}
  transport: {{password: "{HASH}", providers: [hk-td, hk-hd]}}
  odd: {{password: "{HASH}", providers: [hk-x]}}
  editor: {{password: "{HASH}", role: editor}}
"""


@dataclass(frozen=True)
class Place:
    """The folder of a desk, with harvest.db, catalog.db, officers.yml and officers.db."""

    folder: Path

    @property
    def workshop(self) -> Path:
        """harvest.db."""
        return self.folder / "harvest.db"

    @property
    def catalog(self) -> Path:
        """catalog.db."""
        return self.folder / "catalog.db"

    @property
    def officers(self) -> Path:
        """officers.db."""
        return beside(self.workshop)

    @property
    def settings(self) -> Path:
        """officers.yml."""
        return self.folder / "officers.yml"

    def desk(self) -> Desk:
        """Return the desk with the catalogue taken in."""
        made = Desk(self.catalog, self.officers, self.settings, lambda: NOW)
        made.keep_up()
        return made

    def publish(self, now: datetime = NOW) -> None:
        """Build the catalogue anew."""
        publish(self.workshop, self.catalog, lambda: now, "https://data.gov.hk")

    def merge(self, now: datetime = NOW) -> None:
        """Merge the replies into the catalogue as it is: what publishing does of them, without the rest."""
        with closing(sqlite3.connect(self.catalog)) as connection, connection:
            connection.execute("DELETE FROM reply")
            merge(connection, self.officers, iso(now))

    def asked(self, sql: str, *values: object) -> list[Row]:
        """Ask the catalogue."""
        return _asked(self.catalog, sql, values)

    def kept(self, sql: str, *values: object) -> list[Row]:
        """Ask officers.db."""
        return _asked(self.officers, sql, values)

    def write(self, sql: str, *values: object) -> None:
        """Change the catalogue, as another scan would."""
        with closing(sqlite3.connect(self.catalog)) as connection, connection:
            connection.execute(sql, values)

    def task(self, provider: str = "hk-hko", nth: int = 0) -> Row:
        """Return one of a provider's open tasks."""
        sql = """SELECT t.* FROM task t JOIN dataset d ON d.name = t.dataset
                 WHERE d.provider = ? AND closed IS NULL ORDER BY key LIMIT 1 OFFSET ?"""
        return self.asked(sql, provider, nth)[0]

    def reply(self, key: str, **changed: object) -> None:
        """Keep a reply to the task of ``key`` as the desk's query does, with what is to be otherwise."""
        with opened(self.officers) as connection:
            found = rows(connection, "SELECT * FROM finding WHERE task = ?", [key])[0]
            row = {
                **found, "form": secrets.token_hex(16), "kind": "cannot", "reason": "The law asks for paper.",
                "expires": "2026-12-31", "officer": "editor", "role": "editor", "at": "2026-11-23T01:00:00Z", **changed,
            }  # fmt: skip
            names = ", ".join(row)
            connection.execute(f"INSERT INTO reply ({names}) VALUES ({', '.join('?' * len(row))})", [*row.values()])  # noqa: S608


def _asked(place: Path, sql: str, values: tuple[object, ...]) -> list[Row]:
    with closing(sqlite3.connect(place)) as connection:
        return rows(connection, sql, values)


def made(folder: Path, settings: str = SETTINGS) -> Place:
    """Return a desk's place in an empty folder, published and with its officers."""
    place = Place(folder)
    fill(place.workshop)
    place.publish()
    place.settings.write_text(settings, encoding="utf-8")
    place.desk()
    return place


def copied(place: Place, folder: Path) -> Place:
    """Return a copy of a desk's place in an empty folder."""
    for name in ("harvest.db", "catalog.db", "officers.db", "officers.yml"):
        shutil.copyfile(place.folder / name, folder / name)
    return Place(folder)
