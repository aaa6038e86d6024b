"""How the harvester behaves on the network: who it says it is, its manners and its limits."""

from dataclasses import dataclass
from importlib.metadata import version
from ipaddress import ip_network
from pathlib import Path

from harvester.errors import SettingsError

MEBIBYTE = 1024 * 1024
POLITE_IN_FLIGHT = 4


@dataclass(frozen=True, slots=True)
class Routes:
    """The client's own resolver, for tests and the sample portal: where every host under ``suffix`` really is.

    Host header and SNI stay as the address says; certificates are trusted when ``ca_file`` signed them. No other
    name resolves, DNS is not asked, and nothing public is connected to. The two addresses are exempt from the
    public-address guard, nothing else is.
    """

    suffix: str
    http: tuple[str, int]
    https: tuple[str, int]
    ca_file: Path

    def covers(self, host: str) -> bool:
        """Return whether ``host`` is the suffix itself or a name under it."""
        suffix = self.suffix.lstrip(".").lower()
        name = host.rstrip(".").lower()
        return name == suffix or name.endswith("." + suffix)


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Manners and limits of every request. Seconds are wall time; bytes are counted after decompression.

    ``contact`` (a mail address or a page) is told to every server in the User-Agent. ``per_host_seconds`` is the
    least time between two requests to one host; DATA.GOV.HK has stood two a second. ``allow`` names hosts
    (``data.lan``) or networks (``10.0.0.0/8``) that may be asked although they are not public.
    Raises SettingsError where a value makes no sense.
    """

    contact: str = ""
    connect_seconds: float = 10.0
    idle_seconds: float = 15.0
    total_seconds: float = 60.0
    max_bytes: int = 64 * MEBIBYTE
    max_redirects: int = 10
    per_host_seconds: float = 0.5
    in_flight: int | None = None
    """How many answers of the portal's API are waited for at once; links are asked one at a time a host. None: 4, or
    as many as there are threads where no pace is kept."""
    back_off_seconds: float = 60.0
    """The longest interval that a host which stumbles (429, 503, a stall, a cut connection) is given."""
    retry_after_seconds: float = 30.0
    """The longest a server's Retry-After is obeyed."""
    patience_seconds: float = 900.0
    """How long a host may go without one proper answer before the rest of its links are left for another run."""
    again_seconds: float = 600.0
    """How long after a visit met what may be one bad minute the address is asked once more, at the earliest."""
    tries: int = 5
    """How often the portal is asked for one answer before its item is given up."""
    threads: int = 32
    allow: tuple[str, ...] = ()
    ignore_robots: tuple[str, ...] = ()
    """Hosts whose robots.txt the user chose, by name, not to honour."""
    routes: Routes | None = None

    def __post_init__(self) -> None:
        limits = (self.connect_seconds, self.idle_seconds, self.total_seconds, self.max_bytes)
        numbers = (self.threads, self.shared, self.tries)
        intervals = (self.per_host_seconds, self.retry_after_seconds, self.patience_seconds, self.again_seconds)
        waits = (*intervals, self.back_off_seconds)
        if min(*limits, *numbers) <= 0 or min(*waits, self.max_redirects) < 0:
            raise SettingsError("Limits of time, bytes, tries and threads must be above zero, intervals not below it.")
        if not (self.contact.isascii() and self.contact.isprintable()):
            raise SettingsError("The contact goes into a header: give a plain mail address or the address of a page.")
        for entry in self.allow:
            if "/" in entry:
                _check_network(entry)

    @property
    def shared(self) -> int:
        """How many requests may share a host: few, so that a slow portal stays alive; never more than threads."""
        usual = POLITE_IN_FLIGHT if self.per_host_seconds else self.threads
        return min(self.threads, usual if self.in_flight is None else self.in_flight)

    @property
    def user_agent(self) -> str:
        """What every request says it is: name, version, and whom to write to."""
        told = f" (+{self.contact})" if self.contact else " (measures open data; no contact set)"
        return f"hk-open-data-barometer/{version('hk-open-data-barometer')}{told}"


def _check_network(entry: str) -> None:
    try:
        ip_network(entry)
    except ValueError as error:
        raise SettingsError(f"{entry!r} is not a network: write it as 10.0.0.0/8, or give a host's name.") from error
