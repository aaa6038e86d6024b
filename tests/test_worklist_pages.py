"""The worklists, the tasks and what is taken away from them: whole, filtered, cited, printed, and harmless."""

import csv
import io
import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import openpyxl
import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import sync_playwright

from harvester.clock import iso
from harvester.records import LANGUAGES
from harvester.store.workshop import connect
from publish import filters, names
from publish.i18n import Translator
from publish.render import style
from publish.task_history import KEY, Event, events, task_key
from publish.workbook import MAX_CELL, Column, Sheet, as_xlsx
from scoring.criteria.base import Answer
from scoring.ledger import close_withdrawn, keep_answers, keep_tasks
from scoring.worklist import Task
from tests.catalogue_fixture import LAST, PROVIDERS, fill
from tests.test_site import Read, get, served
from tests.worklist_fixture import BACK, FIRST, GONE, LATE, MENDED, NASTY, SECOND, THIRD, catalogue, key

FORMS = (".json", ".csv", ".xlsx", ".atom", ".ics")
WORKLIST = "/en/worklist/hk-hko"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return served(catalogue(tmp_path_factory.mktemp("worklists")))


def tasks(site, address=WORKLIST):
    path, _, query = address.partition("?")
    return get(site, f"{path}.json?{query}")[0].json()["tasks"]


def sheet(content):
    return openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]


triples = st.tuples(st.text(max_size=20), st.text(max_size=20), st.text(max_size=10))


@given(triples, triples)
def test_a_task_has_one_short_name_and_shares_it_with_no_other(one, other):
    """The name is made of dataset, resource and criterion alone, and of letters an address needs not escape."""
    assert re.fullmatch(KEY, task_key(*one))
    assert (task_key(*one) == task_key(*other)) == (one == other)


def test_the_name_of_a_task_is_what_it_was_last_year():
    """Citations rest on this value: were it to change, every address printed until then would lead nowhere."""
    assert task_key("hk-hko-rainfall", "", "contact") == "py6t74zoeon6"


values = st.lists(st.tuples(st.sampled_from([0.0, 0.5, 1.0, None]), st.sampled_from("ab"), st.booleans()), max_size=12)


def told(given_values):
    """Answers in a row, each until the next; a true flag lets one end before, as where it was withdrawn."""
    days = [f"2026-11-{day:02}T00:00:00Z" for day in range(1, 27)]
    return [
        {"since": days[2 * n], "value": value, "reason": reason, "evidence": "{}",
         "until": days[2 * n + 1] if gap else (days[2 * n + 2] if n + 1 < len(given_values) else None)}
        for n, (value, reason, gap) in enumerate(given_values)
    ]  # fmt: skip


@given(values)
def test_a_task_opens_before_it_closes_and_closes_before_it_reopens(given_values):
    """Openings and closings take turns, the first is an opening, every later one a reopening, and time runs on."""
    found = [event for event in events(told(given_values)) if event.kind != "changed"]
    assert [event.kind in ("closed", "withdrawn") for event in found] == [n % 2 == 1 for n in range(len(found))]
    assert [event.kind for event in found[::2]] == ["opened", *["reopened"] * len(found)][: len(found[::2])]
    assert [event.at for event in found] == sorted(event.at for event in found)


@given(values.map(lambda rows: [(value, reason, False) for value, reason, _ in rows]))
def test_an_unknown_answer_neither_opens_nor_closes(given_values):
    """Without its unknown answers a task's history is the same, but for the days that no longer stand in between."""
    kinds = [event.kind for event in events(told(given_values))]
    assert kinds == [event.kind for event in events(told([row for row in given_values if row[0] is not None]))]


def test_a_task_closed_with_its_resource_says_so():
    """Where table task knows of a closing that no answer tells, what was to be mended is gone."""
    answers = told([(0.0, "a", False)])
    assert events(answers, "2026-12-01T00:00:00Z")[-1] == Event("withdrawn", "2026-12-01T00:00:00Z")
    assert events([], "2026-12-01T00:00:00Z") == [Event("withdrawn", "2026-12-01T00:00:00Z")]


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    place = tmp_path_factory.mktemp("ledger") / "harvest.db"
    fill(place)
    db = connect(place, create=False)
    yield db
    db.conn.close()


