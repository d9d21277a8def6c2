"""Who has access: people, service accounts and keys, as they are named and told apart."""

from __future__ import annotations

from collections.abc import Sequence

from ..._declare.arguments import shown
from ...directory.search.pasted import cleaned, secret_in
from ...errors import InvalidInputError
from .facts import AdminKeyFact, KeyFact, Person, ServiceAccountFact

Thing = Person | ServiceAccountFact | KeyFact | AdminKeyFact
"""Somebody, or something, that can have permissions."""

_MOST = 10  # of one name that are listed


def names_of(thing: Thing) -> list[str]:
    """What somebody may be called."""
    names = [thing.name, getattr(thing, "email", None), getattr(thing, "redacted_value", None)]
    return [name for name in names if name]


def refuse_secret(text: str) -> None:
    """Refuse the secret of a key where a name is asked for, without showing it.

    Raises:
        InvalidInputError: it is one.
    """
    if secret_in(cleaned(text)) is not None:
        raise InvalidInputError(
            "This is a key's secret, not a name: name the key by its id, which"
            " 'openai-admin find -' tells of a secret."
        )


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
