"""What is counted when the catalogue is made: the tables of publish/shown.sql say what their views would."""

import sqlite3

import pytest

from tests.test_site import site as site  # noqa: PLC0414 - the fixture, under its own name

PAIRS = {
    "states of providers": (
        "SELECT subject, state, resources FROM state_count WHERE subject_type = 'provider'",
        "SELECT provider, state, count(*) FROM state_now GROUP BY 1, 2",
    ),
    "states of the portal": (
        "SELECT state, resources FROM state_count WHERE subject_type = 'portal' AND subject = ''",
        "SELECT state, count(*) FROM state_now GROUP BY 1",
    ),
    "what is down": (
        "SELECT resource, since, state FROM down_now ORDER BY position",
        (
            "SELECT resource, since, state FROM state_now WHERE state IN ('down', 'degraded')"
            " ORDER BY state = 'degraded', since, dataset, resource"
        ),
    ),
    "what fails": (
        "SELECT dataset, outcome, resources FROM failing_count",
        "SELECT dataset, outcome, count(*) FROM failing_now GROUP BY 1, 2",
    ),
    "common faults": (
        "SELECT criterion, reason, datasets, most FROM common_fault",
        (
            "SELECT criterion, reason, count(DISTINCT dataset), max(points)"
            " FROM task JOIN dataset d ON d.name = dataset"
            " WHERE closed IS NULL AND d.withdrawn_at IS NULL GROUP BY 1, 2"
        ),
    ),
}


@pytest.mark.parametrize("what", PAIRS)
def test_a_table_says_what_its_view_says(site, what):
    """Each table that a page reads in place of a count holds that count, in the order the page tells it."""
    connection = sqlite3.connect(site.databases["catalog"].path)
    told, counted = (connection.execute(sql).fetchall() for sql in PAIRS[what])
    connection.close()
    assert told
    assert (told if what == "what is down" else sorted(told)) == (
        counted if what == "what is down" else sorted(counted)
    )


def test_the_example_of_a_common_fault_is_the_task_that_gives_most(site):
    """The example is an open task of that fault, and no other of them gives more."""
    sql = """
    SELECT f.most, t.points, t.closed, f.gain * (SELECT count(*) FROM dataset_summary WHERE point IS NOT NULL),
           f.datasets
    FROM common_fault f LEFT JOIN task t ON t.dataset = f.dataset AND t.resource = f.resource
         AND t.criterion = f.criterion AND t.reason = f.reason
    """
    connection = sqlite3.connect(site.databases["catalog"].path)
    rows = connection.execute(sql).fetchall()
    connection.close()
    assert rows
    for most, points, closed, whole, datasets in rows:
        assert (points, closed) == (most, None)
        assert whole is None or most <= whole + 1e-9 <= most * datasets + 2e-9
