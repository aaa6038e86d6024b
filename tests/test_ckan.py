"""Any CKAN by its address: lists whole, refusals told apart, fields of its own kept; and the same as ckanapi sees."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.ckan import _differences, ckanapi_programs, compare
from harvester.errors import PortalError
from harvester.extras import MOST_OF_ALL
from harvester.harvest import harvest
from harvester.joining import join_dataset
from harvester.portals import Ckan, DataGovHk, WithheldError, choose
from harvester.settings import WebSettings
from harvester.store.workshop import connect, step, workshop
from harvester.web import Web
from tests.loopback import Loopback, Talk, reply, serving

BASE = "http://ckan.test"
ACTION = "/api/3/action/"
HTML = reply(b"<!doctype html><title>404 Not Found</title>", "404 NOT FOUND", "Content-Type: text/html\r\n")
STATUS = {"locale_default": "en", "ckan_version": "2.12.0"}


def clock() -> datetime:
    return datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def says(value: object, status: str = "200 OK") -> Talk:
    """CKAN's JSON as CKAN sends it: ASCII, with its own content type."""
    return reply(json.dumps(value).encode("ascii"), status, "Content-Type: application/json;charset=utf-8\r\n")


def well(result: object) -> Talk:
    """The envelope of an action that went well; its help names another host than was asked."""
    return says({"help": "http://other.test/api/3/action/help_show", "success": True, "result": result})


def refused(kind: str, status: str, **more: object) -> Talk:
    return says({"help": "http://other.test/", "error": {"__type": kind, **more}, "success": False}, status)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loopback]:
    with serving(tmp_path_factory.mktemp("ckan")) as loopback:
        yield loopback


@pytest.fixture
def web(server: Loopback) -> Iterator[Web]:
    server.talks = {}
    server.asked.clear()
    with Web(server.settings(tries=2), clock, sleep=lambda _: None) as opened:
        yield opened


@pytest.fixture
def portal(web: Web) -> Ckan:
    return Ckan(BASE, web)


class Names(dict[tuple[str, str], Talk]):
    """A server's talks whose lists are cut to pages at most ``cap`` long, and may change at the asking number given."""

    def __init__(self, names: list[str], cap: int, changes: dict[int, list[str]] | None = None) -> None:
        self.names, self.cap, self.changes, self.askings = names, cap, changes or {}, 0

    def get(self, key: tuple[str, str], default: Talk | None = None) -> Talk | None:  # type: ignore[override]
        """Return the page asked for."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(key[1]).query).items()}
        if "package_list" not in key[1]:
            return default
        self.askings += 1
        self.names = self.changes.get(self.askings, self.names)
        offset = int(query.get("offset", 0))
        return well(self.names[offset : offset + min(self.cap, int(query.get("limit", 0)) or self.cap)])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 12), st.integers(2, 14))
def test_a_list_is_read_whole_however_it_is_paged(server: Loopback, count: int, cap: int) -> None:
    """Every name comes once, whether the portal gives all at once or caps its pages."""
    names = [f"d{number:02}" for number in range(count)]
    server.talks = Names(names, cap)
    with Web(server.settings(tries=1), clock, sleep=lambda _: None) as opened:
        assert Ckan(BASE, opened).package_list("en") == names


def test_a_list_that_shifts_between_its_pages_loses_nothing(server: Loopback, web: Web) -> None:
    """A dataset withdrawn while the list is read moves the rest up a place; the list is read anew."""
    names = [f"d{number:02}" for number in range(10)]
    server.talks = Names(names, 4, {2: names[1:]})
    assert Ckan(BASE, web).package_list("en") == names[1:]
    restless = {asking: names[asking % 3 :] for asking in range(60)}
    server.talks = Names(names, 4, restless)
    assert set(names[3:]) <= set(Ckan(BASE, web).package_list("en"))


def test_a_portal_that_knows_no_offset_is_asked_twice(server: Loopback, portal: Ckan) -> None:
    """The same list again means that there is no more."""
    names = ["a", "b", "c"]
    server.on("ckan.test", ACTION + "package_list", well(names))
    server.on("ckan.test", ACTION + "package_list?offset=2", well(names))
    assert portal.package_list("en") == names
    assert len(server.asked) == 2


def test_groups_are_read_past_the_silent_cut(server: Loopback, portal: Ckan) -> None:
    """Forty organizations come whole although CKAN gives 25 and says nothing; an unknown action is no list."""
    listed = [{"name": f"org-{number}", "title": f"Title {number}", "display_name": "x"} for number in range(40)]
    path = ACTION + "organization_list?all_fields=true&"
    server.on("ckan.test", path + "limit=1", well(listed[:1]))
    for offset, page in ((0, listed[:25]), (25, listed[25:]), (40, [])):
        server.on("ckan.test", f"{path}offset={offset}", well(page))
    assert sorted((item.slug, item.title.en) for item in portal.providers()) == sorted(
        (item["name"], item["title"]) for item in listed
    )
    unknown = says("Bad request: Action name not known: group_list", "400 BAD REQUEST")
    server.on("ckan.test", ACTION + "group_list?all_fields=true&limit=1", unknown)
    assert portal.categories() == []
    assert list(portal.archived(date(2026, 1, 1), date(2026, 2, 1))) == []


def test_private_and_deleted_are_not_missing(server: Loopback, portal: Ckan) -> None:
    """A missing dataset is None, a withheld one an error of its own, by the kind and not by the message's language."""
    show = ACTION + "package_show?id="
    server.on("ckan.test", show + "gone", refused("Not Found Error", "404 NOT FOUND", message="找不到"))
    server.on("ckan.test", show + "mine", refused("Authorization Error", "403 FORBIDDEN", message="Access denied: x"))
    server.on("ckan.test", show + "Upper", well({"name": "Upper"}))
    assert portal.package_show("en", "gone") is None
    with pytest.raises(WithheldError, match=r"mine .* private or deleted"):
        portal.package_show("en", "mine")
    assert portal.package_show("en", "Upper") == {"name": "Upper"}
    assert server.asked[-1][1] == show + "Upper"


