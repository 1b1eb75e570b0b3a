"""Which machines a page may be fetched from: those of the public Internet, and no others."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable

from retrieval.errors import InputError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

#: Host and port to what ``socket.getaddrinfo`` says of them.
Resolver = Callable[[str, int], list[str]]

_UNICAST = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address in the last 32 bits
#: Global by their number, and yet a cloud's own: 192.0.0.192 is Oracle's metadata, the other Azure's host.
_CLOUDS = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "168.63.129.16/32")))


def resolved(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system names them.

    :raises OSError: it has none.
    """
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def public_addresses(host: str, port: int, resolve: Resolver) -> list[str]:
    """The addresses of a host, all of them of the public Internet.

    Who connects must use one of them: asked again, the name may lead elsewhere.

    :raises InputError: it has none, or one that is private, loopback, link-local, a cloud's own, …
    """
    try:
        found = resolve(host, port)
    except (OSError, UnicodeError) as error:
        raise InputError(f"{host} is not known to the name service") from error
    if not found:
        raise InputError(f"{host} is not known to the name service")
    if not all(map(is_public, found)):
        raise InputError(f"{host} is no machine of the public Internet")
    return found


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public Internet, and so do those that are written within it."""
    try:
        number = ipaddress.ip_address(address)
    except ValueError:  # with a scope: "fe80::1%eth0"
        return False
    if isinstance(number, ipaddress.IPv6Address):
        within = _within(number)
        if within is not None:
            return is_public(str(within))
        return number.is_global and number in _UNICAST
    return number.is_global and not number.is_multicast and not any(number in network for network in _CLOUDS)


def _within(number: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address leads to; ``None`` where it leads to none."""
    if number in _NAT64:
        return ipaddress.IPv4Address(int(number) & 0xFFFFFFFF)
    return number.ipv4_mapped or number.sixtofour
