"""A survey's score: worked by hand, held by properties, its file's mistakes told, and held against the published."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import gdb
from harvester.errors import SettingsError
from scoring.rubric import load_rubric
from scoring.score import Score
from scoring.survey.load import load_survey, parse_survey
from scoring.survey.profile import Indicator
from scoring.survey.score import SurveyAnswer, score_survey, weighted

PROFILE = load_survey()
INDICATORS = {each.indicator: each for each in PROFILE.indicators}
CHECKLIST = "FREE LICENSE LANG TOOLS TIMELY HISTORICAL MACHINE_READABLE BULK"


def score_of(name: str, choices: Mapping[str, str | None]):
    """Return one indicator's score from choices by the tail of their variables."""
    answers = [SurveyAnswer(f"{name}.{tail}", choice) for tail, choice in choices.items()]
    return score_survey(PROFILE, answers).indicators()[name]


def point(name: str, choices: Mapping[str, str | None]) -> float | None:
    return score_of(name, choices).score.point


def block(group: str, **choices: str) -> dict[str, str]:
    """Return choices by variable; a run of names joined by `__` shares one."""
    return {f"e.{group}.{name}": choice for names, choice in choices.items() for name in names.split("__")}


def all_of(name: str, choice: str = "yes") -> dict[str, str]:
    """Return the same answer for every element of an indicator whose scale offers it."""
    return {
        each.variable.removeprefix(f"{name}."): choice
        for each in INDICATORS[name].elements()
        if choice in {option.choice for option in each.scale.choices}
    }


ODPOLICY = "G.GOVERNANCE.ODPOLICY"
HONG_KONG_POLICY = {
    "a.EXISTS": "guidance", "c.EXTENT": "national",
    "e.e1.OPENDATA-DEF": "partly", "e.e1.OPENLICENCES": "partly", "e.e1.MACHINE_READABLE": "yes",
    "e.e1.STANDARDS": "yes", "e.e2.CAPACITY": "no",
}  # fmt: skip
TOPIC = {"a.ONLINE": "government", "c.EXTENT": "national", "e.eb.MISSINGDATA": "none"}
VAC = TOPIC | all_of("A.HEALTH.VAC")

