"""What the handlers of one server share: what stands where, whose turn it is, what time it is, and who asked what."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TextIO

from sample_portal.catalogue import Catalogue, Moment, Response
from sample_portal.portal_api import PortalApi

LOGGED = ("user-agent", "range", "if-none-match", "if-modified-since", "accept-encoding", "from")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came in: monotonic seconds, where to, how, and the headers of interest.

    `under_way` counts the requests to its host that had no answer yet, itself included; `now` is what the server's
    clock said (ISO 8601 UTC).
    """

    at: float
    scheme: str
    host: str
    target: str
    method: str
    headers: dict[str, str]
    under_way: int
    now: str


class Site:
    """The catalogue, the portal's API, the clock, the counters and the log of one running server."""

    def __init__(
        self,
        catalogue: Catalogue,
        now: Callable[[], datetime],
        delay: float = 0.0,
        flaky: float = 0.0,
        record: TextIO | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.now = now
        self.delay = delay
        self.api = PortalApi(catalogue, now, flaky)
        self.log: list[Asked] = []
        self.closing = threading.Event()
        self._record = record
        self._calls: Counter[tuple[str, str]] = Counter()
        self._moments: dict[tuple[str, str], Moment] = {}
        self._under_way: Counter[str] = Counter()
        self._lock = threading.Lock()

    def arrive(self, scheme: str, host: str, target: str, method: str, headers: dict[str, str]) -> Asked:
        """Note a request as it comes in. `leave` must follow before its answer is sent."""
        now = self.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        with self._lock:
            self._under_way[host] += 1
            asked = Asked(time.monotonic(), scheme, host, target, method, headers, self._under_way[host], now)
            if not host.startswith("control."):
                self.log.append(asked)
        return asked

    def leave(self, asked: Asked, status: int | None, response: Response) -> None:
        """Note that a request is about to get its answer; `status` is None where it will be no answer of HTTP."""
        with self._lock:
            self._under_way[asked.host] -= 1
            if self._record and not asked.host.startswith("control."):
                told = {"status": status, "retry_after": dict(response.headers).get("Retry-After")}
                self._record.write(json.dumps({**asdict(asked), **told}) + "\n")
                self._record.flush()

    def find(self, host: str, target: str) -> Response | None:
        """Return the answer that stands at an address, the portal's own included; None where nothing stands."""
        if host == f"control{self.catalogue.suffix}":
            return self._control(target)
        return self.api.response(host, target) or self.catalogue.response(host, target)

    def turn(self, response: Response, host: str, target: str) -> Response:
        """Return the answer this call gets: that of the hour, or one of those for first calls while they last."""
        if response.course:
            return response.course(response, self._moment(host, target))
        if not response.before:
            return response
        with self._lock:
            nth = self._calls[host, target]
            self._calls[host, target] += 1
        return response.before[nth] if nth < len(response.before) else response

    def _moment(self, host: str, target: str) -> Moment:
        now = self.now()
        with self._lock:
            last = self._moments.get((host, target))
            moment = Moment(now, last.call + 1 if last and last.now == now else 0)
            self._moments[host, target] = moment
        return moment

    def _control(self, target: str) -> Response | None:
        if target != "/log":
            return None
        text = json.dumps([asdict(asked) for asked in list(self.log)]).encode()
        return Response(lambda: text, "application/json")
