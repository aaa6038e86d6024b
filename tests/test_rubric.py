"""Profiles: the one we ship is what its source says, and a wrong one is told where and how to mend it."""

from importlib.resources import files

import pytest

from harvester.errors import SettingsError
from scoring.rubric import load_rubric, parse_rubric

OURS = files("scoring").joinpath("rubrics", "gdb-checklist.yml").read_text(encoding="utf-8")


def test_the_checklist_is_the_barometers():
    """Weights 3:3:3:3:3:1:1:0, gates online and extent, five or ten points for gaps, and a source for every one."""
    rubric = load_rubric()
    weights = {item.criterion: item.weight for item in rubric.items}
    assert weights == {
        "free": 3, "licence": 3, "machine_readable": 3, "bulk": 3, "timely": 3, "tools": 1, "historical": 1,
        "language": 0,
    }  # fmt: skip
    assert [(gate.criterion, gate.no, gate.partly, gate.yes) for gate in rubric.gates] == [
        ("online", 0.0, 0.5, 1.0), ("extent", 0.7, 0.85, 1.0),
    ]  # fmt: skip
    assert [(each.criterion, each.partly, each.no) for each in rubric.modifiers] == [("missing_data", 5.0, 10.0)]
    assert all(part.source for part in (*rubric.items, *rubric.gates, *rubric.modifiers))
    assert all((rubric.title.en, rubric.title.tc, rubric.title.sc, rubric.description.tc))


def test_the_digest_is_of_what_counts():
    """Comments and layout leave the digest alone; one weight changes it."""
    same = parse_rubric("# a remark\n" + OURS.replace("weight: 3", "weight: 3.0"), "x.yml")
    assert same.digest == load_rubric().digest
    assert parse_rubric(OURS.replace("weight: 0", "weight: 1"), "x.yml").digest != same.digest


def test_your_own_file_works_by_path(tmp_path):
    """A copy with another weight and the terms switched off is read from where it lies."""
    own = tmp_path / "mine.yml"
    own.write_text(OURS.replace("apply: true", "apply: false"), encoding="utf-8")
    assert load_rubric(own).terms.apply is False
    assert load_rubric().terms.apply is True


def line_of(text):
    """The line (1-based) on which ``text`` first stands in our own profile."""
    return OURS[: OURS.index(text)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("weight: 3", "weight: three", "write a number from 0"),
        ("weight: 3", "weight: -1", "write a number from 0"),
        ("weight: 3", "weight: .nan", "write a number from 0"),
        ("weight: 3", "wieght: 3", "`wieght` is not known here"),
        ("- criterion: free", "- criterion: freee", "there is no criterion 'freee'"),
        ("formula: weighted-mean", "formula: product", "`weighted-mean`"),
        ("apply: true", "apply: maybe", "write true or false"),
        ("value: 1", "value: 0.7", "open (1), partly (0.5) or not (0)"),
        ("no: 0.70", "no: 0.99", "must not fall"),
        ("partly: 5\n", "partly: 50\n", "swap them"),
        ("profile: gdb-checklist", "profile: ''", "not an empty one"),
        ("  tc: 開", "  en: 開", "written twice"),
        ("weight: 3", 'weight: "{"', "write a number from 0"),
    ],
)
def test_a_wrong_line_is_named_with_its_file_and_what_to_write(old, new, told):
    """Each mistake is one sentence with the file, about where it stands, and the way out."""
    with pytest.raises(SettingsError) as caught:
        parse_rubric(OURS.replace(old, new, 1), "mine.yml")
    message = str(caught.value)
    assert message.startswith("mine.yml, line ")
    assert told in message
    assert abs(int(message.removeprefix("mine.yml, line ").partition(":")[0]) - line_of(old)) <= 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("profile: [", "not YAML"), ("- a\n- b", "a rubric is a mapping"), ("", "a rubric is a mapping"),
        (OURS.replace("criterion: licence", "criterion: free"), "free is used twice"),
        (OURS.replace("weight: 3", "weight: 0").replace("weight: 1", "weight: 0"), "at least one"),
        (OURS.replace("profile: gdb-checklist\n", ""), "`profile` is missing"),
        (OURS[: OURS.index("items:")] + "items: 7\n", "expected a list"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_rubric_is_told_so(text, told):
    """Broken YAML, lists, empty files and profiles without weight are refused in one sentence."""
    with pytest.raises(SettingsError, match=told):
        parse_rubric(text, "mine.yml")


def test_a_file_that_cannot_be_read_is_told_so(tmp_path):
    """A missing file and one that is not text give a sentence, not a traceback."""
    (tmp_path / "binary.yml").write_bytes(b"\xff\xfe\x00profile")
    for name in ("missing.yml", "binary.yml"):
        with pytest.raises(SettingsError, match="cannot be read"):
            load_rubric(tmp_path / name)
