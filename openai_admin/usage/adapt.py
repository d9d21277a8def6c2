"""A query of usage that goes on where the API refuses it as it is, and says that it did."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Sequence
from typing import Literal, Protocol

import anyio
import attrs

from ..errors import APIError, InvalidInputError, UsageWindowError
from ..resources.usage.stretches import WIDTHS, time_text
from .fetch import Received
from .pieces import Pieces
from .plan import Window
from .refusals import API_KEY_COSTS_SINCE, Refusal, refusal_of, refused_fields, told_since
from .table import Adaptation, MissingWindow

Adapt = Literal["window", "all"]
"""What a query may change: days and widths, or also what it groups by."""

_NEVER = sys.maxsize

# Which fields are worth most; of those that are refused together the last is left out.
_WORTH = ("project_id", "line_item", "model", "api_key_id", "user_id")


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

    - **It begins too far back**: the first day that answers is what the message says, else it is
      found by halving, in ``⌈log2 days⌉`` requests of one bucket; windows before it are not asked
      for any more. If no day answers, the refusal is raised.
    - **It groups by a field that is refused**: with ``"all"`` the field is left out, in one request
      more, from all that begins no later. If the API answers with it later on (the message says
      from when, or a later window did), the range is split there. Where no field is named, which
      it is is found by trying, in up to ``1 + ⌈log2 fields⌉`` requests. So that other windows need
      not be refused as well, the newest and the oldest go first.
    - **It is too wide** (500, 504, a time-out): it is halved, down to one bucket, each half asked
      for once; one bucket as often as the client tries. If all that one bucket's failure leads
      past fails too, the window is not halved any further.

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
        self._groups = sorted(groups, key=_rank)
        self._order = list(groups)
        self._step = WIDTHS[width]
        self._ask = ask
        self._adapt = adapt
        self._partial = partial
        self._now = now
        self._lock = anyio.Lock()
        self._first = 0  # the first moment that the API answers for
        self._guessed = False  # whether that is what a message said
        self._refusal: APIError | None = None  # of what is before
        self._answered = _NEVER  # where the earliest window that was answered begins
        self._since: dict[str, int] = {}  # from when each refused field is answered
        self._reasons: dict[str, APIError] = {}  # why it is not before
        self._answered_by: dict[str, int] = {}  # where the earliest answer with a field begins
        self._tried: list[str] = []  # the fields of which one was left out on suspicion
        self._guess = ""  # which one that was
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
        if self._refusal is not None and 0 < self._first < _NEVER:
            # Between the windows of a query that has gaps, nothing was tried.
            refused = max(w.end for w in self._windows if w.start < self._first)
            lost = Window(self._windows[0].start, min(self._first, refused), 1)
            found.append(
                Adaptation(
                    self._endpoint,
                    "start",
                    f"{self._endpoint} begins on {time_text(lost.end)[:10]}: the API gives"
                    f" nothing before ({_words(self._refusal)}).",
                    MissingWindow(self._endpoint, lost, self._refusal),
                )
            )
        for field in self._order:
            if field in self._since:
                border = self._since[field]
                when = "" if border == _NEVER else f" before {time_text(border)[:10]}"
                found.append(
                    Adaptation(
                        self._endpoint,
                        "grouping",
                        f"{self._endpoint} is not grouped by {field}{when}: the API refuses that"
                        f" ({_words(self._reasons[field])}).",
                        field=field,
                        words=_words(self._reasons[field]),
                    )
                )
        if self._narrowed is not None:
            found.append(
                Adaptation(
                    self._endpoint,
                    "width",
                    f"{self._endpoint} was asked for in narrower windows: wide ones fail"
                    f" ({_words(self._narrowed)}).",
                )
            )
        return found

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
                if self._first == _NEVER and self._refusal is not None:
                    self._fail(work, piece, self._refusal)
                elif piece.end > self._first:
                    work.add(piece.split(self._first, self._step)[1])
                continue
            border = min((s for s in self._since.values() if s > piece.start), default=_NEVER)
            if border < piece.end:
                work.add(*piece.split(border, self._step))
                continue
            if self._most is not None and piece.buckets > self._most:
                work.add(*piece.first(self._most, self._step))
                continue
            await self._get(work, piece)
        if work.narrowed is not None and work.answered:
            self._narrowed = self._narrowed or work.narrowed
            if not work.failed:
                self._most = work.widest
        return work.received()

    async def _get(self, work: Pieces, piece: Window) -> None:
        """Ask for a piece; if it is refused, change what is asked for."""
        groups = self._groups_at(piece.start)
        retry = piece.buckets == 1 or piece is work.window
        try:
            received = await self._ask(piece, self._sent(groups), retry=retry)
        except APIError as exc:
            kind = refusal_of(exc, groups) if self._adapt is not None else Refusal.FINAL
            if kind is Refusal.START:
                await self._find_first(piece, exc)
                work.add(piece)
            elif kind is Refusal.GROUPING and self._adapt == "all":
                await self._leave_out(piece, groups, exc)
                work.add(piece)
            elif kind is Refusal.WIDTH and piece.buckets > 1:
                work.halve(piece, exc, self._step)
            else:
                self._fail(work, piece, exc)
            return
        work.keep(piece, received)
        self._answered = min(self._answered, piece.start)
        for field in groups:
            self._answered_by[field] = min(self._answered_by.get(field, _NEVER), piece.start)

    def _groups_at(self, start: int) -> list[str]:
        return [g for g in self._groups if self._since.get(g, 0) <= start]

    def _sent(self, groups: Sequence[str]) -> list[str]:
        return [g for g in self._order if g in groups]

    def _fail(self, work: Pieces, piece: Window, error: APIError) -> None:
        if not self._partial or piece is work.window:
            raise window_error(self._endpoint, piece, error) from error
        work.failed.append((piece, error))

    async def _answers(self, start: int, groups: Sequence[str], kind: Refusal) -> bool:
        """Whether a bucket is answered, rather than refused for a reason of some kind."""
        end = min(start - start % self._step + self._step, self._windows[-1].end)
        bucket = Window(start, end, 1)
        try:
            await self._ask(bucket, self._sent(groups))
        except APIError as exc:
            if refusal_of(exc, groups) is kind:
                return False
            raise window_error(self._endpoint, bucket, exc) from exc
        return True

    # --- how far back ---------------------------------------------------------------------------

    async def _find_first(self, piece: Window, refusal: APIError) -> None:
        """Find the first moment that is answered, after the beginning of a refused piece."""
        async with self._lock:
            if self._first > piece.start:
                return  # found meanwhile
            self._refusal = refusal
            told = told_since(refusal.message, now=self._now)
            if told is not None and piece.start < told <= self._answered and not self._guessed:
                self._guessed = True
                self._first = told
                return
            near = self._guessed and piece.start == self._first
            self._first = await self._search(
                piece.start, self._answered, [], Refusal.START, near=near
            )

    async def _search(
        self, low: int, high: int, groups: Sequence[str], kind: Refusal, *, near: bool = False
    ) -> int:
        """The first day of the windows that is answered, between two moments, else the second.

        Args:
            low: one that is refused.
            high: one that is answered.
            groups: the fields to group by.
            kind: how it is refused.
            near: whether it is likely to be the day after the first moment.
        """
        days = [d for w in self._windows for d in w.days() if low < d < high]
        at, end = 0, len(days)
        while at < end:
            middle = at if near else (at + end) // 2
            near = False
            if await self._answers(days[middle], groups, kind):
                end = middle
            else:
                at = middle + 1
            if kind is Refusal.START:  # other windows were answered meanwhile
                end = max(at, min(end, sum(d < self._answered for d in days)))
        return days[at] if at < len(days) else min(high, self._answered)

    # --- grouped by what ------------------------------------------------------------------------

    async def _leave_out(self, piece: Window, groups: Sequence[str], refusal: APIError) -> None:
        """Leave out one of the fields that a refused piece was grouped by."""
        async with self._lock:
            if any(self._since.get(g, 0) > piece.start for g in groups):
                return  # found meanwhile
            refused = refused_fields(refusal, groups)
            field = refused[-1] if refused else await self._unnamed(piece, groups)
            self._reasons.setdefault(field, refusal)
            told = told_since(refusal.message) if refused else None
            if told is None and (self._endpoint, field) == ("costs", "api_key_id"):
                told = API_KEY_COSTS_SINCE
            high = self._answered_by.get(field, _NEVER)
            if told is not None and piece.start < told <= high:
                self._since[field] = told
            elif piece.start < high < _NEVER:
                self._since[field] = await self._search(piece.start, high, groups, Refusal.GROUPING)
            else:
                self._since[field] = _NEVER

    async def _unnamed(self, piece: Window, groups: Sequence[str]) -> str:
        """Which field is refused, where the API does not say: the first that spoils those before.

        The one that is refused most often is left out first. If that was not it, it comes back.
        """
        if [field for field in self._tried if field != self._guess] != list(groups):
            self._tried = list(groups)
            self._guess = self._likeliest(piece, groups)
            return self._guess
        del self._since[self._guess], self._reasons[self._guess]
        self._tried = []
        answered, refused = 0, len(groups)
        while refused - answered > 1:
            middle = (answered + refused) // 2
            if await self._answers(piece.start, groups[:middle], Refusal.GROUPING):
                answered = middle
            else:
                refused = middle
        return groups[refused - 1]

    def _likeliest(self, piece: Window, groups: Sequence[str]) -> str:
        """Which field is refused most often; where nothing is known, the one worth least."""
        if self._endpoint == "costs":
            if "api_key_id" in groups and piece.start < API_KEY_COSTS_SINCE:
                return "api_key_id"
            if "user_id" in groups and "project_id" in groups:
                return "user_id"  # both depend "on the organization and time range"
        return groups[-1]


def window_error(endpoint: str, window: Window, error: APIError) -> UsageWindowError:
    """The error of a window that could not be fetched."""
    return UsageWindowError(
        f"usage.{endpoint} from {window} could not be fetched: {error}",
        endpoint=endpoint,
        start=window.start,
        end=window.end,
    ).placed_as(error)


def _rank(field: str) -> int:
    """How early a field is kept; ``api_source`` is refused most often."""
    if field in _WORTH:
        return _WORTH.index(field)
    return len(_WORTH) + (field == "api_source")


def _words(error: APIError) -> str:
    """The API's words, without a full stop."""
    return error.message.rstrip(". ")
