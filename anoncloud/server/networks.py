"""Which network an address belongs to, as far as delays go."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

_PREFIX: Final = 64
"""Bits of an IPv6 address that one customer commonly gets; the rest they choose themselves."""


@lru_cache(maxsize=4096)
def network_of(host: str) -> str:
    """Name the network of the address *host*; "" for none, as at a unix socket.

    That is an IPv4 address itself, also when it is written as an IPv6 one, and the first 64 bits of
    an IPv6 address. What is no address is its own network.
    """
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((int(address), _PREFIX), strict=False))
