"""Whose admin key the calls are made with."""

from __future__ import annotations

from collections.abc import Sequence

from ..._declare.operation import CallExecutor
from ..._text.secrets import redact
from ..._transport.session import Caller
from ...resources.admin_api_keys import AdminAPIKey
from ..rotation.keys import Key
from ..rotation.work import key_of
from .model import ActingKey


async def acting_key(caller: CallExecutor, listed: Sequence[AdminAPIKey]) -> ActingKey:
    """The key that a client calls with, recognized among the admin keys by its ends.

    Args:
        caller: makes the client's calls.
        listed: the admin keys, as far as they are known.
    """
    if not isinstance(caller, Caller):
        return ActingKey(shown="a key that is not known")
    value = await key_of(caller)
    shown = [(key, Key(id=key.id, redacted=key.redacted_value)) for key in listed]
    found = [key for key, ends in shown if ends.may_be(value)]
    is_recognized = bool(found)
    if not is_recognized:
        found = [key for key, ends in shown if not (ends.is_shown or ends.differs(value))]
    owners = {key.owner.id: key.owner for key in found if key.owner is not None and key.owner.id}
    only = found[0] if len(found) == 1 else None
    owner = only.owner if only is not None else None
    return ActingKey(
        shown=redact(value),
        ids=tuple(key.id for key in found),
        is_recognized=is_recognized,
        name=only.name if only is not None else None,
        owner_ids=tuple(id for id in owners if id is not None),
        owner=None if owner is None else owner.name or owner.id,
    )
