"""Table request: what we asked of each host, added up by day (Hong Kong), host and purpose."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlite_utils import Database

from harvester.web import Web

ADD = """
    INSERT INTO request (day, host, purpose, requests, bytes, refused) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (day, host, purpose) DO UPDATE SET requests = requests + excluded.requests,
        bytes = bytes + excluded.bytes, refused = refused + excluded.refused
"""


def save_requests(db: Database, web: Web) -> None:
    """Add what ``web`` asked since the last call to the workshop's account, in one transaction."""
    counted = web.take_requests()
    if counted:
        rows = [(item.day, item.host, item.purpose, item.requests, item.bytes, item.refused) for item in counted]
        with db.atomic():
            db.conn.executemany(ADD, rows)


@contextmanager
def accounted(db: Database, web: Web) -> Iterator[Web]:
    """Yield ``web``, open, and close it at the end; what it was still asking then is stored however the block ends."""
    try:
        with web:
            yield web
    finally:
        save_requests(db, web)
