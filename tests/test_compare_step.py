"""The step that lays files beside each other: what it finds it keeps, nothing is done twice, no body can stop it."""

import hashlib
import io
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import openpyxl
import pytest

from harvester.apart import Limits, Lost, done_apart
from harvester.compare import tasks
from harvester.compare.opening import dictionary
from harvester.compare.step import compare
from harvester.records import Sniffed
from harvester.sniff import sniff
from harvester.store.bodies import Bodies
from harvester.store.workshop import step
from harvester.validate.step import validate
from publish import beside, pages, queries, render
from publish.build import publish
from publish.i18n import Translator
from scoring.beside import read_laid

DAY = "2026-11-{:02d}T01:00:00Z"
DICTIONARY = b"Field,Field (Chinese),Type\nDate,\xe6\x97\xa5\xe6\x9c\x9f,date\nCount,\xe6\x95\xb8\xe7\x9b\xae,number\nRate,\xe6\xaf\x94\xe7\x8e\x87,number\n"  # noqa: E501 - UTF-8 as it stands in the file


def clock():
    return datetime(2026, 11, 23, 2, 30, tzinfo=UTC)


def figures(labels, wrong=None):
    rows = [f"2026-{month:02d}-01,{month * 100}" for month in range(1, 11)]
    if wrong:
        rows[wrong] = rows[wrong][:-1] + "7"
    return "\n".join([labels, *rows, ""]).encode()


class Shop:
    """A workshop with one dataset, to which bodies are brought day by day."""

    def __init__(self, db, folder):
        self.db, self.bodies = db, Bodies(folder / "bodies")
        with db.atomic():
            db.table("provider").insert({"slug": "p", "first_seen": DAY, "last_seen": DAY})
            dictionary = self.url("https://x.hk/dictionary.csv")
            db.table("dataset").insert(
                {"name": "d", "provider": "p", "schedule": "periodic", "period_days": 30.0, "dictionary": dictionary,
                 "languages": "[]", "first_seen": DAY, "last_seen": DAY})  # fmt: skip
            for place, language in enumerate(("en", "tc")):
                address = f"https://x.hk/figures_{language}.csv"
                db.table("resource").insert(
                    {"shared_id": language, "dataset": "d", "position": place, "title_en": "Figures", "format": "CSV",
                     "kind": "file", "url": self.url(address), "url_en": address, "url_tc": address,
                     "languages": "[]", "first_seen": DAY, "last_seen": DAY})  # fmt: skip

    def url(self, address):
        """Return the number of an address, noted where it is new."""
        self.db.execute("INSERT OR IGNORE INTO url (url, host, first_seen) VALUES (?, 'x.hk', ?)", [address, DAY])
        return self.db.execute("SELECT id FROM url WHERE url = ?", [address]).fetchone()[0]

    def bring(self, address, body, day):
        """Let a visit bring a body on a day of November; return its digest."""
        sha256, found = hashlib.sha256(body).hexdigest(), sniff(io.BytesIO(body))
        with self.bodies.arrive() as arriving:
            arriving.file.write(body)
            arriving.keep(sha256)
        run = {"kind": "check", "started": DAY.format(day), "state": "done", "code_version": "0"}
        run = self.db.table("run").insert(run).last_pk
        with self.db.atomic():
            self.db.execute(
                "INSERT OR IGNORE INTO content"
                " (sha256, bytes, complete, format, nature, ladder, encoding, bom, first_seen)"
                " VALUES (?, ?, 1, ?, ?, 'unknown', ?, ?, ?)",
                [sha256, len(body), found.format, found.nature, found.encoding, found.bom, DAY.format(day)],
            )
            self.db.execute(
                "INSERT INTO visit (url, run, attempt, started, outcome, status, sha256)"
                " VALUES (?, ?, 1, ?, 'ok', 200, ?)",
                [self.url(f"https://x.hk/{address}"), run, DAY.format(day), sha256],
            )
        return sha256

    def compare(self):
        """Validate and compare as the step does, and return what was counted."""
        with step(self.db, "validate", clock, {}) as run:
            validate(self.db, self.bodies, run, clock, workers=1)
            compare(self.db, self.bodies, run, clock, workers=1)
        return run.counts

    def told(self, kind):
        """Return what was found to differ in comparisons of a kind."""
        sql = "SELECT code, column_a, column_b, row_a, value_a, row_b, value_b FROM difference WHERE kind = ?"
        return self.db.execute(sql, [kind]).fetchall()


