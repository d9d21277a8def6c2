"""Who has access: people, service accounts and keys, as they are named and told apart."""

from __future__ import annotations

from collections.abc import Sequence

from ..._declare.arguments import shown
from .facts import AdminKeyFact, KeyFact, Person, ServiceAccountFact

Thing = Person | ServiceAccountFact | KeyFact | AdminKeyFact
"""Somebody, or something, that can have permissions."""

_MOST = 10  # of one name that are listed


def names_of(thing: Thing) -> list[str]:
    """What somebody may be called."""
    names = [thing.name, getattr(thing, "email", None), getattr(thing, "redacted_value", None)]
    return [name for name in names if name]


def several(text: str, described: Sequence[str]) -> str:
    """That several have a name, with which.

    Args:
        text: the name.
        described: each, as its id and what it is.
    """
    listed = "; ".join(described[:_MOST])
    rest = len(described) - _MOST
    more = f"; and {rest:,} more" if rest > 0 else ""
    return f"{len(described):,} have the name {shown(text)}; pass the id of one: {listed}{more}."