turns = st.lists(st.tuples(st.sampled_from([0.0, 0.5, 1.0, None, "gone"]), st.sampled_from("ab")), max_size=9)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns)
def test_the_history_read_from_answers_is_the_one_that_scoring_kept(workshop, given_turns):
    """Whatever scan after scan finds, and also where the dataset goes and returns, table task says the same."""
    name, criterion, first = "hk-hko-tide", "made-up", datetime(2026, 11, 1, tzinfo=UTC)
    for table in ("answer", "task"):
        workshop.execute(f"DELETE FROM {table} WHERE dataset = ?", [name])  # noqa: S608 - names written above
    for day, (value, reason) in enumerate(given_turns):
        now, gone = first + timedelta(days=day), value == "gone"
        workshop.execute("UPDATE dataset SET withdrawn_at = ? WHERE name = ?", [iso(now) if gone else None, name])
        if not gone:
            keep_answers(workshop, 4, iso(now), [name], [Answer(criterion, name, "", value, reason)])
            found = [Task(name, "", criterion, 8, 0.0, reason, {}, ())] if value in (0.0, 0.5) else []
            keep_tasks(workshop, now, [name], found, frozenset([(name, "", criterion)] if value == 1.0 else []))
        close_withdrawn(workshop, iso(now), "gdb-checklist")
    rows = list(workshop.query("SELECT * FROM task WHERE dataset = ?", [name]))
    answers = list(workshop.query("SELECT * FROM answer WHERE dataset = ? ORDER BY since", [name]))
    history = events(answers, rows[0]["closed"] if rows else None)
    assert bool(rows) == bool(history)
    if rows:
        last = {event.kind: event.at for event in history}
        ended = history[-1].kind in ("closed", "withdrawn")
        assert rows[0]["opened"] == last["opened"] == history[0].at
        assert rows[0]["reopened"] == last.get("reopened")
        assert rows[0]["closed"] == (history[-1].at if ended else None)


def test_a_task_keeps_its_address_closed_and_open_again(site):
    """Its page says what became of it, when, by which answer, and in which state it is."""
    for task, state, days in (
        (MENDED, "Closed: found mended", {FIRST: "opened", SECOND: "closed"}),
        (BACK, "Open", {FIRST: "opened", SECOND: "closed", THIRD: "reopened"}),
        (GONE, "Closed: no longer in the catalogue", {FIRST: "opened", LAST: "withdrawn"}),
    ):
        page, data = get(site, f"/en/task/{key(task)}", f"/en/task/{key(task)}.json")
        assert page.status_code == 200
        assert state in page.text
        history = data.json()["history"]
        assert [(event["at"], event["kind"]) for event in history] == sorted(days.items(), reverse=True)
        assert all(event["sentence"] for event in history if event["kind"] != "withdrawn")
    assert get(site, "/en/task/aaaaaaaaaaaa", "/en/task/short")[0].status_code == 404


def test_every_open_task_has_a_page_that_says_what_its_row_says(site):
    """Each row of the worklist leads to a page with the same sentence, mend, due day, dataset and the way to each."""
    for language in LANGUAGES:
        rows = tasks(site, f"/{language}/worklist/hk-x")
        assert len(rows) > 10
        listed = get(site, f"/{language}/worklist/hk-x")[0].text
        for task, answer in zip(rows, get(site, *(f"/{language}/task/{row['key']}" for row in rows)), strict=True):
            page = Read(answer.text)
            text = "".join(page.text)
            assert f"/{language}/task/{task['key']}" in listed
            assert task["sentence"] in text
            assert task["mend"] in text
            assert Translator(language).day(task["due"]) in text
            assert any(a.get("href", "").startswith(f"/{language}/dataset/") for tag, a in page.elements if tag == "a")


def test_every_choice_leaves_as_many_tasks_as_it_says(site):
    """The count beside a choice is the number of tasks its link shows, and each of them is of that choice."""
    choices = get(site, f"{WORKLIST}.json")[0].json()["choices"]
    assert {name for name, rows in choices.items() if rows} == {"severity", "due", "criterion", "effort", "reply"}
    for name, rows in choices.items():
        for row in rows:
            left = tasks(site, f"{WORKLIST}?{row['query']}")
            assert len(left) == row["tasks"] > 0
            if name != "due":
                assert {str(task[name]) for task in left} == {row["value"]}
    narrowed = get(site, f"{WORKLIST}.json?severity=3")[0].json()["choices"]
    for row in narrowed["criterion"]:
        assert len(tasks(site, f"{WORKLIST}?{row['query']}")) == row["tasks"]


