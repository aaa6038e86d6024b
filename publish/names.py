"""What criteria, outcomes and verdicts are called, in English; the message catalogues hold the Chinese."""

from publish.i18n import Translator, mark
from scoring.criteria import CRITERIA as JUDGES
from scoring.rubric import load_rubric

PROFILE = "gdb-checklist"
"""The profile whose scores the pages lead with."""
MIN_RANKED = 5
"""Providers with fewer datasets are shown and not ranked: one dataset would move them half the table."""
MAX_LISTED = 250
"""Rows of a list on one page, so that none passes 200 KB; its CSV has them all."""
LISTED_DOWN = 120
"""As ``MAX_LISTED``, of each of the two lists of what does not work, whose rows say more."""
GATHERED = 20
"""Of many tasks that say the same, at least so many are named; a list of theirs has more, its CSV all."""
FOLDED = 15
"""Rows above which a list of lesser matters is folded away, under its count."""
OPENED = 3
"""Resources up to which the defects of each are shown at once; of more, each unfolds its own."""
MAX_DEFECTS = 8
"""Defects of a file that its dataset's page shows, the most frequent first."""
MIN_KNOWN = 0.6
"""No grade is given where less of the weight than this is known."""

GOOD_DAY, POOR_DAY = 0.995, 0.9
"""Uptimes of a day from which it is drawn as up and under which as down; between them it is drawn in half."""

ORDER = (
    "online", "free", "licence", "machine_readable", "bulk", "timely", "historical", "tools", "language",
    "missing_data", "extent", "format", "secure", "encoding", "shape", "fields", "links", "consistent", "plausible",
    "headers", "dates", "translation", "schedule", "dictionary", "contact", "metadata", "single",
)  # fmt: skip
"""The criteria as docs/design.md lists them: what the profile weighs first."""
CRITERIA: dict[str, str] = {
    name: JUDGES[name].title
    for name in sorted(JUDGES, key=lambda name: (name not in ORDER, (*ORDER, name).index(name)))
}
"""Every criterion there is and its title in English, in that order."""
RUBRIC = load_rubric()
"""The leading profile, as its own file says."""

VALUES: dict[float | None, tuple[str, str, str]] = {
    1.0: ("yes", "✓", mark("Yes")),
    0.5: ("partly", "◐", mark("Partly")),
    0.0: ("no", "✕", mark("No")),
    None: ("unknown", "?", mark("Unknown")),
}
"""An answer's value to its class, its mark and its word."""

OUTCOMES: dict[str, str] = {
    "ok": mark("Answered"),
    "empty": mark("Empty answer"),
    "gone": mark("Gone (404 or 410)"),
    "blocked": mark("Robots refused"),
    "needs-parameters": mark("Asks for parameters"),
    "throttled": mark("We asked too fast"),
    "client-error": mark("Refused the request"),
    "server-error": mark("Server error"),
    "timeout": mark("No answer in time"),
    "unreachable": mark("Cannot be reached"),
    "certificate": mark("Certificate refused"),
    "redirect-loop": mark("Redirects in a circle"),
    "broken": mark("Broken answer"),
    "not-public": mark("Not a public address"),
    "not-asked": mark("Not asked (robots.txt)"),
    "login-page": mark("A login page in place of the data"),
    "error-page": mark("An error page in place of the data"),
    "error-body": mark("An error message in place of the data"),
    "bad-address": mark("Not a web address"),
}
UNSURE_OUTCOMES = frozenset({"blocked", "throttled", "needs-parameters", "not-public", "not-asked"})
"""Outcomes that say nothing against the resource: unknown is not no."""
VERDICTS: dict[str, str] = {
    "valid": mark("Valid"),
    "invalid": mark("Invalid"),
    "opens": mark("Opens"),
    "broken": mark("Does not open"),
    "unmeasured": mark("Not measured"),
}
KINDS: dict[str, str] = {"file": mark("File"), "api": "API", "page": mark("Web page"), "template": mark("API template")}
SEVERITIES: dict[int, str] = {
    0: mark("Severe: the data cannot be had"),
    3: mark("Serious: hard to use"),
    6: mark("Moderate: out of date"),
    8: mark("Minor: usable, with a flaw"),
}
DEFECTS: dict[str, str] = {
    "blank-header": mark("row of labels is blank"),
    "blank-label": mark("column without a label"),
    "duplicate-label": mark("label used twice"),
    "blank-row": mark("blank row"),
    "missing-cell": mark("cell missing"),
    "extra-cell": mark("cell too many"),
    "type-error": mark("value of another kind than its column"),
    "encoding-error": mark("bytes that cannot be decoded"),
    "source-error": mark("file cannot be read as a table"),
    "format-error": mark("file does not follow its format"),
    "formula-error": mark("error of a formula in place of a value"),
}
"""Frictionless's codes, and one of ours, in words; another keeps its code."""
NOT_APPLICABLE = ("apart", "–", mark("Does not apply"))
"""Class, mark and word of an answer to a question that does not arise: no no, and not untested either."""


def defect_name(code: str, tr: Translator) -> str:
    """Return what a defect is called in the reader's language."""
    return tr(DEFECTS[code]) if code in DEFECTS else code


def origin(portal: str) -> str:
    """Return what was scanned: ``sample`` (invented), ``recorded`` (kept on an earlier day) or ``live``."""
    if not portal.startswith("sample"):
        return "live"
    return "recorded" if "recorded=" in portal else "sample"
