"""The recorded files of Hong Kong's publishers: each gets a verdict, and tables are read as a person reads them.

What a person reads stands in ``tests/readings.csv``, explained in ``bench/readings.py``.
"""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bench.readings import agreement, readings
from bench.real import differences
from harvester.records import Content
from harvester.sniff import sniff
from harvester.store.contents import Pending
from harvester.validate.workers import Job, examine_all

SHARED = Path(__file__).resolve().parents[2] / "shared" / "hk" / "files"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.slow,
    pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/hk/files is not beside the checkout"),
]

SAME_FORMAT = {"csv": {"csv", "tsv"}, "json": {"json", "geojson"}}


@pytest.fixture(scope="module")
def manifest() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads((SHARED / "MANIFEST.json").read_text(encoding="utf-8"))
    return entries


@pytest.fixture(scope="module")
def found(manifest: list[dict[str, Any]]) -> dict[str, Content]:
    """What each file turned out to be, by its name in the manifest."""

    def jobs() -> Iterator[Job]:
        for entry in manifest:
            path = SHARED / entry["file"]
            with path.open("rb") as body:
                sniffed = sniff(body)
            yield Job(path, Pending(entry["sha256"], entry["bytes"], True, sniffed), date(2026, 11, 23))

    told = {content.sha256: content for content in examine_all(jobs(), 2)}
    return {entry["file"]: told[entry["sha256"]] for entry in manifest}


def test_every_file_gets_a_verdict(manifest: list[dict[str, Any]], found: dict[str, Content]) -> None:
    """No recorded file ends a worker or stays unmeasured, and nearly every table can be read after repair."""
    assert len(found) == len(manifest) == 222
    assert not [name for name, content in found.items() if content.verdict not in ("valid", "invalid", "opens")]
    tables = [content for content in found.values() if content.verdict in ("valid", "invalid")]
    read = [content for content in tables if "valid" in (content.verdict, content.repaired)]
    assert len(read) >= 0.9 * len(tables)


def test_format_and_encoding_are_as_recorded(manifest: list[dict[str, Any]], found: dict[str, Content]) -> None:
    """Format, encoding, mark and delimiter agree with the manifest wherever it states them."""
    for entry in manifest:
        content = found[entry["file"]]
        extension = entry["file"].rsplit(".", 1)[-1].lower()
        assert content.format in SAME_FORMAT.get(extension, {extension}), entry["file"]
        if entry["encoding"]:
            marked = content.bom
            names = {"utf-8": "utf-8-sig", "utf-16-le": "utf-16-le-bom"} if marked else {}
            assert names.get(content.encoding or "", content.encoding) == entry["encoding"], entry["file"]
        if entry["delimiter"] and content.dialect:
            assert content.dialect.delimiter == entry["delimiter"], entry["file"]


def test_the_list_of_readings_is_whole(manifest: list[dict[str, Any]]) -> None:
    """Sixty files, tables and others, were read before any was measured; each is told once, and no publisher lacks."""
    told = readings()
    fresh = [reading for reading in told if reading.fresh]
    assert len({reading.file for reading in told}) == len(told)
    assert {reading.file for reading in told} <= {entry["file"] for entry in manifest}
    assert len(fresh) == 60
    assert sum(reading.table for reading in fresh) == 46
    assert {reading.file.partition("/")[0] for reading in told} == {
        entry["file"].partition("/")[0] for entry in manifest
    }
    for reading in told:
        assert reading.table == (reading.rows is not None) == (reading.tables > 0), reading.file


@pytest.mark.parametrize("fresh", [True, False])
def test_tables_are_read_as_a_person_reads_them(found: dict[str, Content], fresh: bool) -> None:
    """Of the files read by hand, 95 in a hundred are read the same: a table or none, labels, rows, notes and sheet."""
    agreed = [agreement(reading, found[reading.file]) for reading in readings() if reading.fresh is fresh]
    wrong = [f"{each.reading.file}: {each.got}" for each in agreed if not (each.right and each.rows and each.rest)]
    assert len(wrong) <= 0.05 * len(agreed), wrong
    assert not [each.got for each in agreed if not each.reading.table and not each.table]


def test_what_a_workbook_merges_is_known(found: dict[str, Content]) -> None:
    """As many merged ranges are told as a person saw in the table, in XLS and XLSX."""
    told = {reading.file: reading.merged for reading in readings() if reading.sheet}
    dialects = {name: found[name].dialect for name in told}
    assert len(told) > 15
    assert {name: dialect.merged if dialect else None for name, dialect in dialects.items()} == {
        name: merged or 0 for name, merged in told.items()
    }


def test_no_table_is_judged_otherwise_than_by_plain_frictionless(found: dict[str, Content]) -> None:
    """Delimited files, workbooks and lists of records get the verdict and the defects that Frictionless gives them.

    Delimited files are laid beside Frictionless's own reading, row by row, by the tests of the fast path.
    """
    compared, different = differences(
        {name: content for name, content in found.items() if content.format not in ("csv", "tsv")}
    )
    assert different == []
    assert compared > 15
