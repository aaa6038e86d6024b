"""`make gdb`: compute the Global Data Barometer's scores of 2022 again from its published answers, and compare.

Needs `../shared/gdb` beside the checkout (the published answers and scores, which are not ours to bundle).
docs/gdb.md says how to read what is printed.
"""

import csv
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scoring.survey.load import load_survey
from scoring.survey.profile import Indicator, Scale, SurveyProfile
from scoring.survey.score import SurveyAnswer, SurveyScore, score_survey

SHARED = Path(__file__).resolve().parents[2] / "shared" / "gdb"
RESPONSES, MEASURES = "GDB1_responses_long.csv", "GDB1_measures_wide.csv"
JURISDICTIONS, HONG_KONG = 109, "HKG"
WITHIN = 1.0
"""Published scores are whole numbers, of indicators as of pillars: rounding alone moves ours by half a point."""
ENOUGH = 0.985
"""The share of cells under availability that must come within one point."""
HEADLINES = {"hk_g": 37.5, "hk_a": 52.9, "hk_c": 58.2}
"""Hong Kong's pillars to one decimal place, as a brief of its legislature quotes them (IN02/2023)."""
TENTH = 0.1

Options = Mapping[str, Mapping[str, int]]
"""The number of the option chosen, by jurisdiction and variable."""
Published = Mapping[str, Mapping[str, float]]
"""The published scores, by jurisdiction and the id of an indicator, the letter of a pillar, or `SCORE`."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One score of ours beside the published one, in points."""

    jurisdiction: str
    name: str
    ours: float
    published: float

    @property
    def off(self) -> float:
        """How far ours is from theirs."""
        return abs(self.ours - self.published)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every score of every jurisdiction, once from its answers and once from its published indicators.

    ``answered`` takes only the secondary indicators as given; ``given`` takes every indicator as published and so
    tests the weights of the pillars alone; ``plain`` is ``answered`` with every group counted once.
    """

    profile: SurveyProfile
    published: Published
    answered: Mapping[str, SurveyScore]
    given: Mapping[str, SurveyScore]
    plain: Mapping[str, SurveyScore]

    def indicator(self, name: str) -> list[Cell]:
        """Return an indicator's cells, one a jurisdiction."""
        return [
            Cell(each, name, score.indicators()[name].score.point or 0.0, self.published[each][name])
            for each, score in self.answered.items()
        ]

    def pillar(self, name: str, letter: str, scores: Mapping[str, SurveyScore]) -> list[Cell]:
        """Return a pillar's cells by one of the ways of forming it."""
        return [
            Cell(each, name, score.pillar(name).score.point or 0.0, self.published[each][letter])
            for each, score in scores.items()
        ]

    def overall(self, scores: Mapping[str, SurveyScore]) -> list[Cell]:
        """Return the overall cells by one of the ways of forming it."""
        return [
            Cell(each, "overall", score.score.point or 0.0, self.published[each]["SCORE"])
            for each, score in scores.items()
        ]

    def from_pillars(self) -> list[Cell]:
        """Return the overall cells formed of the published (rounded) pillars."""
        total = sum(pillar.weight for pillar in self.profile.pillars)
        return [
            Cell(each, "overall", sum(p.weight * row[p.letter] for p in self.profile.pillars) / total, row["SCORE"])
            for each, row in self.published.items()
        ]