@pytest.mark.parametrize(
    ("talk", "sentence"),
    [
        (says("Bad request: Action name not known: package_show", "400 BAD REQUEST"), "Action name not known"),
        (refused("Validation Error", "409 CONFLICT", name_or_id=["Missing value"]), "name_or_id: Missing value"),
        (refused("Search Query Error", "400 BAD REQUEST", message="no\n  core"), "Search Query Error.: no core"),
        (refused("Internal Server Error", "500 INTERNAL SERVER ERROR"), "answered 500"),
        (says({"message": "no Route matched"}, "404 Not Found"), "does not answer as CKAN"),
        (HTML, "404 with HTML"),
        (well(["not", "a", "record"]), "gives no record of x"),
    ],
)
def test_every_refusal_is_one_plain_sentence(talk: Talk, sentence: str, server: Loopback, portal: Ckan) -> None:
    """Bare texts, conflicts, errors and pages each end in a sentence that says what the portal said."""
    server.on("ckan.test", ACTION + "package_show?id=x", talk)
    with pytest.raises(PortalError, match=sentence) as caught:
        portal.package_show("en", "x")
    assert "\n" not in str(caught.value)


def test_the_kind_of_portal_is_asked_of_the_portal(server: Loopback, web: Web) -> None:
    """Three instances with side lists, three without, and one stock CKAN each get their adapter."""
    first = "package_list?limit=1"
    server.on("gov.test", f"/en-data{ACTION}{first}", well(["a"]))
    assert type(choose("http://gov.test", web)) is Ckan
    server.on("gov.test", "/filestore/json/providers_en.json", says({"providers": []}))
    whole = choose("http://gov.test/", web)
    assert type(whole) is DataGovHk
    assert whole.languages == ("en", "tc", "sc")
    server.on("ckan.test", f"/en-data{ACTION}{first}", HTML)
    server.on("ckan.test", ACTION + first, well(["a"]))
    for locale, language in (("en", "en"), ("zh_Hant_TW", "tc"), ("zh_Hans_CN", "sc"), ("fr", "en")):
        server.on("ckan.test", ACTION + "status_show", well(STATUS | {"locale_default": locale}))
        assert choose(BASE + "/api/3/action/", web).languages == (language,)
    server.on("ckan.test", ACTION + "status_show", HTML)
    chosen = choose(BASE, web)
    assert (type(chosen), chosen.base_url, chosen.languages) == (Ckan, BASE, ("en",))


def test_what_is_no_portal_is_told_with_what_was_tried(server: Loopback, web: Web) -> None:
    """Both addresses and what came from them stand in the sentence; a portal that is down is not called another."""
    server.on("ckan.test", ACTION + "package_list?limit=1", says({"rows": []}))
    with pytest.raises(PortalError, match="no portal that we know") as caught:
        choose(BASE, web)
    assert f"/en-data{ACTION}package_list?limit=1 answered 404 with" in str(caught.value)
    server.on("ckan.test", f"/en-data{ACTION}package_list?limit=1", reply(status="503 Service Unavailable"))
    server.on("ckan.test", ACTION + "package_list?limit=1", well(["a"]))
    with pytest.raises(PortalError, match="503"):
        choose(BASE, web)


