"""What the record says: the fields that the MQA, Portal Watch and Toronto ask for, filled or not."""

from scoring.criteria.record import BETWEEN_MAILS, MAIL, NAMED_MAIL, read_date
from scoring.measures.base import TERMS, Found, apart, known, measure
from scoring.measures.sight import Sight
from scoring.measures.vocabularies import LISTED_LICENCES, licence_text

FILLED = "The record fills this field: {filled}."
OF_FILES = "{having} of {of} resources state it."

KEYWORD = ("tags", "tag", "keyword", "keywords")
SPATIAL = ("spatial", "spatial_coverage", "geographic_coverage", "bbox", "spatial_uri", "spatial_text")
TEMPORAL = ("temporal", "temporal_coverage", "temporal_start", "temporal_end")
ACCESS_RIGHTS = ("access_rights", "access_level", "accessRights")
RIGHTS = ("rights", "copyright", "rights_statement")
INFORMATION = ("information_url", "landing_page", "url", "documentation")
CONTACT_URL = ("contact_url", "contact_uri", "maintainer_url")


def _filled(sight: Sight, *names: str) -> Found:
    """A field that no column of ours holds: filled or not, or not to be filled at this portal."""
    if not sight.has(*names):
        return apart()
    return known(float(sight.says(*names)), filled=int(sight.says(*names)))


def _flag(filled: bool) -> Found:
    return known(float(filled), filled=int(filled))


def _share_stating(sight: Sight, field: str) -> Found:
    having = sum(bool(getattr(each.facts.resource, field)) for each in sight.files)
    return known(having / len(sight.files) if sight.files else 0.0, having=having, of=len(sight.files))


@measure("title_present", "Title", FILLED)
def title_present(sight: Sight) -> Found:
    """Portal Watch, Discovery: is the title filled."""
    return _flag(bool(sight.case.dataset.dataset.title.first()))


@measure("description_present", "Description", FILLED)
def description_present(sight: Sight) -> Found:
    """Portal Watch, Discovery, and Toronto, ``notes``: is the description filled."""
    return _flag(bool((sight.case.dataset.dataset.notes.first() or "").strip()))


@measure("keyword_present", "Keywords", FILLED)
def keyword_present(sight: Sight) -> Found:
    """MQA, Findability, ``dcat:keyword``; Portal Watch, Discovery; Toronto, ``tags``. How many does not matter."""
    return _filled(sight, *KEYWORD)


@measure("category_present", "Category", FILLED)
def category_present(sight: Sight) -> Found:
    """MQA, Findability, ``dcat:theme``; Toronto, ``topics``."""
    return _flag(bool(sight.case.dataset.dataset.category))


@measure("spatial_present", "Area covered", FILLED)
def spatial_present(sight: Sight) -> Found:
    """MQA, Findability, ``dct:spatial``; Portal Watch, Spatial."""
    return _filled(sight, *SPATIAL)


@measure("temporal_present", "Time covered", FILLED)
def temporal_present(sight: Sight) -> Found:
    """MQA, Findability, ``dct:temporal``; Portal Watch, Temporal: by the dataset or by any of its resources."""
    if not sight.has(*TEMPORAL, "temporal_from", "temporal_to"):
        return apart()
    resources = (each.facts.resource for each in sight.files)
    return _flag(sight.says(*TEMPORAL) or any(each.temporal_from or each.temporal_to for each in resources))


@measure("access_rights_present", "Access rights", FILLED)
def access_rights_present(sight: Sight) -> Found:
    """MQA, Reusability, ``dct:accessRights`` present."""
    return _filled(sight, *ACCESS_RIGHTS)


@measure("access_rights_listed", "Access rights from the EU’s list", FILLED)
def access_rights_listed(sight: Sight) -> Found:
    """MQA, Reusability, ``dct:accessRights`` from the EU's vocabulary: public, restricted or non-public."""
    if not sight.has(*ACCESS_RIGHTS):
        return apart()
    words = {str(sight.said.get(name, "")).rstrip("/").rpartition("/")[2].lower() for name in ACCESS_RIGHTS}
    return _flag(bool(words & {"public", "restricted", "non_public", "non-public"}))


@measure("rights_present", "Rights statement", FILLED)
def rights_present(sight: Sight) -> Found:
    """MQA, Contextuality, ``dct:rights``."""
    return _filled(sight, *RIGHTS)


@measure("contact_present", "Contact point", FILLED)
def contact_present(sight: Sight) -> Found:
    """MQA, Reusability, ``dcat:contactPoint``: a name, a mail address or a telephone number."""
    dataset = sight.case.dataset.dataset
    return _flag(bool(dataset.maintainer.first() or dataset.maintainer_email or dataset.maintainer_phone))


@measure("contact_or_publisher", "Contact point or publisher", FILLED)
def contact_or_publisher(sight: Sight) -> Found:
    """Portal Watch, Contact: a contact point or a publisher."""
    dataset = sight.case.dataset.dataset
    named = dataset.maintainer.first() or dataset.maintainer_email or dataset.maintainer_phone
    return _flag(bool(named or sight.case.dataset.provider.title.first()))


