"""How many requests a reading takes, and how long at the API's pace, before they are sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

import attrs

from ..._wire.portable import Portable
from ...insights.access.forecast import SLOWEST


@attrs.frozen(kw_only=True)
class Forecast(Portable):
    """What is about to be sent, about: listings of more than a page take more.

    Attributes:
        by_endpoint: how many requests by path template, as
            ``/organization/projects/{project_id}/users``: the API counts each by itself. Of
            changes the method stands before it.
    """

    by_endpoint: Mapping[str, int] = attrs.field(factory=dict)

    @property
    def requests(self) -> int:
        """How many requests in all."""
        return sum(self.by_endpoint.values())

    @property
    def slowest(self) -> timedelta:
        """How long it takes where the API answers as slowly as it has been seen to."""
        return timedelta(minutes=max(self.by_endpoint.values(), default=0) / SLOWEST)


@attrs.frozen(kw_only=True)
class Progress(Portable):
    """How far a reading is.

    Attributes:
        done: how many of the things in the forecast have been read; 0 before the first request of
            a forecast. Further forecasts follow where what was read leads to more.
        forecast: what is read now.
    """

    done: int
    forecast: Forecast


OnProgress = Callable[[Progress], None]
"""Receives how far a reading is."""
