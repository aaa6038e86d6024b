"""The status page of a watch, in the reader's language. No scripts; whatever was harvested is escaped."""

from harvester.records import LANGUAGES, Language
from publish.i18n import Translator, mark
from publish.render import environment
from publish.watching_facts import Facts
from publish.watching_words import JOBS, STATES, WHYS

SIZES = {
    "workshop": mark("Workshop (all that was ever seen)"),
    "bodies": mark("Files kept beside it"),
    "catalogue": mark("Published catalogue"),
}
STYLE = "/style.css"


def page(facts: Facts, ailments: list[str], language: Language) -> str:
    """Return the page as HTML."""
    tr = Translator(language)
    jobs = [
        {
            "title": tr(JOBS[told.job]), "on": told.on, "last": told.last, "good": told.good, "next": told.next,
            "state": tr(STATES[told.last.state]) if told.last else "",
            "kind": _kind(told.last.state) if told.last else "",
        }
        for told in facts.jobs
    ]  # fmt: skip
    amiss = [
        {
            "title": tr(JOBS[entry.job]), "state": tr(STATES[entry.state]), "kind": _kind(entry.state),
            "why": tr(WHYS[entry.why]) if entry.why in WHYS else "", "entry": entry,
        }
        for entry in facts.amiss if entry.job in JOBS
    ]  # fmt: skip
    sizes = [(tr(title), tr.size(facts.sizes[name])) for name, title in SIZES.items() if name in facts.sizes]
    return environment(language).get_template("watching.html").render(
        lang=language, languages=LANGUAGES, switch={other: f"/{other}/" for other in LANGUAGES},
        _=tr, tr=tr, facts=facts, jobs=jobs, amiss=amiss, sizes=sizes,
        well=not ailments,
        under_way=tr(JOBS[facts.now.job]) if facts.now.job in JOBS else "", sheet=STYLE,
        since=facts.now.since.strftime("%Y-%m-%dT%H:%M:%SZ") if facts.now.since else None,
    )  # fmt: skip


def _kind(state: str) -> str:
    """Return the colour that a state is shown in, beside its word."""
    return {"done": "yes", "caught-up": "yes", "failed": "no", "skipped": "partly"}.get(state, "unknown")
