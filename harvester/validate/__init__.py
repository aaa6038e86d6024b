"""Machine readability: what a body is worth to a program."""

from harvester.validate.engine import ENGINE, RULES
from harvester.validate.examination import examine

__all__ = ["ENGINE", "RULES", "examine"]