def test_overdue_is_what_was_due_before_the_day_of_the_last_scan(site):
    """Of four weeks ago: overdue. Due on the very day: not yet. Within ten working days: a fortnight on, no further."""
    assert [task["key"] for task in tasks(site, f"{WORKLIST}?due=overdue")] == [key(LATE)]
    days = filters.ends(datetime.fromisoformat("2026-11-22T17:00:00+00:00"))
    assert (days["today"], days["10"]) == ("2026-11-23", "2026-12-07")
    wanted = {"overdue": ["2026-11-22T15:59:59Z"], "10": ["2026-11-22T16:00:00Z", "2026-12-07T15:59:59Z"]}
    for choice, moments in wanted.items():
        test = filters.tests(filters.Filters(due=choice), days)["due"]
        for moment in ("2026-11-22T15:59:59Z", "2026-11-22T16:00:00Z", "2026-12-07T15:59:59Z", "2026-12-07T16:00:00Z"):
            assert test({"due": moment, "closed": None}) == (moment in moments)
            assert not test({"due": moment, "closed": moment})


def test_a_text_is_found_in_either_script_and_in_a_files_name(site):
    """天气 typed on the Traditional page finds 天氣預報; part of an address finds the file."""
    found = tasks(site, f"/tc/worklist/hk-hko?text={quote('天气')}")
    assert {task["dataset"] for task in found} == {"hk-hko-forecast"}
    assert {task["dataset"] for task in tasks(site, f"{WORKLIST}?text=HKO-TIDE-0.csv")} == {"hk-hko-tide"}
    assert tasks(site, f"{WORKLIST}?text=nowhere-at-all") == []


def test_filters_stay_in_every_way_on_from_the_page(site):
    """The other languages, JSON, CSV, workbook, feed and calendar all lead to the same tasks, each asked for once."""
    asked = "severity=3&due=10&criterion=timely&effort=hours&text=x%22%3E"
    page = Read(get(site, f"{WORKLIST}?text=x%22%3E&effort=hours&severity=3&criterion=timely&due=10&utm=1")[0].text)
    links = {a.get("href") for tag, a in page.elements if tag in ("a", "link")}
    assert {f"/{language}/worklist/hk-hko?{asked}" for language in ("tc", "sc")} <= links
    assert {f"{WORKLIST}{form}?{asked}" for form in FORMS} <= links
    assert ("option", {"value": "3", "selected": None}) in page.elements
    assert next(a["value"] for tag, a in page.elements if a.get("id") == "f-text") == 'x">'


@pytest.mark.parametrize("wrong", ["severity=99", "due=soon", "criterion=%00", "effort=%27%22%3E%3Cscript%3E",
                                   "severity=3;DROP%20TABLE", "due=" + "9" * 5000])  # fmt: skip
def test_a_value_we_do_not_know_is_told_plainly(site, wrong):
    """The page answers 400 and says which values there are; a file is not given with tasks that were not asked for."""
    page, *others = get(site, f"{WORKLIST}?{wrong}", *(f"{WORKLIST}{form}?{wrong}" for form in FORMS))
    assert page.status_code == 400
    notices = [a for tag, a in Read(page.text).elements if a.get("class") == "notice"]
    assert len(notices) == 1
    assert "<script>" not in page.text
    for answer in others:
        assert answer.status_code == 400
        assert answer.headers["content-type"].startswith("text/plain")
        assert len(answer.text) < 600
    assert get(site, "/en/worklist?sort=x'")[0].status_code == 400


parameters = st.sampled_from(["severity", "due", "criterion", "effort", "text", "sort", "_shape", "x"])
parts = st.lists(st.tuples(parameters, st.text(max_size=30)), max_size=4)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts, st.sampled_from(["", *FORMS]), st.sampled_from(["/worklist/hk-hko", "/worklist"]))
def test_no_address_breaks_a_worklist(site, asked, form, place):
    """Whatever stands behind the question mark, the answer is the list or a plain refusal."""
    text = urlencode([(name, value.encode("utf-8", "replace")) for name, value in asked])
    form = form if place != "/worklist" or form in ("", ".json", ".csv") else ""
    assert get(site, f"/tc{place}{form}?{text}")[0].status_code in (200, 400)


