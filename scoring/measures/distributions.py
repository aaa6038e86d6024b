"""Addresses and formats of a dataset's resources, as shares of them or as its best one's: MQA and Portal Watch."""

import re

from scoring.criteria.base import NO, UNKNOWN, YES, Value
from scoring.measures.base import Found, apart, between, known, measure
from scoring.measures.sight import File, Sight
from scoring.measures.vocabularies import (
    EU_FILE_TYPES,
    IANA_FORMATS,
    LOCAL_FILE_TYPES,
    LOCAL_MACHINE_READABLE,
    LOCAL_NON_PROPRIETARY,
    MEDIA_TYPE,
    MQA_MACHINE_READABLE,
    MQA_NON_PROPRIETARY,
    ODM_MACHINE_READABLE,
    ODM_OPEN,
)

OF_RESOURCES = "{having} of {of} resources."
OF_VISITED = "{having} of {of} resources; {unknown} of them could not be looked at."
BEST = "Its best resource by the MQA’s points is declared as {format}."
ADDRESS = re.compile(r"https?://[^\s/?#]+[^\s]*", re.IGNORECASE)


def of_each(values: list[Value]) -> Found:
    """Return the share of yes among ``values``, one a resource, over those known; the others make its bounds."""
    if not values:
        return known(0.0, having=0, of=0, unknown=0)
    seen = [value for value in values if value is not UNKNOWN]
    unknown = len(values) - len(seen)
    low = sum(seen) / len(values)
    value = sum(seen) / len(seen) if seen else None
    having = sum(value == YES for value in seen)
    return between(value, low, low + unknown / len(values), having=having, of=len(values), unknown=unknown)


def _share(sight: Sight, value: float) -> Found:
    return known(value, having=round(value * len(sight.files)), of=len(sight.files))


@measure("access_url_present", "Address given", OF_RESOURCES)
def access_url_present(sight: Sight) -> Found:
    """Portal Watch, Access: the share of the resources with an address."""
    return _share(sight, sight.share(lambda each: bool(each.facts.resource.url.strip())))


@measure("access_url_valid", "Address is one", OF_RESOURCES)
def access_url_valid(sight: Sight) -> Found:
    """Portal Watch, conformance, AccessURL: the share of the resources whose address is an http(s) address."""
    return _share(sight, sight.share(lambda each: bool(ADDRESS.fullmatch(each.facts.resource.url.strip()))))


@measure("access_url_ok", "Address answers", OF_VISITED)
def access_url_ok(sight: Sight) -> Found:
    """MQA, Accessibility, ``dcat:accessURL`` status OK; Portal Watch, Retrievability: the share that answers."""
    return of_each([each.ok for each in sight.files])


@measure("download_url_present", "Download address given", OF_RESOURCES)
def download_url_present(sight: Sight) -> Found:
    """MQA, Accessibility, ``dcat:downloadURL``: the share whose address gives data itself, not a page or a template."""
    return _share(sight, sight.share(lambda each: each.direct and bool(each.facts.resource.url.strip())))


@measure("download_url_ok", "Download address answers", OF_VISITED)
def download_url_ok(sight: Sight) -> Found:
    """MQA, Accessibility, ``dcat:downloadURL`` status OK: the share of all resources that have one which answers."""
    return of_each([each.ok if each.direct else NO for each in sight.files])


@measure("format_present", "Format stated", OF_RESOURCES)
def format_present(sight: Sight) -> Found:
    """Portal Watch, Preservation, ``dct:format``: the share of the resources that state one."""
    return _share(sight, sight.share(lambda each: bool(each.declared)))


@measure("media_type_present", "Media type stated", OF_RESOURCES)
def media_type_present(sight: Sight) -> Found:
    """Portal Watch, Preservation, ``dcat:mediaType``: the share of the resources that state one."""
    if not sight.has("mimetype"):
        return apart()
    return _share(sight, sight.share(lambda each: bool(each.facts.resource.mimetype)))


def _of_iana(each: File) -> bool:
    mimetype = (each.facts.resource.mimetype or "").strip()
    return bool(MEDIA_TYPE.fullmatch(mimetype)) or each.declared in IANA_FORMATS


@measure("format_of_iana", "Format in IANA’s registry", OF_RESOURCES)
def format_of_iana(sight: Sight) -> Found:
    """Portal Watch, conformance, FileFormat: the share whose format or media type is in IANA's registry."""
    return _share(sight, sight.share(_of_iana))


