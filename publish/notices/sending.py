"""The way out: one message to one address through Apprise, which neither changes it nor follows what it says."""

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apprise import AppriseAsset, NotifyBase
    from apprise.logger import NotifyLogEntry

from harvester.clock import HONG_KONG
from publish.notices.records import Message, Recipient

SECONDS = 60.0
"""The longest that one message may take, with all its addressees."""
ROOM = 0.8
"""Of a service's longest message so much is used: what it escapes becomes longer on the way."""
MOST_REASON = 300
IN_HTML = frozenset({
    "mailto", "mailtos", "azure", "brevo", "mailersend", "mailgun", "o365", "postmark", "resend", "sendgrid", "ses",
    "smtp2go", "sparkpost",
})  # fmt: skip
"""Services that carry mail, and so a page and not a line of chat."""


@cache
def _asset() -> "AppriseAsset":
    """Apprise as we want it: our name, no pictures from elsewhere, nothing written to disk, nothing interpreted."""
    from apprise import AppriseAsset  # noqa: PLC0415 - a quarter of a second that only telling needs

    return AppriseAsset(
        app_id="barometer", app_desc="Hong Kong Open Data Barometer", app_url="", image_url_mask="",
        image_url_logo="", image_path_mask="", async_mode=False, interpret_emojis=False, interpret_escapes=False,
        http_redirects=False, pgp_autogen=False, pem_autogen=False, storage_mode="memory", allow_templates=False,
        service_timeout=SECONDS, timezone=HONG_KONG, language="en",
    )  # fmt: skip


def service(address: str) -> "NotifyBase | None":
    """Return what Apprise makes of an address; None where it knows no such address. Nothing is sent or looked up."""
    from apprise import Apprise, NotifyBase  # noqa: PLC0415 - a quarter of a second that only telling needs
    from apprise.exception import AppriseException  # noqa: PLC0415 - as above

    try:
        found = Apprise.instantiate(address, asset=_asset())
    except (AppriseException, TypeError, ValueError):
        return None
    return found if isinstance(found, NotifyBase) else None


def send(recipient: Recipient, message: Message) -> str:
    """Send ``message`` to its recipient and return why it did not arrive, in a few words; empty where it did.

    Mail gets the HTML, from which Apprise makes the plain part; all else the longest plain text that fits.
    """
    from apprise import Apprise, NotifyFormat  # noqa: PLC0415 - a quarter of a second that only telling needs

    made = service(recipient.address)
    if made is None:
        return "Apprise does not know this address any more"
    caller = Apprise(asset=_asset())
    caller.add(made)
    if made.schema in IN_HTML:
        _as_machines_know_it(made, message)
        result = caller.notify(message.html, message.title, body_format=NotifyFormat.HTML)
    else:
        result = caller.notify(fitting(made, message), message.title, body_format=NotifyFormat.TEXT)
    return "" if result else _reason(result.logs())


def handed(recipient: Recipient, message: Message) -> tuple[str, ...]:
    """Return what a recipient's program gets of a message: the plain part and the HTML of a mail, or the text."""
    from apprise import NotifyFormat  # noqa: PLC0415 - a quarter of a second that only telling needs
    from apprise.conversion import convert_between  # noqa: PLC0415 - as above

    made = service(recipient.address)
    if made is None:
        return ()
    if made.schema in IN_HTML:
        plain = str(convert_between(NotifyFormat.HTML, NotifyFormat.TEXT, message.html))  # type: ignore[no-untyped-call]
        return plain, message.html
    return (fitting(made, message),)


def fitting(made: "NotifyBase", message: Message) -> str:
    """Return the longest edition of a message's text that a service takes, the shortest cut where none does."""
    room = int(made.body_maxlen * ROOM) - (len(message.title) if made.title_maxlen <= 0 else 0)
    shortest = message.texts[-1]
    return next((text for text in message.texts if len(text) <= room), shortest[: max(room, 1)])


def _as_machines_know_it(made: "NotifyBase", message: Message) -> None:
    """Say in a mail's head that a program wrote it (RFC 3834) and where less is to be had (RFC 2369)."""
    from apprise.plugins.email import NotifyEmail  # noqa: PLC0415 - a quarter of a second that only telling needs

    if isinstance(made, NotifyEmail):
        made.headers["Auto-Submitted"] = "auto-generated"
        if message.contact:
            made.headers["List-Unsubscribe"] = f"<mailto:{message.contact}>"


def _reason(logs: Iterable["NotifyLogEntry"]) -> str:
    """Return the last thing Apprise warned of, on one line."""
    told = [entry.message for entry in logs if entry.level in ("WARNING", "ERROR", "CRITICAL")]
    return (" ".join(told[-1].split()) if told else "it was not taken, and no reason was given")[:MOST_REASON]
