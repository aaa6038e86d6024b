"""The worklist: what becomes a task, how bad it is, by when, and what mending it gives back."""

from datetime import UTC, datetime

import pytest

from scoring.criteria import CRITERIA, RESOURCE_CRITERIA, roll_up
from scoring.criteria.base import Answer
from scoring.rubric import load_rubric
from scoring.score import score_dataset
from scoring.sentences.effort import EXAMPLES, OF_CRITERION, OF_REASON, gain_per_hour
from scoring.worklist import NEVER_A_TASK, due, severity, tasks

AS_OF = datetime(2026, 11, 23, 4, tzinfo=UTC)  # a Monday
RUBRIC = load_rubric()


def whole(**values):
    """A dataset's own answers to all dataset criteria, yes but where told otherwise."""
    names = [name for name in CRITERIA if name not in RESOURCE_CRITERIA]
    return [Answer(name, "d", "", values.get(name, 1.0), "x") for name in names]


def files(criterion, *values):
    """The resources' answers to one criterion, and the dataset's own made of them."""
    answers = [Answer(criterion, "d", f"r{number}", value, "x") for number, value in enumerate(values)]
    return [*answers, roll_up(CRITERIA[criterion], "d", answers)]


def all_answers(*groups, **values):
    given = {answer.criterion for group in groups for answer in group}
    rest = [files(name, 1.0) for name in RESOURCE_CRITERIA - given]
    return [answer for group in (*groups, *rest, whole(**values)) for answer in group]


def worklist(answers):
    return {
        (task.resource, task.criterion): task for task in tasks(RUBRIC, answers, score_dataset(RUBRIC, answers), AS_OF)
    }


def test_a_sound_dataset_has_nothing_to_do():
    """Yes and unknown make no task."""
    assert worklist(all_answers(files("encoding", None), timely=None)) == {}


def test_points_are_what_the_dataset_would_regain():
    """Timely no to yes is 3 of 17: 17.6 points; tools 1 of 17: 5.9; schedule is not weighed: 0."""
    found = worklist(all_answers(timely=0.0, tools=0.0, schedule=0.5))
    assert {key[1]: task.points for key, task in found.items()} == {"timely": 17.6, "tools": 5.9, "schedule": 0.0}
    assert {key[1]: task.severity for key, task in found.items()} == {"timely": 6, "tools": 8, "schedule": 8}


def test_mending_a_file_gives_points_only_where_no_other_file_does():
    """The best file counts: a second PDF beside a good CSV gives nothing back, the only file 3 of 17."""
    beside = worklist(all_answers(files("machine_readable", 1.0, 0.0)))
    alone = worklist(all_answers(files("machine_readable", 0.0)))
    assert beside["r1", "machine_readable"].points == 0.0
    assert alone["r0", "machine_readable"].points == 17.6
    assert alone["r0", "machine_readable"].severity == 3


def test_the_worst_file_holds_the_modifier():
    """Two files with gaps take 5 points together: mending one alone gives nothing, mending the only one gives 5."""
    assert worklist(all_answers(files("missing_data", 0.5, 0.5)))["r0", "missing_data"].points == 0.0
    assert worklist(all_answers(files("missing_data", 0.5, 1.0)))["r0", "missing_data"].points == 5.0


def test_a_dead_only_file_opens_the_gate():
    """Everything else known yes: a closed gate holds back all 100 points."""
    task = worklist(all_answers(files("online", 0.0)))["r0", "online"]
    assert (task.points, task.severity) == (100.0, 0)


@pytest.mark.parametrize(("last_ok", "grade"), [("2026-11-20", 3), ("2026-11-16", 3), ("2026-09-01", 0), (None, 0)])
def test_down_now_but_up_this_week_is_intermittent(last_ok, grade):
    """A link that worked within seven days is severity 3, any other dead one 0."""
    facts = {"last_ok": last_ok} if last_ok else {}
    assert severity(Answer("online", "d", "r", 0.0, "gone", facts), datetime(2026, 11, 23, tzinfo=UTC)) == grade


@pytest.mark.parametrize(("grade", "day"), [(0, "2026-12-07"), (3, "2026-12-21"), (6, "2027-01-04"), (8, "2027-02-15")])
def test_due_counts_working_days(grade, day):
    """10, 20, 30 and 60 working days after Monday 23 November: two, four, six and twelve weeks later."""
    assert due(AS_OF, grade).date().isoformat() == day


def test_due_starts_on_hong_kongs_day():
    """Friday 23:00 in London's winter is Saturday in Hong Kong: the first working day is Monday."""
    assert due(datetime(2026, 11, 20, 23, tzinfo=UTC), 0).date().isoformat() == "2026-12-04"


def test_what_comes_and_goes_is_intermittent():
    """An address that is partly available because it comes and goes is as severe as one that failed this week."""
    assert severity(Answer("online", "d", "r", 0.5, "flapping"), datetime(2026, 11, 23, tzinfo=UTC)) == 3
    assert severity(Answer("online", "d", "r", 0.5, "key-required"), datetime(2026, 11, 23, tzinfo=UTC)) == 8


def test_every_mend_has_an_effort_and_examples_are_of_reasons_there_are():
    """Each reason below yes has a class of effort by its criterion or its own, and no entry names a reason unknown."""
    below = {(name, reason) for name, each in CRITERIA.items() for reason, value in each.reasons.items()
             if value is not None and value < 1 and name not in NEVER_A_TASK}  # fmt: skip
    assert {name for name, _ in below} == set(OF_CRITERION)
    assert set(OF_REASON) | set(EXAMPLES) <= below
    assert all(OF_REASON[key] != OF_CRITERION[key[0]] for key in OF_REASON)


def test_gain_is_set_against_effort():
    """17.6 points in minutes are 35.2 an hour, in days 0.73: a contact typed in comes before a new file for as much."""
    assert gain_per_hour(17.6, "contact", "none") == pytest.approx(35.2)
    assert gain_per_hour(17.6, "machine_readable", "document") == pytest.approx(17.6 / 24)