@measure("open_format", "Open format", OF_RESOURCES)
def open_format(sight: Sight) -> Found:
    """Portal Watch, open data, OpenFormat: the share declared in a format of OpenDataMonitor's open list."""
    return _share(sight, sight.share(lambda each: each.declared in ODM_OPEN))


@measure("machine_format", "Machine-readable format", OF_RESOURCES)
def machine_format(sight: Sight) -> Found:
    """Portal Watch, open data, MachineRead: the share declared in a format of OpenDataMonitor's readable list."""
    return _share(sight, sight.share(lambda each: each.declared in ODM_MACHINE_READABLE))


@measure("format_accurate", "Format as declared", OF_VISITED)
def format_accurate(sight: Sight) -> Found:
    """Portal Watch, accuracy, format: the share whose format is the declared one, over those looked at.

    Portal Watch asks the HTTP header; we ask the bytes (criterion ``format``), which a header may contradict.
    """
    asked = [answer for each in sight.files if (answer := each.answers.get("format")) and answer.applies]
    if not asked:
        return apart("none-given")
    return of_each([None if answer.value is None else float(answer.value == YES) for answer in asked])


@measure("size_accurate", "Size as stated", OF_VISITED)
def size_accurate(sight: Sight) -> Found:
    """Portal Watch, accuracy, size: the share of stated sizes that are the body's, to within a hundredth."""
    values: list[Value] = []
    for each in sight.files:
        stated = each.facts.resource.size
        if stated is not None:
            real = each.content.bytes if each.content and each.content.complete else None
            values.append(None if real is None else float(abs(real - stated) <= max(real, stated) / 100))
    return of_each(values) if values else apart("none-given")


MQA_POINTS = {"format": 20, "media_type": 10, "vocabulary": 10, "non_proprietary": 20, "machine_readable": 20}


def interoperability(each: File) -> dict[str, bool]:
    """Return which of the MQA's tests of format a resource passes, by what its record declares (as the MQA goes).

    Its lists are extended locally (`vocabularies`), by formats of Hong Kong that they plainly miss.
    """
    mimetype = (each.facts.resource.mimetype or "").strip()
    return {
        "format": bool(each.declared),
        "media_type": bool(mimetype),
        "vocabulary": each.declared in EU_FILE_TYPES | LOCAL_FILE_TYPES or bool(MEDIA_TYPE.fullmatch(mimetype)),
        "non_proprietary": each.declared in MQA_NON_PROPRIETARY | LOCAL_NON_PROPRIETARY,
        "machine_readable": each.declared in MQA_MACHINE_READABLE | LOCAL_MACHINE_READABLE,
    }


def _best(sight: Sight, test: str) -> Found:
    """Return whether the resource with most of the MQA's points for its format passes one of its tests."""
    tests = max(
        ((interoperability(each), each.declared) for each in sight.files),
        key=lambda pair: sum(MQA_POINTS[name] for name, passed in pair[0].items() if passed),
        default=({test: False}, ""),
    )
    return known(float(tests[0][test]), format=tests[1] or "-")


@measure("best_format", "Best resource: format stated", BEST)
def best_format(sight: Sight) -> Found:
    """MQA, Interoperability, ``dct:format`` present, of the best-scoring distribution."""
    return _best(sight, "format")


@measure("best_media_type", "Best resource: media type stated", BEST)
def best_media_type(sight: Sight) -> Found:
    """MQA, Interoperability, ``dcat:mediaType`` present, of the best-scoring distribution."""
    return _best(sight, "media_type") if sight.has("mimetype") else apart()


@measure("best_format_listed", "Best resource: format from a list", BEST)
def best_format_listed(sight: Sight) -> Found:
    """MQA, Interoperability, format or media type from the EU's or IANA's vocabulary, of the best distribution."""
    return _best(sight, "vocabulary")


@measure("best_non_proprietary", "Best resource: non-proprietary format", BEST)
def best_non_proprietary(sight: Sight) -> Found:
    """MQA, Interoperability, non-proprietary by the MQA's own list, of the best-scoring distribution."""
    return _best(sight, "non_proprietary")


@measure("best_machine_readable", "Best resource: machine-readable format", BEST)
def best_machine_readable(sight: Sight) -> Found:
    """MQA, Interoperability, machine-readable by the MQA's own list, of the best-scoring distribution."""
    return _best(sight, "machine_readable")


@measure("dcat_ap_valid", "DCAT-AP record", BEST)
def dcat_ap_valid(_sight: Sight) -> Found:
    """MQA, Interoperability, DCAT-AP compliance by SHACL: no CKAN record we read is offered as DCAT-AP."""
    return apart()
