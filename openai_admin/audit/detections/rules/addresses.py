"""Addresses: the networks that somebody acts from, and how much of the world a list lets in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    collapse_addresses,
    ip_address,
    ip_network,
    summarize_address_range,
)

Network = IPv4Network | IPv6Network

_ANY = frozenset({"*", "any", "all", "0/0", "anywhere", "everyone", "::0/0"})
_PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))
_V4, _V6 = 32, 128
_MAPPED = _V6 - _V4  # what an address of IPv4 has before it in IPv6


@lru_cache(maxsize=65_536)
def network_of(address: str) -> str | None:
    """The network that an address is of, as far as it stays the same for somebody there: a /24 of
    IPv4, and a /64 of IPv6, in which addresses for privacy change every day.
    """
    try:
        ip = ip_address(address.strip())
    except ValueError:
        return None
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    length = 24 if isinstance(ip, IPv4Address) else 64
    return str(ip_network((ip, length), strict=False))


def wide(texts: Iterable[str], most_v4: int, most_v6: int) -> tuple[str, ...]:
    """The entries of a list that let so much of the world in that the list keeps nobody out.

    Args:
        texts: addresses, networks, ranges with a ``-``, or a word for everything.
        most_v4: the prefix length up to which a network of IPv4 is that wide; several that
            together are as large are as well. Private ones are not.
        most_v6: likewise of IPv6.
    """
    given = {text: tuple(_networks(text)) for text in texts}
    found = [
        text
        for text, networks in given.items()
        if text.lower() in _ANY or any(_is_wide(n, most_v4, most_v6) for n in networks)
    ]
    if found:
        return tuple(found)
    every = [n for networks in given.values() for n in networks if not _is_private(n)]
    fours = collapse_addresses(n for n in every if isinstance(n, IPv4Network))
    sixes = collapse_addresses(n for n in every if isinstance(n, IPv6Network))
    if _size(fours) >= 2 ** (_V4 - most_v4) or _size(sixes) >= 2 ** (_V6 - most_v6):
        return tuple(given)
    return ()


def _networks(text: str) -> Iterator[Network]:
    first, dash, last = text.partition("-")
    try:
        if not dash:
            yield _unmapped(ip_network(text, strict=False))
            return
        one, other = ip_address(first.strip()), ip_address(last.strip())
        yield from map(_unmapped, summarize_address_range(one, other))
    except (ValueError, TypeError):
        return


def _unmapped(network: Network) -> Network:
    """The network of IPv4 that one of IPv6 maps, as ``::ffff:0.0.0.0/96`` all of them."""
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is None or network.prefixlen < _MAPPED:
        return network
    return IPv4Network((mapped, network.prefixlen - _MAPPED))


def _is_private(network: Network) -> bool:
    return any(
        isinstance(network, type(private)) and network.subnet_of(private)  # type: ignore[arg-type]
        for private in _PRIVATE
    )


def _is_wide(network: Network, most_v4: int, most_v6: int) -> bool:
    most = most_v4 if isinstance(network, IPv4Network) else most_v6
    return network.prefixlen <= most and not _is_private(network)


def _size(networks: Iterable[Network]) -> int:
    return sum(network.num_addresses for network in networks)
