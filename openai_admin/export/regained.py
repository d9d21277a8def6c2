"""Fields that days of a dataset are not grouped by: whether the API gives them by now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from ..errors import APIStatusError
from ..resources.usage.stretches import WIDTHS
from ..usage.borders import Ask
from ..usage.endpoints import Endpoint
from ..usage.grouping import Refused
from ..usage.plan import Window
from .source import seconds_of

_REFUSED = frozenset({400, 422})


class Probe:
    """Asks for one bucket of the newest day that lacks a field, which speaks for older days.

    Args:
        endpoint: the endpoint.
        coarse: days, each with the fields that it is not grouped by.
        width: the width of buckets.
        ask: sends one query.
    """

    def __init__(
        self, endpoint: Endpoint, coarse: Mapping[date, frozenset[str]], width: str, ask: Ask
    ) -> None:
        self._endpoint = endpoint
        self._coarse = coarse
        self._step = WIDTHS[width]
        self._ask = ask

    async def regained(self, known: Refused) -> tuple[list[date], Refused]:
        """The days that the API gives with fields which they lack, and the fields that it does not.

        Args:
            known: fields that are known to be refused: where they are, they are not asked for.
        """
        newest = {field: day for day in sorted(self._coarse) for field in self._coarse[day]}
        fields = {
            day: [
                field
                for field in self._endpoint.groups
                if newest.get(field) == day
                and (field not in known or known[field][0] <= seconds_of(day))
            ]
            for day in newest.values()
        }
        refusals: dict[str, APIStatusError] = {}
        for day, asked in fields.items():
            if asked:
                refusals |= await self._refusals(day, asked)
        given = {field for asked in fields.values() for field in asked} - refusals.keys()
        return [day for day in sorted(self._coarse) if given & self._coarse[day]], {
            field: (seconds_of(newest[field] + timedelta(days=1)), refusal)
            for field, refusal in refusals.items()
        }

    async def _refusals(self, day: date, fields: Sequence[str]) -> dict[str, APIStatusError]:
        """Which fields are refused beside those that a day has; of several, each is tried."""
        lacking = self._coarse[day].difference(fields)
        start = seconds_of(day)
        try:
            await self._ask(
                Window(start, start + self._step, 1),
                [group for group in self._endpoint.groups if group not in lacking],
            )
        except APIStatusError as exc:
            if exc.status not in _REFUSED:
                raise
            if len(fields) == 1:
                return {fields[0]: exc}
            found: dict[str, APIStatusError] = {}
            for field in fields:
                found |= await self._refusals(day, [field])
            return found
        return {}
