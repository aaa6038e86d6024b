"""The same verdict as Frictionless on a delimited file, for a small part of its time (docs/fast-path.md)."""

from harvester.validate.fast.body import Outcome, judge, judge_rows
from harvester.validate.fast.opening import Unproved

__all__ = ["Outcome", "Unproved", "judge", "judge_rows"]
