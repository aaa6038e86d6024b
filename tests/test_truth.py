"""What is planted is found, what is sound is left alone: the measure that everything else serves."""

import pytest

from bench.judge import BACKGROUND, total
from bench.truth import report

pytestmark = pytest.mark.slow


def test_recall_and_precision_over_all(scan, capsys):
    """At least 95 % of the plants are found, and at least 95 % of the claims are right."""
    assert report(scan.tallies, "all") == 0, capsys.readouterr().out
    whole = total(scan.tallies.values())
    assert whole.planted >= 200
    assert whole.recall >= 0.95
    assert whole.precision >= 0.95


def test_no_kind_of_fault_is_neglected(scan):
    """Every kind is planted several times, with look-alikes beside it, and found above 0.8 with few false alarms."""
    kinds = {kind: tally for kind, tally in scan.tallies.items() if tally.planted and not kind.startswith(BACKGROUND)}
    assert len(kinds) >= 40
    for kind, tally in kinds.items():
        assert tally.planted >= 4, kind
        assert tally.lookalikes >= 3, kind
        assert tally.recall > 0.8, (kind, tally.notes)
        assert tally.precision >= 0.8, (kind, tally.notes)
