"""`python -m sample_portal`: serve the sample on loopback until standard input ends or SIGTERM comes."""

import argparse
import json
import os
import signal
import sys
import tempfile
import threading
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sample_portal.catalogue import Catalogue
from sample_portal.generator import HONG_KONG
from sample_portal.plan import draw
from sample_portal.recorded import recorded
from sample_portal.server import serving
from sample_portal.truth import summary

FLAKY = 0.01
"""Share of the portal's own addresses whose first call answers an HTML 502."""


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sample_portal",
        description="Serve a small DATA.GOV.HK on 127.0.0.1, with planted faults and the list of them.",
        epilog="Example: python -m sample_portal --datasets 300 --seed 7 --truth truth.json. A line such as"
        " `now 2026-11-21T03:00:00Z` on its standard input sets its clock, which stands still from then on.",
    )
    parser.add_argument("--datasets", type=int, default=300, help="how many datasets (300)")
    parser.add_argument("--resources", type=int, help="how many resources; as many as come of themselves by default")
    parser.add_argument("--seed", type=int, default=7, help="same seed and date, same bytes (7)")
    parser.add_argument("--date", type=date.fromisoformat, help="the day it is in Hong Kong (today)")
    parser.add_argument("--delay-ms", type=int, default=0, help="wait before each answer (0)")
    parser.add_argument("--faults", action=argparse.BooleanOptionalAction, default=True, help="plant faults")
    parser.add_argument("--truth", type=Path, help="where to write the list of what was planted")
    parser.add_argument("--http-port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--https-port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--recorded", type=Path, help="serve recorded bodies and files from this folder instead")
    parser.add_argument("--week", action="store_true", help="add datasets whose links go by the time (see `now`)")
    parser.add_argument("--log", type=Path, help="write each request and its answer to this file, as lines of JSON")
    parser.add_argument("--print-truth", action="store_true", help="print the list of what is planted, and stop")
    parser.add_argument("--summary", action="store_true", help="print kinds, plants and look-alikes, and stop")
    return parser.parse_args()


class Clock:
    """What time it is: the system's, moved to the portal's date, until somebody tells another."""

    def __init__(self, shift: timedelta) -> None:
        self._shift = shift
        self._told: datetime | None = None

    def __call__(self) -> datetime:
        """Return the moment it is, aware."""
        return self._told or datetime.now(UTC) + self._shift

    def tell(self, text: str) -> None:
        """Stand still at a moment in ISO 8601. Raises ValueError where it is none."""
        moment = datetime.fromisoformat(text)
        self._told = moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _obey(clock: Clock, stop: threading.Event) -> None:
    """Take the time from our standard input, answering each line; stop the server when it ends, as with a dead parent.

    It is read by its number: a thread that waits in a file object at the end would bring the interpreter down.
    """
    rest = b""
    while part := os.read(sys.stdin.fileno(), 1024):
        *lines, rest = (rest + part).split(b"\n")
        for line in lines:
            word, _, text = line.decode(errors="replace").strip().partition(" ")
            try:
                if word != "now":
                    raise ValueError("only `now` and a moment are understood")
                clock.tell(text)
                print(json.dumps({"now": text}), flush=True)
            except ValueError as error:
                print(json.dumps({"error": str(error)}), flush=True)
    stop.set()


def _serve(options: argparse.Namespace, catalogue: Catalogue, facts: dict[str, object], clock: Clock) -> None:
    """Serve until standard input ends or a signal comes, after one line of JSON that says where."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    with ExitStack() as stack:
        address = stack.enter_context(
            serving(
                catalogue,
                now=clock,
                delay_ms=options.delay_ms,
                flaky=FLAKY if options.faults and not options.recorded else 0.0,
                http_port=options.http_port,
                https_port=options.https_port,
                record=stack.enter_context(options.log.open("w", encoding="utf-8")) if options.log else None,
            )
        )
        places = {"portal": address.portal, "suffix": address.suffix, "http": address.http, "https": address.https}
        print(json.dumps({**places, "ca": address.ca, **facts}), flush=True)
        threading.Thread(target=_obey, args=(clock, stop), daemon=True).start()
        stop.wait()


def main() -> None:
    """Draw the sample (or load recorded files), then print what is asked for or serve it."""
    options = _options()
    today = datetime.now(HONG_KONG).date()
    shift = (options.date or today) - today
    clock = Clock(shift)
    sample = draw(
        options.datasets, options.resources, options.seed, today + shift, faults=options.faults, now=clock,
        week=options.week,
    )  # fmt: skip
    listed = json.dumps(sample.truth(), ensure_ascii=False, indent=1)
    if options.summary or options.print_truth:
        print(summary(sample.entries) if options.summary else listed)
        return
    catalogue: Catalogue = recorded(options.recorded) if options.recorded else sample.catalogue
    sizes = (len(catalogue.names("en")), 0) if options.recorded else (len(sample.catalogue.drafts), sample.resources)
    with tempfile.TemporaryDirectory(prefix="sample-portal-") as folder:
        truth: Path = options.truth or Path(folder) / "truth.json"
        truth.write_text('{"entries": []}' if options.recorded else listed, encoding="utf-8")
        facts: dict[str, object] = {"truth": str(truth), "datasets": sizes[0], "resources": sizes[1]}
        _serve(options, catalogue, {**facts, "seed": options.seed, "date": sample.today.isoformat()}, clock)


if __name__ == "__main__":
    main()
