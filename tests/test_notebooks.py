"""Every notebook runs from top to bottom on a freshly published catalogue, on data frames that are what they say."""

import importlib.util
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbclient import NotebookClient

from harvester.errors import SettingsError
from publish.build import publish
from tests.catalogue_fixture import fill
from tests.test_data_page import NOW

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path, scan, monkeypatch):
    """A researcher who has the published file gets tables and charts, not errors."""
    monkeypatch.setenv("BAROMETER_CATALOG", str(scan.folder / "catalog.db"))
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": path.parent}}
    ).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    pictures = [output["data"]["image/svg+xml"] for output in outputs if "image/svg+xml" in output.get("data", {})]
    assert sum("text/html" in output.get("data", {}) for output in outputs) >= 4
    assert pictures
    assert all("<path" in picture for picture in pictures)
    assert all(not cell.get("outputs") for cell in nbformat.read(path, as_version=4).cells), "commit notebooks empty"


def loaded():
    """The module beside the notebooks, as they import it."""
    place = Path(__file__).parents[1] / "notebooks" / "barometer_data.py"
    spec = importlib.util.spec_from_file_location("barometer_data", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


bd = loaded()
DAY = pd.Timestamp("2026-01-01", tz=bd.HONG_KONG)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    folder = tmp_path_factory.mktemp("frames")
    fill(folder / "harvest.db")
    publish(folder / "harvest.db", folder / "catalog.db", lambda: NOW, "https://data.gov.hk")
    found = bd.Catalogue(folder / "catalog.db")
    yield found
    found.connection.close()


def test_frames_are_tidy(catalogue):
    """One row a thing, unknown as NaN and not as nought, times in Hong Kong, and the file is only read."""
    with closing(sqlite3.connect(catalogue.path)) as connection:
        standing = dict(connection.execute(
            "SELECT dataset, value FROM answer WHERE criterion = 'online' AND resource = '' AND until IS NULL"
            " AND dataset IN (SELECT name FROM dataset WHERE withdrawn_at IS NULL)"
        ))  # fmt: skip
        names = {row[0] for row in connection.execute("SELECT name FROM dataset WHERE withdrawn_at IS NULL")}
    assert set(catalogue.datasets()["dataset"]) == names
    wide = catalogue.wide()["online"]
    assert {name: None if pd.isna(value) else value for name, value in wide.items()} == standing
    assert None in standing.values()
    scores = catalogue.scores("provider")
    assert str(scores["since"].dt.tz) == bd.HONG_KONG
    assert not scores["subject"].duplicated().any()
    assert not catalogue.links()["resource"].duplicated().any()
    with pytest.raises(KeyError, match="no file of the profile"):
        catalogue.weights("nobody's")
    assert not catalogue.sample()
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        catalogue.connection.execute("DELETE FROM answer")
    with pytest.raises(FileNotFoundError, match="barometer publish"):
        bd.Catalogue("/nowhere/catalog.db")


def test_rescored_is_the_rubrics_arithmetic(catalogue):
    """With one item that weighs anything, a dataset's point is that answer through the gates; a slip has its line."""
    text = (Path(__file__).parents[1] / "scoring" / "rubrics" / "gdb-checklist.yml").read_text(encoding="utf-8")
    only_free = re.sub(r"weight: \d+", "weight: 0", text).replace("free\n    weight: 0", "free\n    weight: 3")
    again = bd.rescored(catalogue, only_free).query("subject_type == 'dataset'").set_index("subject")
    wide = catalogue.wide().dropna(subset=["free", "online"])
    expected = 100 * wide["free"] * wide["online"]
    assert len(expected) > 3
    assert again.loc[expected.index, "point"].to_list() == expected.to_list()
    with pytest.raises(SettingsError, match="your rubric, line"):
        bd.rescored(catalogue, text.replace("weight: 3", "weight: heavy", 1))


@given(st.lists(st.tuples(st.integers(0, 400), st.booleans()), min_size=1, max_size=40))
def test_survival_is_the_product_limit(spans):
    """It falls from 1, never below 0, only where something ended, and without censoring it is the share still going."""
    found = bd.survival([DAY] * len(spans), [DAY + pd.Timedelta(days=d) for d, _ in spans], [e for _, e in spans])
    assert found["survival"].iloc[0] == 1
    assert found["survival"].is_monotonic_decreasing
    assert found["survival"].between(0, 1).all()
    assert (found["low"] <= found["survival"] + 1e-9).all()
    assert (found["survival"] <= found["high"] + 1e-9).all()
    assert found["events"].sum() == sum(ended for _, ended in spans)
    if all(ended for _, ended in spans):
        for row in found.iloc[1:].itertuples():
            going = sum(days > row.days for days, _ in spans) / len(spans)
            assert row.survival == pytest.approx(going, abs=1e-9)


def test_a_blocked_link_did_not_die(catalogue, monkeypatch):
    """A life ends with the first time down; what is blocked or still up was watched so long, and is censored."""
    rows = [(1, "up", 0), (1, "down", 5), (2, "up", 0), (2, "blocked", 3), (2, "down", 9), (3, "up", 2), (4, "down", 0),
            (5, "down", 0), (5, "up", 4), (6, "up", 1), (6, "degraded", 2)]  # fmt: skip
    spells = pd.DataFrame([
        {"url": url, "host": "h", "state": state, "since": DAY + pd.Timedelta(days=day)} for url, state, day in rows
    ])  # fmt: skip
    monkeypatch.setattr(catalogue, "spells", lambda: spells)
    monkeypatch.setattr(catalogue, "about", lambda: pd.Series({"scanned": (DAY + pd.Timedelta(days=10)).isoformat()}))
    lives = bd.lifetimes(catalogue).set_index("url")
    days = (lives["until"] - lives["since"]).dt.days
    assert dict(days) == {1: 5, 2: 3, 3: 8, 5: 6, 6: 9}
    assert set(lives.index[lives["failed"]]) == {1}
