"""The two profiles after the Global Data Barometer: a dataset's checklist and the survey, worked by hand."""

from collections.abc import Mapping

import pytest

from harvester.records import Profile
from scoring.criteria.values import DISTRICTS
from scoring.survey.load import load_survey
from scoring.survey.score import SurveyAnswer, score_survey
from tests.golden_datasets import FEED, PDF, RUBRICS, body, dataset, hold, months, reckoned, resource, scored

ALL = dict.fromkeys(RUBRICS["gdb-checklist"].criteria(), 1.0)
STAKE = 100 + 100 + 30 + 10
"""Items, the gate online, the gate extent (1 - 0.70), missing data."""

# Weights: free, licence, machine readable, bulk, timely 3 each, tools and historical 1 each: 17.
VALUES = [
    pytest.param({}, (100 * (3 + 3 + 3 + 3 + 3 + 1 + 1) / 17,) * 3, STAKE, id="all seven"),
    pytest.param({"language": 0}, (100,) * 3, STAKE, id="language is asked and not counted"),
    pytest.param({"machine_readable": 0, "timely": 0.5}, (100 * (17 - 3 - 1.5) / 17,) * 3, STAKE, id="a late document"),
    pytest.param({"tools": 0, "historical": 0}, (100 * (17 - 1 - 1) / 17,) * 3, STAKE, id="the two small ones"),
    pytest.param({"missing_data": 0.5}, (100 - 5,) * 3, STAKE, id="a portion missing"),
    pytest.param({"missing_data": 0}, (100 - 10,) * 3, STAKE, id="widespread gaps"),
    pytest.param({"online": 0.5, "extent": 0.5}, (100 * 0.5 * 0.85,) * 3, STAKE, id="two gates half open"),
    pytest.param({"online": 0}, (0, 0, 0), STAKE, id="not online"),
    # gaps come off before the gates multiply
    pytest.param(
        {"bulk": 0, "missing_data": 0, "extent": 0}, ((100 * 14 / 17 - 10) * 0.70,) * 3, STAKE, id="gaps before gates"
    ),
    pytest.param({"bulk": None}, (100, 100 * 14 / 17, 100), STAKE - 300 / 17, id="one unknown"),
    pytest.param(
        {"online": None}, (100, 0, 100), STAKE - 100, id="unknown whether online: the point assumes it, low does not"
    ),
    pytest.param({"missing_data": None}, (100, 100 - 10, 100), STAKE - 10, id="unknown whether gaps"),
]


@pytest.mark.parametrize(("changes", "three", "known"), VALUES)
def test_the_checklist_by_hand(changes, three, known):
    """Each case's point, low and high by the Barometer's own formula; the share known of the 240 at stake."""
    hold(reckoned("gdb-checklist", ALL | changes), *three, known / STAKE)


def district_table(**changes):
    """A table of all eighteen districts."""
    plain = body(**changes)
    return resource(body(profile=Profile(18, plain.profile.columns, "2026-11-22", "2026-11-22", 40, tuple(DISTRICTS))))


