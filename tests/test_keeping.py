"""Pages kept in memory: the same bytes as drawn anew, drawn once, never another catalogue's, within their bounds."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publish.keeping import AT_ONCE, Kept

TEXT = {"content-type": "text/html; charset=utf-8", "cache-control": "max-age=300"}


class Site:
    """A small ASGI application that counts what it draws."""

    def __init__(self, headers: dict[str, str] = TEXT, status: int = 200, size: int = 3000) -> None:
        self.headers, self.status, self.size = headers, status, size
        self.drawn: list[str] = []
        self.now = self.most = 0

    async def __call__(self, scope: Any, _receive: Any, send: Any) -> None:
        """Answer with the address, again and again."""
        self.drawn.append(scope["path"])
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)
        if scope["path"] == "/en/breaks" and len(self.drawn) == 1:
            self.now -= 1
            raise RuntimeError("broken")
        headers = [(name.encode(), value.encode()) for name, value in self.headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        body = (scope["path"].encode() * self.size)[: self.size]
        await send({"type": "http.response.body", "body": body[:10], "more_body": True})
        await send({"type": "http.response.body", "body": body[10:]})
        self.now -= 1


Told = tuple[int, dict[str, str], bytes]


async def ask(kept: Kept, path: str, version: object = 1, method: str = "GET", **headers: str) -> Told:
    """Ask for an address as a browser with these headers does."""
    told: list[Any] = []

    async def send(message: Any) -> None:
        told.append(message)

    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
             "headers": sent}  # fmt: skip
    await kept(scope, None, send, version)
    got = {name.decode(): value.decode() for name, value in told[0]["headers"]}
    return told[0]["status"], got, b"".join(message.get("body", b"") for message in told[1:])


def run(work: Callable[[], Awaitable[Any]]) -> Any:
    """Run a story in an event loop of its own."""
    return asyncio.run(work())  # type: ignore[arg-type]


def test_a_page_is_drawn_once_however_many_ask_at_once_and_few_are_drawn_together():
    """Twenty readers of each of three pages cause three drawings, never more than the bound at a time."""
    site = Site()
    kept = Kept(site)

    async def story() -> list[Told]:
        return await asyncio.gather(*(ask(kept, f"/en/{number % 3}") for number in range(60)))

    answers = run(story)
    assert sorted(site.drawn) == ["/en/0", "/en/1", "/en/2"]
    assert site.most <= AT_ONCE
    assert {status for status, _, _ in answers} == {200}
    assert {body[:5] for _, _, body in answers} == {b"/en/0", b"/en/1", b"/en/2"}


def test_packed_or_not_and_asked_again_the_bytes_are_those_that_were_drawn():
    """A reader who takes gzip gets the same page packed, one who has it already gets nothing, each told how."""
    kept = Kept(Site())

    async def story() -> list[Told]:
        first = await ask(kept, "/en/a")
        packed = await ask(kept, "/en/a", accept_encoding="br, gzip")
        again = await ask(kept, "/en/a", if_none_match=f'"x", {first[1]["etag"]}')
        return [first, packed, again]

    first, packed, again = run(story)
    assert first[2] == b"/en/a" * 600
    assert gzip.decompress(packed[2]) == first[2]
    assert packed[1]["content-encoding"] == "gzip"
    assert int(packed[1]["content-length"]) == len(packed[2]) < len(first[2])
    assert again[0] == 304
    assert again[2] == b""
    assert "content-length" not in again[1]
    assert first[1]["etag"] == packed[1]["etag"] == again[1]["etag"]
    assert first[1]["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("site", "headers", "method"),
    [
        (Site(), {"cookie": "ds_actor=x"}, "GET"),
        (Site(), {"authorization": "Bearer x"}, "GET"),
        (Site(), {}, "HEAD"),
        (Site({**TEXT, "cache-control": "private, max-age=300"}), {}, "GET"),
        (Site({"content-type": "text/html"}), {}, "GET"),
        (Site(status=404), {}, "GET"),
        (Site(size=3_000_000), {}, "GET"),
    ],
    ids=["cookie", "authorization", "head", "private", "unsaid", "missing", "large"],
)
def test_what_is_for_one_reader_or_wrong_or_large_is_never_kept(site, headers, method):
    """Such an answer is drawn each time it is asked for, and nothing of it stays."""
    kept = Kept(site)

    async def story() -> None:
        await ask(kept, "/en/a", method=method, **headers)
        await ask(kept, "/en/a", method=method, **headers)

    run(story)
    assert len(site.drawn) == 2
    assert not kept.pages
    assert kept.bytes == 0


def test_a_new_catalogue_or_another_host_never_gets_the_old_pages():
    """A page is another where the catalogue served, or the host it was asked from, is another."""
    site = Site()
    kept = Kept(site)

    async def story() -> None:
        for version, host in ((1, "a"), (2, "a"), (1, "b"), (1, "a")):
            await ask(kept, "/en/a", version, host=host)

    run(story)
    assert len(site.drawn) == 3


def test_a_drawing_that_breaks_holds_nobody_up():
    """Where drawing raises, whoever asked is told so, and those who waited have it drawn again."""
    site = Site()
    kept = Kept(site)

    async def story() -> list[Any]:
        return await asyncio.gather(*(ask(kept, "/en/breaks") for _ in range(3)), return_exceptions=True)

    first, *others = run(story)
    assert isinstance(first, RuntimeError)
    assert [status for status, _, _ in others] == [200, 200]
    assert len(site.drawn) == 2


@given(st.lists(st.integers(0, 9), max_size=40))
def test_what_is_kept_stays_within_its_bound_and_is_what_was_asked_for_last(numbers):
    """Whatever is asked for in whatever order, the bytes kept are those counted, under the bound, newest last."""
    kept = Kept(Site(size=900), most_bytes=2700)

    async def story() -> None:
        for number in numbers:
            status, _, body = await ask(kept, f"/en/{number}")
            assert (status, body[:5]) == (200, f"/en/{number}".encode())

    run(story)
    assert kept.bytes == sum(len(page.body) for page in kept.pages.values()) <= 2700
    last = list(dict.fromkeys(reversed(numbers)))[:3]
    assert [key[3] for key in reversed(kept.pages)] == [f"/en/{number}".encode() for number in last]
