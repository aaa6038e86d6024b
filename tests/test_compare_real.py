"""Files as Hong Kong's publishers made them, each laid beside itself: nothing may be said to differ."""

from pathlib import Path

import pytest

from harvester.compare import languages
from harvester.compare.opening import CannotLayError, dictionary, table
from harvester.sniff import sniff

SHARED = Path(__file__).resolve().parents[2] / "shared" / "hk" / "files"
MOST_BYTES = 40_000
"""Larger files say nothing more here, and take their time."""
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/hk/files is not beside the checkout"),
]


def test_a_real_table_does_not_differ_from_itself_and_is_no_dictionary():
    """Every row has its number in the file, a table is its own translation, and data are not taken for fields."""
    laid = 0
    for path in sorted(SHARED.rglob("*")):
        if not path.is_file() or path.name == "MANIFEST.json" or path.stat().st_size > MOST_BYTES:
            continue
        with path.open("rb") as body:
            sniffed = sniff(body)
        try:
            found = table(path, sniffed)
        except CannotLayError:
            continue
        assert len(found.numbers) == len(found.rows), path.name
        assert languages.lay(found, found).differences == (), path.name
        assert dictionary(path, sniffed).state != "read", path.name
        laid += 1
    assert laid >= 50
