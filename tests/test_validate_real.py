"""The recorded files of Hong Kong's publishers: each gets a verdict, and tables are read as a person reads them."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

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

# Read by a person: file, row of the labels, rows of labels, rows at the end that are no data, rows of data.
READINGS = """
daily_BHD_WSPD_ALL.csv|3|1|4|11109
daily_KP_WSPD_ALL.csv|3|1|4|12023
daily_HKA_WSPD_ALL.csv|3|1|4|10196
daily_TME_WSPD_ALL.csv|3|1|4|2887
daily_HKO_RF_ALL.csv|3|1|5|49035
daily_HKA_RF_ALL.csv|3|1|5|10227
air_daily_2010_2016.csv|14|1|0|17899
air_daily_2017_2024.csv|14|1|0|20454
solid-waste-disposal-quantity-en-2024.csv|1|1|0|16
solid-waste-disposal-rate-en-2023.csv|1|1|0|30
EPDPCS19.csv|1|1|0|21
2022e4_calls.xls|3|1|0|37
building_list_eng.csv|1|1|0|6039
enhanced_sur_covid_19_eng.csv|1|1|0|15441
latest_situation_of_reported_cases_covid_19_eng.csv|1|1|0|1238
20250719-2230-latest_10min_wind.csv|1|1|0|30
20250720-0020-latest_10min_wind.csv|1|1|0|30
airport_express_fares.csv|1|1|0|14
STOP_PTRAM.csv|1|1|0|6
PSI_Street Name_20200630.xlsx|1|1|0|4553
2004 LCE - GC Voter Turnout by PS.xlsx|1|2|0|501
2008 LCE - GC Voter Turnout% by PS.xlsx|1|2|0|532
2012 LCE - GC Voter Turnout by PS.xlsx|1|2|3|549
2016 LC NTE By-E - GC Voter Turnout by PS.xlsx|1|2|3|167
2016 LC NTE By-E - GC Voter Turnout% by PS.xlsx|1|2|3|167
cs_result_LC5.xls|1|2|0|146
cs_result_LC1.xls|1|2|0|103
cs_result_LC4.xls|1|2|0|169
ccf67d-cs_result_LC5.xls|1|2|0|137
counting_results_LC1.xls|1|2|0|102
counting_results_LC3.xls|1|2|0|75
BDR_ImmD_20131213.csv|1|1|0|6
BBQ_AFCD_20131213.csv|1|1|0|22
GOVWIFI_OGCIO_20131213.csv|1|1|0|433
LIBRARY_LCSD_20131213.csv|1|1|0|260
MAR_RES_AFCD_20131213.csv|1|1|0|1
SPB_HKPost_20131213.csv|1|1|0|1142
KG_EDB_20131213.csv|1|1|0|1340
UGC_EDB_20131213.csv|1|1|0|8
""".strip()
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


def test_tables_are_read_as_a_person_reads_them(found: dict[str, Content]) -> None:
    """Of the files read by hand, at least nine in ten are read the same: labels, notes at the end, rows of data."""
    by_name = {name.rsplit("/", 1)[-1]: content for name, content in found.items()}
    readings = [line.split("|") for line in READINGS.split("\n")]
    wrong = []
    for name, *expected in readings:
        content = by_name[name]
        dialect = content.dialect
        assert dialect is not None
        got = (dialect.header_row, dialect.header_rows, dialect.footer_rows, content.rows)
        if got != tuple(map(int, expected)):
            wrong.append((name, got, expected))
    assert len(wrong) <= 0.1 * len(readings), wrong