RECORD = {
    "id": "p1", "name": "stock", "title": "Stock", "private": False, "state": "active", "num_tags": 2, "author": "A",
    "version": "", "url": None, "theme": {"code": [1, 2]}, "tags": [{"name": "one", "id": "t"}, {"name": "two"}],
    "groups": [{"name": "g1", "title": "G"}, {"name": "g2"}], "tracking_summary": {"total": 3},
    "extras": [{"key": "update_frequency", "value": "Monthly"}, {"key": "crs", "value": "HK80"}, {"key": 3}, "x"],
    "resources": [
        {"id": "r1", "url": "https://x.test/a.csv", "name": "A", "package_id": "p1", "layers": "3", "hash": ""},
        {"id": "r2", "url": "https://x.test/b.csv", "name": "B", "shared_id": "s"},
        {"id": "r3", "url": "https://x.test/c.csv", "name": "C", "shared_id": "s"},
    ],
}  # fmt: skip


def test_fields_of_its_own_are_kept_and_read_wherever_they_stand() -> None:
    """A field counts the same at the top level, in a list of extras or in an object; bookkeeping is left out."""
    listed = join_dataset("stock", {"en": RECORD}, own_ids=True)
    extras = {"author": "A", "crs": "HK80", "groups": ["g1", "g2"], "tags": ["one", "two"], "theme": {"code": [1, 2]}}
    assert json.loads(listed.extras) == {"en": extras}
    assert (listed.frequency.en, listed.schedule) == ("Monthly", "periodic")
    pairs = {"update_frequency": "Monthly", "crs": "HK80"}
    flat = {key: value for key, value in RECORD.items() if key != "extras"}
    for same in (flat | {"extras": pairs}, flat | pairs, flat | {"extras": pairs} | {"crs": None}):
        assert join_dataset("stock", {"en": same}, own_ids=True) == listed
    kept = [json.loads(resource.extras) for resource in listed.resources]
    assert kept == [{"en": {"layers": "3"}}, {}, {"en": {"shared_id": "s"}}]


def test_a_resources_own_id_counts_only_where_there_is_one_instance() -> None:
    """Ids differ from instance to instance, so there they would tear a resource apart; alone they are its name."""
    ids = [resource.shared_id for resource in join_dataset("stock", {"en": RECORD}, own_ids=True).resources]
    assert ids == ["r1", "s", "r3"]
    joined = join_dataset("stock", {"en": RECORD, "tc": RECORD})
    assert [resource.shared_id for resource in joined.resources] == ["stock:0", "s", "s+"]
    assert json.loads(joined.extras)["tc"]["crs"] == "HK80"


WILD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec=None), max_size=8), inner),
    max_leaves=20,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(st.characters(codec=None), max_size=8), WILD, max_size=6), WILD)
def test_no_field_of_its_own_breaks_what_is_stored(fields: dict[str, object], extras: object) -> None:
    """Half characters, infinities and whatever stands in `extras` become strict JSON that SQLite can hold."""
    told = join_dataset("d", {"en": fields | {"extras": extras}}).extras
    told.encode("utf-8")

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    json.loads(told, parse_constant=refuse)


def test_a_record_of_endless_fields_is_bounded() -> None:
    """What is too long, too much or too deep says so in its place; the raw record keeps the whole."""
    deep: list[object] = []
    for _ in range(200):
        deep = [deep]
    record = {"long": "x" * 50_000, "deep": [deep]} | {f"k{number}": "y" * 5000 for number in range(100)}
    told = join_dataset("d", {"en": record}).extras
    assert len(told) < 2 * MOST_OF_ALL
    kept = json.loads(told)["en"]
    assert "see the raw record" in kept["long"]
    assert kept["k0"] == "y" * 5000


def test_a_workshop_made_before_extras_is_brought_up_to_date(tmp_path: Path) -> None:
    """A database of earlier days gains the columns and keeps its rows."""
    path = tmp_path / "harvest.db"
    with workshop(path, create=True) as db:
        db.execute("INSERT INTO provider VALUES ('p', NULL, NULL, NULL, 'x', 'x')")
        for table in ("dataset", "resource"):
            db.execute(f"ALTER TABLE {table} DROP COLUMN extras")
        db.execute("DELETE FROM _sqlite_migrations WHERE name = '0002_extras'")
        db.conn.commit()
    db = connect(path, create=False)
    assert db["dataset"].columns_dict["extras"] is db["resource"].columns_dict["extras"] is str
    assert db["provider"].count == 1
    db.conn.close()


