"""What all visits there ever were say day by day and body by body, from what is rolled up and what is not yet."""

import sqlite3

from harvester.store.visit_days import EVERY, know_signs, roll_ups

TABLES = ("visit_day", "body_seen", "stamp_seen", "verdict_day")


def fill_days(connection: sqlite3.Connection) -> None:
    """Fill the tables of publish/days.sql, and temp.stamp_seen for publish/pace.sql, from the attached workshop."""
    know_signs(connection)
    connection.execute("CREATE TEMP TABLE stamp_seen (url INTEGER, stamp, PRIMARY KEY (url, stamp)) WITHOUT ROWID")
    for table in TABLES:
        connection.execute(f"INSERT INTO {table} SELECT * FROM workshop.{table}")  # noqa: S608 - our own names
    for sql in roll_ups("workshop.", EVERY):
        connection.execute(sql)
