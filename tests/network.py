"""Refuses connections beyond this machine, and remembers who tried."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

ATTEMPTS: list[str] = []
"""Addresses beyond loopback that something tried to reach."""

_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex
_getaddrinfo = socket.getaddrinfo


class NetworkRefused(OSError):
    """A connection beyond loopback was tried; the product must work without a network."""


def refuse_network() -> None:
    """From now on, in this process, only this machine can be reached and no foreign name be looked up."""
    socket.socket.connect = _guarded(_connect)  # type: ignore[method-assign]
    socket.socket.connect_ex = _guarded(_connect_ex)  # type: ignore[method-assign]
    socket.getaddrinfo = _look_up


def is_local(host: object) -> bool:
    """Whether a host is this machine."""
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host is None or host in ("", "localhost", socket.gethostname()):
        return True
    try:
        address = ipaddress.ip_address(str(host).split("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _refuse(host: object) -> None:
    ATTEMPTS.append(str(host))
    raise NetworkRefused(f"a connection to {host} was tried; nothing beyond this machine may be reached")


def _guarded(function: Any) -> Any:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not is_local(address[0]):
            _refuse(address[0])
        return function(self, address)

    return guarded


def _look_up(host: Any, *rest: Any, **named: Any) -> Any:
    if not is_local(host) and not _is_number(host):
        _refuse(host)
    return _getaddrinfo(host, *rest, **named)


def _is_number(host: object) -> bool:
    try:
        ipaddress.ip_address(str(host))
    except ValueError:
        return False
    return True
