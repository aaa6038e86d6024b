"""The method page's facts, read from the rubric files that scoring itself uses, so that it cannot be wrong."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import as_file, files
from typing import Any

from publish.i18n import Translator
from publish.names import CRITERIA, VALUES
from publish.sentences import outline
from scoring.criteria import CRITERIA as JUDGES
from scoring.reader import kind_of
from scoring.rubric import Rubric, load_rubric


@cache
def rubrics() -> Sequence[Rubric]:
    """Return every profile of datasets the project has, by file name. Raises SettingsError where one makes no sense."""
    with as_file(files("scoring").joinpath("rubrics")) as folder:
        places = sorted(folder.glob("*.yml"))
        datasets = [each for each in places if kind_of(each.read_text(encoding="utf-8"), each.name) == "datasets"]
        return tuple(load_rubric(place) for place in datasets)


def profile(rubric: Rubric, tr: Translator) -> dict[str, Any]:
    """Return a profile in the reader's language: its items with their share of the weight, its gates and modifiers."""
    whole = sum(item.weight for item in rubric.items)
    title, description = (
        getattr(text, tr.language) or text.first() or "" for text in (rubric.title, rubric.description)
    )
    return {
        "profile": rubric.profile, "version": rubric.version, "digest": rubric.digest, "source": rubric.source,
        "title": title, "description": description, "terms": rubric.terms.source if rubric.terms.apply else "",
        "weighed": [
            {"criterion": item.criterion, "title": tr(CRITERIA[item.criterion]), "weight": item.weight,
             "share": item.weight / whole, "source": item.source} for item in rubric.items
        ],
        "gates": [
            {"criterion": gate.criterion, "title": tr(CRITERIA[gate.criterion]), "no": f"{gate.no:g}",
             "partly": f"{gate.partly:g}", "yes": f"{gate.yes:g}", "source": gate.source} for gate in rubric.gates
        ],
        "modifiers": [
            {"criterion": each.criterion, "title": tr(CRITERIA[each.criterion]), "partly": f"{each.partly:g}",
             "no": f"{each.no:g}", "source": each.source} for each in rubric.modifiers
        ],
    }  # fmt: skip


def judge(criterion: str, tr: Translator) -> dict[str, Any]:
    """Return a criterion in the reader's language with every reason it may give and what that reason counts."""
    reasons = []
    for reason, value in JUDGES[criterion].reasons.items():
        state, sign, word = VALUES[value]
        reasons.append(
            {
                "reason": reason,
                "state": state,
                "mark": sign,
                "word": tr(word),
                "sentence": outline(tr, criterion, reason),
            }
        )
    return {"id": criterion, "title": tr(CRITERIA[criterion]), "reasons": reasons}
