"""The exports: faithful, harmless, the same every time, and held valid by the standards' own validators."""

import csv
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import frictionless
import openpyxl
import pyarrow.parquet as pq
import pyshacl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import DCAT, DCTERMS, RDF, SH, Graph, Literal, URIRef

from bench import validators
from harvester.errors import BarometerError
from harvester.records import LANGUAGES
from publish.build import publish
from publish.exports import dcat, rdf_files, xlsx
from publish.exports.csv_files import write as write_csv
from publish.exports.export import FORMATS, export, site_of
from publish.exports.job import Job, table_of
from publish.exports.parquet import write as write_parquet
from publish.exports.vocabularies import DIMENSIONS, DQV, frequency, iri
from publish.i18n import TAGS
from publish.names import CRITERIA
from publish.safe import clean, csv_cell
from tests import catalogue_fixture

# rdflib's own reader of JSON-LD uses a class of its own that it calls old.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
METADATA = Path(__file__).parents[1] / "metadata.yml"
SHAPES = Path(__file__).with_name("dcat_shapes.ttl")
OFFICIAL = os.environ.get("BAROMETER_DCAT_AP_SHAPES")
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=40) | st.sampled_from(
    [
        '=1+1"',
        "@prefix : <x> .",
        "\n\n@prefix a: <b> .",
        '"""',
        "\\u003c",
        "\x00\r\n",
        "]]></x>",
        '{"@id": "x"}',
        "\u202e",
    ]
)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory) -> Path:
    """A published catalogue with hostile texts in it."""
    folder = tmp_path_factory.mktemp("exports")
    catalogue_fixture.fill(folder / "harvest.db")
    place = folder / "catalog.db"
    publish(folder / "harvest.db", place, lambda: datetime(2026, 11, 23, tzinfo=UTC), "https://data.gov.hk")
    return place


@pytest.fixture(scope="module")
def out(catalog, tmp_path_factory) -> Path:
    """An export of it in every format."""
    folder = tmp_path_factory.mktemp("out") / "export"
    export(folder, catalog, METADATA, FORMATS)
    return folder


@pytest.fixture(scope="module")
def graph(out) -> Graph:
    """What the Turtle file says."""
    return Graph().parse(out / rdf_files.TURTLE, format="turtle")


def stored(catalog, sql):
    """The rows ``sql`` has in the catalogue."""
    with closing(sqlite3.connect(catalog)) as connection:
        return connection.execute(sql).fetchall()


def test_csv_and_parquet_hold_what_the_tables_hold(catalog, out):
    """Every cell of a hostile table comes back as it was, moments as UTC and NULL as NULL."""
    rows = stored(catalog, "SELECT * FROM dataset ORDER BY name")
    table = pq.read_table(out / "parquet" / "dataset.parquet")
    moments = {"first_seen", "last_seen", "withdrawn_at"}
    read = [
        tuple(
            value.strftime("%Y-%m-%dT%H:%M:%SZ") if value is not None and name in moments else value
            for name, value in row.items()
        )
        for row in table.to_pylist()
    ]
    assert read == rows
    assert str(table.schema.field("first_seen").type) == "timestamp[ms, tz=UTC]"
    with (out / "csv" / "dataset.csv").open(encoding="utf-8", newline="") as source:
        written = list(csv.reader(source))[1:]
    assert written == [["" if value is None else str(value) for value in row] for row in rows]