@pytest.fixture
def shop(db, tmp_path):
    """A dataset with a dictionary and a table in two languages, brought on the first day."""
    shop = Shop(db, tmp_path)
    shop.bring("dictionary.csv", DICTIONARY, 1)
    shop.bring("figures_en.csv", figures("Date,Count"), 1)
    shop.bring("figures_tc.csv", figures("日期,數目", wrong=4), 1)
    yield shop
    shop.bodies.close()


def test_dictionary_languages_and_versions_are_laid_once_and_kept(shop):
    """Each pair of contents is compared once, with its places; a second run finds nothing to do."""
    counts = shop.compare()
    assert (counts["dictionaries"], counts["compared"]) == (1, 3)
    assert shop.told("dictionary") == [("lacking", "Rate", None, None, "number", None, None)] * 2
    assert shop.told("languages") == [("number", "Count", "數目", 6, "500", 6, "507")]
    assert "compared" not in shop.compare()
    shop.bring("figures_en.csv", figures("Date,Total"), 2)
    assert shop.compare()["compared"] == 3
    assert shop.told("versions") == [("renamed", "Count", "Total", None, None, None, None)]
    assert "compared" not in shop.compare()


def test_a_step_that_was_cut_off_does_only_what_is_missing(shop, monkeypatch):
    """A stop between two kinds leaves what was stored; the next run does the others and nothing again."""

    def stopped(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("harvester.compare.step._beside_languages", stopped)
        with pytest.raises(KeyboardInterrupt):
            shop.compare()
    assert len(shop.told("dictionary")) == 2
    assert shop.compare()["compared"] == 1
    assert len(shop.told("languages")) == 1


def test_versions_are_compared_by_what_is_stored_where_bodies_are_gone(shop):
    """The columns of a version that is no longer kept are known all the same; languages wait for their bodies."""
    shop.compare()
    shop.bring("figures_en.csv", figures("Date,Total"), 2)
    with step(shop.db, "validate", clock, {}) as run:
        validate(shop.db, shop.bodies, run, clock, workers=1)
    shop.bodies._remove([row[0] for row in shop.db.execute("SELECT sha256 FROM content")])
    with step(shop.db, "validate", clock, {}) as run:
        compare(shop.db, shop.bodies, run, clock, workers=1)
    assert [code for code, *_ in shop.told("versions")] == ["renamed"]
    assert shop.db.execute("SELECT count(*) FROM comparison WHERE kind = 'languages'").fetchone()[0] == 1


def test_scoring_reads_what_today_s_contents_were_found_to_be(shop):
    """A dataset gets the comparisons of the bodies it has, and none of those it had."""
    shop.compare()
    said = hashlib.sha256(DICTIONARY).hexdigest()
    one, two = (hashlib.sha256(figures(*of)).hexdigest() for of in (("Date,Count",), ("日期,數目", 4)))
    found = read_laid(shop.db).of(said, [one, two])
    assert found.dictionary[one].facts["lacking"] == 1
    assert found.languages[one, two].differences[0].value_b == "507"
    assert not read_laid(shop.db).of(said, ["0" * 64]).dictionary


def test_a_place_is_said_in_each_language_with_what_was_harvested_as_it_is():
    """Both values stand in the sentence in every language, and a brace or an element in one is only text."""
    place = {"kind": "languages", "code": "number", "column_a": "<b>{row_a}", "column_b": "數目", "row_a": 1234,
             "row_b": 6, "value_a": "5", "value_b": "\u202e7"}  # fmt: skip
    for language in ("en", "tc", "sc"):
        sentence = beside.say(place, Translator(language))
        assert all(part in sentence for part in ("<b>{row_a}", "1,234", "數目", "5", "7"))
        assert "\u202e" not in sentence


def test_a_dictionary_for_people_is_told_as_such(tmp_path):
    """A PDF and a Word document are not looked into; a workbook's sheets are each of a file of their own."""
    path = tmp_path / "body"
    path.write_bytes(b"%PDF-1.7")
    for form in ("pdf", "docx", "png"):
        assert dictionary(path, Sniffed(form, "data")).state == "not-readable"
    book = openpyxl.Workbook()
    for sheet, field in (("stops", "Stop"), ("fares", "Fare")):
        page = book.create_sheet(sheet)
        for row in (["List of fields"], [], ["Field name", "Type"], [field, "text"]):
            page.append(row)
    book.save(path)
    found = dictionary(path, Sniffed("xlsx", "data"))
    assert [(each.section, each.name) for each in found.fields] == [("stops", "Stop"), ("fares", "Fare")]
    path.write_text("<table><tr><th>Field<th>Type</tr><tr><td>A &amp; B<td>text</table>")
    assert [each.name for each in dictionary(path, Sniffed("html", "page", "ascii")).fields] == ["A & B"]


def test_a_hostile_body_costs_its_own_pair_only(tmp_path):
    """What the gate refuses, what is no table and what eats all memory are told; the pair after them is compared."""
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_bytes(figures("Date,Count"))
    bad.write_bytes(b"[" + b"[0]," * 4_000_000 + b"[0]]")
    sound = tasks.Kept("a", good, 200, Sniffed("csv", "data", "ascii"))
    huge = tasks.Kept("b", bad, bad.stat().st_size, Sniffed("json", "data", "ascii"))
    broken = replace(huge, path=good)
    long = tmp_path / "long"
    long.write_bytes(b"a,b\n" + b"9" * 3_000_000)
    lines = replace(sound, path=long)
    work = [tasks.LayLanguages(sound, each) for each in (huge, broken, lines, sound)]
    found = {id(done.task): done.result for done in done_apart(iter(work), 1, Limits(memory=450 * 1024**2))}
    results = [found[id(task)] for task in work]
    assert isinstance(results[0], Lost)
    assert isinstance(results[1], Lost)
    assert "bytes" in results[2].reason
    assert (results[3].reason, results[3].differences) == (None, ())


def test_what_is_compared_is_found_in_the_published_file(shop, tmp_path):
    """The three lists have their rows in the catalogue, and the dataset's page says them in the reader's language."""
    shop.bring("figures_en.csv", figures("Date,<b>Total</b>"), 2)
    shop.compare()
    publish(tmp_path / "harvest.db", tmp_path / "catalog.db", clock, "https://x.hk")
    with closing(sqlite3.connect(tmp_path / "catalog.db")) as catalog:
        drift = catalog.execute("SELECT resource, code, column_a, column_b, url FROM schema_drift").fetchall()
        assert drift == [("en", "renamed", "Count", "<b>Total</b>", "https://x.hk/figures_en.csv")]
        said = catalog.execute('SELECT resource, code, field, "column" FROM dictionary_mismatch ORDER BY 1, 2, 3')
        assert said.fetchall() == [
            ("en", "lacking", "Count", None), ("en", "lacking", "Rate", None),
            ("en", "undocumented", None, "<b>Total</b>"), ("tc", "lacking", "Rate", None),
        ]  # fmt: skip
        wrong = catalog.execute(
            "SELECT resource_a, resource_b, row_a, value_a, value_b FROM language_mismatch"
        ).fetchall()
        assert wrong == [("en", "tc", 6, "500", "507")]
        for language, words in (("en", "is now called"), ("tc", "現稱"), ("sc", "现称")):
            page = pages.dataset(catalog, Translator(language), "d")
            html = render.as_html(page, language, "dataset/d", queries.meta(catalog))
            assert words in html
            assert "&lt;b&gt;Total&lt;/b&gt;" in html
            assert "<b>Total" not in html
