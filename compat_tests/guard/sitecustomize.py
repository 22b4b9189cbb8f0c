"""Keeps a test process on this machine: only loopback addresses may be connected to or bound, only their names resolved.

Python imports a module of this name at start-up from any folder on its path, so putting the folder into PYTHONPATH covers the
child processes of a test as well. An audit hook cannot be removed or bypassed from Python, whichever socket class is used.
"""

from __future__ import annotations

import ipaddress
import socket
import sys
from typing import Any

LOCAL_NAMES = frozenset({"localhost", "ip6-localhost"})


class NetworkForbidden(OSError):
    """A test tried to leave the machine."""


def is_local(host: Any) -> bool:
    """Whether a host, as given to a socket function, can only mean this machine."""
    if host is None:
        return True
    text = host.decode("ascii", "replace") if isinstance(host, bytes | bytearray) else str(host)
    if text in LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _address(sock: Any, address: Any) -> None:
    if (
        isinstance(address, tuple)
        and address
        and getattr(sock, "family", None) in (socket.AF_INET, socket.AF_INET6)
        and not is_local(address[0])
    ):
        raise NetworkForbidden(f"tests stay on this machine, but something reached for {address[0]!r}")


def _name(host: Any, *_: Any) -> None:
    if not is_local(host):
        raise NetworkForbidden(f"tests resolve no names, but something asked for {host!r}")


def _datagram(sock: Any, address: Any) -> None:
    if address is not None:
        _address(sock, address)


CHECKS = {
    "socket.connect": _address,
    "socket.bind": _address,
    "socket.sendto": _datagram,
    "socket.sendmsg": _datagram,
    "socket.getaddrinfo": _name,
    "socket.gethostbyname": _name,
}


def _audit(event: str, args: tuple[Any, ...]) -> None:
    check = CHECKS.get(event)
    if check is not None:
        check(*args)


def install() -> None:
    """Guard this process, once."""
    if not getattr(sys, "_ccxt_dex_guard", False):
        sys._ccxt_dex_guard = True  # type: ignore[attr-defined]
        sys.addaudithook(_audit)


if __name__ == "sitecustomize":
    install()
