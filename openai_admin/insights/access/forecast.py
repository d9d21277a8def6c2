"""How many requests a reading takes, and how long at the API's pace, before they are sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

import attrs

from ..._wire.portable import Portable

SLOWEST = 8
"""Requests a minute that the API has been seen to answer of one endpoint: 7 to 10."""


@attrs.frozen(kw_only=True)
class Forecast(Portable):
    """What is about to be sent.

    Attributes:
        requests: how many requests, about.
        most_of_one: how many of these are to one endpoint, which is what the API counts.
    """

    requests: int
    most_of_one: int

    @property
    def slowest(self) -> timedelta:
        """How long it takes where the API answers as slowly as it has been seen to."""
        return timedelta(minutes=self.most_of_one / SLOWEST)

    @classmethod
    def of(cls, by_endpoint: Mapping[str, int]) -> Forecast:
        """The forecast of so many requests to each endpoint."""
        counts = by_endpoint.values()
        return cls(requests=sum(counts), most_of_one=max(counts, default=0))


OnForecast = Callable[[Forecast], None]
"""Receives a forecast before what it is about is sent."""