def test_no_cell_of_the_spreadsheets_is_a_formula(out):
    """The safe CSV and the workbook show hostile titles as text."""
    with (out / "csv-spreadsheet" / "dataset.csv").open(encoding="utf-8-sig", newline="") as source:
        cells = [cell for row in csv.reader(source) for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t"))]
    book = openpyxl.load_workbook(out / xlsx.NAME)
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "HYPERLINK" in str([cell.value for row in book["dataset_summary"].iter_rows() for cell in row])
    assert kinds <= {"s", "n", "inlineStr"}


def test_a_table_longer_than_a_sheet_goes_on_in_the_next(catalog, tmp_path):
    """No row is lost at Excel's limit: nineteen rows fit three sheets of seven rows and a heading."""
    with closing(sqlite3.connect(catalog)) as connection, xlsx.xlsxwriter.Workbook(str(tmp_path / "x.xlsx")) as book:
        table = table_of(connection, "dataset", {})
        job = SimpleNamespace(connection=connection)
        assert xlsx._fill(job, book, table, None, most=8) == (3, 19)
    sheets = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert [sheet.title for sheet in sheets] == ["dataset", "dataset (2)", "dataset (3)"]
    assert sum(sheet.max_row - 1 for sheet in sheets) == 19


def test_frictionless_finds_the_package_valid(out):
    """Types, keys between tables, sizes and sums hold in the eyes of Frictionless itself."""
    verdict, report = validators.package(out / "datapackage.json", "tests-frictionless")
    assert verdict.valid, verdict.text
    assert json.loads((validators.KEPT / "tests-frictionless.json").read_text(encoding="utf-8"))["valid"]
    assert report.stats["tasks"] == len(list((out / "csv").iterdir()))
    package = json.loads((out / "datapackage.json").read_text(encoding="utf-8"))
    answer = next(one for one in package["resources"] if one["name"] == "answer")["schema"]
    assert answer["primaryKey"] == ["dataset", "resource", "criterion", "since"]
    assert {one["reference"]["resource"] for one in answer["foreignKeys"]} == {"dataset", "criterion", "run"}


def test_frictionless_sees_a_cell_that_was_changed(out, tmp_path):
    """The package is held to its sums and types: the validator would tell a change."""
    package = frictionless.Package(str(out / "datapackage.json"))
    resource = package.get_resource("criterion")
    text = (out / "csv" / "criterion.csv").read_text(encoding="utf-8").replace(",1,", ",first,", 1)
    (tmp_path / "criterion.csv").write_text(text, encoding="utf-8")
    changed = frictionless.Resource.from_descriptor(
        {**resource.to_descriptor(), "path": "criterion.csv"}, basepath=str(tmp_path)
    )
    assert {"hash-count", "type-error"} & {error for (error,) in changed.validate().flatten(["type"])}


@pytest.mark.parametrize("shapes", [str(SHAPES), pytest.param(OFFICIAL, marks=pytest.mark.skipif(
    OFFICIAL is None, reason="BAROMETER_DCAT_AP_SHAPES names no copy of SEMIC's shapes"))])  # fmt: skip
def test_the_catalogue_conforms_to_dcat_ap(graph, shapes):
    """SHACL finds nothing missing, nothing twice and nothing of another class, by our shapes and by SEMIC's."""
    name = f"tests-shacl-{'ours' if shapes == str(SHAPES) else 'semic'}"
    verdict = validators.shacl(graph, shapes, name)
    assert verdict.valid, verdict.text[:3000]
    kept = Graph().parse(validators.KEPT / f"{name}.ttl", format="turtle")
    assert (None, SH.conforms, Literal(True)) in kept


@pytest.mark.parametrize("term", [DCTERMS.title, DCTERMS.description, DCAT.accessURL, DQV.value, DCTERMS.publisher])
def test_the_shapes_see_what_is_missing(graph, term):
    """Without a mandatory property the same validation fails: the shapes are not empty."""
    broken = Graph()
    broken += graph
    subject = next(iter(sorted(graph.subjects(term))))
    if term == DCTERMS.publisher:
        subject = graph.value(predicate=RDF.type, object=DCAT.Catalog)
    broken.remove((subject, term, None))
    conforms, _, _ = pyshacl.validate(broken, shacl_graph=Graph().parse(SHAPES))
    assert not conforms


def test_a_report_that_fails_is_kept_as_it_is(out, graph, tmp_path):
    """Where something is missing the kept reports say so, in words and as data, and the verdict is not valid."""
    broken = Graph()
    broken += graph
    for subject in list(graph.subjects(RDF.type, DCAT.Dataset)):
        broken.remove((subject, DCTERMS.title, None))
    assert not validators.shacl(broken, str(SHAPES), "broken", tmp_path).valid
    assert "Conforms: False" in (tmp_path / "broken.txt").read_text(encoding="utf-8")
    assert (None, SH.conforms, Literal(False)) in Graph().parse(tmp_path / "broken.ttl", format="turtle")
    spoilt = tmp_path / "spoilt"
    shutil.copytree(out, spoilt)
    with (spoilt / "csv" / "criterion.csv").open("a", encoding="utf-8") as table:
        table.write("one cell too many,,,,,,,,\n")
    assert not validators.package(spoilt / "datapackage.json", "spoilt", tmp_path)[0].valid
    assert json.loads((tmp_path / "spoilt.json").read_text(encoding="utf-8"))["valid"] is False


def test_turtle_and_jsonld_say_the_same(out, graph):
    """Both files are one graph, and no thing in it is without a name."""
    other = Graph().parse(out / rdf_files.JSONLD, format="json-ld")
    assert set(other) == set(graph)
    assert all(isinstance(subject, URIRef) for subject in graph.subjects())


def test_what_stands_is_catalogued_and_measured(catalog, graph):
    """Every standing dataset is there, with each known answer of its own and its score's bounds, and no other."""
    standing = stored(catalog, "SELECT count(*) FROM dataset WHERE withdrawn_at IS NULL")[0][0]
    assert len(set(graph.subjects(RDF.type, DCAT.Dataset))) == standing
    known = "FROM answer a JOIN dataset d ON d.name = a.dataset WHERE a.resource = '' AND a.until IS NULL"
    answers = stored(catalog, f"SELECT count(*) {known} AND value IS NOT NULL AND withdrawn_at IS NULL")[0][0]
    taken = [str(node) for node in graph.subjects(RDF.type, DQV.QualityMeasurement)]
    assert sum("/quality/criterion/" in node for node in taken) == answers
    assert sum(node.endswith("/low") for node in taken) == sum(node.endswith("/high") for node in taken) == standing


def test_only_addresses_are_iris(graph):
    """Scripts and data in the place of addresses are nowhere in the graph."""
    strange = [str(node) for node in graph.all_nodes() if isinstance(node, URIRef)]
    assert not [
        node for node in strange if not node.startswith(("http://", "https://", "urn:uuid:", "mailto:", "tel:"))
    ]
    assert {node.split(":")[1] for node in strange if node.startswith("mailto:")} == {"a@b.gov.hk"}


@settings(max_examples=40, deadline=None)
@given(TEXTS, TEXTS, TEXTS)
def test_texts_come_back_from_rdf(title, notes, name):
    """Whatever a publisher writes is only ever text: Turtle and JSON-LD give back the words, and the same graph."""
    graph = Graph(bind_namespaces="none")
    row = {"title_en": title, "title_tc": notes, "title_sc": name}
    node = URIRef("urn:uuid:0#x")
    dcat._say(graph, node, DCTERMS.title, row, "title")
    graph.add((node, RDF.type, DCAT.Dataset))
    folder, lines = io.StringIO(), io.StringIO()
    rdf_files.turtle_into(folder, iter([graph]))
    rdf_files.jsonld_into(lines, iter([graph]))
    wanted = {(TAGS[lang], clean(row[f"title_{lang}"]).strip()) for lang in LANGUAGES}
    for text, form in ((folder.getvalue(), "turtle"), (lines.getvalue(), "json-ld")):
        back = Graph().parse(data=text, format=form)
        said = {(literal.language.lower(), str(literal)) for literal in back.objects(node, DCTERMS.title)}
        assert said == {(tag.lower(), words) for tag, words in wanted if words}
        assert len(back) == len(said) + 1


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS | st.none()), min_size=1, max_size=5))
def test_texts_come_back_from_csv_and_parquet(tmp_path_factory, pairs):
    """Any text, with any line end, quote or null character in it, comes back as it was; NULL stays apart from ''."""
    folder = tmp_path_factory.mktemp("texts")
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, a TEXT NOT NULL, b TEXT) STRICT")
        connection.executemany("INSERT INTO t VALUES (?, ?, ?)", [(n, *pair) for n, pair in enumerate(pairs)])
        job = Job(connection, folder, {}, (table_of(connection, "t", {}),), {}, "", None)
        write_csv(job)
        write_parquet(job)
    assert [(row["a"], row["b"]) for row in pq.read_table(folder / "parquet" / "t.parquet").to_pylist()] == pairs
    written = (folder / "csv" / "t.csv").read_bytes().decode("utf-8")
    assert [tuple(row[1:]) for row in csv.reader(io.StringIO(written, newline=""))][1:] == [
        (a, b or "") for a, b in pairs
    ]
    assert all(str(csv_cell(a))[:1] not in ("=", "+", "@") for a, _ in pairs)


