"""The sentences about datasets as a whole: (criterion, reason) to what was seen and how to mend it."""

from collections.abc import Mapping

from scoring.sentences.words import Words

SENTENCES: Mapping[tuple[str, str], Words] = {
    ("timely", "on-time"): Words(
        "The newest change seen was of {latest}, {age} days before we looked;"
        " the record states an update every {period} days."
    ),
    ("timely", "live"): Words("Answers are made on request, as live data should be."),
    ("timely", "late"): Words(
        "The newest change seen was of {latest}, {age} days before we looked;"
        " the record states an update every {period} days.",
        "Publish the next update, or state the frequency that is kept.",
    ),
    ("timely", "overdue"): Words(
        "The newest change seen was of {latest}, {periods} periods of {period} days before we looked.",
        "Publish the updates that are due, or state the frequency that is kept.",
    ),
    ("timely", "unchanged"): Words(
        "The file has been the same for {age} days; the record states an update every {period} days.",
        "Publish the updates that are due, or state the frequency that is kept.",
    ),
    ("timely", "recent-undeclared"): Words(
        "The record states no period; the newest change seen was of {latest}, {age} days before we looked.",
        "State how often the data is updated, at the least.",
    ),
    ("timely", "unscheduled"): Words(
        "The record states no period, and no change within a year was seen.", "State how often the data is updated."
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
        "No licence in the record; the portal's terms of use apply and are counted as open."
    ),
    ("licence", "portal-terms-partly"): Words(
        "No licence in the record; the portal's terms of use apply and are counted as partly open.",
        "Name an open licence in the record.",
    ),
    ("licence", "portal-terms-closed"): Words(
        "No licence in the record; the portal's terms of use apply and are not counted as open.",
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
    ("tools", "api"): Words(
        "Has an API, but no page that shows the data.", "Offer a page that shows and filters the data."
    ),
    ("tools", "preview"): Words("Has a page that shows the data, but no API.", "Offer an API."),
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
    ("translation", "numbers-differ"): Words(
        "One table says different things in two languages ({count}), first in column {column}:"
        " {value} in row {row} of {first}, {second_value} in row {second_row} of {second}.",
        "Find out which number is right, and make the files of all languages from one source.",
    ),
    ("translation", "rows-differ"): Words(
        "One table has {rows} rows in {first} and {second_rows} in {second}.",
        "Publish the same rows in every language, made from one source.",
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
    ("dictionary", "undocumented"): Words(
        "The data dictionary opens as {found}, but does not name every column of the file: {labels}",
        "Describe these columns in the dictionary, or leave them out of the file.",
    ),
    ("dictionary", "lacking"): Words(
        "The data dictionary opens as {found}, but names fields that no file has: {listed}",
        "Publish these fields, or take them out of the dictionary.",
    ),
    ("dictionary", "contradicts"): Words(
        "The data dictionary opens as {found}, but names fields that no file has ({listed}),"
        " and does not name columns that a file has ({labels}).",
        "Let the dictionary name the columns just as the file does.",
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
    ("single", "own"): Words("No earlier record of this provider lists the same files."),
    ("single", "copy"): Words(
        "The record {original} lists the same {files} files; in means over datasets the two count once.",
        "Withdraw one of the two records, or list in each the files that only it has.",
    ),
    ("metadata", "complete"): Words("The record is complete ({filled} of {of})."),
    ("metadata", "gaps"): Words("The record lacks: {missing}", "Fill in: {missing}"),
    ("metadata", "bare"): Words(
        "The record says {filled} of {of} things only; it lacks: {missing}", "Fill in: {missing}"
    ),
}  # fmt: skip
