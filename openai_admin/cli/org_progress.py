"""What the commands about the organization as code tell while they read it."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from .._text.durations import duration
from ..insights.text import count
from .progress import Progress

if TYPE_CHECKING:
    from ..organization.observing.forecast import Progress as Observed

_LONG = 60  # seconds; what takes longer is said before it begins


def observing(progress: Progress) -> Callable[[Observed], None]:
    """What shows how far a reading is, and says before a long one how long it may take."""

    def tell(observed: Observed) -> None:
        forecast = observed.forecast
        seconds = forecast.slowest.total_seconds()
        if not observed.done and seconds > _LONG:
            longest = duration(math.ceil(seconds / 60) * 60)
            requests = count(forecast.requests, "more request")
            with progress.quiet():
                print(
                    f"This takes about {requests}: about {longest}, if the API answers as slowly as"
                    " it has been seen to, 8 requests a minute of each endpoint.",
                    file=sys.stderr,
                )
        progress.update(f"Reading the organization, {observed.done:,} of {forecast.requests:,}")

    return tell
