"""Real recorded bodies and files, where they are at hand: no crash, a verdict a file, a score a dataset."""

import pytest

from bench.real import RECORDED, line, measure

pytestmark = [
    pytest.mark.slow,
    pytest.mark.shared,
    pytest.mark.skipif(
        not RECORDED.is_dir(), reason="the recorded real input (../shared/hk) is not beside this checkout"
    ),
]


def test_every_real_file_gets_a_verdict(tmp_path):
    """The whole line stands on what Hong Kong bodies really published."""
    measured = measure(tmp_path)
    assert len(measured["rows"]) == 222
    assert [line(row) for row in measured["rows"] if not row["verdict"]] == []
    assert [line(row) for row in measured["rows"] if row["verdict"] == "unmeasured"] == []
    assert measured["crashes"] == 0
    assert measured["datasets"] == measured["listed"] > 0
