"""A query of usage that goes on where the API refuses it as it is, and says that it did."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from functools import partial

import anyio
import attrs

from ..errors import APIError, InvalidInputError, ResponseTooLongError, UsageWindowError
from ..resources.usage.stretches import WIDTHS, time_text
from .borders import Adapt, Ask, Borders
from .fetch import Received, window_error
from .grouping import NEVER, Grouping, Refused
from .pieces import Part, Pieces, joined
from .plan import Window
from .refusals import Refusal, refusal_of, told_width
from .room import Room
from .sizes import BucketSizes, buckets_too_long
from .told import Adaptation, MissingWindow


def check_adapt(adapt: object) -> None:
    """Raise `InvalidInputError` where something is not an `Adapt` or ``None``."""
    if adapt not in ("window", "all", None):
        raise InvalidInputError(f"adapt must be 'window', 'all' or None, not {adapt!r}.")


class Adapter:
    """The windows of one endpoint, each fetched as the API allows; what it learns holds for all.

    - **It begins too far back**: the first day that answers is found by halving, in
      ``⌈log2(days + 1)⌉`` requests of one bucket, each grouped as was asked; where a message says a
      day, the days beside it are tried first. Windows before it are not asked for any more. If no
      day answers, the refusal is raised. Only what is refused without groups as well is before the
      first day: if it is answered, it is a field that begins there.
    - **It groups by a field that is refused**: with ``"all"`` the field is left out, in one request
      more, from all that begins no later. If the API answers with it later on (the message says
      from when, or a later window did), the range is split there. Where no field is named, which
      it is is found by trying, in up to ``1 + ⌈log2 fields⌉`` requests. So that other windows need
      not be refused as well, the newest and the oldest go first.
    - **It is too wide** (it says so, 500, 504, a time-out): it is asked for in as many buckets as
      the message says, else halved, down to one bucket, each half asked for once; one bucket as
      often as the client tries. If all that one bucket's failure leads past fails too, the window
      is not halved any further.
    - **A page of it fails after others**: what came is kept, and only the rest is asked for as the
      API allows.
    - **Its answer is too long**: it is asked for in parts, of as many buckets as fit in an answer,
      down to one; so are the windows after it. That does not count as an adaptation: it is always
      done, and not told.

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
        refused: fields that are known to be refused, which was told.
        sizes: what the buckets have in bytes.
        room: the room for answers.
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
        refused: Refused | None = None,
        sizes: BucketSizes,
        room: Room | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._windows = windows
        self._grouping = Grouping(endpoint, groups)
        self._borders = Borders(
            endpoint, windows, self._grouping, step=WIDTHS[width], ask=ask, adapt=adapt, now=now
        )
        self._step = WIDTHS[width]
        self._ask = ask
        self._adapt = adapt
        self._partial = partial
        self._narrowed: APIError | None = None
        self._most: int | None = None  # buckets that were answered where more were not
        self._scouting = anyio.Lock()
        self._scouts = (
            [windows[-1], windows[0]]
            if adapt == "all" and groups and len(windows) > 1 and not in_order
            else []
        )
        self._early: dict[Window, Pieces | UsageWindowError] = {}
        self._sizes = sizes
        self._room = room
        for field, (since, reason) in (refused or {}).items():
            self._grouping.leave_out([field], since, reason)
        self._told = set(self.adapted)

    @property
    def first(self) -> int:
        """The first moment that is answered, in Unix seconds; 0 while nothing was refused."""
        return self._borders.first

    @property
    def most(self) -> int | None:
        """The most buckets that were answered at once where more were not, if any were not."""
        return self._most

    @property
    def adapted(self) -> list[Adaptation]:
        """What was changed so far."""
        found: list[Adaptation] = []
        if self._borders.refusal is not None and 0 < self._borders.first < NEVER:
            # Between the windows of a query that has gaps, nothing was tried.
            refused = max(w.end for w in self._windows if w.start < self._borders.first)
            lost = Window(self._windows[0].start, min(self._borders.first, refused), 1)
            found.append(
                Adaptation(
                    self._endpoint,
                    "start",
                    f"start on {_day(lost.end)}",
                    f": the API refuses earlier days ({_words(self._borders.refusal)}).",
                    MissingWindow(self._endpoint, lost, self._borders.refusal),
                )
            )
        for field in self._lost_fields():
            since, reason = self._grouping.since[field], self._grouping.reasons[field]
            found.append(without(self._endpoint, field, since, reason))
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

    @property
    def refused(self) -> Refused:
        """The fields that are refused, as far as that is known."""
        found = self._grouping
        return {field: (since, found.reasons[field]) for field, since in found.since.items()}

    def _lost_fields(self) -> list[str]:
        return self._grouping.sent(self._grouping.since) if self._adapt == "all" else []

    async def fetch(self, window: Window) -> Received:
        """What comes for one of the windows.

        Raises:
            UsageWindowError: it, or a part of it, could not be fetched.
        """
        async with aclosing(self.parts(window)) as parts:
            return joined([part.received async for part in parts])

    async def parts(self, window: Window) -> AsyncGenerator[Part, None]:
        """What comes for one of the windows, part by part, in order of time.

        Raises:
            UsageWindowError: a part could not be fetched.
        """
        if self._scouts:
            await self._send_scouts()
        early = self._early.pop(window, None)
        if isinstance(early, UsageWindowError):
            raise early
        work = early or Pieces(window, self._step)
        while await self._advance(work):
            yield self._told_with(work.take())
        if work.narrowed is not None and work.answered and not work.has_failed:
            self._narrowed = self._narrowed or work.narrowed
            self._most = work.widest
        yield self._told_with(work.take())

    def _told_with(self, part: Part) -> Part:
        """A part, with what was changed about the query and not told with another one."""
        news = [each for each in self.adapted if each not in self._told]
        if not news:
            return part
        self._told.update(news)
        return part._replace(received=attrs.evolve(part.received, adapted=news))

    async def _send_scouts(self) -> None:
        """Fetch the newest window and the oldest before all others, or the first part of them."""
        async with self._scouting:
            while self._scouts:
                window = self._scouts[0]
                work = Pieces(window, self._step)
                try:
                    await self._advance(work)
                    self._early[window] = work
                except UsageWindowError as exc:
                    self._early[window] = exc
                del self._scouts[0]

    async def _advance(self, work: Pieces) -> bool:
        """Fetch pieces until something can be taken, and return whether others follow."""
        try:
            return await self._fetch_next(work)
        except UsageWindowError:
            if self._room is not None:  # nobody takes what came of it
                self._room.leave_between(work.taken, work.window.end)
            raise

    async def _fetch_next(self, work: Pieces) -> bool:
        while not work.can_be_taken:
            piece = work.next()
            if piece is None:
                return False
            if piece.start < self._borders.first:
                if self._borders.first == NEVER and self._borders.refusal is not None:
                    self._fail(work, piece, self._borders.refusal)
                elif piece.end > self._borders.first:
                    work.add(piece.split(self._borders.first, self._step)[1])
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
                work.add_first(piece, self._most)
                continue
            await self._get_what_fits(work, piece)
        return True

    async def _get_what_fits(self, work: Pieces, piece: Window) -> None:
        """Ask for a piece, or for so much of it as fits in an answer and in the room."""
        groups = self._grouping.at(piece.start)
        buckets = piece.count(self._step)
        if (most := self._sizes.fit(groups, buckets)) < buckets:
            work.add_first(piece, most)
        elif self._room is None:
            await self._get(work, piece)
        else:
            expected = self._sizes.expected(groups, buckets)
            place = await self._room.enter(piece.start, expected)
            if self._sizes.fit(groups, buckets) < buckets:  # that was learned meanwhile
                self._room.leave(place)
                work.add(piece)
                return
            length = 0
            try:
                length = await self._get(work, piece, partial(self._room.grow, place))
            finally:
                if length:
                    self._room.came(place, length)
                else:
                    self._room.leave(place)

    async def _get(
        self,
        work: Pieces,
        piece: Window,
        admit: Callable[[float], Awaitable[None]] | None = None,
    ) -> int:
        """Ask for a piece; if it is refused, change what is asked for.

        Args:
            work: what it is a piece of.
            piece: the piece.
            admit: makes room for an answer that turns out to be long.

        Returns:
            The bytes of what came.
        """
        groups = self._grouping.at(piece.start)
        buckets = piece.count(self._step)
        retry = piece.buckets == 1 or work.narrowed is None
        try:
            received = await self._ask(
                piece,
                self._grouping.sent(groups),
                retry=retry,
                portions=self._sizes.portions(buckets, admit),
            )
        except APIError as exc:
            await self._change(work, piece, groups, exc)
            return 0
        if received.stopped is None:
            self._sizes.came(groups, buckets, received.length)
            self._keep(work, piece, received, groups)
            return received.length
        reached, error = received.stopped
        if reached < piece.end:  # else the failed page might have changed any of it
            came, piece = piece.split(reached, self._step)
            self._keep(work, came, attrs.evolve(received, stopped=None), groups)
        if isinstance(error, ResponseTooLongError):  # for the page, of which the rest may be a part
            self._sizes.was_too_long(groups, buckets, error)
            work.add(piece)
        else:
            await self._change(work, piece, groups, error)
        return received.length

    def _keep(self, work: Pieces, piece: Window, received: Received, groups: Sequence[str]) -> None:
        lacking = [g for g in self._grouping.order if g not in groups]
        if lacking:
            received = attrs.evolve(received, left_out=[(piece, lacking)])
        work.keep(piece, received)
        self._grouping.keep(piece.start, groups)

    async def _change(
        self, work: Pieces, piece: Window, groups: Sequence[str], refusal: APIError
    ) -> None:
        """Change what is asked for, as far as it may be."""
        if isinstance(refusal, ResponseTooLongError):
            self._divide(work, piece, groups, refusal)
            return
        kind = Refusal.FINAL
        if self._adapt is not None:
            kind = refusal_of(refusal, groups, is_bucket=piece.buckets == 1)
        if kind is Refusal.WIDTH and (most := told_width(refusal)) is not None:
            if (buckets := max(1, most // self._step)) < piece.buckets:
                work.narrow(refusal)
                self._most = min(buckets, self._most or buckets)
                work.add(piece)
                return
            kind = Refusal.START  # the window is not wider than the API says it may be
        if kind is Refusal.START and await self._borders.is_early(piece, groups, refusal):
            work.add(piece)
        elif kind is Refusal.GROUPING and self._adapt != "all":
            self._fail(work, piece, refusal)
        elif kind is Refusal.GROUPING and await self._borders.is_by_field(piece, groups, refusal):
            work.add(piece)
        elif kind is not Refusal.FINAL and piece.count(self._step) > 1:
            work.halve(piece, refusal)
        else:
            self._fail(work, piece, refusal)

    def _divide(
        self, work: Pieces, piece: Window, groups: Sequence[str], error: ResponseTooLongError
    ) -> None:
        """Ask for a piece in at least two parts, since its answer is too long."""
        buckets = piece.count(self._step)
        if buckets == 1:
            self._fail(work, piece, buckets_too_long([error]))
            return
        self._sizes.was_too_long(groups, buckets, error)
        work.add_first(piece, min(self._sizes.fit(groups, buckets), buckets // 2))

    def _fail(self, work: Pieces, piece: Window, error: APIError) -> None:
        if not self._partial or piece is work.window:
            raise window_error(self._endpoint, piece, error) from error
        work.fail(piece, error)


def without(endpoint: str, field: str, since: int, refusal: APIError) -> Adaptation:
    """That usage is not grouped by a field.

    Args:
        endpoint: whose.
        field: the field.
        since: from when on it is, in Unix seconds; else `NEVER`.
        refusal: why it is not before.
    """
    when = "" if since == NEVER else f" before {_day(since)}"
    words = _words(refusal)
    return Adaptation(
        endpoint,
        "grouping",
        "are not grouped by",
        f"{when}: the API refuses that ({words}).",
        field=field,
        words=words,
        until=None if since == NEVER else datetime.fromtimestamp(since, UTC),
    )


def _day(moment: int) -> str:
    return time_text(moment)[:10]


def _words(error: APIError) -> str:
    """The API's words as a quotation, without a full stop."""
    return f"“{error.message.rstrip('. ')}”"
