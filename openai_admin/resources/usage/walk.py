"""One pass through usage pages, held against the window that was asked for.

The API gives every bucket of a window once and in order, empty ones too. Pages have come otherwise:
a bucket twice or split over two pages, buckets of other days, an answer that ends too early, empty
pages without end. None of that may make a sum wrong.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter, sub
from typing import Any

import attrs
import msgspec

from ..._declare.arguments import unix_seconds
from ..._declare.pagination import Changes, PageCursor, Paging
from ..._wire.buckets import has_null_data
from ..._wire.models import Page
from ...errors import (
    APIError,
    APIResponseValidationError,
    BadRequestError,
    PaginationError,
    ResponseTooLongError,
)
from .noted import Noted, Oddity, told_notes
from .repeated import contradicts, rows_not_in
from .results import UsageBucket
from .stretches import WIDTHS, Gap, Stretch, Stretches

_log = logging.getLogger("openai_admin.usage")

_EMPTY = 3  # pages without a bucket, one after another, that are followed
_SLACK = 60  # seconds by which the server's clocks may differ from one another
_SHOWN = 3  # notes in one log line

_START, _END = attrgetter("start_time"), attrgetter("end_time")

Bucket = UsageBucket[Any]


class BucketWalk(PageCursor):
    """The requests of one pass through usage, and what of their buckets is taken.

    - A bucket outside the window is left out, and so is one that is longer than was asked for, or
      overlaps others without being one of them.
    - A bucket that comes again adds the rows that it did not have. Where it has other numbers for
      the same group, nothing says which are right, and it counts as missing.
    - After three empty pages in a row, and after an answer that ends before its window does, the
      rest is asked for once from the end of the last bucket, and again only if that brought
      something. If no bucket comes, the rest was quiet; if the answer's data is null, or none of
      its buckets can be read, or the request fails, the rest is one of the `gaps`.
    - What is missing before or between other buckets is asked for once, in one request. If it does
      not come, it is one of the `gaps`, and not taken as quiet: the answer went on behind it, so
      it was not short for want of anything to say. If that request fails, the gap has its error.

    A reader of pages gets a bucket as soon as it comes; rows of it that come later follow as a
    bucket of their own, and a version with other numbers for the same group is left out.

    Args:
        operation: the operation's name.
        arguments: its arguments.
        server_now: the server's time, ``None`` while it is not known.

    Attributes:
        keeps_all: whether `buckets` will be asked for; else only those of the latest pages are
            kept, to tell repeated ones by.
        notes: what was left out or joined.
        is_single: whether the walk ends with one page that has buckets, and what lacks in it.
        cursor: once such a walk is over, the cursor of the page that follows.
        gaps: once the walk is over, the stretches of the window that did not come.
    """

    def __init__(
        self,
        operation: str,
        arguments: Mapping[str, Any],
        server_now: Callable[[], datetime | None],
    ) -> None:
        super().__init__(Paging.NEXT_PAGE)
        end = arguments.get("end_time")
        self._operation = operation
        self._step = WIDTHS[arguments.get("bucket_width") or "1d"]
        self._span = timedelta(seconds=self._step)
        self._start = unix_seconds(arguments["start_time"], "start_time")
        self._end = None if end is None else unix_seconds(end, "end_time")
        self._from_cursor = bool(arguments.get("page"))  # what is before it was not asked for
        self._server_now = server_now
        self._covered = Stretches()
        self._held: dict[Stretch, Bucket] = {}
        self._run: list[Bucket] = []  # held too: those of pages that followed one another
        self._older: list[Stretch] = []  # those of the page before the newest
        self._doubted: set[Stretch] = set()  # which came with numbers that contradict each other
        self._refused: set[Stretch] = set()  # those of them in the newest query
        self._seen_end = self._start  # of what lies in the window, whether it was taken or not
        self._filling = False
        self._before: set[Stretch] = set()  # held when the gaps were asked for, and settled
        self._tried: int | None = None  # the end of the last bucket when the rest was asked for
        self._ask_is_new = False
        self._after_empty = False  # whether the rest was asked for because of empty pages
        self._moved: Changes = {}  # what the newest query has in place of the first one's
        self._empty = self._pages = self._most = 0
        self._rejected_at: int | None = None  # the end of the last bucket then
        self._present: float | None = None
        self._is_null = False  # whether the newest page has no buckets, nor says so
        self._lost: list[Gap] = []  # what was asked for in requests that failed
        self.keeps_all = self.is_single = False
        self.cursor: str | None = None
        self.notes: list[Noted] = []
        self.gaps: list[Gap] = []
        self._begin(self._start, self._end)

    def buckets(self) -> list[Bucket]:
        """The buckets of the window, each once, in order of time."""
        if not self._held:
            return list(self._run)
        held = self._by_stretch()
        return [held[stretch] for stretch in sorted(held)]

    def _by_stretch(self) -> dict[Stretch, Bucket]:
        """The buckets that are held, those of the run among them."""
        for bucket in self._run:
            start, end = int(bucket.start_time.timestamp()), int(bucket.end_time.timestamp())
            self._held[Stretch(start, end)] = bucket
        self._run = []
        return self._held

    def begin_at(self, reached: int) -> None:
        """Say where the pages before the cursor that was given ended, in Unix seconds.

        What comes of the time before is left out, and what lacks from there on is missing.
        """
        self._from_cursor = False
        first, _ = self._limits()
        if first < reached:
            self._covered.add(Stretch(first, reached))
            self._seen_end = max(self._seen_end, reached)

    # --- what of a page is taken --------------------------------------------------------------

    def kept(self, page: Page[Any]) -> Page[Any]:
        """The page with those of its buckets, and of their rows, that are new."""
        known = len(self.notes)
        latest: list[Stretch] = []
        new: list[Bucket] = []
        first, last = self._limits()
        plain = not self._filling and not self._doubted
        if plain and self.keeps_all and page.data and self._follows(page.data, first, last):
            return page
        self._by_stretch()
        for bucket in sorted(page.data, key=_START):
            start, end = int(bucket.start_time.timestamp()), int(bucket.end_time.timestamp())
            stretch = Stretch(start, end)
            latest.append(stretch)
            if (
                plain
                and start == self._covered.end
                and start < end <= min(last, start + self._step)
            ):
                self._covered.extend(end)  # the next one, as nearly all are
                self._held[stretch] = bucket
                new.append(bucket)
                continue
            part = self._taken(stretch, bucket, first, last)
            plain = plain and not self._doubted
            if part is not None:
                new.append(part)
        if latest:
            within = max((s.end for s in latest if s.end <= last), default=self._start)
            self._seen_end = max(self._seen_end, within)
        if latest and not self.keeps_all:
            for stretch in set(self._older).difference(latest):
                self._held.pop(stretch, None)
            self._older = latest
        self._tell(told_notes(self.notes[known:]))
        return page if new == page.data else attrs.evolve(page, data=new)

    def _follows(self, buckets: Sequence[Bucket], first: int, last: int) -> bool:
        """Take the buckets of a page if they follow what came and one another, as nearly all do."""
        starts, ends = list(map(_START, buckets)), list(map(_END, buckets))
        if starts[1:] != ends[:-1] or set(map(sub, ends, starts)) != {self._span}:
            return False
        start, end = int(starts[0].timestamp()), int(ends[-1].timestamp())
        reached = self._covered.end
        if end > last or start < first or (reached is not None and start != reached):
            return False
        if reached is None:
            self._covered.add(Stretch(start, end))
        else:
            self._covered.extend(end)
        self._run += buckets
        self._seen_end = max(self._seen_end, end)
        return True

    def _taken(self, stretch: Stretch, bucket: Bucket, first: int, last: int) -> Bucket | None:
        """Take a bucket, and return what of it a reader has not had."""
        if stretch in self._refused:
            return None
        if stretch in self._held:
            return None if stretch in self._before else self._joined(stretch, bucket)
        if not first <= stretch.start < stretch.end <= last:
            self._note(stretch, Oddity.OUTSIDE)
        elif stretch.end - stretch.start > self._step:
            self._note(stretch, Oddity.LONGER)
        elif self._covered.overlaps(stretch):
            if self._filling:
                return None
            again = stretch in self._covered
            self._note(stretch, Oddity.AGAIN if again else Oddity.OTHER_BOUNDS)
        else:
            self._covered.add(stretch)
            self._held[stretch] = bucket
            return self._unread(stretch, bucket)
        return None

    def _joined(self, stretch: Stretch, bucket: Bucket) -> Bucket | None:
        before = self._held[stretch]
        rows = rows_not_in(before.results, bucket.results)
        if not rows:
            if bucket.results:
                self._note(stretch, Oddity.COUNTED_ONCE)
            return None
        if contradicts(before.results, rows):
            self._note(stretch, Oddity.OTHER_NUMBERS)
            if self.keeps_all:
                del self._held[stretch]
                self._covered.remove(stretch)
                self._refused.add(stretch)
            self._doubted.add(stretch)
            return None
        self._held[stretch] = msgspec.structs.replace(before, results=[*before.results, *rows])
        self._note(stretch, Oddity.JOINED)
        return self._unread(stretch, msgspec.structs.replace(bucket, results=rows))

    def _unread(self, stretch: Stretch, bucket: Bucket) -> Bucket | None:
        """A bucket, unless a reader has had an earlier version of it."""
        return None if stretch in self._doubted else bucket

    def _limits(self) -> tuple[int, int]:
        """Where buckets of the window may begin and end; those at its ends may come whole."""
        first = self._start - self._start % self._step
        if self._end is not None:
            return first, -(-self._end // self._step) * self._step
        if self._server_now() is not None:
            return first, self._border(self._now() + _SLACK) + self._step
        return first, sys.maxsize

    # --- what is asked for next ---------------------------------------------------------------

    def after(self, page: Page[Any]) -> Changes | None:
        """How the query of the request that follows differs from the first; ``None`` at the end.

        Args:
            page: the answer as it came.

        Raises:
            PaginationError: the cursors would loop or break off, or there were more pages than
                buckets asked for.
        """
        fresh, self._ask_is_new = self._ask_is_new, False
        if page.data:
            self._empty = 0
            self._pages += 1
            if self._pages > self._most:
                raise PaginationError(
                    f"There are more pages than the {self._most} buckets that were asked for.",
                    cursor=page.next_page,
                )
        else:
            self._empty += 1
        ends = self._empty >= _EMPTY or (fresh and self._after_empty and not page.data)
        self._is_null = not page.data and (bool(page.unreadable) or has_null_data(page.raw))
        cursor = None if ends else self.next_cursor(page)
        if cursor is not None and self.is_single and page.data and not self._moved:
            self.cursor = cursor
            return self._fill()
        if cursor is not None:
            return {**self._moved, self.parameter: cursor}
        return self._rest()

    def after_failure(self, error: APIError) -> Changes | None:
        """How the query that follows a failed request differs from the first; ``None`` at the end.

        A cursor that the server gave and rejects is done without. What is asked for beyond the
        answer to the query itself does not take that answer with it. What lacks at the end and is
        too long for one answer is left to who can ask for less.

        Raises:
            APIError: the error itself, in all other cases.
        """
        if isinstance(error, APIResponseValidationError) and error.place.startswith("$.data["):
            raise error  # the caller wants no answer of which a part cannot be read
        fresh, self._ask_is_new = self._ask_is_new, False
        reached = self._reached
        if fresh and not isinstance(error, ResponseTooLongError):
            self._lost.append(Gap(Stretch(reached, self._needed()), error))
            return self._fill()
        if self._filling:
            self._lost += [Gap(gap, error) for gap in self._missing()]
            return self._finish()
        is_known = self._covered.end is not None and reached != self._rejected_at
        if is_known and isinstance(error, BadRequestError):
            self._rejected_at = reached
            return self._ask(reached, self._end)
        raise error

    def stop(self) -> int | None:
        """End the walk at a request that failed, if buckets came before it that may be kept.

        Returns:
            Where the rest begins, in Unix seconds; ``None`` if nothing is to be kept.
        """
        end = self._covered.end
        if end is None or not (self._held or self._run) or self.is_single:
            return None
        self._seen_end = end
        self._finish()
        return end

    @property
    def _reached(self) -> int:
        """Where the last bucket ends."""
        end = self._covered.end
        return self._start if end is None else end

    def _rest(self) -> Changes | None:
        """What is asked for after the last page: what lacks at the end, then what lacks before."""
        if self._from_cursor and self._covered.end is None:
            return self._finish()  # nothing says from where on something is missing
        reached, needed = self._reached, self._needed()
        if not self._filling and reached < needed:
            if self._tried != reached:
                self._tried = reached
                self._after_empty = self._empty >= _EMPTY
                changes = self._ask(reached, self._end)
                self._ask_is_new = True
                return changes
            if self._is_null or self._pages:  # it said nothing, or only of other times
                self._lost.append(Gap(Stretch(reached, needed)))
        return self._fill()

    def _fill(self) -> Changes | None:
        """What is asked for once no page follows: what is missing before the last bucket."""
        gaps = self._missing()
        if not gaps or self._filling:
            return self._finish()
        self._filling, self._before = True, set(self._by_stretch())
        return self._ask(gaps[0].start, gaps[-1].end)

    def _finish(self) -> Changes | None:
        lost = {
            stretch: Gap(stretch, gap.error)
            for gap in self._lost
            for stretch in self._covered.gaps(*gap.stretch)
        }
        lost = {gap: Gap(gap) for gap in self._missing()} | lost
        self.gaps = [lost[gap] for gap in sorted(lost)]
        self._tell(map(str, self.gaps))
        return None

    def _ask(self, start: int, end: int | None) -> Changes:
        """A query of its own for a stretch."""
        self._begin(start, end)
        self._moved = {"start_time": start}
        if end != self._end:
            self._moved["end_time"] = end
        return {**self._moved, self.parameter: None}

    def _begin(self, start: int, end: int | None) -> None:
        last = self._border(self._now() + _SLACK) + self._step if end is None else end
        self._most = max(1, -(-(last - self._border(start)) // self._step))
        self._pages = self._empty = 0
        self._refused = set()

    def _needed(self) -> int:
        """How far the buckets must reach for the answer to be whole.

        Of a window that ends now, the last bucket may end anywhere.
        """
        settled = int(self._now()) - _SLACK
        if self._end is not None and self._end <= settled:
            return self._end
        return self._border(settled) + 1 if settled > self._start else self._start

    def _missing(self) -> list[Stretch]:
        """What is missing before the end of the last bucket that came, taken or not."""
        start = self._covered.start if self._from_cursor else self._start
        return [] if start is None else self._covered.gaps(start, self._seen_end)

    def _now(self) -> float:
        """The time of the walk's beginning; the server's, as soon as it is known."""
        if self._present is None:
            now = self._server_now()
            if now is None:
                return time.time()
            self._present = now.timestamp()
        return self._present

    def _border(self, seconds: float) -> int:
        return int(seconds // self._step) * self._step

    # --- what is told -------------------------------------------------------------------------

    def _note(self, stretch: Stretch, oddity: Oddity) -> None:
        self.notes.append(Noted(stretch, oddity))

    def _tell(self, sentences: Iterable[str]) -> None:
        listed = list(sentences)
        if listed:
            more = f" And {len(listed) - _SHOWN} more." if len(listed) > _SHOWN else ""
            _log.warning("%s: %s%s", self._operation, " ".join(listed[:_SHOWN]), more)
