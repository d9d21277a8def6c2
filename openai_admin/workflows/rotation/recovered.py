"""A rotation that was begun and whose journal is not there, recognized by the keys: pure.

The name of a key that a rotation makes has the end of the id of the key that it replaces. While
both are listed, that rotation has not ended. Where the sink holds the new one, all that is left is
to wait and to delete the old one. Where the sink holds another key, or cannot be read, the new one
may be in no sink, or in another one, and a person has to say.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from ...errors import InvalidInputError
from ..journal import Entry
from .accounts import Account
from .keys import NONE, Key, Listed, one_named, several
from .model import Wishes
from .state import Terms, begun, fingerprint


def recovered(
    listed: Listed, account: Account, wishes: Wishes, held: str | None
) -> tuple[Key, Key] | None:
    """The old and the new key of a rotation that waits for its end, by what the sink holds.

    Raises:
        InvalidInputError: a key is named that is neither.
    """
    if held is None or wishes.key == NONE:
        return None
    in_sink = [key for key in listed.keys if key.may_be(held)]
    replaced = listed.replaced_by(in_sink[0]) if len(in_sink) == 1 and in_sink[0].is_own else []
    if len(replaced) != 1:
        return None
    old, new = replaced[0], in_sink[0]
    if wishes.key is not None:
        named = one_named(listed, wishes.key, whose=account.whose)
        if named not in (old, new):
            raise InvalidInputError(
                f"The sink holds {new}, which replaces {old}, and that rotation has not ended;"
                f" {named} is another key: finish that rotation first, or name another sink."
            )
    return old, new


def entries_of(terms: Terms, new: Key, held: str, now: datetime) -> Sequence[Entry]:
    """The lines that the journal of such a rotation would have.

    Args:
        terms: what it is of.
        new: its key, which the sink holds.
        held: that key's secret.
        now: the server's time, for a key that does not say when it was made.
    """
    number = new.origin.number if new.origin is not None else 1
    lines = (
        begun(terms),
        {"what": "creating", "attempt": number, "name": new.name},
        {
            "what": "created",
            "attempt": number,
            "key": new.id,
            "held": fingerprint(held, terms.rotation),
        },
        {"what": "putting", "attempt": number},
        {"what": "set", "attempt": number},
    )
    at = (new.created_at or now).isoformat()
    return [{**line, "at": at} for line in lines]


def refuse_second(
    listed: Listed, old: Key | None, account: Account, wishes: Wishes, known: Collection[str]
) -> None:
    """Refuse to replace a key for which there is another one already, of a rotation cut off.

    Args:
        listed: the keys.
        old: the key to replace.
        account: what has them.
        wishes: what was asked for; of a service account, a key that is named is enough.
        known: what the names of keys have that are in another place, or known to be left over.

    Raises:
        InvalidInputError: there is one.
    """
    if old is None or (account.kind == "service_account" and wishes.key is not None):
        return
    made = [
        key
        for key in listed.keys
        if key.is_own is not False
        and key.replaces(old)
        and not any(mark in (key.name or "") for mark in known)
    ]
    if not made:
        return
    decided = (
        f", or pass --key {old.id} to make another one" if account.kind == "service_account" else ""
    )
    raise InvalidInputError(
        f"{several(made)} was made to replace {old}, by a rotation that has not ended: go on with"
        " that, by its command and its journal, or delete whichever of them is in no place by"
        f" hand{decided}."
    )