def test_the_list_of_all_providers_adds_up(site):
    """Each provider's numbers are those of its own list, and each number that leads somewhere leads to as many."""
    for order in ("severity", "due", "points", "tasks"):
        page = get(site, f"/en/worklist.json?sort={order}")[0].json()
        assert page["order"] == order
        rows = page["providers"]
        assert {row["slug"] for row in rows} == {provider[0] for provider in PROVIDERS}
        column = {"severity": "severe", "due": "overdue"}.get(order, order)
        assert [row[column] for row in rows] == sorted((row[column] for row in rows), reverse=True)
    for row in rows:
        own = tasks(site, f"/en/worklist/{row['slug']}")
        assert len(own) == row["tasks"] == row["severe"] + row["serious"] + row["moderate"] + row["minor"]
        assert row["serious"] == sum(task["severity"] == 3 for task in own)
        assert row["overdue"] == len(tasks(site, f"/en/worklist/{row['slug']}?due=overdue"))
        assert row["soon"] == len(tasks(site, f"/en/worklist/{row['slug']}?due=10"))
    hko = next(row for row in rows if row["slug"] == "hk-hko")
    best = {}
    for task in tasks(site):
        best[task["dataset"]] = max(best.get(task["dataset"], 0), task["points"])
    assert hko["points"] == pytest.approx(sum(best.values()) / 6)


def test_the_workbook_holds_the_rows_of_the_csv_with_days_as_days(site):
    """Head frozen, filter on, days and points typed, headings in each language, the same tasks in the same order."""
    heads = set()
    for language in LANGUAGES:
        place = f"/{language}/worklist/hk-hko"
        book, text = get(site, f"{place}.xlsx?severity=3", f"{place}.csv?severity=3")
        page = sheet(book.content)
        lines = list(csv.DictReader(io.StringIO(text.text.removeprefix("\ufeff"))))
        head, *rows = list(page.iter_rows(values_only=True))
        heads.add(head)
        assert page.freeze_panes == "A2"
        assert page.auto_filter.ref == f"A1:R{len(rows) + 1}"
        assert 60 <= page.column_dimensions["F"].width < 61  # characters, and the edges of the cell
        assert len(rows) == len(lines) > 3
        for row, line in zip(rows, lines, strict=True):
            assert row[0].date() == date.fromisoformat(line["due"])
            assert row[2] == line["title"]
            assert row[10] == pytest.approx(float(line["points"]))
            assert row[14] == line["task"]
    assert len(heads) == 3
    assert get(site, urlsplit(lines[0]["task"]).path)[0].status_code == 200


def test_nothing_harvested_is_a_formula_or_breaks_the_workbook(site):
    """Titles that are formulas, scripts, NULs, lone surrogates and 40,000 characters are text, cut to what fits."""
    book = openpyxl.load_workbook(io.BytesIO(get(site, "/en/worklist/hk-x.xlsx")[0].content))
    cells = [cell for page in book.worksheets for row in page.iter_rows() for cell in row if cell.value is not None]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert any(str(cell.value).startswith("=HYPERLINK") and cell.data_type == "s" for cell in cells)
    links = [cell.hyperlink.target for cell in cells if cell.hyperlink]
    assert all(link.startswith("http://localhost/en/task/") for link in links)
    assert len(links) == len(tasks(site, "/en/worklist/hk-x"))
    row = {"title": NASTY, "due": "=1+1", "points": "@SUM(1)", "link": "javascript:alert(1)"}
    columns = [Column("title", "Dataset", 9), Column("due", "Due", 9, "date"), Column("points", "Points", 9, "number"),
               Column("link", "Address", 9, "link")]  # fmt: skip
    written = sheet(as_xlsx([Sheet("a/[b]:*?" * 9, columns, [row])], Translator("en")))
    assert [cell.data_type for cell in written[2]] == ["s"] * 4
    assert [cell.hyperlink for cell in written[2]] == [None] * 4
    assert len(written["A2"].value) == MAX_CELL
    assert written["B2"].value == "=1+1"
    assert written["B2"].quotePrefix


