"""One run at a time for each client, and what its runs have made."""

from __future__ import annotations

from collections.abc import MutableMapping
from weakref import WeakKeyDictionary

import anyio
import attrs

from ..._declare.operation import CallExecutor
from ..._transport.session import Caller
from .creations import Attempt, Thing


@attrs.frozen(eq=False)
class Turns:
    """The runs of one client.

    Attributes:
        lock: held by the run whose turn it is.
        made: what runs have made or may have, by thing.
    """

    lock: anyio.Lock = attrs.field(factory=anyio.Lock)
    made: MutableMapping[Thing, Attempt] = attrs.field(factory=dict)


# Global, as every part of a client's tree is made anew at each access.
_turns: WeakKeyDictionary[object, Turns] = WeakKeyDictionary()


def turns_of(caller: CallExecutor) -> Turns:
    """The runs of a client; clients that were derived from one have the same."""
    client: object = caller.session if isinstance(caller, Caller) else caller
    return _turns.setdefault(client, Turns())