def read_options(path: Path) -> Options:
    """Return the published answers. Raises OSError, and KeyError or ValueError where the file is another's."""
    options: dict[str, dict[str, int]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            options.setdefault(row["iso"], {})[row["varname"]] = int(row["response_id"])
    return options


def read_published(path: Path) -> Published:
    """Return the published scores of jurisdictions, the average left out. Raises as ``read_options``."""
    published: dict[str, dict[str, float]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            numbers = {name: value for name, value in row.items() if name == "SCORE" or len(name) == 1 or "." in name}
            published[row["iso"]] = {name: float(value or 0) for name, value in numbers.items()}
    published.pop("AVERAGE", None)
    return published


def choice(scale: Scale, option: int | None) -> str:
    """Return the choice an option's number stands for. One left unanswered counts as the least, and takes nothing.

    Raises ValueError for an option the scale does not list.
    """
    if option is None:
        return min(scale.choices, key=lambda each: each.value).choice
    found = next((each.choice for each in scale.choices if option in each.options), None)
    if found is None:
        raise ValueError(f"{scale.scale} has no option {option}")
    return found


def answers(profile: SurveyProfile, options: Mapping[str, int], scores: Mapping[str, float]) -> list[SurveyAnswer]:
    """Return a jurisdiction's answers; secondary indicators come in as their published scores."""
    found: list[SurveyAnswer] = []
    for indicator in profile.indicators:
        if indicator.secondary:
            found.append(SurveyAnswer(indicator.indicator, score=scores[indicator.indicator]))
        else:
            found.extend(_answered(indicator, options))
    return found


def _answered(indicator: Indicator, options: Mapping[str, int]) -> list[SurveyAnswer]:
    return [
        SurveyAnswer(variable, choice(scale, options.get(variable)))
        for variable, scale in dict(indicator.questions()).items()
    ]


def once(profile: SurveyProfile) -> SurveyProfile:
    """Return the profile with every group counted once, as its weight says."""
    indicators = [
        replace(
            indicator,
            groups=tuple(
                replace(group, times=1.0, elements=tuple(replace(each, times=1.0) for each in group.elements))
                for group in indicator.groups
            ),
        )
        for indicator in profile.indicators
    ]
    return replace(profile, indicators=tuple(indicators))


def compare(folder: Path) -> Comparison:
    """Return our scores of every published jurisdiction beside theirs. Raises as ``read_options``."""
    profile = load_survey()
    options, published = read_options(folder / RESPONSES), read_published(folder / MEASURES)
    plainly = once(profile)
    said = {each: answers(profile, options[each], published[each]) for each in sorted(published)}
    names = [each.indicator for each in profile.indicators]
    given = {each: [SurveyAnswer(name, score=published[each][name]) for name in names] for each in said}
    return Comparison(
        profile,
        published,
        {each: score_survey(profile, answered) for each, answered in said.items()},
        {each: score_survey(profile, answered) for each, answered in given.items()},
        {each: score_survey(plainly, answered) for each, answered in said.items()},
    )


def within(cells: Sequence[Cell]) -> int:
    """Return how many cells come within one point."""
    return sum(each.off <= WITHIN for each in cells)


def row(name: str, cells: Sequence[Cell]) -> str:
    """Return one line of the table: cells, how many within one point, the worst and where."""
    worst = max(cells, key=lambda each: each.off)
    where = f"{worst.jurisdiction} ({worst.ours:.1f}, published {worst.published:.0f})"
    return f"{name:44} {len(cells):5} {within(cells):7} {worst.off:6.2f}  {where}"


def summary(found: Comparison) -> dict[str, str]:
    """Return the figures of the last line, in its order."""
    available = [cell for each in found.profile.of("availability") if not each.secondary
                 for cell in found.indicator(each.indicator)]  # fmt: skip
    hong_kong = found.given[HONG_KONG]
    return {
        "jurisdictions": str(len(found.answered)),
        "overall_within_1": str(within(found.from_pillars())),
        "availability_cells_within_1": f"{within(available) / len(available):.4f}",
        "odpolicy": str(within(found.indicator("G.GOVERNANCE.ODPOLICY"))),
        "datamanage": str(within(found.indicator("G.GOVERNANCE.DATAMANAGE"))),
        **{
            f"hk_{letter}": f"{hong_kong.pillar(name).score.point:.2f}"
            for letter, name in (("g", "governance"), ("a", "availability"), ("c", "capability"))
        },
        "overall_from_indicators": str(within(found.overall(found.given))),
        "overall_from_answers": str(within(found.overall(found.answered))),
    }


def report(found: Comparison) -> list[str]:
    """Return what `make gdb` prints before its last line."""
    primary = [each for each in found.profile.indicators if not each.secondary]
    cells = [cell for each in primary for cell in found.indicator(each.indicator)]
    ways = (("published indicators", found.given), ("answers", found.answered))
    lines = [f"{'indicator, from answers':44} cells within1  worst  where"]
    lines += [row(each.indicator, found.indicator(each.indicator)) for each in primary]
    lines += [row("all of them", cells), ""]
    lines += [
        row(f"{pillar.pillar}, from {way}", found.pillar(pillar.pillar, pillar.letter, scores))
        for pillar in found.profile.pillars
        for way, scores in ways
    ]
    lines += [row("overall, from published pillars", found.from_pillars())]
    lines += [row(f"overall, from {way}", found.overall(scores)) for way, scores in ways]
    given = [each.indicator for each in found.profile.indicators if each.secondary]
    lines += ["", f"Taken as published, not computed ({len(given)}): {', '.join(given)}", "", "What does not fit:"]
    everything = [*cells, *found.overall(found.answered)]
    for pillar in found.profile.pillars:
        everything += found.pillar(pillar.pillar, pillar.letter, found.answered)
    lines += [
        f"  {each.name}, {each.jurisdiction}: from answers {each.ours:.2f}, published {each.published:.0f}"
        for each in everything
        if each.off > WITHIN
    ]
    return [*lines, "", *_hong_kong(found)]


def _hong_kong(found: Comparison) -> list[str]:
    ways = (
        ("published indicators", found.given), ("answers", found.answered),
        ("answers, every group counted once", found.plain),
    )  # fmt: skip
    lines = []
    for way, scores in ways:
        score = scores[HONG_KONG]
        pillars = " ".join(f"{each.pillar} {each.score.point:.2f}" for each in score.pillars)
        lines.append(f"Hong Kong, from {way}: {pillars} overall {score.score.point:.2f}")
    return lines


def main() -> int:
    """Print the table and the line of figures; exit with 1 where a target is missed."""
    missing = [name for name in (RESPONSES, MEASURES) if not (SHARED / name).is_file()]
    if missing:
        sys.stdout.write(f"gdb: skipped, {' and '.join(missing)} not found in ../shared/gdb\n")
        return 0
    found = compare(SHARED)
    figures = summary(found)
    sys.stdout.write("\n".join(report(found)) + "\n")
    sys.stdout.write("gdb: " + " ".join(f"{name}={value}" for name, value in figures.items()) + "\n")
    return 0 if meets(figures) else 1


def meets(figures: Mapping[str, str]) -> bool:
    """Tell whether the figures reach what docs/gdb.md promises."""
    whole = [figures[name] for name in ("jurisdictions", "overall_within_1", "odpolicy", "datamanage")]
    return (
        whole == [str(JURISDICTIONS)] * 4
        and float(figures["availability_cells_within_1"]) >= ENOUGH
        and all(abs(float(figures[name]) - told) <= TENTH / 2 for name, told in HEADLINES.items())
    )


if __name__ == "__main__":
    sys.exit(main())