# The extent of a dataset cannot be told but by its districts: low assumes 0.70, and 30 of 240 are not known.
DATASETS = [
    pytest.param(
        dataset(resource(body())), (100 * 16 / 17, 100 * 16 / 17 * 0.70, 100 * 16 / 17), STAKE - 30, id="a daily table"
    ),
    pytest.param(dataset(district_table()), (100 * 16 / 17,) * 3, STAKE, id="all eighteen districts"),
    # readable 0, tools 0; timely (3) and historical (1) cannot be told of a document, nor gaps, nor its extent
    pytest.param(
        dataset(resource(body(**PDF), format="PDF")),
        (100 * (3 + 3 + 0 + 3 + 0) / 13, (100 * 9 / 17 - 10) * 0.70, 100 * 13 / 17), STAKE - 400 / 17 - 30 - 10,
        id="PDF only",
    ),
    # the gate is closed, so nothing unknown matters; the licence and the gate are known
    pytest.param(dataset(resource(status=404)), (0, 0, 0), 300 / 17 + 100, id="a dead link"),
    # a key: free half, gate half, licence known; the rest is behind it
    pytest.param(
        dataset(resource(status=401)),
        (100 * (1.5 + 3) / 6 * 0.5, (100 * 4.5 / 17 - 10) * 0.5 * 0.70, 100 * (1.5 + 3 + 11) / 17 * 0.5),
        600 / 17 + 100, id="a key is asked for",
    ),
    pytest.param(
        dataset(resource(body(empty=0.3))),
        (100 * 16 / 17 - 5, (100 * 16 / 17 - 5) * 0.70, 100 * 16 / 17 - 5), STAKE - 30, id="a third of it missing",
    ),
    # Frictionless finds it invalid as published: half of 3
    pytest.param(
        dataset(resource(body(verdict="invalid"))),
        (100 * 14.5 / 17, 100 * 14.5 / 17 * 0.70, 100 * 14.5 / 17), STAKE - 30, id="an invalid table",
    ),
    # no whole among the months: half of 3
    pytest.param(
        dataset(*months(6), period_days=30.4),
        (100 * 14.5 / 17, 100 * 14.5 / 17 * 0.70, 100 * 14.5 / 17), STAKE - 30, id="split by month",
    ),
    # a live call: on time by its nature, half of 1 for the API, no history
    pytest.param(
        dataset(
            resource(body(None, 0, **FEED), format="JSON", kind="api", is_api=True), schedule="real-time",
            period_days=1 / 1440,
        ),
        (100 * 15.5 / 17, 100 * 15.5 / 17 * 0.70, 100 * 15.5 / 17), STAKE - 30, id="a live feed",
    ),
    pytest.param(
        dataset(resource(status=404), resource(body(), number=2)),
        (100 * 16 / 17, (100 * 16 / 17 - 10) * 0.70, 100 * 16 / 17), STAKE - 30 - 10, id="one of two links dead",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "three", "known"), DATASETS)
def test_whole_datasets_by_hand(facts, three, known):
    """From record, visit and content to the checklist's score."""
    hold(scored("gdb-checklist", facts).score, *three, known / STAKE)


SURVEY = load_survey()
CHECKLIST = ("FREE", "LICENSE", "MACHINE_READABLE", "BULK", "TIMELY", "TOOLS", "HISTORICAL", "LANG")
ONLINE = {"a.ONLINE": "government", "c.EXTENT": "national", "e.eb.MISSINGDATA": "none", "e.eb.COVIDAFFECTED": "no"}


def among(group: str, names: str, choice: str = "yes") -> dict[str, str]:
    """Return one choice for elements of a group, by their variables."""
    return {f"e.{group}.{name}": choice for name in names.split()}


def checklist(*yes: str) -> dict[str, str]:
    """Return the generic checklist's answers: yes to those named, no to the others."""
    return {f"e.e3.{name}": "yes" if name in yes else "no" for name in CHECKLIST}


