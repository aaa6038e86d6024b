"""Where a server of ours listens, and whether others than this machine can reach it there."""

import socket
from ipaddress import ip_address

from harvester.errors import BarometerError


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens on ``host`` and ``port``; whoever comes waits there. Raises BarometerError."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise BarometerError(
            f"{host}:{port} cannot be served on ({error.strerror}): stop what uses it, or name another with --port."
        ) from error
    listener.setblocking(False)
    return listener


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach what listens on ``host``; a name that is none is taken for open."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
