"""The pages: whole in three languages, harmless whatever was harvested, and quick."""

import asyncio
import csv
import io
import json
import re
import sqlite3
import time
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import opencc
import pytest
import yaml
from datasette.app import Datasette

from harvester.records import LANGUAGES
from harvester.store.workshop import connect
from publish import make_messages
from publish.build import publish
from publish.guard import STRICT
from publish.i18n import LOCALES, TAGS, Translator
from publish.render import anchor, path, script_address
from publish.sentences import told
from publish.serve import SETTINGS
from publish.task_history import task_key
from tests.catalogue_fixture import DATASETS, PROVIDERS, fill

ROOT = Path(__file__).parents[1]
PLACES = re.compile(r"\{(\w+)\}")
PAGES = [
    "", "search?q=%E5%A4%A9%E6%B0%A3", "search", "method", "down", "category/weather", "references", "compare", "data",
    *(f"provider/{provider[0]}" for provider in PROVIDERS), *(f"worklist/{provider[0]}" for provider in PROVIDERS),
    "worklist", "worklist?sort=due", "worklist/hk-x?severity=3",
    *(f"task/{task_key(name, f'{name}/0', 'format')}" for name in ("hk-x-script", "hk-x-long")),
    *(path("en", "dataset", dataset[0]).removeprefix("/en/") for dataset in DATASETS),
    "provider/nobody", "nothing/here",
]  # fmt: skip


def served(catalog: Path) -> Datasette:
    settings = {name: value == "on" if value in ("on", "off") else int(value) for name, value in SETTINGS.items()}
    return Datasette(files=[], immutables=[str(catalog)], metadata=_metadata(), settings=settings)


def _metadata() -> dict:
    return yaml.safe_load((ROOT / "metadata.yml").read_text())


def get(datasette: Datasette, *addresses: str, headers: dict[str, str] | None = None) -> list:
    async def all_of_them() -> list:
        await datasette.invoke_startup()
        return [await datasette.client.get(address, headers=headers or {}) for address in addresses]

    return asyncio.run(all_of_them())


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Datasette:
    folder = tmp_path_factory.mktemp("site")
    fill(folder / "harvest.db")
    publish(
        folder / "harvest.db", folder / "catalog.db", lambda: datetime(2026, 11, 23, tzinfo=UTC), "https://data.gov.hk"
    )
    return served(folder / "catalog.db")


class Read(HTMLParser):
    """What a page holds: its elements with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Keep the element."""
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        """Keep the text."""
        self.text.append(data)


@pytest.fixture(scope="module")
def every_page(site) -> list[tuple[str, str, object, Read]]:
    addresses = [(language, place) for language in LANGUAGES for place in PAGES]
    answers = get(site, *(f"/{language}/{place}" for language, place in addresses))
    return [(*at, answer, Read(answer.text)) for at, answer in zip(addresses, answers, strict=True)]


def test_every_page_answers_in_its_language_with_the_way_to_the_others(every_page):
    """Every page has its lang, a main landmark, a skip link, and links to itself in the other languages."""
    for language, place, answer, page in every_page:
        missing = place.startswith("nothing") or place.endswith("nobody")
        assert answer.status_code == (404 if missing else 200), (language, place)
        assert ("html", {"lang": TAGS[language]}) in page.elements
        assert ("main", {"id": "main", "class": "wrap"}) in page.elements
        links = {attributes.get("href") for tag, attributes in page.elements if tag == "a"}
        assert "#main" in links
        if not missing:
            assert {f"/{other}/{place}" for other in LANGUAGES if other != language} <= links
            alternates = {a.get("hreflang") for tag, a in page.elements if tag == "link" and a.get("hreflang")}
            assert alternates == set(TAGS.values())


def test_pages_carry_our_one_script_no_inline_style_and_a_strict_policy(every_page):
    """Our pages load the one file that is ours, nothing inline, and their policy refuses what should get in."""
    ours = {"src": script_address(), "defer": None}
    for _language, place, answer, page in every_page:
        assert answer.headers["content-security-policy"] == STRICT
        assert "unsafe" not in STRICT
        assert STRICT.startswith("default-src 'none'; script-src 'self'; connect-src 'self'; ")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"]
        written = re.findall(r"<script([^>]*)>(.*?)</script>", answer.text, re.DOTALL)
        for data in (inside for opening, inside in written if "src=" not in opening):
            assert json.loads(data)["@context"] == "https://schema.org"
        for tag, attributes in page.elements:
            assert tag not in ("style", "iframe", "object", "img", "b" if place == "search" else "embed")
            assert tag != "script" or attributes in ({"type": "application/ld+json"}, ours), place
            assert not [name for name in attributes if name == "style" or name.startswith("on")], (
                place,
                tag,
                attributes,
            )


