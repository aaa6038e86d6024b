"""Each reason's sentence of evidence and its sentence of mending, in English.

The sentences are the message ids that the publish room translates; the names in braces are filled from the answer's
facts afterwards, so a translation keeps them. Values that are words of ours (a language, a field of the record) are
message ids too: see ``VALUES``. Sentences state what was seen; they never blame.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scoring.criteria.base import Fact


@dataclass(frozen=True, slots=True)
class Words:
    """What was seen, and how to mend it (empty where there is nothing to mend)."""

    evidence: str
    mend: str = ""


LAST_WORKED = "It last worked on {last_ok}."
"""Follows the evidence where the facts hold ``last_ok``."""

SHARED: Mapping[str, Words] = {
    "not-reached": Words("The file could not be looked at, so this is not known.", "See the answer for Online first."),
    "no-resources": Words("The record lists no resource.", "Add the files or APIs of the dataset to its record."),
    "not-a-table": Words("This is not a table, so the question does not arise."),
}
"""Reasons that mean the same for every criterion."""

WORDS: Mapping[tuple[str, str], Words] = {
    ("online", "up"): Words("Answered {status} on {date}."),
    ("online", "key-required"): Words(
        "Asks for a key or a registration (answered {status} on {date}).",
        "Offer the data without a key, or give a trial key in the record.",
    ),
    ("online", "payment-required"): Words(
        "Asked for payment (answered {status}) on {date}.", "Offer the data free of charge, or remove the resource."
    ),
    ("online", "gone"): Words(
        "Answered {status} Not Found on {date}.", "Put the file back at this address, or correct the address."
    ),
    ("online", "server-error"): Words(
        "The server failed with {status} on {date}, {attempts} times asked.",
        "Look in the server's log for this address on that day.",
    ),
    ("online", "client-error"): Words(
        "Refused a plain request with {status} on {date}.", "Let a plain GET request for this address through."
    ),
    ("online", "timeout"): Words(
        "Gave no complete answer in time on {date}, {attempts} times asked.",
        "Check that the server is up and can be reached from outside your network.",
    ),
    ("online", "unreachable"): Words(
        "No server could be reached at {address} on {date}.",
        "Check the host name and that the server takes requests from outside your network.",
    ),
    ("online", "certificate"): Words(
        "The certificate of {address} was not accepted on {date}.",
        "Renew the certificate, with the full chain and this host's name in it.",
    ),
    ("online", "redirect-loop"): Words(
        "Redirected in a circle on {date}.", "Point the address, or its redirect, straight at the file."
    ),
    ("online", "broken-answer"): Words(
        "The answer of {date} broke off or contradicted its own headers.",
        "Send Content-Length and Content-Encoding that match the body.",
    ),
    ("online", "empty"): Words("Answered {status} with an empty body on {date}.", "Publish the file with its content."),
    ("online", "bad-address"): Words(
        "The record's address is not a web address: {address}", "Write a full address that starts with https://."
    ),
    ("online", "login-page"): Words(
        "Gave a login page in place of the data on {date}.", "Move the file to a place that needs no login."
    ),
    ("online", "error-page"): Words(
        "Answered {status} on {date}, but with an error page in place of the data.",
        "Put the file back, and let the server answer 404 where there is none.",
    ),
    ("online", "error-body"): Words(
        "Answered {status} on {date}, but the body is an error message.",
        "Mend the call, or write a working example with its parameters in the record.",
    ),
    ("online", "blocked"): Words(
        "Refused our robot on {date}; a person's browser may get through, so this is not counted as down.",
        "Let well-behaved robots fetch open data.",
    ),
    ("online", "throttled"): Words("Asked us to slow down on {date}; we will come back.", ""),
    ("online", "needs-parameters"): Words(
        "The call needs parameters that the record does not give.",
        "Write a working example with its parameters in the record.",
    ),
    ("online", "not-public"): Words(
        "The address leads into a private network, so nothing was asked.", "Use an address that the public can reach."
    ),
    ("online", "not-visited"): Words("This address has not been visited yet."),
    ("free", "free"): Words("Was handed over without payment or key."),
    ("free", "registration"): Words("Asks for a key or a registration.", "Offer the data without registration."),
    ("free", "payment"): Words("Asks for payment.", "Offer the data free of charge."),
    ("secure", "https"): Words("Served over https."),
    ("secure", "redirects-to-https"): Words("Redirects to https.", ""),
    ("secure", "http-only"): Words("Served over http only: {address}", "Serve it over https and change the address."),
    ("secure", "downgraded"): Words(
        "The https address redirects to http: {address}", "Let the redirect end at an https address."
    ),
    ("secure", "template"): Words("A call with holes to fill, so this was not tested."),
    ("secure", "bad-address"): Words("The record's address is not a web address."),
    ("links", "own"): Words("Has an address of its own."),
    ("links", "shared"): Words(
        "{others} other resources have the same address, among them {first}.",
        "Give each resource the address of its own file, or merge them into one.",
    ),
    ("headers", "truthful"): Words("The headers agree with the body."),
    ("headers", "silent"): Words("The headers do not contradict the body."),
    ("headers", "broken-answer"): Words(
        "The answer of {date} broke off or contradicted its own headers.",
        "Send Content-Length and Content-Encoding that match the body.",
    ),
    ("headers", "type"): Words(
        "Content-Type says {type}, the body is {found}.", "Set the server's Content-Type for this file."
    ),
    ("headers", "length"): Words(
        "Content-Length says {declared} bytes, {bytes} came.", "Send the length of the body that is sent."
    ),
    ("headers", "charset"): Words(
        "Content-Type says {charset}, the body is in {encoding}.", "Name the body's own encoding, best UTF-8."
    ),
    ("format", "same"): Words("Declared {declared}, and {found} it is."),
    ("format", "an-api"): Words("Declared {declared}; answers with {found}."),
    ("format", "close"): Words("Declared {declared}, found {found}.", "Declare {found}, or publish {declared}."),
    ("format", "page-for-api"): Words(
        "Declared as an API, found a page for people.", "Give the address of the call, and the page as documentation."
    ),
    ("format", "zipped"): Words(
        "Declared {declared}, found a {found} archive.", "Publish the file itself, or declare {found}."
    ),
    ("format", "page"): Words("Declared {declared}, found a web page.", "Give the address of the file itself."),
    ("format", "another"): Words("Declared {declared}, found {found}.", "Declare {found}, or publish {declared}."),
    ("format", "undeclared"): Words("The record declares no format; found {found}.", "Declare {found}."),
    ("format", "unfamiliar"): Words("We cannot tell the format {declared} apart yet; found {found}."),
    ("machine_readable", "valid"): Words("A table that Frictionless finds valid: {rows} rows, {columns} columns."),
    ("machine_readable", "opens"): Words("Opens and parses as {found}."),
    ("machine_readable", "invalid"): Words(
        "As published the table has {count} defects, most of them {defect}, first in row {row}.",
        "Mend the rows listed; keep one row of labels and one row for each record.",
    ),
    ("machine_readable", "header-rows"): Words(
        "The labels take {header_rows} rows.", "Put one row of labels at the top, without merged cells."
    ),
    ("machine_readable", "no-field-names"): Words(
        "The fields have no names of their own.", "Use the names in the first record as the keys."
    ),
    ("machine_readable", "archive"): Words(
        "An archive that must be unpacked first.", "Publish the files in it one by one as well."
    ),
    ("machine_readable", "page"): Words(
        "A page for people, not data.", "Publish the table behind the page as CSV or JSON."
    ),
    ("machine_readable", "document"): Words(
        "A {found} document: made to be read, not processed.", "Publish the tables in it as CSV or JSON."
    ),
    ("machine_readable", "picture"): Words(
        "A {found} picture: made to be looked at.", "Publish the figures behind it as CSV or JSON."
    ),
    ("machine_readable", "shell"): Words(
        "An empty page that a script fills in the browser.", "Give an address that returns the file itself."
    ),
    ("machine_readable", "broken"): Words(
        "Looks like {found} but does not open.", "Open the file with a program for {found} and save it anew."
    ),
    ("machine_readable", "unmeasured"): Words("Not measured: the file is too large, or of a kind we cannot judge."),
    ("encoding", "utf-8"): Words("Encoded in UTF-8."),
    ("encoding", "undecodable"): Words(
        "Some bytes cannot be decoded in any one encoding.", "Save the file anew as UTF-8."
    ),
    ("encoding", "not-utf-8"): Words("Encoded in {encoding}.", "Save the file as UTF-8."),
    ("encoding", "bom-varies"): Words(
        "Files of this series begin with a byte order mark in some cases and not in others.",
        "Write all files of the series the same way, best without the mark.",
    ),
    ("encoding", "not-text"): Words("Not a text file, so the question does not arise."),
    ("shape", "clean"): Words("One row of labels, then data to the end."),
    ("shape", "one-note"): Words("One row of labels, then data, and one closing note."),
    ("shape", "no-table"): Words("Declared as a table, but no table was found in it.", "Publish the table itself."),
    ("shape", "title-rows"): Words(
        "The labels stand in row {header_row}, below other lines.",
        "Begin the file with the row of labels; move titles and remarks to the record.",
    ),
    ("shape", "header-rows"): Words(
        "The labels take {header_rows} rows.", "Put one row of labels at the top, without merged cells."
    ),
    ("shape", "blank-label"): Words(
        "A column has no label, as a separator at the end of each line makes one.",
        "Remove the empty column, or give it a label.",
    ),
    ("shape", "footer"): Words(
        "The last {footer_rows} rows are notes, not data.", "Move the notes to the data dictionary."
    ),
    ("fields", "named"): Words("Every column has a name of its own."),
    ("fields", "nameless"): Words("The fields are called {labels}.", "Name the fields after what they hold."),
    ("fields", "blank-labels"): Words("Column {column} holds values but has no name.", "Give the column a name."),
    ("fields", "duplicate-labels"): Words(
        "Several columns are called {label}.", "Give each column a name of its own."
    ),
    ("missing_data", "complete"): Words("No column that should be filled lacks more than a few values."),
    ("missing_data", "portion"): Words(
        "In column {column}, {percent} % of the values are missing.",
        "Fill the gaps, or say in the data dictionary why they are there.",
    ),
    ("missing_data", "widespread"): Words(
        "In column {column}, {percent} % of the values are missing.",
        "Fill the column, or leave it out.",
    ),
    ("consistent", "consistent"): Words("Nothing is written in two ways within a column."),
    ("consistent", "variants"): Words(
        "{groups} values are written in several ways: {spellings}", "Choose one spelling and use it throughout."
    ),
    ("consistent", "district-spelling"): Words(
        "A district is written in several ways: {spellings}", "Write {official} throughout."
    ),
    ("plausible", "possible"): Words("The values are within what is possible."),
    ("plausible", "impossible"): Words(
        "Column {column} holds {value}, which is not possible for a {what}.",
        "Correct the value, or leave the cell empty where nothing was measured.",
    ),
    ("plausible", "outside-hong-kong"): Words(
        "Column {column} holds {value}, a {what} far outside Hong Kong.",
        "Correct the coordinate, or leave the cell empty where it is not known.",
    ),
    ("plausible", "no-such-columns"): Words("No column whose possible values are known, so the question does not arise."),
    ("dates", "in-order"): Words("The dates in the record are in order."),
    ("dates", "future"): Words("The record's {field} is {written}, which lies ahead.", "Correct the date."),
    ("dates", "swapped"): Words(
        "The record's {field} ({written}) comes after its {other} ({other_written}).", "Correct the two dates."
    ),
    ("dates", "unreadable"): Words(
        "The record's {field} is written {written}, which is not a date.", "Write it as day/month/year."
    ),
    ("dates", "no-dates"): Words("The record gives no dates for this resource.", "Add the date of publication."),
    ("timely", "on-time"): Words(
        "The newest change seen was of {latest}, {age} days before we looked; the promise is every {period} days."
    ),
    ("timely", "live"): Words("Answers are made on request, as promised for live data."),
    ("timely", "late"): Words(
        "The newest change seen was of {latest}, {age} days before we looked; the promise is every {period} days.",
        "Publish the next update, or state the frequency that is kept.",
    ),
    ("timely", "overdue"): Words(
        "The newest change seen was of {latest}, {periods} periods of {period} days before we looked.",
        "Publish the updates that are due, or state the frequency that is kept.",
    ),
    ("timely", "unchanged"): Words(
        "The file has been the same for {age} days; the promise is every {period} days.",
        "Publish the updates that are due, or state the frequency that is kept.",
    ),
    ("timely", "recent-undeclared"): Words(
        "No period is promised; the newest change seen was of {latest}, {age} days before we looked.",
        "State how often the data is updated, at the least.",
    ),
    ("timely", "unscheduled"): Words(
        "No period is promised and no change within a year was seen.", "State how often the data is updated."
    ),
    ("timely", "no-change-date"): Words(
        "Nothing in the file or its headers says when it last changed.", "Send a Last-Modified header."
    ),
    ("historical", "three-periods"): Words("Holds {periods} points in time."),
    ("historical", "two-periods"): Words("Holds 2 points in time.", "Keep earlier periods beside the newest."),
    ("historical", "archive-only"): Words(
        "Earlier states are kept only in the portal's archive (last listed {archived}).",
        "Keep earlier periods beside the newest.",
    ),
    ("historical", "snapshot"): Words("Holds one point in time.", "Keep earlier periods beside the newest."),
    ("historical", "unmeasured"): Words("Which times the data covers could not be measured."),
    ("licence", "open"): Words("Licence in the record: {licence}, which is open."),
    ("licence", "restrictive"): Words(
        "Licence in the record: {licence}, which is not on the list of open licences.", "Use an open licence."
    ),
    ("licence", "closed"): Words(
        "Licence in the record: {licence}, which does not allow every use.", "Use an open licence."
    ),
    ("licence", "portal-terms"): Words(
        "No licence in the record; the portal's terms of use apply ({licence}) and are counted as open."
    ),
    ("licence", "portal-terms-partly"): Words(
        "No licence in the record; the portal's terms of use apply ({licence}) and are counted as partly open.",
        "Name an open licence in the record.",
    ),
    ("licence", "portal-terms-closed"): Words(
        "No licence in the record; the portal's terms of use apply ({licence}) and are not counted as open.",
        "Name an open licence in the record.",
    ),
    ("licence", "none"): Words("No licence in the record.", "Name an open licence in the record."),
    ("bulk", "whole"): Words("Can be fetched whole."),
    ("bulk", "pages"): Words("Comes a page at a time.", "Offer a file of the whole as well."),
    ("bulk", "extracts"): Words("Comes a period at a time.", "Offer a file of the whole as well."),
    ("bulk", "split"): Words("Split into {files} files by period.", "Offer a file of the whole as well."),
    ("bulk", "look-ups"): Words("Only single records can be looked up.", "Offer a file of the whole."),
    ("bulk", "no-data"): Words("No file or API that answered holds data.", "Publish the data as a file."),
    ("tools", "interactive"): Words("Has an API and a page to look into the data."),
    ("tools", "api"): Words("Has an API.", "Offer a page that shows and filters the data."),
    ("tools", "preview"): Words("Has a page that shows the data.", "Offer an API."),
    ("tools", "none"): Words("Has neither an API nor a page that shows the data.", "Offer an API or a preview."),
    ("language", "both"): Words("Described in English and in Chinese."),
    ("language", "one"): Words("Described in one of English and Chinese.", "Translate the title and the notes."),
    ("language", "neither"): Words("Described in neither English nor Chinese.", "Write the title in both languages."),
    ("extent", "all-districts"): Words("Names all 18 districts."),
    ("extent", "assumed"): Words("How much of the territory it covers cannot be told; all of it is assumed."),
    ("translation", "same"): Words("The same in every language."),
    ("translation", "instance-missing"): Words("Missing in {language}.", "Publish the record in {language}."),
    ("translation", "title-missing"): Words("Has no title in {language}.", "Write the title in {language}."),
    ("translation", "resource-missing"): Words(
        "Resource {resource} is missing in {language} (resources: {counts}).", "Add the resource in {language}."
    ),
    ("translation", "simplified-characters"): Words(
        "The Traditional Chinese record holds Simplified characters ({characters}) in its {field}.",
        "Write them as Traditional characters.",
    ),
    ("translation", "addresses-differ"): Words(
        "The languages give different addresses for resource {resource}.", "Check which address is the right one."
    ),
    ("translation", "counts-differ"): Words(
        "The languages list different numbers of resources: {counts}", "List the same resources in every language."
    ),
    ("schedule", "stated"): Words("Update frequency: {written}"),
    ("schedule", "as-needed"): Words(
        "Update frequency: {written}, which cannot be held to a date.", "State the longest time between updates."
    ),
    ("schedule", "absent"): Words("No update frequency is stated.", "State how often the data is updated."),
    ("schedule", "unreadable"): Words(
        "Update frequency: {written}, which we cannot read.", "State a period, such as Monthly."
    ),
    ("dictionary", "readable"): Words("The data dictionary opens as {found}."),
    ("dictionary", "document"): Words(
        "The data dictionary is a {found} document.", "Publish the dictionary as a table (CSV or XLSX) as well."
    ),
    ("dictionary", "picture"): Words(
        "The data dictionary is a picture.", "Publish the dictionary as a table (CSV or XLSX)."
    ),
    ("dictionary", "none"): Words("The record names no data dictionary.", "Publish a table of the fields' meanings."),
    ("dictionary", "dead"): Words("The data dictionary's link does not work: {address}", "Mend the link."),
    ("contact", "present"): Words("Names an address to write to."),
    ("contact", "mail-malformed"): Words("The mail address is malformed: {mail}", "Correct the mail address."),
    ("contact", "telephone-only"): Words("Names a telephone number only.", "Add a mail address."),
    ("contact", "name-only"): Words("Names a contact, but no way to reach it.", "Add a mail address."),
    ("contact", "none"): Words("Names no contact.", "Add a name, a mail address and a telephone number."),
    ("metadata", "complete"): Words("The record is complete ({filled} of {of})."),
    ("metadata", "gaps"): Words("The record lacks: {missing}", "Fill in: {missing}"),
    ("metadata", "bare"): Words("The record says {filled} of {of} things only; it lacks: {missing}", "Fill in: {missing}"),
}  # fmt: skip

VALUES: Mapping[str, str] = {
    "en": "English", "tc": "Traditional Chinese", "sc": "Simplified Chinese",
    "title": "title", "notes": "description", "maintainer": "contact name", "provider": "provider's name",
    "frequency": "update frequency", "contact": "contact", "category": "category", "dictionary": "data dictionary",
    "dates": "dates", "created": "date of creation", "modified": "date of modification",
    "published": "date of publication", "temporal_from": "start of the time covered",
    "temporal_to": "end of the time covered",
    "speed": "speed", "wind speed": "wind speed", "occupancy": "occupancy", "percentage": "percentage",
    "humidity": "humidity", "temperature": "temperature", "rainfall": "rainfall", "acidity": "pH value", "age": "age",
    "count": "count", "latitude": "latitude", "longitude": "longitude",
}  # fmt: skip
"""Values of facts that are words of ours, as message ids."""

OUR_WORDS = frozenset({"language", "field", "other", "missing", "what"})
"""Facts whose values are looked up in ``VALUES`` (a list with commas: each)."""


def words_for(criterion: str, reason: str) -> Words:
    """Return the words for a reason. Raises KeyError where there are none."""
    return WORDS.get((criterion, reason)) or SHARED[reason]


def say(
    criterion: str, reason: str, facts: Mapping[str, Fact], translate: Callable[[str], str] = str
) -> tuple[str, str]:
    """Return the sentence of evidence and that of mending, translated and filled with ``facts``.

    ``translate`` takes an English message id and returns the sentence in the reader's language.
    """
    words = words_for(criterion, reason)
    shown = {name: _shown(name, value, translate) for name, value in facts.items()}
    evidence = fill(translate(words.evidence), shown)
    if "last_ok" in facts:
        evidence = f"{evidence} {fill(translate(LAST_WORKED), shown)}"
    return evidence, fill(translate(words.mend), shown) if words.mend else ""


def _shown(name: str, value: Fact, translate: Callable[[str], str]) -> str:
    if name not in OUR_WORDS:
        return f"{value:g}" if isinstance(value, float) else str(value)
    return ", ".join(translate(VALUES[part]) if part in VALUES else part for part in str(value).split(", "))


def fill(sentence: str, values: Mapping[str, str]) -> str:
    """Return ``sentence`` with its names in braces replaced, and what is not known as a dash.

    Values come from strangers' files, so they are put in as they are: a brace in one is not a name.
    """
    return re.sub(r"\{(\w+)\}", lambda match: values.get(match.group(1), "-"), sentence)


def messages() -> list[str]:
    """Return every message id there is to translate, each once, sorted."""
    pairs = [*WORDS.values(), *SHARED.values()]
    sentences = {text for words in pairs for text in (words.evidence, words.mend) if text}
    return sorted(sentences | set(VALUES.values()) | {LAST_WORKED})
