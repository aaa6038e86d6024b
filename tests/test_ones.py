"""A number that is 1 is followed by one thing, in every English sentence; Chinese and other numbers are left alone."""

import re
from html import unescape

import pytest

from publish.i18n import Translator, catalogue, fill
from publish.make_messages import wanted
from scoring.sentences.ones import PHRASES, in_ones
from scoring.words import say
from tests.test_site import get
from tests.test_site import site as site  # noqa: PLC0414 - the fixture, under its own name

NAMES = re.compile(r"\{(\w+)\}")
MANY = re.compile(r"(?<![\d.,–-])\b1 (?:(?:new|open|other|ranked|working) )?(?!is\b|as\b|was\b|has\b|times\b)[a-z]+s\b")
"""What must not be read: no decimal, no range, no verb."""
TRUE = (
    "1 address",
    "1 yes",
    "1 ms",
    "1 lists",
    "1 stands",
    "1 comes",
    "1 holds",
    "1 does",
    "1 leads",
    "1 fails",
    "1 tools",
)
"""What is no plural: verbs after a name that is 1 here, signs, and the criterion after its weight."""
PLURAL_VERBS = re.compile(r"\b1 (?:of 1 )?[a-z]+ (?:are|were|have|show|state|work|head)\b")


def in_english(message: str, value: object) -> str:
    return Translator("en")(message, **dict.fromkeys(NAMES.findall(message), value))


def test_no_message_says_one_of_many():
    """Filled with nothing but ones, no message of pages or scoring has a plural, or a plural's verb, after a 1."""
    said = {message: in_english(message, "1") for message in wanted() if NAMES.search(message)}
    wrong = [
        text for text in said.values()
        if any(found[0] not in TRUE for found in MANY.finditer(text)) or PLURAL_VERBS.search(text)
    ]  # fmt: skip
    assert wrong == []
    assert any(in_english(message, 1) != fill(message, dict.fromkeys(NAMES.findall(message), 1)) for message in said)


def test_other_numbers_and_other_languages_are_left_alone():
    """With any other value a message is filled as it is written, and a translation whatever the value."""
    for message in wanted():
        names = NAMES.findall(message)
        for value in ("0", "2", 11, "1.0", True, "1 "):
            assert in_english(message, value) == fill(message, dict.fromkeys(names, value)), message
        for language in ("tc", "sc"):
            own = catalogue(language).get(message, "")
            assert in_ones(own, dict.fromkeys(names, 1)) == own


def test_every_phrase_is_in_use():
    """No special case is kept for words that no message has any more."""
    messages = list(wanted())
    for name, many, _one in PHRASES:
        assert any(many in message and f"{{{name}}}" in message for message in messages), many


@pytest.mark.parametrize(
    ("message", "values", "said"),
    [
        ("({number} visits in 90 days)", {"number": "1"}, "(1 visit in 90 days)"),
        ("{failing} of {resources} resources", {"failing": 1, "resources": 4}, "1 of 4 resources"),
        ("{failing} of {resources} resources", {"failing": 1, "resources": 1}, "1 of 1 resource"),
        ("{number} addresses work again", {"number": "1"}, "1 address works again"),
        ("{number} of {all} tasks.", {"number": "21", "all": "1"}, "21 of 1 task."),
        ("{a} visits", {"a": "{b} days", "b": 1}, "{b} days visits"),
    ],
)
def test_ones_are_told_as_ones(message, values, said):
    """The number that is 1 decides, and what is filled in is never read for it."""
    assert Translator("en")(message, **values) == said


def test_sentences_of_scoring_are_told_as_ones():
    """The reasons' sentences, which scoring fills, agree with their numbers too."""
    why, _mend = say("online", "timeout", {"down_since": "today", "down_visits": 1, "date": "x", "attempts": 1})
    assert "in 1 visit." in why
    assert "asked once" in why or "{attempts}" not in why


def test_drawn_pages_have_no_one_of_many(site):
    """Read as a reader does, the English pages of a small catalogue, full of ones, have no 1 before a plural."""
    places = ["/en/", "/en/down", "/en/worklist", "/en/provider/hk-hd", "/en/worklist/hk-hd", "/en/dataset/hk-hd-flats",
              "/en/dataset/hk-hko-uv", "/en/dataset/hk-td-traffic", "/en/category/housing", "/en/search?q=housing",
              "/en/data", "/en/method", "/en/references", "/en/compare?kind=provider&a=hk-hko&b=hk-td"]  # fmt: skip
    for place, answer in zip(places, get(site, *places), strict=True):
        assert answer.status_code == 200, place
        text = re.sub(r"<(script|style|pre|code)\b.*?</\1>", " ", answer.text, flags=re.DOTALL)
        text = " ".join(unescape(re.sub(r"<[^>]+>", "\n", text)).split(" "))
        found = [each[0] for each in MANY.finditer(text) if each[0] not in TRUE]
        assert not found, (place, found)