@settings(max_examples=100, deadline=None)
@given(st.one_of(TEXTS, TEXTS.map("https://a.hk/{}".format), TEXTS.map("https://{}/".format)))
def test_an_iri_survives_its_files(text):
    """What passes as an IRI is the same after Turtle and JSON-LD, whatever stands in it."""
    found = iri(text)
    if found is not None:
        graph = Graph(bind_namespaces="none")
        graph.add((URIRef("urn:uuid:0#x"), DCAT.accessURL, found))
        for write, form in ((rdf_files.turtle_into, "turtle"), (rdf_files.jsonld_into, "json-ld")):
            sink = io.StringIO()
            write(sink, iter([graph]))
            assert set(Graph().parse(data=sink.getvalue(), format=form)) == set(graph)


@pytest.mark.parametrize("address", [
    "javascript:alert(1)", "https://u:p@a.hk/", "https://a.hk/{date}", "https://a.hk/a b", "https://a.hk/%zz", "ftp://a.hk",
    "https://a.hk/<x>", "https://a.hk:port/", "//a.hk", "", None, 'https://a.hk/"', "https://a.hk/a#b#c", "https://a.hk/\ue000",
])  # fmt: skip
def test_what_is_no_address_is_no_iri(address):
    """Calls with holes, user names, spaces and half escapes are left out rather than mended."""
    assert iri(address) is None