def test_a_stock_ckan_is_harvested_whole(server: Loopback, web: Web, tmp_path: Path) -> None:
    """From the address alone: one language, titles of organizations, extras in their column, withheld ones told."""
    for verb in ("package_list?limit=1", "package_list"):
        server.on("ckan.test", ACTION + verb, well(["mine", "stock"]))
    server.on("ckan.test", ACTION + "package_list?offset=1", well(["stock"]))
    server.on("ckan.test", ACTION + "status_show", well(STATUS))
    server.on("ckan.test", ACTION + "package_show?id=stock", well(RECORD))
    server.on("ckan.test", ACTION + "package_show?id=mine", refused("Authorization Error", "403 FORBIDDEN"))
    with workshop(tmp_path / "h.db", create=True) as db, step(db, "harvest", clock, {}, BASE) as run:
        harvest(db, choose(BASE, web), run, clock)
        rows = {table: list(db.query(f"SELECT * FROM {table}")) for table in ("dataset", "resource", "failure")}  # noqa: S608
    assert [(row["name"], row["languages"]) for row in rows["dataset"]] == [("stock", '["en"]')]
    assert json.loads(rows["dataset"][0]["extras"])["en"]["crs"] == "HK80"
    assert [row["shared_id"] for row in rows["resource"]] == ["r1", "s", "r3"]
    assert [(row["item"], "private or deleted" in row["error"]) for row in rows["failure"]] == [("mine", True)]


def test_the_comparison_sees_what_is_lost() -> None:
    """A field, a tag, an address or a raw value that ours lack is a difference; nothing lacking is none."""
    theirs = {"name": "d", "title": "T", "extras": [{"key": "crs", "value": "HK80"}], "tags": [{"name": "one"}]}
    theirs["resources"] = [{"id": "r", "name": "A", "url": "https://x.test/a", "layers": "3"}]
    row = {"name": "d", "title_en": "T", "extras": '{"en": {"crs": "HK80", "tags": ["one"]}}'}
    kept = {"shared_id": "r", "dataset": "d", "position": 0, "title_en": "A", "address": "https://x.test/a"}
    kept["extras"] = '{"en": {"layers": "3"}}'
    assert list(_differences(theirs, {"row": row, "resources": [kept], "raw": theirs})) == []
    for lost, lacking in (("crs", row | {"extras": '{"en": {"tags": ["one"]}}'}), ("title", row | {"title_en": "t"})):
        (told,) = _differences(theirs, {"row": lacking, "resources": [kept], "raw": theirs})
        assert told.startswith(f"{lost}: ")
    for resources, raw in (([], theirs), ([kept | {"extras": "{}"}], theirs), ([kept], theirs | {"title": "t"})):
        assert len(list(_differences(theirs, {"row": row, "resources": resources, "raw": raw}))) == 1


URL = os.environ.get("CKAN_URL")
PROGRAMS = ckanapi_programs()
WITHHELD = tuple(filter(None, os.environ.get("CKAN_WITHHELD", "").split(",")))
needs_server = pytest.mark.skipif(not URL, reason="CKAN_URL names no real CKAN: `make ckan` brings one up, or set it")


@needs_server
@pytest.mark.skipif(PROGRAMS is None, reason="ckanapi is not in .peers/: `make ckan` puts it there")
def test_a_real_ckan_is_the_same_as_through_ckanapi(record_property, tmp_path: Path) -> None:
    """Names, resources, addresses and every field of every dataset are what ckanapi dumps from the server."""
    comparison = compare(URL, PROGRAMS, tmp_path)
    record_property("ckan", comparison.line)
    assert comparison.datasets
    assert comparison.differences == ()


@needs_server
@pytest.mark.skipif(not WITHHELD, reason="CKAN_WITHHELD names no private or deleted dataset of the server")
def test_a_real_ckan_tells_withheld_from_missing() -> None:
    """What the server keeps to itself is told as that, what it never had as missing, another case as another name."""
    host = urlsplit(URL).hostname
    manners = WebSettings(per_host_seconds=0, allow=(host,))
    with Web(manners, clock) as opened:
        portal = choose(URL, opened)
        (language,) = portal.languages
        listed = portal.package_list(language)
        assert not set(WITHHELD) & set(listed)
        for name in WITHHELD:
            with pytest.raises(WithheldError):
                portal.package_show(language, name)
        assert portal.package_show(language, "no-such-dataset") is None
        assert portal.package_show(language, listed[0].upper()) is None
        assert len(portal.providers()) == len({item.slug for item in portal.providers()}) > 25
