"""What the criteria, outcomes and verdicts are called, in English; the message catalogues hold the Chinese."""

from publish.i18n import mark

PROFILE = "gdb-checklist"
"""The profile whose scores the pages lead with."""
MIN_RANKED = 5
"""Providers with fewer datasets are shown and not ranked: one dataset would move them half the table."""
MIN_KNOWN = 0.6
"""No grade is given where less of the weight than this is known."""

CRITERIA: dict[str, str] = {
    "online": mark("Online: the address gives what it promises"),
    "free": mark("Free of charge and registration"),
    "licence": mark("Open licence"),
    "machine_readable": mark("Machine readable"),
    "bulk": mark("Whole dataset in one go"),
    "timely": mark("Up to date"),
    "historical": mark("Earlier data kept"),
    "tools": mark("Tools and documentation to explore it"),
    "language": mark("In Chinese and English"),
    "missing_data": mark("No gaps in the data"),
    "extent": mark("Covers the whole of Hong Kong"),
    "format": mark("Format is the declared one"),
    "secure": mark("Served over https"),
    "encoding": mark("Encoded as UTF-8"),
    "shape": mark("One plain table from the first row"),
    "fields": mark("Every column named"),
    "links": mark("One address for each resource"),
    "consistent": mark("One way of writing each thing"),
    "plausible": mark("Values that can be true"),
    "headers": mark("Server headers tell the truth"),
    "dates": mark("Dates in the record make sense"),
    "translation": mark("Same record in three languages"),
    "schedule": mark("Update frequency stated"),
    "dictionary": mark("Data dictionary"),
    "contact": mark("Someone to contact"),
    "metadata": mark("Record filled in"),
}
"""Every criterion of docs/design.md, in its order, and what a reader sees it called."""

WEIGHTS: dict[str, float] = {
    "free": 3, "licence": 3, "machine_readable": 3, "bulk": 3, "timely": 3, "tools": 1, "historical": 1, "language": 0,
}  # fmt: skip
"""The checklist of the profile gdb-checklist, in the order the Global Data Barometer asks it."""

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
    "bad-address": mark("Not a web address"),
}
VERDICTS: dict[str, str] = {
    "valid": mark("Valid"),
    "invalid": mark("Invalid"),
    "opens": mark("Opens"),
    "broken": mark("Does not open"),
    "unmeasured": mark("Not measured"),
}
KINDS: dict[str, str] = {"file": mark("File"), "api": "API", "page": mark("Web page"), "template": mark("API template")}
SEVERITIES: dict[int, str] = {
    0: mark("Severe: no data"),
    3: mark("Serious: hard to use"),
    6: mark("Moderate: out of date or incomplete"),
    8: mark("Minor: the record"),
}