GOLDEN = [
    # 0.9 x (20 x 1/2 + 20 x 1/2 + 20 + 20 + 20 x 0) = 0.9 x 60
    pytest.param(ODPOLICY, HONG_KONG_POLICY, 54.0, id="Hong Kong's open data policy"),
    # 0.9 x (20 x 0 five times)
    pytest.param(
        "G.GOVERNANCE.DATAMANAGE",
        {"a.EXISTS": "guidance", "c.EXTENT": "national", **all_of("G.GOVERNANCE.DATAMANAGE", "no")},
        0.0,
        id="Hong Kong's data management",
    ),
    # both extents above the lowest level, not both at the highest: 0.90; 0.9 x 0.90 x (20/2 + 20/2)
    pytest.param(
        "G.GOVERNANCE.DATASHARING",
        {
            "a.EXISTS": "guidance", "c.DSF": "similar", "c.EXTENT": "national",
            **block("e1", GOV_INTERNAL__GOV_OTHERS="partly", OTHTOGOV__PRIVATESECTOR="no"), "e.e2.AI": "no",
        },
        16.2,
        id="Hong Kong's data sharing",
    ),
    # 16 x 4 of 5, and neither of the two worth 10
    pytest.param(
        "G.GOVERNANCE.DPL",
        {
            "a.EXISTS": "law", "c.SECTOR_EXTENT": "all", "c.GEOGRAPHIC_SCOPE": "national", "e.eb.COVIDEXCEPTIONS": "no",
            **block("e1", CONSENT__ACCESS_CORRECTION__DATA_HOLDER_RESPONSIBILITY__REDRESS="yes", BREACH="no"),
            **block("e2", LOCATION__AI="no"),
        },
        64.0,
        id="Hong Kong's data protection",
    ),
    # 0.9 x 0.9 x (30 x 1/2 + 30 x 1/2 + 20 + 0) = 0.81 x 50: the answers of existence earn points besides
    pytest.param(
        "G.GOVERNANCE.ACCESSIBILITY",
        {
            "a.EXISTS": "guidance", "a.NATURE": "broader", "c.EXTENT": "national",
            "e.e1.AGENCY": "yes", "e.e1.VERIFICATION": "no",
        },
        40.5,
        id="Hong Kong's accessibility",
    ),
    # 20/2 + 20 + 20 + 20/2 + 20
    pytest.param(
        "C.CAPABILITIES.ODINIT",
        {
            "a.EXISTS": "sustained", "c.EXTENT": "all",
            **block("e1", TEAM__GUIDANCE="partly", BUDGET__PORTAL__LEADERSHIP="yes"),
        },
        80.0,
        id="Hong Kong's initiative",
    ),
    # 35 x 2/5 + 65 x (3 free + 3 licence + 3 timely + 1 tools) / 17 = 14 + 38.235294
    pytest.param(
        "A.HEALTH.RTC",
        {
            **TOPIC,
            **block("e1", FACILITYLEVEL__BEDS__DEVICES="no", TESTS__VACCINES="yes"),
            **block("e3", FREE__LICENSE__LANG__TOOLS__TIMELY="yes", HISTORICAL__MACHINE_READABLE__BULK="no"),
        },
        52.235294,
        id="Hong Kong's hospitals",
    ),
    # 100 - 10 for widespread gaps, then x 0.85
    pytest.param(
        "A.HEALTH.VAC", VAC | {"c.EXTENT": "representative", "e.eb.MISSINGDATA": "widespread"}, 76.5,
        id="gaps come off before the extent multiplies",
    ),
    # (100 - 5) x 0.5 x 0.70
    pytest.param(
        "A.HEALTH.VAC", VAC | {"a.ONLINE": "other", "c.EXTENT": "limited", "e.eb.MISSINGDATA": "portion"}, 33.25,
        id="both gates and a gap",
    ),
    # not online: nothing, whatever else is said
    pytest.param("A.HEALTH.VAC", VAC | {"a.ONLINE": "none"}, 0.0, id="not online"),
    # known: 35 yes of 35, checklist 3 free yes + 3 bulk no of 17: (35 + 65 x 3/17) / (35 + 65 x 6/17)
    pytest.param(
        "A.HEALTH.VAC",
        TOPIC | {**{tail: "yes" for tail in VAC if tail.startswith("e.e1")}, "e.e3.FREE": "yes", "e.e3.BULK": "no"},
        100 * (35 + 65 * 3 / 17) / (35 + 65 * 6 / 17),
        id="the point is over what is known",
    ),
    # extents at the lowest and a middle level: 0.85; language and gender count for nothing
    pytest.param(
        "A.COMPANY.BOT",
        {
            **TOPIC, "c.EXTENT": "limited", "c.SECTOR_EXTENT": "several", **all_of("A.COMPANY.BOT"),
            "e.e1.GENDER": "no", "e.e3.LANG": "no", "e.eb.COVIDAFFECTED": "no",
        },
        85.0,
        id="two extents, one above the lowest",
    ),
    # 0.6 x 0.60 x (16 + 18/2) = 0.36 x 25
    pytest.param(
        "G.COMPANY.BOT",
        {
            "a.EXIST": "drafted", "a.DATARULES": "none", "c.EXTENT": "national", **all_of("G.COMPANY.BOT", "no"),
            "e.e1.DEFN-OWN": "yes", "e.e1.EXCEPTIONS": "partly",
        },
        9.0,
        id="drafted rules that do not mention data",
    ),
    # 0.6 x 10 x 50/6 x 1/2: a group counted ten times
    pytest.param(
        "G.PI.PUBCON",
        {
            "a.EXIST": "operational", "a.DATARULES": "none", "c.EXTENT": "national", **all_of("G.PI.PUBCON", "no"),
            "e.e1.FINAL": "partly",
        },
        25.0,
        id="public consultation as published",
    ),
    # 0.95 x 50/6 x 1/2: a threshold is half of every donor
    pytest.param(
        "G.PI.POLFIN",
        {
            "a.EXIST": "operational", "a.DATARULES": "binding", "c.EXTENT": "national", **all_of("G.PI.POLFIN", "no"),
            "e.e1.DONORID": "threshold",
        },
        0.95 * 50 / 6 / 2,
        id="donors above a threshold",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "choices", "expected"), GOLDEN)
