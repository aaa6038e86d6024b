"""What a harvest asks of any portal."""

from collections.abc import Iterator
from datetime import date
from typing import Protocol

from harvester.joining import Record
from harvester.records import Category, Language, Provider


class Portal(Protocol):
    """What a harvest asks of any portal; a new kind of portal is one class of these methods."""

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
        """Return one raw record, or None where the instance says it has none. Raises PortalError."""

    def providers(self) -> list[Provider]:
        """Return the list of providers. Raises PortalError."""

    def categories(self) -> list[Category]:
        """Return the list of categories. Raises PortalError."""

    def archived(self, start: date, end: date) -> Iterator[str]:
        """Yield the addresses archived between two days (Hong Kong). Raises PortalError."""
