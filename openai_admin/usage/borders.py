"""From when on one endpoint answers, and from when on by each field: found by asking."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Literal, Protocol

import anyio

from .._transport.lengths import Portions
from ..errors import APIError
from .fetch import Received, window_error
from .grouping import NEVER, Grouping
from .plan import Window
from .refusals import (
    API_KEY_COSTS_SINCE,
    DAY,
    Refusal,
    depends_on_time,
    named_fields,
    refusal_of,
    says_nothing,
    told_since,
)

Adapt = Literal["window", "all"]
"""What a query may change: days and widths, or also what it groups by."""


class Ask(Protocol):
    """Sends one query."""

    def __call__(
        self,
        window: Window,
        groups: Sequence[str],
        *,
        retry: bool = True,
        portions: Portions | None = None,
    ) -> Awaitable[Received]:
        """What comes for a window.

        Args:
            window: the window.
            groups: the fields to group by.
            retry: whether a failure is tried again.
            portions: what makes the answer too long.
        """
        ...


class Borders:
    """The first moment that an endpoint answers for, and what each field of a query has of its own.

    Args:
        endpoint: the endpoint's name.
        windows: all windows of the query, in order.
        grouping: what is known of its fields; it is kept up to date.
        step: seconds of a bucket.
        ask: sends one query.
        adapt: what may be changed.
        now: the server's time in Unix seconds.

    Attributes:
        first: the first moment that is answered, in Unix seconds; 0 while nothing was refused,
            `NEVER` if nothing is answered.
        refusal: of what is before.
    """

    def __init__(
        self,
        endpoint: str,
        windows: Sequence[Window],
        grouping: Grouping,
        *,
        step: int,
        ask: Ask,
        adapt: Adapt | None,
        now: int,
    ) -> None:
        self.first = 0
        self.refusal: APIError | None = None
        self._endpoint = endpoint
        self._windows = windows
        self._grouping = grouping
        self._step = step
        self._ask = ask
        self._adapt = adapt
        self._now = now
        self._lock = anyio.Lock()
        self._guessed = False  # whether the first moment is what a message said
        self._refused_width = NEVER  # buckets of a window of which only the width was refused

    async def _answers(
        self, start: int, groups: Sequence[str], *, leaves_out: bool = False
    ) -> bool:
        """Whether a bucket is answered, rather than refused for its time or its groups.

        Args:
            start: where the bucket begins.
            groups: the fields to group by.
            leaves_out: whether fields that are refused are left out, where that is allowed.
        """
        end = min(start - start % self._step + self._step, self._end)
        bucket = Window(start, end, 1)
        while True:
            asked = [g for g in groups if not leaves_out or g in self._grouping.at(start)]
            try:
                await self._ask(bucket, self._grouping.sent(asked))
            except APIError as exc:
                kind = refusal_of(exc, asked, is_bucket=True)
                if kind not in (Refusal.START, Refusal.GROUPING):
                    raise window_error(self._endpoint, bucket, exc) from exc
                is_field = kind is Refusal.GROUPING and leaves_out and self._adapt == "all"
                if not is_field or not await self._find_refused(start, asked, exc, is_bucket=True):
                    return False
            else:
                self._grouping.keep(start, asked)
                return True

    @property
    def _end(self) -> int:
        return self._windows[-1].end

    def _days(self, low: int, high: int) -> list[int]:
        return [d for w in self._windows for d in w.days() if low < d < high]

    # --- how far back ---------------------------------------------------------------------------

    async def is_early(self, piece: Window, groups: Sequence[str], refusal: APIError) -> bool:
        """Find from when on the API answers, where it refuses what begins with a piece.

        Returns:
            Whether it is that; if not, the piece is too wide.
        """
        async with self._lock:
            low = piece.start
            if self.first > low or any(self._grouping.since.get(g, 0) > low for g in groups):
                return True  # found meanwhile
            if piece.buckets >= self._refused_width:
                return False
            if self._grouping.answered(groups) <= low:
                return self._is_wide(piece)
            if (named := named_fields(refusal, groups)) and await self._answers(
                low, [g for g in groups if g != named[-1]]
            ):
                since = await self._floor(
                    named[-1:], low, groups, refusal, is_bucket=piece.buckets == 1
                )
                if since == low:
                    return self._is_wide(piece)
                self._grouping.leave_out(named[-1:], since, refusal)
                return True
            refused, first, near = low, self._grouping.answered(groups), 0
            told = None if self._guessed else told_since(refusal.message, now=self._now)
            if self._guessed and low == self.first:
                near = 1
            elif told is not None and low < told < min(first, self._end):
                self._guessed = True
                before = max(low, told - DAY)
                if not await self._answers(before, []):
                    self.first, self.refusal = told, refusal
                    return True
                if groups and not await self._answers(before, groups):
                    return await self._is_field(piece, before, told, groups, refusal)
                if before == low:
                    return self._is_wide(piece)
                first, near = before, -1
            is_one = piece.buckets == 1
            asks_low = not (groups or near or is_one)
            refused, first = await self._search(
                low, first, groups, near=near, asks_low=asks_low, leaves_out=True
            )
            if first == low:
                return self._is_wide(piece)
            groups = [g for g in groups if g in self._grouping.at(refused)]
            if groups and await self._answers(refused, []):
                return await self._is_field(piece, refused, first, groups, refusal)
            is_known = refused > low or asks_low or is_one  # to be refused as one bucket
            if not groups and not is_known and await self._answers(low, []):
                return self._is_wide(piece)
            self.first, self.refusal = first, refusal
            return True

    def _is_wide(self, piece: Window) -> bool:
        self._refused_width = min(self._refused_width, piece.buckets)
        return False

    async def _is_field(
        self, piece: Window, refused: int, first: int, groups: Sequence[str], refusal: APIError
    ) -> bool:
        """Find which field it is that is refused before a moment: without all, it is answered."""
        if refused == piece.start and piece.buckets > 1 and await self._answers(refused, groups):
            return self._is_wide(piece)
        field = self._grouping.likeliest(refused, groups)
        if not await self._answers(refused, [g for g in groups if g != field]):
            field = await self._spoiler(refused, groups)
        self._grouping.leave_out([field], first, refusal)
        return True

    async def _search(
        self,
        low: int,
        high: int,
        groups: Sequence[str],
        *,
        near: int = 0,
        asks_low: bool = False,
        leaves_out: bool = False,
    ) -> tuple[int, int]:
        """The last day of the windows that is refused, and the first that is answered.

        Args:
            low: a moment from which on a query is refused.
            high: one that is answered, else `NEVER`.
            groups: the fields to group by.
            near: 1 if the border is likely to be a day after the first moment, -1 if a day before
                the second.
            leaves_out: see `_answers`.
        """
        days = [*([low] if asks_low else []), *self._days(low, high)]
        at, end = 0, len(days)
        while at < end:
            middle = at if near > 0 else end - 1 if near < 0 else (at + end) // 2
            near = 0
            if await self._answers(days[middle], groups, leaves_out=leaves_out):
                end = middle
            else:
                at = middle + 1
            # Other windows were answered meanwhile.
            answered = self._grouping.answered(groups)
            end = max(at, min(end, sum(day < answered for day in days)))
        first = days[at] if at < len(days) else min(high, self._grouping.answered(groups))
        return days[at - 1] if at else low, first

    # --- grouped by what ------------------------------------------------------------------------

    async def is_by_field(self, piece: Window, groups: Sequence[str], refusal: APIError) -> bool:
        """Find which fields are refused, and until when, where a piece is for what it groups by.

        Returns:
            Whether it is that; if not, the piece is too wide.
        """
        async with self._lock:
            if any(self._grouping.since.get(g, 0) > piece.start for g in groups):
                return True  # found meanwhile
            if says_nothing(refusal, groups):
                await self._check_answers(piece.start, refusal)
            return await self._find_refused(
                piece.start, groups, refusal, is_bucket=piece.buckets == 1
            )

    async def _check_answers(self, start: int, refusal: APIError) -> None:
        """Raise a refusal that says nothing, where it stays without all fields to group by."""
        if self._grouping.answered() > start and not await self._answers(start, []):
            raise window_error(self._endpoint, Window(start, start + self._step, 1), refusal)

    async def _find_refused(
        self, start: int, groups: Sequence[str], refusal: APIError, *, is_bucket: bool
    ) -> bool:
        """Find which fields are refused at a moment, if any are, and until when."""
        fields = self._grouping.suspects(start, refusal)
        is_told = bool(fields)
        if not fields:
            guess = self._grouping.guess(start)
            if guess is None:
                groups = self._grouping.at(start)
            fields = [guess or await self._spoiler(start, groups)]
        since = await self._floor(
            fields, start, groups, refusal, is_bucket=is_bucket, is_told=is_told
        )
        if since > start:
            self._grouping.leave_out(fields, since, refusal)
        return since > start

    async def _floor(
        self,
        fields: Sequence[str],
        low: int,
        groups: Sequence[str],
        refusal: APIError,
        *,
        is_bucket: bool,
        is_told: bool = True,
    ) -> int:
        """From when on fields are answered that are refused from a moment on; else `NEVER`.

        It is that moment itself if a bucket is answered there, so that a wider query alone is not.
        """
        high = self._grouping.answered(groups)
        if high <= low:
            return NEVER if is_bucket else low
        told = told_since(refusal.message) if is_told else None
        if told is None and (self._endpoint, *fields) == ("costs", "api_key_id"):
            told = API_KEY_COSTS_SINCE
        if told is not None and low < told <= min(high, self._end - 1):
            return told
        if high == NEVER and is_told and depends_on_time(refusal.message):
            newest = self._end - 1 - (self._end - 1) % self._step
            if low < newest and await self._answers(newest, groups):
                high = newest
        if low < high < NEVER:
            refused, first = await self._search(low, high, groups)
            is_known = refused > low or is_bucket  # to be refused as one bucket
            return first if is_known or not await self._answers(low, groups) else low
        return NEVER

    async def _spoiler(self, start: int, groups: Sequence[str]) -> str:
        """The first field that spoils those before it, at a moment that is answered without any."""
        answered, refused = 0, len(groups)
        while refused - answered > 1:
            middle = (answered + refused) // 2
            if await self._answers(start, groups[:middle]):
                answered = middle
            else:
                refused = middle
        return groups[refused - 1]
