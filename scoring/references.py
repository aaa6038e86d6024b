"""What others have published: figures with their edition, year, source and caveat, which nobody here may change.

They stand in ``scoring/published/*.yml`` and nowhere else. They are references beside our scores, never earlier values
of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import Literal

import yaml

from harvester.errors import SettingsError
from harvester.records import Trilingual
from scoring.curation import SourceReader
from scoring.reader import compose

Status = Literal["published", "derived"]
STATUSES: Mapping[str, Status] = {"published": "published", "derived": "derived"}
"""``published`` by its source as it stands; ``derived`` by calculation from what the source published."""
MOST = 100.0


@dataclass(frozen=True, slots=True)
class Series:
    """Where figures come from: who published them, which edition, when, from answers of what time."""

    series: str
    title: Trilingual
    edition: str
    year: int
    period: str
    source: str
    address: str


@dataclass(frozen=True, slots=True)
class PublishedFigure:
    """One figure (0-100): what it measures, of whom (``HKG``, ``TWN``, ``KOR`` or ``mean``), and how to take it."""

    figure: str
    series: Series
    jurisdiction: str
    measure: str
    title: Trilingual
    value: float
    decimals: int
    status: Status
    caveat: Trilingual | None


def load_published() -> tuple[PublishedFigure, ...]:
    """Return every published figure, in the files' order. Raises SettingsError naming file, line and remedy."""
    found: dict[str, PublishedFigure] = {}
    with as_file(files("scoring").joinpath("published")) as folder:
        for place in sorted(folder.glob("*.yml")):
            for each in parse_published(place.read_text(encoding="utf-8"), place.name):
                if each.figure in found:
                    raise SettingsError(f"{place.name}, line 1: {each.figure} is in another file too: keep one.")
                found[each.figure] = each
    return tuple(found.values())


def parse_published(text: str, name: str) -> tuple[PublishedFigure, ...]:
    """Return the figures written in ``text``; ``name`` is the file named in errors. Raises SettingsError."""
    node = compose(text, name)
    reader = SourceReader(name)
    parts = reader.mapping(node, "kind series measures figures")
    if reader.text(parts["kind"]) != "published":
        raise reader.fail(parts["kind"], "write `kind: published`: this reader reads no other.")
    series: dict[str, Series] = {}
    for each in reader.sequence(parts["series"]):
        one = _series(reader, each)
        if one.series in series:
            raise reader.fail(each, f"the series {one.series} is written twice: keep one.")
        series[one.series] = one
    measures: dict[str, tuple[Trilingual, Trilingual | None]] = {}
    for each in reader.sequence(parts["measures"]):
        told = reader.mapping(each, "measure title", may="caveat")
        caveat = reader.trilingual(told["caveat"]) if "caveat" in told else None
        measures[reader.text(told["measure"])] = reader.trilingual(told["title"]), caveat
    figures: dict[str, PublishedFigure] = {}
    for each in reader.sequence(parts["figures"]):
        figure = _figure(reader, each, series, measures)
        if figure.figure in figures:
            raise reader.fail(each, f"the figure {figure.figure} is written twice: keep one.")
        figures[figure.figure] = figure
    return tuple(figures.values())


def _series(reader: SourceReader, node: yaml.Node) -> Series:
    parts = reader.mapping(node, "series title edition year period source address")
    return Series(
        series=reader.text(parts["series"]),
        title=reader.trilingual(parts["title"]),
        edition=reader.text(parts["edition"]),
        year=int(reader.number(parts["year"], "the year", 2000, 2100)),
        period=reader.text(parts["period"]),
        source=reader.text(parts["source"]),
        address=reader.address(parts["address"]),
    )


def _figure(
    reader: SourceReader,
    node: yaml.Node,
    series: Mapping[str, Series],
    measures: Mapping[str, tuple[Trilingual, Trilingual | None]],
) -> PublishedFigure:
    parts = reader.mapping(node, "series jurisdiction measure value status")
    for part, known in (("series", series), ("measure", measures), ("status", STATUSES)):
        if reader.text(parts[part]) not in known:
            raise reader.fail(
                parts[part], f"there is no {part} {reader.text(parts[part])!r}: use one of {', '.join(known)}."
            )
    whose, measure = reader.text(parts["jurisdiction"]), reader.text(parts["measure"])
    source, (title, caveat) = series[reader.text(parts["series"])], measures[measure]
    written = reader.text(parts["value"])
    return PublishedFigure(
        figure=f"{source.series}/{whose}/{measure}",
        series=source,
        jurisdiction=whose,
        measure=measure,
        title=title,
        value=reader.number(parts["value"], f"the value of {measure}", 0, MOST),
        decimals=len(written.partition(".")[2]),
        status=STATUSES[reader.text(parts["status"])],
        caveat=caveat,
    )
