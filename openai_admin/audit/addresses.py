"""Addresses and networks as both mappings want them: only what they really are."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address

_LONGEST = 40  # characters that an address may have in OCSF
_GREATEST_ASN = 2**32 - 1


@lru_cache(maxsize=4096)  # the same few come again and again
def is_ip(text: str) -> bool:
    """Whether a text is an address of IP, in either version; not with a zone (``fe80::1%eth0``),
    which SIEMs refuse.
    """
    try:
        ip_address(text)
    except ValueError:
        return False
    return len(text) <= _LONGEST and "%" not in text


def is_country_code(text: str) -> bool:
    """Whether a text can be a country's code of ISO 3166-1: two letters."""
    return len(text) == 2 and text.isascii() and text.isalpha()


def as_number(asn: str) -> int | None:
    """The number of a network's operator; ``None`` for anything else."""
    if not (asn.isascii() and asn.isdigit() and len(asn) <= len(str(_GREATEST_ASN))):
        return None
    number = int(asn)
    return number if number <= _GREATEST_ASN else None
