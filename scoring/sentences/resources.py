"""The sentences about single resources: (criterion, reason) to what was seen and how to mend it."""

from collections.abc import Mapping

from scoring.sentences.words import Words

SENTENCES: Mapping[tuple[str, str], Words] = {
    ("online", "up"): Words("Answered {status} on {date}."),
    ("online", "up-once-failed"): Words(
        "Answered {status} on {date}. One visit failed on {failed_on}; we will ask again before we call it down."
    ),
    ("online", "recovering"): Words(
        "Answers again since {since} (HTTP status {status} on {date}); another visit will confirm it."
    ),
    ("online", "slow"): Words(
        "Answered {status} on {date}, but slowly: half of its last answers took over 10 seconds.",
        "Look for what keeps the server busy, or offer the data as a smaller or ready-made file.",
    ),
    ("online", "flapping"): Words(
        "Comes and goes: several of its last 10 visits failed, though it answered {status} on {date}.",
        "Look in the server's log for what fails now and then.",
    ),
    ("online", "unconfirmed"): Words("Failed on {date}, once only so far; we will ask again."),
    ("online", "key-required"): Words(
        "Asks for a key or a registration (answered {status} on {date}).",
        "Offer the data without a key, or give a trial key in the record.",
    ),
    ("online", "payment-required"): Words(
        "Asked for payment (answered {status}) on {date}.", "Offer the data free of charge, or remove the resource."
    ),
    ("online", "gone"): Words(
        "Not found at this address on {date} (HTTP status {status}).",
        "Put the file back at this address, or correct the address."
    ),
    ("online", "server-error"): Words(
        "The server reported an error on {date} (HTTP status {status}, asked {attempts} times).",
        "Look in the server's log for this address on that day.",
    ),
    ("online", "client-error"): Words(
        "Refused a plain request on {date} (HTTP status {status}).", "Let a plain GET request for this address through."
    ),
    ("online", "timeout"): Words(
        "Gave no complete answer in time on {date} (asked {attempts} times).",
        "Check that the server is up and can be reached from outside your network.",
    ),
    ("online", "unreachable"): Words(
        "No server could be reached at this address on {date}.",
        "Check the host name and that the server takes requests from outside your network.",
    ),
    ("online", "certificate"): Words(
        "The certificate of this address was not accepted on {date}.",
        "Renew the certificate, with the full chain and this host's name in it.",
    ),
    ("online", "redirect-loop"): Words(
        "Redirected in a circle on {date}.", "Point the address, or its redirect, straight at the file."
    ),
    ("online", "broken-answer"): Words(
        "The answer of {date} broke off or contradicted its own headers.",
        "Send Content-Length and Content-Encoding that match the body.",
    ),
    ("online", "empty"): Words("Answered on {date}, but with nothing in it (HTTP status {status}).",
        "Publish the file with its content."),
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
    ("online", "not-asked"): Words(
        "The robots.txt of this site asks robots to leave the address alone, so it was not asked.",
        "Let robots.txt allow the addresses of open data.",
    ),
    ("online", "not-visited"): Words("This address has not been visited yet."),
    ("free", "free"): Words("Was handed over without payment or key."),
    ("free", "registration"): Words("Asks for a key or a registration.", "Offer the data without registration."),
    ("free", "payment"): Words("Asks for payment.", "Offer the data free of charge."),
    ("secure", "https"): Words("Served over https."),
    ("secure", "redirects-to-https"): Words("Redirects to https.", ""),
    ("secure", "http-only"): Words("Served over http only.", "Serve it over https and change the address."),
    ("secure", "downgraded"): Words(
        "The https address redirects to http: {address}", "Let the redirect end at an https address."
    ),
    ("secure", "template"): Words("A call whose parameters must be filled in, so this was not tested."),
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
    ("format", "same"): Words("Declared {declared}, and it is {found}."),
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
        "Defects found in the table as published: {count}; the most frequent: {defect}.",
        "Mend the rows listed, and keep one row of labels and then one row for each record.",
    ),
    ("machine_readable", "header-rows"): Words(
        "The labels take {header_rows} rows.", "Put one row of labels at the top, without merged cells."
    ),
    ("machine_readable", "merged-cells"): Words(
        "Cells are merged in {merged} places, such as {merged_at}.",
        "Unmerge the cells and write the value into each of them.",
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
    ("machine_readable", "page-beside-data"): Words(
        "A page for people, declared as one, beside the data; nothing was promised to programs here."
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
    ("shape", "several-tables"): Words(
        "The file holds {tables} tables; besides the one that was read: {tables_at}.",
        "Put each table in a file of its own.",
    ),
    ("shape", "section-rows"): Words(
        "{sections} rows inside the table only head the rows below them, the first in row {section_row}.",
        "Give the groups a column of their own, filled in every row, and take out the rows that head them.",
    ),
    ("shape", "merged-cells"): Words(
        "Cells are merged in {merged} places, such as {merged_at}.",
        "Unmerge the cells and write the value into each of them.",
    ),
    ("shape", "formula-errors"): Words(
        "{errors} cells show a spreadsheet's error in place of a value, such as {errors_at}.",
        "Mend the formulas, or leave the cells empty.",
    ),
    ("fields", "named"): Words("Every column has a name of its own."),
    ("fields", "nameless"): Words("The fields are called {labels}.", "Name the fields after what they hold."),
    ("fields", "blank-labels"): Words("Column {column} holds values but has no name.", "Give the column a name."),
    ("fields", "duplicate-labels"): Words(
        "Several columns are called {label}.", "Give each column a name of its own."
    ),
    ("missing_data", "complete"): Words("No column that should be filled lacks more than a few values."),
    ("missing_data", "portion"): Words(
        "In column {column}, {percent}% of the values are missing.",
        "Fill the gaps, or say in the data dictionary why they are there.",
    ),
    ("missing_data", "widespread"): Words(
        "In column {column}, {percent}% of the values are missing.",
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
    ("plausible", "swapped-coordinates"): Words(
        "Column {column} holds {value}, a longitude of Hong Kong in place of its latitude: the two are swapped.",
        "Put each of the two under its own label.",
    ),
    ("plausible", "far-date"): Words(
        "Column {column} holds {value}, a date far from all others in it.",
        "Correct the date, or leave the cell empty where it is not known.",
    ),
    ("plausible", "no-such-columns"): Words("No column whose possible values are known: the question does not arise."),
    ("dates", "in-order"): Words("The dates in the record are in order."),
    ("dates", "future"): Words("The record's {field} is {written}, which lies ahead.", "Correct the date."),
    ("dates", "swapped"): Words(
        "The record's {field} ({written}) comes after its {other} ({other_written}).", "Correct the two dates."
    ),
    ("dates", "unreadable"): Words(
        "The record's {field} is written {written}, which is not a date.", "Write it as day/month/year."
    ),
    ("dates", "no-dates"): Words("The record gives no dates for this resource.", "Add the date of publication."),
}  # fmt: skip