def test_an_indicator_comes_out_as_worked_by_hand(name: str, choices: Mapping[str, str], expected: float) -> None:
    """Each case's arithmetic stands in the comment above it."""
    assert point(name, choices) == pytest.approx(expected, abs=1e-5)


def test_a_pillar_is_the_weighted_mean_of_what_is_known_and_bounds_say_the_rest() -> None:
    """Capability of 80 at weight 1.5 and 40 at 0.7: (120 + 28) / 2.2; bounds and share over the whole 12.5.

    The best that training (1.5) can reach is 90, for its extents never reach the highest level.
    """
    given_ = [SurveyAnswer("C.CAPABILITIES.ODINIT", score=80), SurveyAnswer("C.CAPABILITIES.DIGGOV", score=40)]
    score = score_survey(PROFILE, given_).pillar("capability").score
    assert score.point == pytest.approx(148 / 2.2, abs=1e-5)
    assert score.low == pytest.approx(148 / 12.5, abs=1e-5)
    assert score.high == pytest.approx((148 + 100 * 8.8 + 90 * 1.5) / 12.5, abs=1e-5)
    assert score.known == pytest.approx(2.2 / 12.5, abs=1e-5)


def test_the_whole_is_42_30_24_and_4_parts() -> None:
    """Hong Kong's published pillars give 48.6: 0.42 x 52.9 + 0.30 x 37.5 + 0.24 x 58.2 + 0.04 x 30."""
    pillars = {"availability": 52.9, "governance": 37.5, "capability": 58.2, "use": 30.0}
    weights = {each.pillar: each.weight for each in PROFILE.pillars}
    whole = weighted({name: (weights[name], Score(value, value, value, 1.0)) for name, value in pillars.items()})
    assert whole.point == pytest.approx(22.218 + 11.25 + 13.968 + 1.2, abs=1e-5)


def test_unknown_is_kept_apart_from_no() -> None:
    """Nothing known gives no point and bounds of 0 and 100; one unknown of ODPOLICY moves only its own 18 points."""
    nothing = score_survey(PROFILE, []).pillar("availability").score
    assert (nothing.point, nothing.low, nothing.high, nothing.known) == (None, 0.0, 100.0, 0.0)
    score = score_of(ODPOLICY, HONG_KONG_POLICY | {"e.e2.CAPACITY": None}).score
    assert (score.point, score.low, score.high) == (67.5, 54.0, 72.0)  # 0.9 x 60/80, 0.9 x 60, 0.9 x 80
    assert score.known == pytest.approx((80 + 100 + 30) / (100 + 100 + 30), abs=1e-5)


def test_the_parts_of_a_score_are_kept() -> None:
    """A page can show what each group, gate, extent and modifier did, and what was assumed."""
    part = score_of("A.HEALTH.VAC", VAC | {"c.EXTENT": None, "e.eb.MISSINGDATA": "portion"})
    assert [(group.group, group.weight, group.score.point) for group in part.groups] == [
        ("e1", 35.0, 100.0),
        ("e3", 65.0, 100.0),
    ]
    assert [(gate.choice, gate.factor, gate.assumed) for gate in part.gates] == [
        ("government", 1.0, False),
        (None, 1.0, True),
    ]
    assert [(each.choice, each.taken) for each in part.modifiers] == [("portion", 5.0)]
    assert (part.extent, part.score.point, part.score.low) == (1.0, 95.0, pytest.approx(95 * 0.7))


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([SurveyAnswer("G.NO.SUCH", "yes")], "does not ask"),
        ([SurveyAnswer(f"{ODPOLICY}.a.EXISTS", "yes")], "cannot be"),
        ([SurveyAnswer(f"{ODPOLICY}.a.EXISTS", "law")] * 2, "answered twice"),
        ([SurveyAnswer(ODPOLICY, score=100.5)], "score from 0 to 100"),
        ([SurveyAnswer(f"{ODPOLICY}.a.EXISTS", score=50)], "score from 0 to 100"),
    ],
)
def test_an_answer_that_makes_no_sense_is_refused(answers: list[SurveyAnswer], said: str) -> None:
    """A wrong variable, choice or score is never passed over."""
    with pytest.raises(ValueError, match=said):
        score_survey(PROFILE, answers)


