"""Which addresses may be asked: public ones, those the user allowed, and the routes of the sample portal."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Protocol, cast

from harvester.settings import WebSettings

SockAddr = tuple[str, int] | tuple[str, int, int, int]
Found = list[tuple[socket.AddressFamily, SockAddr]]


class Resolve(Protocol):
    """Turns a host and a port into the socket addresses to try in turn."""

    def __call__(self, host: str, port: int, *, tls: bool) -> Found:
        """Return the addresses. Raises socket.gaierror where the name does not resolve."""


# Ranges of the IANA special-purpose registries that Python 3.11's is_global takes for public: IETF protocol
# assignments, the 6to4 relay anycast, and the AS112 and AMT services, none of which publishes data.
_NOT_PUBLIC_4 = [ip_network(text) for text in ("192.0.0.0/24", "192.88.99.0/24", "192.31.196.0/24", "192.52.193.0/24")]
# Only 2000::/3 is global unicast; within it Teredo, ORCHID, 6to4 and the second documentation prefix are not.
_UNICAST_6 = ip_network("2000::/3")
_NOT_PUBLIC_6 = [ip_network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]


class NotPublicError(Exception):
    """Raised before a connection is made to an address that is not public; the text is one plain sentence."""


def is_public(text: str) -> bool:
    """Return whether an IP address, as a socket writes it, is one that the public internet reaches."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return _is_public_4(address.ipv4_mapped)
        return address in _UNICAST_6 and address.is_global and not any(address in net for net in _NOT_PUBLIC_6)
    return _is_public_4(address)


def _is_public_4(address: IPv4Address) -> bool:
    special = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not special and not any(address in net for net in _NOT_PUBLIC_4)


class Guard:
    """Turns a host and a port into the socket addresses that may be connected to."""

    def __init__(self, settings: WebSettings) -> None:
        self._routes = settings.routes
        self._networks = [ip_network(entry) for entry in settings.allow if "/" in entry]
        self._hosts = {entry.lower() for entry in settings.allow if "/" not in entry}

    def resolve(self, host: str, port: int, *, tls: bool) -> Found:
        """Return the addresses of ``host`` to try in turn, each of them checked.

        The very addresses returned are connected to, so a name that changes its address between the check and the
        connection changes nothing. Raises NotPublicError where none may be asked, socket.gaierror where the name
        does not resolve.
        """
        if self._routes is not None and self._routes.covers(host):
            return [(socket.AF_INET, self._routes.https if tls else self._routes.http)]
        # With routes there is no DNS: only numbers are understood, in every spelling the C library understands.
        flags = socket.AI_NUMERICHOST if self._routes is not None else 0
        addresses = _look_up(host, port, flags)
        permitted = [(family, address) for family, address in addresses if self._permits(host, str(address[0]))]
        if not permitted:
            shown = str(addresses[0][1][0])
            subject = host if shown == host else f"{host} ({shown})"
            raise NotPublicError(f"{subject} is not a public address, so it was not asked.")
        if self._routes is not None and all(is_public(str(address[0])) for _, address in permitted):
            raise socket.gaierror(socket.EAI_NONAME, "the sample's resolver knows no public address")
        return permitted

    def check_before_proxy(self, host: str, port: int) -> None:
        """Return where ``host`` may be asked through a proxy; raises NotPublicError where it may not.

        A proxy resolves names itself, so what it connects to is its own affair; what we can see is checked, and a name
        that does not resolve here is not handed on unless the user allowed it.
        """
        if host.rstrip(".").lower() in self._hosts:
            return
        try:
            self.resolve(host, port, tls=False)
        except (socket.gaierror, UnicodeError) as error:
            raise NotPublicError(
                f"{host} does not resolve here, so we cannot see that it is public, and the proxy was not asked for it."
            ) from error

    def _permits(self, host: str, text: str) -> bool:
        if is_public(text) or host.rstrip(".").lower() in self._hosts or text in self._hosts:
            return True
        address = ip_address(text.partition("%")[0])
        return any(address in network for network in self._networks)


def resolve_any(host: str, port: int, *, tls: bool) -> Found:  # noqa: ARG001 -- it stands in for Guard.resolve
    """Return every address of ``host``: for the proxy, which the user named. Raises socket.gaierror where none is."""
    return _look_up(host, port)


def _look_up(host: str, port: int, flags: int = 0) -> Found:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    return [
        (family, cast("SockAddr", address))
        for family, _, _, _, address in found
        if family in (socket.AF_INET, socket.AF_INET6)
    ]
