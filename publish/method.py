"""The method page's facts, read from the rubric files that scoring itself uses, so that it cannot be wrong."""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def profiles() -> list[dict[str, Any]]:
    """Return every rubric file as it is written, by file name."""
    folder = files("scoring").joinpath("rubrics")
    names = sorted(place.name for place in folder.iterdir() if place.name.endswith(".yml"))
    return [yaml.safe_load(folder.joinpath(name).read_text(encoding="utf-8")) for name in names]
