"""What was found in the audit log, told with names."""

from __future__ import annotations

from datetime import datetime

import attrs

from ..._wire.portable import Portable
from ...directory.not_known import NotKnown
from ...directory.recorded.told import Told


@attrs.frozen(kw_only=True)
class Count(Portable):
    """How many events are alike.

    Attributes:
        values: what they have in common, in the order of what was grouped by; ``None`` where they
            do not say.
        events: how many there are.
        first: when the first of them happened.
        last: when the last of them did.
    """

    values: tuple[str | None, ...]
    events: int
    first: datetime | None
    last: datetime | None


@attrs.frozen(kw_only=True)
class Found(Portable):
    """What was found in the audit log.

    Attributes:
        events: the events, the newest first.
        has_more: whether there are older ones, which were not read: as many as were asked for are
            there.
        read: how many events were read to find them.
        not_known: what of the log the API refused.
        unnamed: names that are not known since listings were refused, a sentence each; ids stand in
            their places.
        told: what the names that were looked for were taken for, a sentence each.
    """

    events: tuple[Told, ...]
    has_more: bool
    read: int
    not_known: tuple[NotKnown, ...] = ()
    unnamed: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
