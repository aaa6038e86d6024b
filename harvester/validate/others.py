"""What is left: prose, bytes of no known format, formats without a reader, nothing at all."""

from datetime import date
from pathlib import Path

from harvester.records import Sniffed
from harvester.validate.finding import Finding, broken, unmeasured


def examine_signed(_path: Path, _sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on a format known by its signature alone: it begins as it should."""
    return Finding("opens", route="told by its signature")


def examine_text(_path: Path, sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on prose: it opens where it can be decoded."""
    return Finding("opens") if sniffed.encoding else broken("The text is in no encoding we know, or in several.")


def examine_unknown(path: Path, _sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on bytes of no format we know."""
    return unmeasured(f"The {path.stat().st_size:,} bytes are of no format we know.")


def examine_opaque(_path: Path, sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on a known format that we have no reader for."""
    return unmeasured(f"We have no reader for {sniffed.format.upper()}.")


def examine_empty(_path: Path, _sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on a body without content."""
    return broken("The body is empty.")
