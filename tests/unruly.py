"""A small portal of three instances on loopback that goes wrong in the way a test tells it to."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.loopback import Loopback, Talk, reply, serving

Spoil = Callable[[str, str, int], Talk | None]
"""Given the instance, the dataset asked for ("" for the list) and how many answers went before, what goes wrong."""

HTML = reply(b"<!doctype html><title>Maintenance</title>", head="Content-Type: text/html\r\n")


def nothing(_language: str, _name: str, _before: int) -> Talk | None:
    """Nothing goes wrong."""
    return None


def hang_up(connection: socket.socket, _: str) -> None:
    """Close the connection without a word."""
    connection.close()


def says(value: object, status: str = "200 OK") -> Talk:
    """Answer JSON (a text is sent as it is)."""
    text = value if isinstance(value, str) else json.dumps(value)
    return reply(text.encode(), status, "Content-Type: application/json;charset=utf-8\r\n")


def gives(result: object) -> Talk:
    """Answer as CKAN does when all is well."""
    return says({"success": True, "result": result})


class Unruly(dict):
    """The portal: its records, which a test may change, and what goes wrong with its answers.

    It stands in for the loopback server's table of talks, so that an answer can be made when it is asked for.
    """

    def __init__(self, count: int) -> None:
        super().__init__()
        self.records = {(language, f"d{n:03}"): _record(language, f"d{n:03}")
                        for language in ("en", "tc", "sc") for n in range(count)}  # fmt: skip
        self.spoil: Spoil = nothing
        self.page = 0
        self.answers = 0
        self.asked: list[tuple[str, str]] = []
        self.address = ""

    def names(self, language: str) -> list[str]:
        """The names that an instance lists, sorted."""
        return sorted(name for lang, name in self.records if lang == language)

    def remove(self, name: str) -> None:
        """Take a dataset out of all instances."""
        self.records = {key: record for key, record in self.records.items() if key[1] != name}

    def get(self, key: tuple[str, str], default: Talk | None = None) -> Talk | None:  # type: ignore[override]
        """Return what answers an address."""
        parts = urlsplit(key[1])
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        language, verb = parts.path[1:3], parts.path.rpartition("/")[2]
        if not parts.path.startswith(f"/{language}-data/api/3/action/package_"):
            return default
        name = query.get("id", "")
        before, self.answers = self.answers, self.answers + 1
        self.asked.append((language, name))
        return self.spoil(language, name, before) or self._sound(verb, language, name, query)

    def _sound(self, verb: str, language: str, name: str, query: dict[str, str]) -> Talk:
        if verb == "package_list":
            names = self.names(language)[int(query.get("offset", "0")) :]
            limit = int(query.get("limit", self.page))
            return gives(names[:limit] if limit else names)
        record = self.records.get((language, name))
        missing = {"success": False, "error": {"__type": "Not Found Error", "message": "Not found"}}
        return gives(record) if record else says(missing, "404 NOT FOUND")


def _record(language: str, name: str) -> dict[str, object]:
    resources = [
        {"id": f"{language}-{name}-{n}", "shared_id": f"{name}-{n}", "name": f"File {n} {language}", "format": "CSV",
         "url": f"https://files.test/{language}/{name}/{n}.csv", "is_api": "N"}
        for n in range(2)
    ]  # fmt: skip
    return {
        "id": f"{language}-{name}", "name": name, "title": f"Title {name} {language}", "notes": "Notes " * 20,
        "organization": {"name": "hk-test", "title": f"Test {language}"}, "update_frequency": "Monthly",
        "resources": resources,
    }  # fmt: skip


@contextmanager
def unruly(folder: Path, count: int) -> Iterator[Unruly]:
    """Serve a portal of ``count`` datasets in three instances until the block ends."""
    with serving(folder) as loopback:
        portal = Unruly(count)
        _stand_in(loopback, portal)
        yield portal


def _stand_in(loopback: Loopback, portal: Unruly) -> None:
    loopback.talks = portal
    assert loopback.routes is not None
    host, port = loopback.routes.http
    portal.address = f"http://{host}:{port}"
