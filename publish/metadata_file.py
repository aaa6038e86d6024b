"""Where metadata.yml lies: the title, the licence, and the words and settings of each table that is published."""

from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from harvester.errors import SettingsError

CHECKOUT = Path(__file__).parents[1]
INSTALLED = "share/barometer/metadata.yml"
"""Where pyproject.toml has it installed, below whatever folder an installation keeps its data in."""


def metadata_file(top: Path = CHECKOUT) -> Path:
    """Return metadata.yml: that of the checkout, whose folder is ``top``, else the one installed with the package.

    Raises SettingsError where there is neither.
    """
    try:
        installed = files("hk-open-data-barometer") or []
    except PackageNotFoundError:
        installed = []
    named = [Path(str(each.locate())) for each in installed if each.as_posix().endswith(INSTALLED)]
    for found in (top / "metadata.yml", top / INSTALLED, *named):  # `pip install --target` has it beside the packages
        if found.exists():
            return found.resolve()
    raise SettingsError("metadata.yml is missing: install the package again, or run from a checkout.")
