"""What of an event must be found again in what it was written as."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

# The kind of the actor and of the key's owner is told by where its id stands, the region's code
# together with the country's; the time and the network are looked at by themselves.
_DETAILS = ("actor", "session", "ip_address_details")
_TOLD_OTHERWISE = (
    ("actor", "type"),
    ("effective_at",),
    (*_DETAILS, "region_code"),
    (*_DETAILS, "asn"),
)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[str]:
    """Every text and number of an event, as text, but what is told otherwise."""
    if path in _TOLD_OTHERWISE:
        return
    if isinstance(value, dict):
        type = value.get("type")
        is_told = path == ("actor", "api_key") and isinstance(type, str) and value.get(type)
        for key, each in value.items():
            if key == "type" and is_told:
                continue
            yield from leaves(each, (*path, key))
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each, (*path, 0))
    elif value not in (None, ""):
        yield as_text(value)


def as_text(value: Any) -> str:
    """A leaf as text: the same for a number and for its digits."""
    try:
        return str(float(value))
    except (TypeError, ValueError):
        return str(value)


def missing(raw: Any, written: Any) -> set[str]:
    """The leaves of an event that are nowhere in what it was written as."""
    return set(leaves(raw)) - set(leaves(written, ("written",)))