SURVEYED = [
    # 0.9, for it has not the force of law
    pytest.param(
        "G.GOVERNANCE.ODPOLICY",
        {"a.EXISTS": "guidance", "c.EXTENT": "national"} | among("e1", "OPENDATA-DEF OPENLICENCES", "partly")
        | among("e1", "MACHINE_READABLE STANDARDS") | among("e2", "CAPACITY", "no"),
        (0.9 * (20 / 2 + 20 / 2 + 20 + 20 + 0),) * 3, 1, id="Hong Kong's open data policy, published as 54",
    ),
    pytest.param(
        "G.GOVERNANCE.DATAMANAGE",
        {"a.EXISTS": "guidance", "c.EXTENT": "national"}
        | among("e1", "METADATA PROCESS TECHSTANDARDS DOCUMENTATION FEEDBACK", "no"),
        (0, 0, 0), 1, id="Hong Kong's data management, published as 0",
    ),
    # the extent is left out: the point assumes the whole, low 0.70; at stake: 100, the gate's 100 and the extent's 30
    pytest.param(
        "G.GOVERNANCE.DATAMANAGE",
        {"a.EXISTS": "law"} | among("e1", "METADATA PROCESS")
        | among("e1", "TECHSTANDARDS DOCUMENTATION FEEDBACK", "no"),
        (20 + 20, (20 + 20) * 0.70, 20 + 20), 200 / 230, id="an extent nobody answered",
    ),
    # one element left out: 40 of the 80 known; 40 at worst, 60 at best
    pytest.param(
        "G.GOVERNANCE.DATAMANAGE",
        {"a.EXISTS": "law", "c.EXTENT": "national"} | among("e1", "METADATA PROCESS")
        | among("e1", "TECHSTANDARDS DOCUMENTATION", "no"),
        (100 * 40 / 80, 40, 60), 210 / 230, id="an element nobody answered",
    ),
    pytest.param("G.GOVERNANCE.ODPOLICY", {"a.EXISTS": "none"}, (0, 0, 0), 1, id="no policy settles all the rest"),
    # existence unknown, and nothing is assumed of it: no point
    pytest.param(
        "G.GOVERNANCE.DATAMANAGE",
        {"c.EXTENT": "national"} | among("e1", "METADATA PROCESS TECHSTANDARDS DOCUMENTATION FEEDBACK"),
        (None, 0, 100), 130 / 230, id="unknown whether it exists",
    ),
    # (elements - gaps) x not because of government x a representative locality
    pytest.param(
        "A.COMPANY.REG",
        ONLINE | {"a.ONLINE": "other", "c.EXTENT": "representative", "e.eb.MISSINGDATA": "widespread"}
        | among("e1", "ORGID BASIC") | among("e1", "DIRECTORS ACCOUNTS GENDER", "no")
        | checklist("FREE", "LICENSE", "TIMELY", "LANG"),
        ((35 * 2 / 4 + 65 * (3 + 3 + 3) / 17 - 10) * 0.5 * 0.85,) * 3, 1, id="gates and gaps",
    ),
    # three groups of 25, 15 and 60
    pytest.param(
        "A.CLIMATE.BIO",
        {"a.ONLINE": "government", "c.EXTENT": "national", "e.eb.COVIDAFFECTED": "partly"}
        | among("e1", "MAMMALS BIRDS REPTILES AMPHIBIANS FISH")
        | among("e1", "INVERTEBRATES FUNGI NVP VP GREENLIST", "no")
        | among("e2", "STANDARDS") | among("e2", "VALIDATION", "partly") | among("e2", "CONTRIB LIMITS", "no")
        | checklist(*CHECKLIST),
        (25 * 5 / 10 + 15 * 1.5 / 4 + 60 - 5,) * 3, 1, id="biodiversity, affected in part by the pandemic",
    ),
    # gender and transactions are asked and not counted; a small proportion is 0.70
    pytest.param(
        "A.LAND.TENURE",
        ONLINE | {"c.EXTENT": "small"}
        | among("e1", "INDIGENOUS NATURALPERSONS LEGALPERSONS STATE", "partly")
        | among("e1", "COMMUNAL OPENACCESS TENURETYPE CONCESSIONS", "partly")
        | among("e2", "GEO GENDER TRANSACTIONS") | among("e2", "LANDRIGHTS", "partly") | checklist("FREE", "TOOLS"),
        ((30 / 2 + 10 * 1.5 / 2 + 60 * (3 + 1) / 17) * 0.70,) * 3, 1, id="land tenure",
    ),
    # four levels of extent, the third of which is 0.90
    pytest.param(
        "A.PROCUREMENT.OC",
        ONLINE | {"c.EXTENT": "large"} | among("e1", "GOODS WORKS TENDER")
        | among("e1", "PLANNING AWARD IMPLEMENTATION", "no") | among("e2", "PROCESSID DATES VALUES ITEMS")
        | among("e2", "COMPANYID SPENDLINK STANDARDS DOCUMENTS", "no") | checklist("FREE", "BULK", "HISTORICAL"),
        ((20 * 3 / 6 + 20 * 4 / 8 + 60 * (3 + 3 + 1) / 17) * 0.90,) * 3, 1, id="contracts",
    ),
    # operational 1 x binding rules 0.95
    pytest.param(
        "G.PI.IAD",
        {"a.EXIST": "operational", "a.DATARULES": "binding", "c.EXTENT": "national"} | among("e1", "AL INKIND")
        | among("e1", "CHANGE", "partly") | among("e1", "FAMILY", "no") | among("e2", "AGENCY")
        | among("e2", "VERIFICATION", "no") | among("e3", "TIMELY PUBLICATION") | among("e3", "STRUCTURED", "no"),
        (0.95 * (50 * 2.5 / 4 + 20 / 2 + 30 * 2 / 3),) * 3, 1, id="interests and assets",
    ),
    pytest.param(
        "C.CAPABILITIES.ODINIT",
        {"a.EXISTS": "sustained", "c.EXTENT": "all"} | among("e1", "TEAM GUIDANCE", "partly")
        | among("e1", "BUDGET PORTAL LEADERSHIP"),
        (20 / 2 + 20 / 2 + 20 + 20 + 20,) * 3, 1, id="Hong Kong's initiative, published as 80",
    ),
    # some evidence 0.8 x representative 0.85
    pytest.param(
        "C.CAPABILITIES.GOVSUPPORT",
        {"a.EXISTS": "some", "c.EXTENT": "representative"} | among("e1", "REUSE") | among("e1", "BIGDATA", "partly")
        | among("e1", "PRIVATE CROWDSOURCED SUPPORT", "no") | among("e2", "CSO MEDIA")
        | among("e2", "ACADEMIA PRIVATE", "no") | among("e3", "CHALLENGES HACKATHONS COMMUNITY")
        | among("e3", "INFOSESSIONS FUNDING", "no"),
        (0.8 * 0.85 * (10 + 5 / 2 + 7.5 * 2 + 8 * 3),) * 3, 1, id="support for reuse",
    ),
    # isolated uses 0.5 x spread partly 0.85
    pytest.param(
        "U.PI.ACCOUNT",
        {"a.EXISTS": "isolated", "c.EXTENT": "partly"} | among("e1", "CSO ACADEMIA") | among("e1", "MEDIA", "partly")
        | among("e1", "PRIVATESECTOR", "no") | among("e2", "AI", "no"),
        (0.5 * 0.85 * (20 + 20 + 20 / 2),) * 3, 1, id="accountability",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("indicator", "choices", "three", "known"), SURVEYED)
def test_the_survey_by_hand(indicator: str, choices: Mapping[str, str], three, known):
    """Each indicator from its answers: elements, less what modifiers take, times existence and extent."""
    answers = [SurveyAnswer(f"{indicator}.{tail}", choice) for tail, choice in choices.items()]
    hold(score_survey(SURVEY, answers).indicators()[indicator].score, *three, known)


# Hong Kong's published scores by indicator, in the order in which its pillars' means take them.
GOVERNANCE = {
    "GOVERNANCE.ODPOLICY": 54, "GOVERNANCE.DATAMANAGE": 0, "GOVERNANCE.DATASHARING": 16, "GOVERNANCE.DPL": 64,
    "GOVERNANCE.ACCESSIBILITY": 40, "GOVERNANCE.LANG": 45, "COMPANY.BOT": 31, "PF.PUB-FINANCE": 42, "PI.IAD": 70,
    "PI.LOBBY": 0, "PI.POLFIN": 29, "PI.PUBCON": 100, "PI.RTI": 0, "PI.RTIF": 52,
}  # fmt: skip
AVAILABILITY = {
    "CLIMATE.EMI": 88, "CLIMATE.BIO": 60, "CLIMATE.VUL": 54, "COMPANY.BOT": 0, "COMPANY.REG": 62, "HEALTH.CRVS": 70,
    "HEALTH.RTC": 52, "HEALTH.VAC": 72, "LAND.ELU": 87, "LAND.TENURE": 41, "PF.BUDGETSPEND": 80, "PI.IAD": 39,
    "PI.LOBBY": 0, "PI.POLFIN": 0, "PI.PUBCON": 61, "PI.RTI": 50, "PROCUREMENT.OC": 71, "HEALTH.HSC": 62,
    "HEALTH.TEST": 100, "HEALTH.INFMORT": 0,
}  # fmt: skip
CAPABILITY = {
    "CAPABILITIES.ODINIT": 80, "CAPABILITIES.GOVSUPPORT": 40, "CAPABILITIES.SUBNAT": 39, "CAPABILITIES.TRAIN": 40,
    "PI.INTEROP": 15, "CAPABILITIES.DIGGOV": 77, "CAPABILITIES.HUMANCAP": 79, "CAPABILITIES.PFREEDOM": 55,
    "CAPABILITIES.ONLINESERV": 67, "CAPABILITIES.DATAINST": 100, "CAPABILITIES.DIGSKILLS": 71,
    "CAPABILITIES.DIGTOOLS": 82, "CAPABILITIES.EMPLOY": 62, "CAPABILITIES.INTACCESS": 95, "CAPABILITIES.STANDARDS": 78,
}  # fmt: skip
USE = {
    "COMPANY.DUEDIL": 31,
    "LAND.GENDERINCLUSION": 54,
    "PI.ACCOUNT": 4,
    "PROCUREMENT.ANALYTICS": 4,
    "USE.INTERNATIONAL": 80,
}

G = (1.5 * (54 + 0 + 16 + 64 + 40) + 31 + 42 + 70 + 0 + 29 + 100 + 0 + 0.7 * 52) / 15.2
A = (88 + 60 + 54 + 0 + 62 + 70 + 52 + 72 + 87 + 41 + 80 + 39 + 0 + 0 + 61 + 50 + 71 + 0.3 * 62 + 0.2 * 100) / 17.5
C = (1.5 * (80 + 40 + 39 + 40) + 15 + 0.7 * (77 + 79 + 55 + 67) + 0.45 * (100 + 71 + 82 + 62 + 95 + 78)) / 12.5
U = (1.8 * (31 + 54 + 4 + 4) + 1 * 80) / 8.2


def given_(letter: str, scores: Mapping[str, float]) -> list[SurveyAnswer]:
    """Return indicators' scores as answers."""
    return [SurveyAnswer(f"{letter}.{name}", score=score) for name, score in scores.items()]


@pytest.mark.parametrize(
    ("letter", "scores", "pillar", "expected", "published"),
    [
        ("G", GOVERNANCE, "governance", G, 37.5), ("A", AVAILABILITY, "availability", A, 52.9),
        ("C", CAPABILITY, "capability", C, 58.2), ("U", USE, "use", U, 30),
    ],
)  # fmt: skip
def test_hong_kongs_pillars_by_hand(letter, scores, pillar, expected, published):
    """Hong Kong's published indicators give, by the weights written out, its published pillars."""
    found = score_survey(SURVEY, given_(letter, scores)).pillar(pillar).score
    hold(found, expected, expected, expected)
    assert found.point == pytest.approx(published, abs=0.5 if pillar == "use" else 0.05)


def test_the_whole_by_hand():
    """All four: 0.42 A + 0.30 G + 0.24 C + 0.04 U, published rounded as 49."""
    answers = [*given_("G", GOVERNANCE), *given_("A", AVAILABILITY), *given_("C", CAPABILITY), *given_("U", USE)]
    found = score_survey(SURVEY, answers).score
    hold(found, *(0.42 * A + 0.30 * G + 0.24 * C + 0.04 * U,) * 3)
    assert found.point is not None
    assert round(found.point) == 49


def test_a_pillar_nobody_answered_is_left_out_of_the_point_and_widens_the_bounds():
    """Without availability the point is over the other 58 parts; what is unknown is worth 0 at worst and 42 at best."""
    answers = [*given_("G", GOVERNANCE), *given_("C", CAPABILITY), *given_("U", USE)]
    rest = 0.30 * G + 0.24 * C + 0.04 * U
    hold(score_survey(SURVEY, answers).score, rest / 0.58, rest, rest + 42, 0.58)
