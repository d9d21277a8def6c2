"""The odd answers by their names: what the real API has been seen to send, as data.

Each is a function on decoded JSON, with the operations that give it and a sentence that says what
is odd. `Odd` (one folder up) makes a fault of them.
"""

from __future__ import annotations

from collections.abc import Mapping

from .answer import EMPTY, Asked, OddAnswer
from .audit import AUDIT
from .buckets import BUCKETS
from .changes import CHANGES
from .keys import KEYS
from .listings import LISTINGS
from .money import MONEY
from .people import PEOPLE

__all__ = ["EMPTY", "ODD_ANSWERS", "Asked", "OddAnswer"]

ODD_ANSWERS: Mapping[str, OddAnswer] = {
    odd.name: odd for odd in (*MONEY, *BUCKETS, *PEOPLE, *KEYS, *AUDIT, *LISTINGS, *CHANGES)
}
