"""A query of usage that goes on where the API refuses it as it is, and says that it did."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Literal, Protocol

import anyio
import attrs

from ..errors import APIError, InvalidInputError, UsageWindowError
from ..resources.usage.stretches import WIDTHS, time_text
from .fetch import Received
from .grouping import NEVER, Grouping
from .pieces import Pieces
from .plan import Window
from .refusals import (
    API_KEY_COSTS_SINCE,
    DAY,
    Refusal,
    depends_on_time,
    named_fields,
    refusal_of,
    told_since,
    told_width,
)
from .table import Adaptation, MissingWindow

Adapt = Literal["window", "all"]
"""What a query may change: days and widths, or also what it groups by."""


class Ask(Protocol):
    """Sends one query."""

    def __call__(
        self, window: Window, groups: Sequence[str], *, retry: bool = True
    ) -> Awaitable[Received]:
        """What comes for a window; ``retry`` is whether a failure is tried again."""
        ...


def check_adapt(adapt: object) -> None:
    """Raise `InvalidInputError` where something is not an `Adapt` or ``None``."""
    if adapt not in ("window", "all", None):
        raise InvalidInputError(f"adapt must be 'window', 'all' or None, not {adapt!r}.")


class Adapter:
    """The windows of one endpoint, each fetched as the API allows; what it learns holds for all.

    - **It begins too far back**: the first day that answers is found by halving, in ``⌈log2 days⌉``
      requests of one bucket, each grouped as was asked; where a message says a day, the days beside
      it are tried first. Windows before it are not asked for any more. If no day answers, the
      refusal is raised. Only what is refused without groups as well is before the first day: if it
      is answered, it is a field that begins there.
    - **It groups by a field that is refused**: with ``"all"`` the field is left out, in one request
      more, from all that begins no later. If the API answers with it later on (the message says
      from when, or a later window did), the range is split there. Where no field is named, which
      it is is found by trying, in up to ``1 + ⌈log2 fields⌉`` requests. So that other windows need
      not be refused as well, the newest and the oldest go first.
    - **It is too wide** (it says so, 500, 504, a time-out): it is asked for in as many buckets as
      the message says, else halved, down to one bucket, each half asked for once; one bucket as
      often as the client tries. If all that one bucket's failure leads past fails too, the window
      is not halved any further.

    Args:
        endpoint: the endpoint's name.
        windows: all windows of the query, in order.
        groups: the fields to group by.
        width: the width of buckets.
        ask: sends one query.
        adapt: what may be changed; nothing where it is ``None``.
        partial: whether a part of a window that fails for good is named in what is received,
            instead of raised; a window that fails as a whole is raised.
        in_order: whether the windows are fetched one by one, the newest first, so that it needs
            none before the others.
        now: the server's time in Unix seconds.
    """

    def __init__(
        self,
        endpoint: str,
        windows: Sequence[Window],
        groups: Sequence[str],
        *,
        width: str,
        ask: Ask,
        adapt: Adapt | None,
        partial: bool = False,
        in_order: bool = False,
        now: int,
    ) -> None:
        self._endpoint = endpoint
        self._windows = windows
        self._grouping = Grouping(endpoint, groups)
        self._step = WIDTHS[width]
        self._ask = ask
        self._adapt = adapt
        self._partial = partial
        self._now = now
        self._lock = anyio.Lock()
        self._first = 0  # the first moment that the API answers for
        self._guessed = False  # whether that is what a message said
        self._refusal: APIError | None = None  # of what is before
        self._refused_width = NEVER  # buckets of a window of which only the width was refused
        self._narrowed: APIError | None = None
        self._most: int | None = None  # buckets that were answered where more were not
        self._scouting = anyio.Lock()
        self._scouts = (
            [windows[-1], windows[0]]
            if adapt == "all" and groups and len(windows) > 1 and not in_order
            else []
        )
        self._early: dict[Window, Received | UsageWindowError] = {}
        self._told: set[Adaptation] = set()

    @property
    def first(self) -> int:
        """The first moment that is answered, in Unix seconds; 0 while nothing was refused."""
        return self._first

    @property
    def most(self) -> int | None:
        """The most buckets that were answered at once where more were not, if any were not."""
        return self._most

    @property
    def adapted(self) -> list[Adaptation]:
        """What was changed so far."""
        found: list[Adaptation] = []
        if self._refusal is not None and 0 < self._first < NEVER:
            # Between the windows of a query that has gaps, nothing was tried.
            refused = max(w.end for w in self._windows if w.start < self._first)
            lost = Window(self._windows[0].start, min(self._first, refused), 1)
            found.append(
                Adaptation(
                    self._endpoint,
                    "start",
                    f"start on {_day(lost.end)}",
                    f": the API refuses earlier days ({_words(self._refusal)}).",
                    MissingWindow(self._endpoint, lost, self._refusal),
                )
            )
        for field in self._lost_fields():
            border = self._grouping.since[field]
            when = "" if border == NEVER else f" before {_day(border)}"
            found.append(
                Adaptation(
                    self._endpoint,
                    "grouping",
                    "are not grouped by",
                    f"{when}: the API refuses that ({_words(self._grouping.reasons[field])}).",
                    field=field,
                )
            )
        if self._narrowed is not None:
            found.append(
                Adaptation(
                    self._endpoint,
                    "width",
                    "were asked for in narrower windows",
                    f": the API does not answer wide ones ({_words(self._narrowed)}).",
                )
            )
        return found

    def _lost_fields(self) -> list[str]:
        return self._grouping.sent(self._grouping.since) if self._adapt == "all" else []

    async def fetch(self, window: Window) -> Received:
        """What comes for one of the windows.

        Raises:
            UsageWindowError: it, or a part of it, could not be fetched.
        """
        if self._scouts:
            await self._send_scouts()
        early = self._early.pop(window, None)
        if isinstance(early, UsageWindowError):
            raise early
        received = await self._fetch(window) if early is None else early
        news = [each for each in self.adapted if each not in self._told]
        self._told.update(news)
        return attrs.evolve(received, adapted=news) if news else received

    async def _send_scouts(self) -> None:
        """Fetch the newest window and the oldest before all others."""
        async with self._scouting:
            while self._scouts:
                window = self._scouts[0]
                try:
                    self._early[window] = await self._fetch(window)
                except UsageWindowError as exc:
                    self._early[window] = exc
                del self._scouts[0]

    async def _fetch(self, window: Window) -> Received:
        work = Pieces(window)
        while (piece := work.next()) is not None:
            if piece.start < self._first:
                if self._first == NEVER and self._refusal is not None:
                    self._fail(work, piece, self._refusal)
                elif piece.end > self._first:
                    work.add(piece.split(self._first, self._step)[1])
                continue
            border = self._grouping.border(piece.start)
            if border < piece.end:
                work.add(*piece.split(border, self._step))
                continue
            lost = self._grouping.lost_at(piece.start)
            if lost is not None and self._adapt != "all":
                self._fail(work, piece, lost)
                continue
            if self._most is not None and piece.buckets > self._most:
                work.add(*piece.first(self._most, self._step))
                continue
            await self._get(work, piece)
        if work.narrowed is not None and work.answered and not work.failed:
            self._narrowed = self._narrowed or work.narrowed
            self._most = work.widest
        return work.received()

    async def _get(self, work: Pieces, piece: Window) -> None:
        """Ask for a piece; if it is refused, change what is asked for."""
        groups = self._grouping.at(piece.start)
        retry = piece.buckets == 1 or piece is work.window
        try:
            received = await self._ask(piece, self._grouping.sent(groups), retry=retry)
        except APIError as exc:
            await self._change(work, piece, groups, exc)
            return
        work.keep(piece, received)
        self._grouping.keep(piece.start, groups)

    async def _change(
        self, work: Pieces, piece: Window, groups: Sequence[str], refusal: APIError
    ) -> None:
        """Change what is asked for, as far as it may be."""
        kind = Refusal.FINAL
        if self._adapt is not None:
            kind = refusal_of(refusal, groups, is_bucket=piece.buckets == 1)
        if kind is Refusal.WIDTH and (most := told_width(refusal)) is not None:
            if (buckets := max(1, most // self._step)) < piece.buckets:
                work.narrow(refusal)
                self._most = min(buckets, self._most or buckets)
                work.add(piece)
                return
            kind = Refusal.START  # it is no wider than that
        if kind is Refusal.START and await self._is_early(piece, groups, refusal):
            work.add(piece)
        elif kind is Refusal.GROUPING and self._adapt == "all":
            await self._leave_out(piece, groups, refusal)
            work.add(piece)
        elif kind in (Refusal.START, Refusal.WIDTH) and piece.buckets > 1:
            work.halve(piece, refusal, self._step)
        else:
            self._fail(work, piece, refusal)

    def _fail(self, work: Pieces, piece: Window, error: APIError) -> None:
        if not self._partial or piece is work.window:
            raise window_error(self._endpoint, piece, error) from error
        work.failed.append((piece, error))

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
                if kind is Refusal.GROUPING and leaves_out and self._adapt == "all":
                    await self._find_refused(start, asked, exc)
                elif kind in (Refusal.START, Refusal.GROUPING):
                    return False
                else:
                    raise window_error(self._endpoint, bucket, exc) from exc
            else:
                self._grouping.keep(start, asked)
                return True

    @property
    def _end(self) -> int:
        return self._windows[-1].end

    def _days(self, low: int, high: int) -> list[int]:
        return [d for w in self._windows for d in w.days() if low < d < high]

    # --- how far back ---------------------------------------------------------------------------

    async def _is_early(self, piece: Window, groups: Sequence[str], refusal: APIError) -> bool:
        """Find from when on the API answers, where it refuses what begins with a piece.

        Returns:
            Whether it is that; if not, the piece is too wide.
        """
        async with self._lock:
            low = piece.start
            if self._first > low or any(self._grouping.since.get(g, 0) > low for g in groups):
                return True  # found meanwhile
            if piece.buckets >= self._refused_width:
                return False
            if (named := named_fields(refusal, groups)) and await self._answers(
                low, [g for g in groups if g != named[-1]]
            ):
                since = await self._floor(named[-1:], low, groups, refusal)
                self._grouping.leave_out(named[-1:], since, refusal)
                return True
            refused, first, near = low, self._grouping.answered(groups), 0
            told = None if self._guessed else told_since(refusal.message, now=self._now)
            if self._guessed and low == self._first:
                near = 1
            elif told is not None and low < told < min(first, self._end):
                self._guessed = True
                before = max(low, told - DAY)
                if not await self._answers(before, []):
                    self._first, self._refusal = told, refusal
                    return True
                if groups and not await self._answers(before, groups):
                    return await self._is_field(piece, before, told, groups, refusal)
                if before == low:
                    return self._is_wide(piece)
                first, near = before, -1
            refused, first = await self._search(low, first, groups, near=near, leaves_out=True)
            groups = [g for g in groups if g in self._grouping.at(refused)]
            if groups and await self._answers(refused, []):
                return await self._is_field(piece, refused, first, groups, refusal)
            is_known = refused > low or piece.buckets == 1  # to be refused as one bucket
            if not groups and not is_known and await self._answers(low, []):
                return self._is_wide(piece)
            self._first, self._refusal = first, refusal
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
        leaves_out: bool = False,
    ) -> tuple[int, int]:
        """The last day of the windows that is refused, and the first that is answered.

        Args:
            low: a moment that is refused.
            high: one that is answered, else `NEVER`.
            groups: the fields to group by.
            near: 1 if the border is likely to be a day after the first moment, -1 if a day before
                the second.
            leaves_out: see `_answers`.
        """
        days = self._days(low, high)
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

    async def _leave_out(self, piece: Window, groups: Sequence[str], refusal: APIError) -> None:
        """Leave out fields that a refused piece was grouped by."""
        async with self._lock:
            if not any(self._grouping.since.get(g, 0) > piece.start for g in groups):
                await self._find_refused(piece.start, groups, refusal)

    async def _find_refused(self, start: int, groups: Sequence[str], refusal: APIError) -> None:
        """Find which fields are refused at a moment, and until when."""
        fields = self._grouping.suspects(start, refusal)
        is_told = bool(fields)
        if not fields:
            groups = self._grouping.at(start)
            field = self._grouping.guess(start)
            fields = [field or await self._spoiler(start, self._grouping.at(start))]
        since = await self._floor(fields, start, groups, refusal, is_told=is_told)
        self._grouping.leave_out(fields, since, refusal)

    async def _floor(
        self,
        fields: Sequence[str],
        low: int,
        groups: Sequence[str],
        refusal: APIError,
        *,
        is_told: bool = True,
    ) -> int:
        """From when on fields are answered that are refused at a moment; else `NEVER`."""
        told = told_since(refusal.message) if is_told else None
        if told is None and (self._endpoint, *fields) == ("costs", "api_key_id"):
            told = API_KEY_COSTS_SINCE
        high = self._grouping.answered(fields)
        if told is not None and low < told <= min(high, self._end - 1):
            return told
        if high == NEVER and is_told and depends_on_time(refusal.message):
            newest = self._end - 1 - (self._end - 1) % self._step
            if low < newest and await self._answers(newest, groups):
                high = newest
        if low < high < NEVER:
            return (await self._search(low, high, groups))[1]
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


def window_error(endpoint: str, window: Window, error: APIError) -> UsageWindowError:
    """The error of a window that could not be fetched."""
    return UsageWindowError(
        f"usage.{endpoint} from {window} could not be fetched: {error}",
        endpoint=endpoint,
        start=window.start,
        end=window.end,
    ).placed_as(error)


def _day(moment: int) -> str:
    return time_text(moment)[:10]


def _words(error: APIError) -> str:
    """The API's words as a quotation, without a full stop."""
    return f"“{error.message.rstrip('. ')}”"
