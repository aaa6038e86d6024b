"""One authority and its leaf certificates, issued when a host is first asked for; some expired, some another's."""

import ssl
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import trustme


class Certificates:
    """Answers each TLS greeting with the certificate the asked host is to show.

    `verdict` maps a host to good, expired, soon (to run out), other-host, wildcard or none; `now` (aware) is what an
    expired one lies before.
    """

    def __init__(self, verdict: Callable[[str], str], now: datetime) -> None:
        self._verdict = verdict
        self._now = now
        self._authority = trustme.CA(organization_name="Sample Authority")
        self._lock = threading.Lock()
        self._contexts: dict[str, ssl.SSLContext] = {}
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert("localhost").configure_cert(self.context)
        self.context.sni_callback = self._choose

    @property
    def ca_pem(self) -> bytes:
        """The authority's own certificate, for a client's trust store."""
        return self._authority.cert_pem.bytes()

    def _choose(self, connection: ssl.SSLObject | ssl.SSLSocket, host: str | None, _: ssl.SSLContext) -> int | None:
        if host and self._verdict(host) == "none":
            return int(ssl.ALERT_DESCRIPTION_HANDSHAKE_FAILURE)
        if host:
            with self._lock:
                if host not in self._contexts:
                    self._contexts[host] = self._issue(host)
            connection.context = self._contexts[host]
        return None

    def _issue(self, host: str) -> ssl.SSLContext:
        verdict = self._verdict(host)
        name = {"other-host": f"old.{host}", "wildcard": f"*.{host.partition('.')[2]}"}.get(verdict, host)
        ends = self._now + timedelta(days={"expired": -23, "soon": 9}.get(verdict, 210))
        leaf = self._authority.issue_cert(name, not_before=ends - timedelta(days=365), not_after=ends)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        leaf.configure_cert(context)
        return context
