"""Keys that are used far more than is usual for them, as the leak guard finds them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...audit.guard.findings import KeyBurst, Look
from ...usage.money import BILLED_IN
from . import families as f
from .figures import Figure, moment
from .folding import Key

SINGLY = 15
"""How many keys have series of their own, the most expensive first: many at once are one thing."""
SERIES = 2 * SINGLY + 1
"""The most series that there may be."""
_KEPT = 2 * 3600
"""Seconds after the latest reported minute for which it is known which keys leak."""


def burst_figure(look: Look) -> dict[str, Figure[Any]]:
    """`key_bursts`; not known where no use of any key was reported for a day."""
    if look.reported is None:
        return {}
    as_of = moment(look.reported)
    figure = Figure(look.bursts, as_of, as_of + _KEPT, complete=not look.not_known)
    return {"key_bursts": figure}


def burst_series(bursts: tuple[KeyBurst, ...]) -> Iterator[tuple[f.Family, Mapping[Key, float]]]:
    """The series of bursts: how many last, and each of the largest by its key.

    A key that has several has one series: 1 while any lasts, and 0 for a day after the last.
    """
    lasting = {_key(burst): burst for burst in bursts if not burst.ended}
    over = {_key(burst): burst for burst in bursts if burst.ended and _key(burst) not in lasting}
    shown = sorted({**over, **lasting}.items(), key=lambda b: (b[1].ended, -_per_hour(b[1]), b[0]))
    largest = shown[:SINGLY]
    yield f.KEY_BURSTS, {(): float(len(lasting))}
    yield f.KEY_BURST, {key: float(not burst.ended) for key, burst in largest}
    yield (
        f.KEY_BURST_SPEND,
        {
            (*key, BILLED_IN): float(burst.cost_per_hour)
            for key, burst in largest
            if not burst.ended and burst.cost_per_hour is not None
        },
    )


def _key(burst: KeyBurst) -> Key:
    project = burst.project_id or f.NONE
    name = burst.holder.key_name or burst.key_id
    return burst.key_id, name, project, burst.holder.project_name or project


def _per_hour(burst: KeyBurst) -> float:
    return float(burst.cost_per_hour or 0)