PRIMARY = [each for each in PROFILE.indicators if not each.secondary]


@st.composite
def answered(draw: st.DrawFn) -> tuple[Indicator, dict[str, str | None]]:
    """Draw an indicator and a choice or an unknown for each of its questions."""
    indicator = draw(st.sampled_from(PRIMARY))
    return indicator, {
        variable: draw(st.sampled_from([None, *(each.choice for each in scale.choices)]))
        for variable, scale in indicator.questions()
    }


def of(indicator: Indicator, choices: Mapping[str, str | None]) -> Score:
    found = score_survey(PROFILE, [SurveyAnswer(name, choice) for name, choice in choices.items()])
    return found.indicators()[indicator.indicator].score


@given(answered(), st.data())
@settings(max_examples=150, deadline=None)
def test_a_better_answer_never_lowers(drawn: tuple[Indicator, dict[str, str | None]], data: st.DataObject) -> None:
    """Raising one known answer, or taking fewer points, lowers neither point nor bounds."""
    indicator, choices = drawn
    known = sorted(name for name, choice in choices.items() if choice is not None)
    if not known:
        return
    name = data.draw(st.sampled_from(known))
    scale = dict(indicator.questions())[name]
    sign = -1 if name in {each.variable for each in indicator.modifiers} else 1
    now = sign * (scale.value(choices[name]) or 0)
    better = [each.choice for each in scale.choices if sign * each.value >= now]
    before, after = of(indicator, choices), of(indicator, choices | {name: data.draw(st.sampled_from(better))})
    assert after.low >= before.low
    assert after.high >= before.high
    if before.point is not None and after.point is not None:
        assert after.point >= before.point


@given(answered(), st.data())
@settings(max_examples=150, deadline=None)
def test_forgetting_never_raises_low_nor_lowers_high(
    drawn: tuple[Indicator, dict[str, str | None]], data: st.DataObject
) -> None:
    """Whatever becomes unknown only widens the bounds, lowers the share known, and the point stays between them."""
    indicator, choices = drawn
    name = data.draw(st.sampled_from(sorted(choices)))
    before, after = of(indicator, choices), of(indicator, choices | {name: None})
    assert after.low <= before.low
    assert after.high >= before.high
    assert after.known <= before.known
    for score in (before, after):
        assert score.point is None or score.low <= score.point <= score.high