def test_what_is_asked_of_nobody_is_not_found(site):
    """A provider that is not there has no list, workbook, feed or calendar, and no error either."""
    answers = get(site, "/en/worklist/nobody", *(f"/en/worklist/nobody{form}" for form in FORMS))
    assert {answer.status_code for answer in answers} == {404}


def test_pages_with_a_feed_say_so(site):
    """Home, provider, worklist and what is down name their feeds, the worklist's with its filters; others name none."""
    wanted = {
        "/en/": ["/en/down.atom", "/en/changes.atom"], "/tc/provider/hk-x": ["/tc/worklist/hk-x.atom"],
        "/en/worklist/hk-hko?severity=3": ["/en/worklist/hk-hko.atom?severity=3"], "/sc/down": ["/sc/down.atom"],
        "/en/method": [],
    }  # fmt: skip
    for answer, (place, feeds) in zip(get(site, *wanted), wanted.items(), strict=True):
        found = [a["href"] for tag, a in Read(answer.text).elements if a.get("type") == "application/atom+xml"]
        assert found == feeds, place
        assert {one.status_code for one in get(site, *feeds)} <= {200}


def test_a_form_without_scripts_asks_what_the_links_ask(site):
    """The form is sent by GET to the page itself, and its fields are the filters' names."""
    elements = Read(get(site, WORKLIST)[0].text).elements
    form = next(a for tag, a in elements if tag == "form" and "filters" in (a.get("class") or ""))
    assert form["action"] == WORKLIST
    assert form.get("method", "get") == "get"
    fields = {a["name"] for tag, a in elements if tag in ("select", "input") and a.get("name") != "q"}
    assert fields == set(filters.FIELDS)
    assert parse_qs(filters.Filters(severity="0", text="a b").query) == {"severity": ["0"], "text": ["a b"]}


def test_many_tasks_that_say_the_same_are_named_in_part_and_the_way_to_all_is_told(site, monkeypatch):
    """A row that stands for more than it names leads to a list of all of them; there, the CSV has the rest."""
    monkeypatch.setattr(names, "MAX_LISTED", 20)
    monkeypatch.setattr(names, "GATHERED", 2)
    text = get(site, f"{WORKLIST}?named=in-part")[0].text
    found = re.findall(r'<a href="(/en/worklist/hk-hko[?]criterion=(\w+))">All (\d+)</a>', text)
    assert found
    for place, criterion, number in found:
        every = tasks(site, place)
        assert {task["criterion"] for task in every} == {criterion}
        assert len(every) >= int(number) > 2
    monkeypatch.setattr(names, "MAX_LISTED", 2)
    assert "; the CSV has all " in get(site, f"{found[0][0]}&named=in-part")[0].text


@pytest.mark.browser
def test_on_paper_the_list_is_whole_and_alone(site, tmp_path):
    """Printed, the page has no navigation, form or button; what was folded is open, links show where they lead."""
    chromium = Path("/usr/bin/chromium")
    if not chromium.exists():
        pytest.skip("Debian's chromium is not installed")
    own = re.compile(r'<link rel="stylesheet" href="[^"]+">')
    text = own.sub(f"<style>{style().decode()}</style>", get(site, "/en/worklist/hk-x")[0].text)
    rows = tasks(site, "/en/worklist/hk-x")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 688, "height": 1000})
        page.set_content(text)
        assert page.locator("nav").first.is_visible()
        assert not page.locator(".only-print").is_visible()
        page.emulate_media(media="print")
        for gone in ("nav", "form.filters", "form.search", ".actions", ".choices"):
            assert page.locator(gone).count() > 0
            assert not any(one.is_visible() for one in page.locator(gone).all()), gone
        assert page.locator(".only-print").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 688
        page.pdf(path=tmp_path / "list.pdf", format="A4")
        browser.close()
    paper = pypdf.PdfReader(tmp_path / "list.pdf")
    assert len(paper.pages) > 1
    printed = re.sub(r"\s", "", unicodedata.normalize("NFKC", "".join(one.extract_text() for one in paper.pages)))
    assert [row["key"] for row in rows if f"/en/task/{row['key']}" not in printed] == []
    assert "http://localhost/en/worklist/hk-x" in printed
