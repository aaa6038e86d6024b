"""What may know what: scoring reads plain records and never the network or the harvester's workings."""

import ast
from pathlib import Path

import scoring

ROOT = Path(scoring.__file__).parent
ALLOWED = {
    "harvester.records", "harvester.compare.records", "harvester.clock", "harvester.errors",
    "harvester.quantities", "harvester.compare.names",  # what labels mean: pure, asked where they are read and judged
}  # fmt: skip
EXTRA = {
    "step.py": {"harvester.store.workshop"}, "rescore.py": {"harvester.store.workshop"},
    "looks.py": {"harvester.store.health"},
}  # fmt: skip
NETWORK = {"requests", "socket", "urllib", "http", "ssl", "aiohttp", "httpx", "urllib3", "ftplib"}


def imports(path):
    """Every module a file imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides where it points"
            yield node.module or ""


def scoring_files():
    found = sorted(ROOT.rglob("*.py"))
    assert len(found) > 10
    return found


def test_scoring_imports_only_plain_records_from_the_harvester():
    """Records and pure knowledge cross the wall; the workshop's types only in steps, the states only in looks.py."""
    for path in scoring_files():
        allowed = ALLOWED | (EXTRA.get(path.name, set()) if path.parent == ROOT else set())
        ours = {
            name for name in imports(path) if name.split(".")[0] in ("harvester", "publish", "sample_portal", "bench")
        }
        assert ours <= allowed, f"{path} imports {sorted(ours - allowed)}"


def test_scoring_never_imports_the_network():
    """No file of scoring can open a connection by itself."""
    for path in scoring_files():
        names = set(imports(path)) - {"urllib.parse"}  # which takes an address to pieces and opens nothing
        assert not {name.split(".")[0] for name in names} & NETWORK, path


def test_criteria_import_no_database_and_no_rubric():
    """Answers come from facts alone: no criterion can look at a table, a file or a weight."""
    barred = {"sqlite3", "sqlite_utils", "pathlib", "os", "yaml"}
    for path in sorted((ROOT / "criteria").rglob("*.py")):
        names = set(imports(path))
        assert not {name.split(".")[0] for name in names} & barred, path
        assert not {name for name in names if name.startswith(("scoring.rubric", "scoring.score", "scoring.evidence"))}
