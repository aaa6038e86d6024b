"""Every notebook runs from top to bottom on a freshly published catalogue."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

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
