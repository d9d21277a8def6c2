"""What a user of the source asks for."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta

import attrs

from ..._declare.arguments import one_of
from ...errors import InvalidInputError
from ...export.asked import days_asked
from ...export.source import seconds_of
from ...resources.usage.stretches import WIDTHS

_DAYS = 90  # that are asked for where nobody says since when


def _moment(value: date | str | None, name: str) -> date | None:
    """A day or a moment as it is, or read from its ISO text."""
    if value is None or isinstance(value, date):
        return value
    for read in (date.fromisoformat, datetime.fromisoformat):
        with suppress(TypeError, ValueError):
            return read(value)
    raise InvalidInputError(f"{name} must be a date as 2026-09-01, not {value!r}.")


def _since(value: date | str | None) -> date | None:
    return _moment(value, "since")


def _until(value: date | str | None) -> date | None:
    return _moment(value, "until")


@attrs.frozen
class Asked:
    """A range of days, and how usage comes.

    Attributes:
        since: the first day; ``None`` is 90 days ago.
        until: the end, not included; ``None`` is now.
        bucket_width: the width of usage's buckets.
        restate_days: for how many days the API may restate a day.
    """

    since: date | None = attrs.field(converter=_since)
    until: date | None = attrs.field(converter=_until)
    bucket_width: str
    restate_days: int

    def check(self) -> None:
        """Find what is wrong before anything is sent.

        Raises:
            InvalidInputError: an argument is wrong.
        """
        if self.bucket_width not in WIDTHS:
            raise InvalidInputError(
                f"bucket_width must be {one_of(list(WIDTHS))}, not {self.bucket_width!r}."
            )
        if self.restate_days < 0:
            raise InvalidInputError(f"restate_days must be at least 0, not {self.restate_days}.")

    def days(self, now: datetime) -> list[date]:
        """The days, none of them in the future.

        Raises:
            InvalidInputError: there are none.
        """
        since = now.date() - timedelta(days=_DAYS) if self.since is None else self.since
        return days_asked(since, self.until, now)

    def seconds(self, now: datetime) -> tuple[int, int | None]:
        """The beginning in Unix seconds, and the end, not included; ``None`` is now."""
        days = self.days(now)
        end = None if self.until is None else seconds_of(days[-1] + timedelta(days=1))
        return seconds_of(days[0]), end