@given(answered(), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_order_does_not_matter(drawn: tuple[Indicator, dict[str, str | None]], random) -> None:
    """The same answers in any order make the same score, to the last digit."""
    _, choices = drawn
    answers = [SurveyAnswer(name, choice) for name, choice in choices.items()]
    shuffled = list(answers)
    random.shuffle(shuffled)
    assert score_survey(PROFILE, shuffled) == score_survey(PROFILE, answers)


OURS = Path("scoring/rubrics/gdb-2022.yml")
WRONG = [
    ("kind: survey", "kind: census", "write `kind: survey`"),
    ("    weight: 0.42", "    weight: much", "a number from 0 to"),
    ("    weight: 0.42", "    wieght: 0.42", "`wieght` is not known here"),
    ("    letter: A", "    letter: ''", "expected a text"),
    ("    pillar: availability", "    pillar: openness", "there is no pillar 'openness'"),
    ("    existence: {a.ONLINE: online}", "    existence: {a.ONLINE: on}", "there is no scale 'on'"),
    ("    existence: {a.ONLINE: online}", "    existence: {a.ONLINE: gaps}", "takes points"),
    ("    existence: {a.ONLINE: online}", "    existence: online", "expected questions and their scales"),
    ("{group: e2, weight: 15,", "{group: e2, weight: 16,", "do not make 100 points"),
    ("block: checklist}", "block: checklists}", "there is no block 'checklists'"),
    (
        "{group: e1, weight: 35, elements: [NATDETAIL,",
        "{group: e1, weight: 35, elements: [EID,",
        "EID is written twice",
    ),
    ("together: [0.70, 0.85, 0.90, 1]", "together: [0.70, 0.95, 0.90, 1]", "four factors that rise"),
    ("    together: [0.70, 0.85, 0.90, 1]\n", "", "two extents, and only two, need `together:`"),
    ("    assumed: national", "    assumed: galactic", "has no choice 'galactic'"),
    ("    firm: D~", "    firm: fairly", "how firm is 'fairly'"),
    ("  - scale: donors", "  - scale: element", "the scale element is written twice"),
    ("modifiers: {e.eb.COVIDEXCEPTIONS: exceptions}", "modifiers: {a.EXISTS: exceptions}", "is used twice"),
]


@pytest.mark.parametrize(("old", "new", "said"), WRONG)
def test_a_wrong_line_is_named_with_its_file_and_what_to_write(old: str, new: str, said: str) -> None:
    """Every mistake names the file and a line no further from it than the indicator it stands in."""
    text = OURS.read_text(encoding="utf-8")
    assert old in text
    at = text[: text.index(old)].count("\n") + 1
    with pytest.raises(SettingsError, match=r"^mine\.yml, line \d+: ") as caught:
        parse_survey(text.replace(old, new, 1), "mine.yml")
    message = str(caught.value)
    assert said in message
    told = re.search(r"line (\d+)", message)
    assert told
    assert abs(int(told[1]) - at) <= 20


def test_a_line_is_named_exactly() -> None:
    """A value that makes no sense is told at its own line."""
    text = OURS.read_text(encoding="utf-8").replace("    weight: 0.42", "    weight: much", 1)
    line = text[: text.index("    weight: much")].count("\n") + 1
    with pytest.raises(SettingsError, match=rf"^mine\.yml, line {line}: the weight of availability is 'much'"):
        parse_survey(text, "mine.yml")


@pytest.mark.parametrize(("text", "said"), [("a: [", "not YAML"), ("- a", "a rubric is a mapping")])
def test_what_is_no_profile_is_told(text: str, said: str, tmp_path: Path) -> None:
    """A file that is not YAML, or no mapping, or cannot be read, is told and not guessed at."""
    with pytest.raises(SettingsError, match=said):
        parse_survey(text, "mine.yml")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_survey(tmp_path / "none.yml")


def test_a_survey_is_not_read_as_a_profile_of_datasets() -> None:
    """Each of the two readers refuses the other's file, and says so."""
    with pytest.raises(SettingsError):
        load_rubric(OURS)
    with pytest.raises(SettingsError):
        load_survey(Path("scoring/rubrics/gdb-checklist.yml"))


def test_the_checklist_of_topics_is_the_checklist_of_datasets() -> None:
    """The eight elements asked of every topic weigh what their namesakes weigh for a dataset."""
    names = {"licence": "LICENSE", "language": "LANG"}
    datasets = {names.get(each.criterion, each.criterion.upper()): each.weight for each in load_rubric().items}
    last = INDICATORS["A.HEALTH.VAC"].groups[-1]
    topic = {each.variable.rsplit(".", 1)[1]: each.weight * 17 / last.weight for each in last.elements}
    assert topic == pytest.approx(datasets)
    assert set(topic) == set(CHECKLIST.split())


@pytest.mark.shared
@pytest.mark.skipif(not gdb.SHARED.is_dir(), reason="../shared/gdb is not beside the checkout")
def test_published_scores_come_out_again() -> None:
    """From answers alone all 4,251 published scores but one come within a point, and Hong Kong's pillars to a tenth."""
    found = gdb.compare(gdb.SHARED)
    assert gdb.meets(gdb.summary(found))
    misses = [
        (cell.jurisdiction, cell.name)
        for each in PRIMARY
        for cell in found.indicator(each.indicator)
        if cell.off > gdb.WITHIN
    ]
    assert misses == [("ALB", "G.COMPANY.BOT")]
    assert gdb.within(found.overall(found.given)) == gdb.JURISDICTIONS
    assert gdb.within(found.overall(found.answered)) == gdb.JURISDICTIONS - 1


def test_without_the_published_files_the_comparison_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody without the files is told that anything failed."""
    monkeypatch.setattr(gdb, "SHARED", tmp_path)
    assert gdb.main() == 0
    assert capsys.readouterr().out.startswith("gdb: skipped, ")
