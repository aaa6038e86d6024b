"""The proxies that the environment names (HTTP_PROXY, HTTPS_PROXY, NO_PROXY), as requests understands them."""

from urllib.parse import urlsplit
from urllib.request import getproxies

from requests.utils import get_environ_proxies, select_proxy

from harvester.errors import SettingsError

_SPOKEN = ("http", "https")
_USED = ("http", "https", "all")


class Proxies:
    """Which proxy an address is asked through; read from the environment once, and decided once a host.

    Raises SettingsError where the environment names a proxy of a kind that we do not speak to.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str | None] = {}
        self._any = False
        for name, proxy in getproxies().items():
            if name in _USED:
                self._any = True
                scheme = urlsplit(_whole(proxy)).scheme
                if scheme not in _SPOKEN:
                    raise SettingsError(
                        f"{name.upper()}_PROXY names a proxy of the kind {scheme!r}: give one that begins "
                        "with http://, or unset it."
                    )

    def of(self, address: str) -> str | None:
        """Return the proxy for a plain http or https ``address``, None where it is asked directly."""
        if not self._any:
            return None
        parts = urlsplit(address)
        key = (parts.scheme, parts.netloc)
        if key not in self._known:
            chosen = select_proxy(address, get_environ_proxies(address))
            self._known[key] = _whole(chosen) if chosen else None
        return self._known[key]


def _whole(proxy: str) -> str:
    return proxy if "://" in proxy else f"http://{proxy}"