def test_harvested_text_is_harmless_and_links_only_lead_to_web_addresses(every_page):
    """No javascript: or data: link, no link outward that vouches, no direction override, no control character."""
    for _language, place, answer, page in every_page:
        assert not re.search("[\x00-\x08\u202a-\u202e\u2066-\u2069]", answer.text), place
        for tag, attributes in page.elements:
            target = urlsplit(attributes.get("href") or attributes.get("src") or "")
            assert target.scheme in ("", "http", "https", "mailto"), (place, tag, attributes)
            if tag == "a" and target.netloc:
                assert attributes["rel"] == "nofollow noopener ugc"


def test_every_link_of_ours_leads_somewhere(site, every_page):
    """No page of ours points at an address that this site does not have."""
    ours = {
        a["href"] for _l, _p, _answer, page in every_page for tag, a in page.elements
        if tag in ("a", "link") and (a.get("href") or "").startswith("/")
    }  # fmt: skip
    kept = sorted(
        link for link in ours if "nobody" not in link and "nothing" not in link and not link.startswith(("/tc", "/sc"))
    )
    wrong = [link for link, answer in zip(kept, get(site, *kept), strict=True) if answer.status_code not in (200, 301)]
    assert len(kept) > 100
    assert wrong == []


def test_the_front_door_leads_to_the_language_the_browser_asks_for(site):
    """``/`` redirects by Accept-Language, and never anywhere but to a home page."""
    for header, language in [("en-GB,en", "en"), ("zh-HK,zh;q=0.9", "tc"), ("zh-TW", "tc"), ("zh-CN", "sc"),
                             ("zh-Hans-HK", "sc"), ("fr,zh-Hant", "tc"), ("", "en"), ("<script>", "en")]:  # fmt: skip
        answer = get(site, "/", headers={"accept-language": header})[0]
        assert (answer.status_code, answer.headers["location"]) == (302, f"/{language}/")


def test_addresses_that_could_send_a_visitor_elsewhere_are_refused(site):
    """A backslash or a double slash is not answered with a redirect; Datasette's pages about itself are closed."""
    for address in ("/\\evil.example/", "/%5Cevil.example/", "//evil.example/", "/en/\\evil", "/-/databases.json",
                    "/-/settings", "/-/threads", "/-/metadata.json", "/-/plugins", "/-/versions.json"):  # fmt: skip
        answer = asyncio.run(_raw(site, address))
        assert answer[0] == 404, address
        assert b"location" not in dict(answer[1])


async def _raw(datasette: Datasette, address: str) -> tuple[int, list[tuple[bytes, bytes]]]:
    """Ask for an address as it is, which a client library would tidy up first."""
    await datasette.invoke_startup()
    sent = []
    scope = {"type": "http", "http_version": "1.1", "method": "GET", "path": address.replace("%5C", "\\"),
             "query_string": b"", "raw_path": address.encode(), "headers": [], "scheme": "http", "server": ("x", 80),
             "client": ("x", 1)}  # fmt: skip

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    await datasette.app()(scope, receive, send)
    return sent[0]["status"], sent[0]["headers"]


