"""What comes beside the rows of usage: fields that are not declared, and what cannot be read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from .._wire.codec import decode
from .._wire.fields import KIND
from .._wire.models import Page
from ..resources.usage.results import UsageBucket
from ..usage.endpoints import Endpoint
from .schema import fields_of
from .unreadable import fields_of_rows, unread_usage


class Beside:
    """What came beside the rows of buckets: fields that their class does not have, what is unread.

    Fields are found again by what is known of their row, since pages may be sorted and joined.

    Args:
        endpoint: whose pages they are.
        first: the first day asked for.
    """

    def __init__(self, endpoint: Endpoint, first: date) -> None:
        self._pages = 0
        self._known = frozenset(name for name, _, _ in fields_of(endpoint.row)) | {KIND}
        self._page = Page[UsageBucket[endpoint.row]]  # type: ignore[name-defined] # a value
        self._first = first
        self._fields: dict[tuple[datetime, Any], list[dict[str, Any]]] = {}
        self._unread: dict[date, list[dict[str, Any]]] = {}

    def read(self, page: Page[UsageBucket[Any]]) -> None:
        """Find what is in a page."""
        self._pages += 1
        found = list(fields_of_rows(page, self._known))
        if not page.unreadable and not any(rows and any(rows) for _, rows in found):
            return
        # What was left out of the page, or joined, is in its bytes.
        whole = page if _is_whole(page, found) else decode(page.raw, self._page)
        for bucket, (_, rows) in zip(whole.data, found, strict=True):
            for row, fields in zip(bucket.results, rows or (), strict=rows is not None):
                if fields:
                    self._fields.setdefault((bucket.start_time, row), []).append(fields)
        for day, row in unread_usage(whole, self._first):
            rows = self._unread.setdefault(day, [])
            if row not in rows:  # what lacked may have been asked for twice
                rows.append(row)

    def take_pages(self) -> int:
        """How many pages were read since the last time."""
        pages, self._pages = self._pages, 0
        return pages

    def fields(self, bucket: Any) -> list[dict[str, Any]]:
        """The other fields of each row of a bucket."""
        if not self._fields:
            return [{}] * len(bucket.results)
        found = (self._fields.get((bucket.start_time, row)) for row in bucket.results)
        return [fields.pop(0) if fields else {} for fields in found]

    def unread(self, day: date) -> list[dict[str, Any]]:
        """What of a day could not be read, as rows."""
        return self._unread.get(day, [])


def _is_whole(
    page: Page[UsageBucket[Any]], found: Sequence[tuple[Any, list[dict[str, Any]] | None]]
) -> bool:
    """Whether a page has the buckets that were found in its bytes, in their order and whole."""
    return len(page.data) == len(found) and all(
        bucket.start_time.timestamp() == start
        and (rows is None or len(rows) == len(bucket.results))
        for bucket, (start, rows) in zip(page.data, found, strict=True)
    )