def test_addresses_in_chinese_are_iris():
    """An IRI may hold Chinese, and brackets of an IPv6 host."""
    for address in ("https://data.gov.hk/天氣?q=雨#頂", "http://[2001:db8::1]:80/", "https://a.hk/%E5%A4%A9?a=b&c"):
        assert str(iri(address)) == address


@pytest.mark.parametrize(("schedule", "days", "code"), [
    ("periodic", 30.4, "MONTHLY"), ("periodic", 31.0, "MONTHLY"), ("periodic", 365.2425, "ANNUAL"),
    ("periodic", 7, "WEEKLY"), ("periodic", 1, "DAILY"), ("periodic", 10 / 1440, "10MIN"),
    ("periodic", 91.3, "QUARTERLY"), ("periodic", 45, "OTHER"),
    ("real-time", None, "UPDATE_CONT"), ("as-needed", None, "AS_NEEDED"), ("unknown", None, "UNKNOWN"),
])  # fmt: skip
def test_frequencies_are_the_eus(schedule, days, code):
    """A period is the EU's term for it, and OTHER where it has none."""
    assert frequency(schedule, days).rsplit("/", 1)[1] == code


def test_every_criterion_has_a_dimension():
    """A criterion that is added must say which of W3C's dimensions it speaks of."""
    assert set(DIMENSIONS) == set(CRITERIA)


def test_the_same_catalogue_gives_the_same_bytes(catalog, out, tmp_path):
    """A second export, by another process with another seed of hashes, is the first to the byte."""
    code = "import sys; from pathlib import Path; from publish.exports.export import export, FORMATS;"
    code += "export(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), FORMATS)"
    place = tmp_path / "again"
    subprocess.run([sys.executable, "-c", code, place, catalog, METADATA], check=True,
                   cwd=METADATA.parent, env={**os.environ, "PYTHONHASHSEED": "77"})  # fmt: skip
    first, again = (
        {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        for root in (out, place)
    )
    assert again == first


def test_a_full_disk_leaves_what_stood(catalog, tmp_path):
    """Where a file cannot grow the command says so in a sentence, exits with 2, and the old export stands."""
    place = tmp_path / "out"
    export(place, catalog, METADATA, ["csv-spreadsheet"])
    before = sorted(path.name for path in place.rglob("*"))
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000));"
    for form in ("parquet", "xlsx", "turtle"):
        code = f"{limit} from harvester.cli import main; main()"
        ended = subprocess.run([sys.executable, "-c", code, "export", place, "--catalog", catalog, "--format", form],
                               cwd=METADATA.parent, capture_output=True, text=True, check=False)  # fmt: skip
        assert ended.returncode == 2, ended.stderr
        assert "could not be written" in ended.stderr
        assert "Traceback" not in ended.stderr
    assert sorted(path.name for path in place.rglob("*")) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_of_other_things_is_not_replaced(catalog, tmp_path):
    """What no export wrote is never deleted, neither a stranger's folder nor a file put beside ours."""
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    with pytest.raises(BarometerError, match=r"thesis\.txt"):
        export(mine, catalog, METADATA, ["csv-spreadsheet"])
    place = tmp_path / "out"
    export(place, catalog, METADATA, ["csv-spreadsheet"])
    export(place, catalog, METADATA, ["csv-spreadsheet"])
    (place / "notes.txt").write_text("mine")
    with pytest.raises(BarometerError, match=r"notes\.txt"):
        export(place, catalog, METADATA, ["csv-spreadsheet"])
    with pytest.raises(BarometerError, match="no folder"):
        export(tmp_path / "no" / "such", catalog, METADATA)
    with pytest.raises(BarometerError, match="no catalogue"):
        export(place, mine / "thesis.txt", METADATA)


def test_a_named_site_gives_the_iris_its_address():
    """Where metadata.yml, or the environment it points to, says where the site stands, IRIs begin there."""
    words = {"plugins": {"barometer": {"address": {"$env": "WHERE"}}}}
    assert site_of(words, {"WHERE": "https://barometer.example.org/"}) == "https://barometer.example.org"
    assert site_of(words, {}) is site_of({}, {}) is site_of(words, {"WHERE": "javascript:alert(1)"}) is None