def test_every_page_is_json_and_every_table_a_csv_no_spreadsheet_runs(site):
    """The same page with .json holds the faithful text; with .csv no cell starts a formula."""
    for place in ("index", "provider/hk-x", "category/weather", "worklist/hk-x", "dataset/hk-x-formula", "method"):
        as_json, as_csv = get(site, f"/en/{place}.json", f"/en/{place}.csv")
        assert json.loads(as_json.text)["meta"]["portal"] == "https://data.gov.hk"
        assert as_csv.headers["content-type"].startswith("text/csv")
        cells = [cell for row in csv.reader(io.StringIO(as_csv.text.removeprefix("\ufeff"))) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t"))]
    formulas = get(site, "/en/provider/hk-x.json")[0].json()["datasets"]
    assert '=HYPERLINK("http://evil.example","click")' in {row["title"] for row in formulas}


def test_the_home_page_words_the_references_as_references(site):
    """The published figures stand beside the score with where they come from, and never as a trend of ours."""
    text = " ".join(Read(get(site, "/en/")[0].text).text)
    for figure in ("67.3", "52.9", "37.5", "58.2", "61.4"):
        assert figure in text
    for words in (
        "Derived from GDB answers, 2019–21",
        "Published 2022",
        "GDB-style, unofficial",
        "no trend can be read",
    ):
        assert words in text


def test_a_catalogue_without_scores_or_rows_still_has_its_pages(tmp_path):
    """Published straight after a harvest, or before one, every page says that nothing is scored yet."""
    connect(tmp_path / "harvest.db", create=True).conn.close()
    publish(tmp_path / "harvest.db", tmp_path / "empty.db", lambda: datetime(2026, 11, 23, tzinfo=UTC), "sample")
    fill(tmp_path / "full.db")
    connection = sqlite3.connect(tmp_path / "full.db")
    for table in ("answer", "score", "task", "defect", "visit", "content"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names written above
    connection.commit()
    connection.close()
    publish(tmp_path / "full.db", tmp_path / "catalog.db", lambda: datetime(2026, 11, 23, tzinfo=UTC), "sample")
    for name, places in (
        ("empty", PAGES[:4]),
        ("catalog", [place for place in PAGES[:-2] if not place.startswith("task/")]),
    ):
        answers = get(served(tmp_path / f"{name}.db"), *(f"/tc/{place}" for place in places))
        assert {answer.status_code for answer in answers} == {200}
        assert "尚未評分" in answers[0].text


def test_somebody_elses_database_is_served_as_datasette_would(tmp_path):
    """Installed beside other databases, the plugin leaves them, their front page and their headers alone."""
    sqlite3.connect(tmp_path / "other.db").execute("CREATE TABLE stamp (id INTEGER PRIMARY KEY)").connection.close()
    front, table = get(Datasette(files=[str(tmp_path / "other.db")]), "/", "/other/stamp")
    assert (front.status_code, table.status_code) == (200, 200)
    assert "content-security-policy" not in front.headers
    assert "Barometer" not in table.text


def test_too_little_known_is_never_a_grade(site):
    """A dataset of which less than 60 % is known has its point in brackets and the warning beside it."""
    text = get(site, "/en/dataset/hk-x-formula")[0].text
    assert "Not to be quoted as a grade" in text
    assert "(88.0)" in get(site, "/en/provider/hk-x")[0].text


def test_no_message_is_missing_and_placeholders_match():
    """Both Chinese catalogues hold every message of code, templates and sentences, with the same placeholders."""
    wanted = set(make_messages.wanted())
    for language, locale in LOCALES.items():
        if language != "en":
            written = make_messages.read(locale)
            assert [message for message in wanted if not written.get(message)] == []
            assert set(written) - wanted == set()
            for message, text in written.items():
                assert sorted(PLACES.findall(message)) == sorted(PLACES.findall(text)), message


def test_the_two_chinese_catalogues_are_never_mixed():
    """No character of the Traditional catalogue exists only in Simplified, nor the other way."""
    to_simplified, to_traditional = opencc.OpenCC("hk2s"), opencc.OpenCC("s2hk")
    for message, text in make_messages.read("zh_Hans").items():
        assert to_simplified.convert(text) == text, message
    for message, text in make_messages.read("zh_Hant_HK").items():
        alone = [
            c for c in text if to_traditional.convert(c) != c and to_simplified.convert(c) == c and c not in "台群周準"
        ]
        assert alone == [], (message, alone)


def test_a_value_with_braces_stays_a_value():
    """A harvested value cannot name another placeholder, and facts no one knows leave a dash."""
    facts = {"facts": {"status": "{date}", "date": "2026-11-22"}}
    assert told(Translator("en"), "online", "up", facts)[0] == "Answered {date} on 22 November 2026."
    assert told(Translator("tc"), "online", "up", {"facts": {"date": "2026-11-22"}})[0] == "於 2026年11月22日 回應 -。"
    assert "no-such" in told(Translator("sc"), "online", "no-such", {})[0]


def test_search_answers_in_the_box_of_the_tables_too(site):
    """Datasette's own search box over datasets finds Traditional by Simplified, and hostile text is only text."""
    for query in ("天气", "天氣"):
        found = get(site, f"/catalog/dataset.json?_search={query}&_shape=array")[0].json()
        assert [row["name"] for row in found] == ["hk-hko-forecast"]
    assert get(site, "/catalog/dataset.json?_search=%22%20OR%20a*&_shape=array")[0].status_code == 200


def test_sql_from_visitors_is_refused(site):
    """Free SQL is off, and what would swell or stall a query is denied to canned ones too."""
    assert get(site, "/catalog.json?sql=select+1")[0].status_code == 403
    assert get(site, "/catalog/provider.json?_where=1=1")[0].status_code in (400, 403)

    async def ask() -> None:
        await site.get_database("catalog").execute("select printf('%.*c', 900000000, 'x')")

    with pytest.raises(sqlite3.DatabaseError, match="not authorized"):
        asyncio.run(ask())


def test_each_table_page_opens_with_labels_and_no_blob(site):
    """Every table underneath opens; rows of the first page show names for keys; nothing is binary."""
    tables = [name for name, table in _metadata()["databases"]["catalog"]["tables"].items() if not table.get("hidden")]
    for name, answer in zip(tables, get(site, *(f"/catalog/{name}" for name in tables)), strict=True):
        assert answer.status_code == 200, name
        assert "Binary:" not in answer.text
        assert '<html lang="en">' in answer.text
    assert ">Hong Kong Observatory</a>" in get(site, "/catalog/dataset_summary")[0].text


def _many(harvest: Path, datasets: int) -> None:
    """Multiply the fixture's datasets, answers and tasks to the size of the portal."""
    connection = sqlite3.connect(harvest)
    copies = datasets // len(DATASETS)
    for table, key in (("dataset", "name"), ("answer", "dataset"), ("task", "dataset")):
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        values = ", ".join(f"{name} || '-' || n" if name == key else name for name in columns)
        connection.execute(
            f"WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {copies})"  # noqa: S608 - names of our own schema
            f" INSERT INTO {table} SELECT {values} FROM {table}, c"
        )
    connection.commit()
    connection.close()


def test_pages_stay_quick_at_four_thousand_datasets(tmp_path):
    """With 4,000 datasets the home, a provider, a dataset and a search each take well under a second."""
    fill(tmp_path / "harvest.db")
    _many(tmp_path / "harvest.db", 4000)
    publish(
        tmp_path / "harvest.db",
        tmp_path / "catalog.db",
        lambda: datetime(2026, 11, 23, tzinfo=UTC),
        "https://data.gov.hk",
    )
    site = served(tmp_path / "catalog.db")
    addresses = ("/en/", "/tc/dataset/hk-hko-tide-7", "/sc/search?q=天气", "/en/worklist/hk-td")
    get(site, *addresses)
    started = time.process_time()
    assert [answer.status_code for answer in get(site, *addresses)] == [200] * len(addresses)
    assert time.process_time() - started < 0.4 * len(addresses)


def test_a_resource_shows_its_state_since_when_and_the_visits_that_prove_it(site):
    """The dataset's page, its JSON and the list of what is down say the same of an address, in words and in a strip."""
    name = json.loads(get(site, "/en/down.json")[0].text)["down"][0]["dataset"]
    place = path("en", "dataset", name)
    page, data, listed, table = get(site, place, f"{place}.json", "/en/down", "/en/down.csv")
    shown = json.loads(data.text)["resources"]
    down = [row for row in shown if row["health"]["now"] and row["health"]["now"]["state"] == "down"]
    assert down
    for row in shown:
        now = row["health"]["now"]
        assert now["sentence"] in "".join(Read(page.text).text)
        assert all(f"/catalog/visit/{visit}" in page.text for visit in now["proof"])
        assert sum(run["days"] for run in row["health"]["runs"]) == 90
    rows = list(csv.DictReader(io.StringIO(table.text.removeprefix("\ufeff"))))
    for row in down:
        assert f"{place}#{anchor(row['shared_id'])}" in listed.text
        assert row["health"]["now"]["sentence"] in {each["sentence"] for each in rows}
    assert {each["state"] for each in rows} <= {"down", "degraded"}
    assert page.text.count("<title>") == 1 + sum(len(row["health"]["runs"]) for row in shown)


def test_an_api_shows_its_pace_and_a_provider_its_uptime(site):
    """An API says how soon it answers; the provider's and the home page say how much of the time was up."""
    api, provider, home = get(site, "/en/dataset/hk-hko-uv", "/en/provider/hk-hko.json", "/en/index.json")
    assert "95 of 100 within" in api.text
    for answer in (provider, home):
        health = json.loads(answer.text)["health"]
        assert 0 <= health["month"]["uptime"] <= 1
        assert len(health["runs"]) == 90 - sum(run["days"] - 1 for run in health["runs"])
        assert sum(row["resources"] for row in health["states"]) > 0
