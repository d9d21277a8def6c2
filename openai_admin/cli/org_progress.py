"""What the commands about the organization as code tell while they read it."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from .._text.durations import duration
from ..insights.access.forecast import SLOWEST
from ..insights.text import count
from .progress import Progress

if TYPE_CHECKING:
    from ..organization.observing.forecast import Forecast
    from ..organization.observing.forecast import Progress as Observed

_LONG = 60  # seconds; what takes longer is said before it begins


def observing(progress: Progress, *, demo: bool) -> Callable[[Observed], None]:
    """What shows how far a reading is, and says once, before a long one, how long it may take.

    Args:
        progress: shows it.
        demo: whether the demo is read, which answers at once.
    """
    is_told = demo

    def tell(observed: Observed) -> None:
        nonlocal is_told
        forecast = observed.forecast
        # What is read then may lead to more.
        told = None if is_told or observed.done else long("Reading", forecast, more="more ")
        if told is not None:
            is_told = True
            with progress.quiet():
                print(told, file=sys.stderr)
        progress.update(f"Reading the organization, {observed.done:,} of {forecast.requests:,}")

    return tell


def long(doing: str, forecast: Forecast, *, more: str = "") -> str | None:
    """How long something takes, in a sentence; ``None`` where that is not long.

    Args:
        doing: what takes it, as ``Reading``.
        forecast: what is sent.
        more: ``more``, with a space, where it is not the first.
    """
    seconds = forecast.slowest.total_seconds()
    if seconds <= _LONG:
        return None
    longest = duration(math.ceil(seconds / 60) * 60)
    return (
        f"{doing} takes at least {count(forecast.requests, f'{more}request')}: {longest} or longer"
        f" where the API answers {SLOWEST} requests a minute of each endpoint, as it has been seen"
        " to."
    )
