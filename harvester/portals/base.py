"""What a harvest asks of any portal; a new kind of portal is one class of these methods."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Protocol, runtime_checkable

from harvester.errors import PortalError
from harvester.joining import Record
from harvester.records import Category, Language, Provider


class MissingError(PortalError):
    """Raised where a portal says that it has no such thing and never shows why."""


class WithheldError(PortalError):
    """Raised where a portal has something, and does not show it to the public: a private or a deleted dataset."""


class Portal(Protocol):
    """What a harvest asks of any portal."""

    @property
    def base_url(self) -> str:
        """The address a user knows the portal by."""

    @property
    def languages(self) -> tuple[Language, ...]:
        """The language instances it has; where there is only one, a resource's own id is known to be its own."""

    @property
    def threads(self) -> int:
        """How many answers may be waited for at once; the pace between requests is kept by the web itself."""

    def package_list(self, language: Language) -> list[str]:
        """Return the names of the datasets one language instance lists. Raises PortalError."""

    def package_show(self, language: Language, name: str) -> Record | None:
        """Return one raw record, or None where the instance says it has none.

        Raises WithheldError where it has one and does not show it, PortalError where it gives no answer.
        """

    def providers(self) -> list[Provider]:
        """Return the list of providers. Raises PortalError."""

    def categories(self) -> list[Category]:
        """Return the list of categories. Raises PortalError."""

    def archived(self, start: date, end: date) -> Iterator[str]:
        """Yield the addresses archived between two days (Hong Kong); none where there is no archive.

        Raises PortalError.
        """


@runtime_checkable
class Telling(Protocol):
    """What a portal may do besides: tell what changed lately."""

    def changed(self, language: Language) -> Iterable[tuple[str, str]]:
        """Yield datasets that one instance's feed tells of, with when they changed (ISO 8601 UTC). Raises PortalError.

        It is a hint: what it leaves out is found all the same, only later.
        """