@measure("contact_mail_present", "Contact mail address", FILLED)
def contact_mail_present(sight: Sight) -> Found:
    """Toronto, metadata, ``owner_email``: is an address of the dataset's own given."""
    return _flag(bool((sight.case.dataset.dataset.maintainer_email or "").strip()))


@measure("contact_mail_valid", "Contact mail address is one", "“{mail}” is a mail address: {filled}.")
def contact_mail_valid(sight: Sight) -> Found:
    """Portal Watch, conformance, ContactEmail: is what is given for a mail address one (RFC 5322, addr-spec)."""
    mail = (sight.case.dataset.dataset.maintainer_email or "").strip()
    if not mail:
        return apart("none-given")
    several = [text for each in BETWEEN_MAILS.split(mail) if (text := each.strip())]
    good = bool(several) and all(MAIL.fullmatch(NAMED_MAIL.sub(r"\1", each)) for each in several)
    return known(float(good), mail=mail[:120], filled=int(good))


@measure("contact_url_valid", "Contact address is one", FILLED)
def contact_url_valid(sight: Sight) -> Found:
    """Portal Watch, conformance, ContactURL: is what is given for a contact's web address one."""
    given = [str(sight.said[name]) for name in CONTACT_URL if sight.said.get(name)]
    if not sight.has(*CONTACT_URL):
        return apart()
    if not given:
        return apart("none-given")
    return _flag(all(each.startswith(("https://", "http://")) for each in given))


@measure("publisher_present", "Publisher", FILLED)
def publisher_present(sight: Sight) -> Found:
    """MQA, Reusability, ``dct:publisher``."""
    return _flag(bool(sight.case.dataset.provider.title.first()))


@measure("information_url_present", "Address of further information", FILLED)
def information_url_present(sight: Sight) -> Found:
    """Toronto, metadata, ``information_url``."""
    return _filled(sight, *INFORMATION)


@measure("byte_size_present", "Size stated", OF_FILES)
def byte_size_present(sight: Sight) -> Found:
    """MQA, Contextuality, and Portal Watch, Preservation, ``dcat:byteSize``: the share of the resources."""
    return _share_stating(sight, "size") if sight.has("size") else apart()


@measure("issued_present", "Date of publication stated", OF_FILES)
def issued_present(sight: Sight) -> Found:
    """MQA, Contextuality, and Portal Watch, Date, ``dct:issued``: of the dataset, else the share of its resources."""
    if sight.case.dataset.dataset.created:
        return known(1.0, having=len(sight.files), of=len(sight.files))
    having = sum(bool(each.facts.resource.created or each.facts.resource.published) for each in sight.files)
    return known(having / len(sight.files) if sight.files else 0.0, having=having, of=len(sight.files))


@measure("modified_present", "Date of change stated", OF_FILES)
def modified_present(sight: Sight) -> Found:
    """MQA, Contextuality, and Portal Watch, Date, ``dct:modified``: of the dataset, else the share of its resources."""
    if sight.case.dataset.dataset.modified:
        return known(1.0, having=len(sight.files), of=len(sight.files))
    return _share_stating(sight, "modified")


def _issued_and_modified(sight: Sight) -> list[str | None]:
    """Return the dates of publication and of change, of the dataset and of each resource, None where not stated."""
    dataset = sight.case.dataset.dataset
    resources = (each.facts.resource for each in sight.files)
    pairs = ((each.published or each.created, each.modified) for each in resources)
    return [dataset.created, dataset.modified, *(date for pair in pairs for date in pair)]


@measure("dates_present", "Dates stated", "{having} of {of} dates of publication and of change are stated.")
def dates_present(sight: Sight) -> Found:
    """Portal Watch, Date: issued and modified filled, over the dataset and its distributions together."""
    dates = _issued_and_modified(sight)
    having = sum(map(bool, dates))
    return known(having / len(dates), having=having, of=len(dates))


@measure("dates_readable", "Dates can be read", "{having} of {of} dates of publication and of change can be read.")
def dates_readable(sight: Sight) -> Found:
    """Portal Watch, conformance, DateFormat: the dates of `dates_present` that parse; one not stated does not."""
    dates = _issued_and_modified(sight)
    having = sum(bool(text and read_date(text)) for text in dates)
    return known(having / len(dates), having=having, of=len(dates))


@measure("licence_present", "Licence stated", "The record names the licence “{licence}”.")
def licence_present(sight: Sight) -> Found:
    """MQA, Reusability, ``dct:license`` present; Portal Watch, Rights. Without one the terms' rule decides."""
    text = licence_text(sight.case)
    if text:
        return known(1.0, licence=text[:120])
    return Found(0.0, 0.0, 0.0, reason=TERMS)


@measure("licence_listed", "Licence from a list", "The record’s licence (“{licence}”) is on a list: {filled}.")
def licence_listed(sight: Sight) -> Found:
    """MQA, Reusability, licence from vocabulary; Portal Watch, conformance, License: is it one that lists know by name.

    A portal's own terms are on no list, whatever they allow.
    """
    text = licence_text(sight.case)
    listed = bool(LISTED_LICENCES.search(text))
    return known(float(listed), licence=text[:120] or "-", filled=int(listed))
