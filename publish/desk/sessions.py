"""Signing in: by a password, slowly where it is guessed at, or by the name a trusted proxy hands over."""

import asyncio
import hashlib
import time
from collections import defaultdict, deque
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from typing import Any

from datasette_auth_passwords.utils import verify_password  # type: ignore[import-untyped]
from itsdangerous import BadSignature

from publish.desk.settings import Officer, Settings

COOKIE = "desk"
"""The cookie that holds who is signed in, signed by Datasette's secret. Not ds_actor: that one says its own role."""
SESSION_SECONDS = 8 * 3600
"""A working day; then the password is asked for again."""
TRIES, TRIES_SECONDS = 5, 900.0
"""Wrong passwords for one name in so many seconds; then that name waits."""
QUEUE = 8
"""Passwords that wait to be compared, one after another: each costs a third of a second of a processor."""
NOBODY = f"pbkdf2_sha256$480000$nobody${'A' * 43}="
"""A hash of no password: to compare with where there is no such name, so that the answer takes as long."""


class Busy(Exception):  # noqa: N818 - nothing went wrong
    """Raised where a sign-in is to be tried again later; ``minutes`` says when, 0 for at once."""

    def __init__(self, minutes: int) -> None:
        super().__init__(minutes)
        self.minutes = minutes


class Doorkeeper:
    """Compares passwords one at a time, and remembers for a while who failed."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._failed: dict[str, deque[float]] = defaultdict(deque)
        self._one = asyncio.Semaphore(1)
        self._waiting = 0

    async def let_in(self, settings: Settings, name: str, password: str) -> Officer | None:
        """Return the officer whose name and password these are, None where they are nobody's.

        Raises Busy where the name failed too often of late, or too many wait. Names we do not know share one count.
        """
        officer = settings.officers.get(name)
        counted = name if officer else ""
        self._wait_over(counted)
        if self._waiting >= QUEUE:
            raise Busy(0)
        self._waiting += 1
        try:
            async with self._one:
                self._wait_over(counted)  # those before in the queue may have been of the same name
                known = officer.password if officer and officer.password else NOBODY
                fits = await asyncio.to_thread(verify_password, password, known)
        finally:
            self._waiting -= 1
        if officer and officer.password and fits:
            self._failed.pop(counted, None)
            return officer
        self._failed[counted].append(self._monotonic())
        return None

    def _wait_over(self, counted: str) -> None:
        failed, now = self._failed[counted], self._monotonic()
        while failed and now - failed[0] > TRIES_SECONDS:
            failed.popleft()
        if len(failed) >= TRIES:
            raise Busy(max(1, round((TRIES_SECONDS - (now - failed[0])) / 60)))


def ticket(datasette: Any, officer: Officer, now: float) -> str:
    """Return the signed text that stands for an officer until its end; ``now`` is in seconds since 1970.

    A changed password ends it at once.
    """
    told = {"i": officer.name, "e": int(now) + SESSION_SECONDS, "p": _of(officer)}
    return str(datasette.sign(told, COOKIE))


def _of(officer: Officer) -> str:
    return hashlib.sha256(officer.password.encode()).hexdigest()[:16]


def bearer(datasette: Any, settings: Settings, text: str, now: float) -> Officer | None:
    """Return the officer whom a ticket stands for; None where it is forged, over, or no officer's any more."""
    try:
        told = datasette.unsign(text, COOKIE)
    except BadSignature:
        return None
    officer = settings.officers.get(told["i"])
    if officer is None or not officer.password or told["e"] < now or told["p"] != _of(officer):
        return None
    return officer


def announced(settings: Settings, scope: Any) -> Officer | None:
    """Return the officer whom the proxy names in its header; None unless it is configured, trusted and says one name.

    ``scope`` is that of ASGI; its client is the peer of the connection itself, no header has a say in it.
    """
    peer = (scope.get("client") or ("",))[0]
    if not settings.header or not settings.trusts(peer):
        return None
    names = [value for name, value in scope["headers"] if name.lower() == settings.header.encode()]
    return settings.officers.get(names[0].decode("latin-1").strip()) if len(names) == 1 else None


def cookie_of(scope: Any, name: str) -> str:
    """Return a cookie of a request; empty where it has none, or its cookies cannot be read."""
    sent = b"; ".join(value for each, value in scope["headers"] if each.lower() == b"cookie").decode("latin-1")
    try:
        found = SimpleCookie(sent).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


def who(datasette: Any, settings: Settings, scope: Any, now: float) -> Officer | None:
    """Return the officer who asks: whom the proxy names, else whose ticket the request holds."""
    text = cookie_of(scope, COOKIE)
    return announced(settings, scope) or (bearer(datasette, settings, text, now) if text else None)
