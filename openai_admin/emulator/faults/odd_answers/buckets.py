"""Pages of buckets, their order and their rows."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime

from .answer import (
    JSON,
    Asked,
    OddAnswer,
    dropping,
    nulling,
    of_answers,
    of_items,
    of_pages,
    of_rows,
    renaming,
)

_USAGE = "usage.*"
_BEYOND = "page_beyond_"
_WEEK = 7 * 86_400


def _with_times(zone: str) -> Callable[[JSON], JSON]:
    def change(bucket: JSON) -> JSON:
        times = {
            f"{edge}_iso": datetime.fromtimestamp(bucket[edge], UTC).strftime("%Y-%m-%dT%H:%M:%S")
            + zone
            for edge in ("start_time", "end_time")
        }
        return {**bucket, **times}

    return change


def _endless(page: JSON, asked: Asked) -> JSON:
    """An empty page with a fresh cursor, once the last page with buckets was given."""
    cursor = asked.cursor or ""
    if cursor.startswith(_BEYOND):
        number, _, last = cursor.removeprefix(_BEYOND).partition("_")
        return {**page, "data": [], "has_more": True, "next_page": _beyond(int(number) + 1, last)}
    if page["has_more"]:
        return page
    last = base64.urlsafe_b64encode(cursor.encode()).decode()
    return {**page, "has_more": True, "next_page": _beyond(1, last)}


def _beyond(number: int, last: str) -> str:
    return f"{_BEYOND}{number}_{last}"


def _last_page(cursor: str) -> str:
    """The cursor of the last page that had buckets, which stands in those that follow it."""
    if not cursor.startswith(_BEYOND):
        return cursor
    _, _, last = cursor.removeprefix(_BEYOND).partition("_")
    return base64.urlsafe_b64decode(last).decode()


def _repeated(page: JSON, asked: Asked) -> JSON:
    """The last bucket of a page once more, as the first of the next."""
    again = asked.memory.get(asked.cursor or "")
    if page["has_more"] and page["data"]:
        asked.memory[page["next_page"]] = page["data"][-1]
    return page if again is None else {**page, "data": [again, *page["data"]]}


def _outside(page: JSON, asked: Asked) -> JSON:
    """A bucket from before the window, a copy of the first, on the first page."""
    if asked.cursor is not None or not page["data"]:
        return page
    first = page["data"][0]
    early = {**first, **{edge: first[edge] - _WEEK for edge in ("start_time", "end_time")}}
    return {**page, "data": [early, *page["data"]]}


def _split(page: JSON) -> JSON:
    """Every bucket that has two rows or more comes in two parts, one after the other."""
    data = []
    for bucket in page["data"]:
        rows = bucket["results"]
        half = len(rows) // 2
        parts = (rows[:half], rows[half:]) if half else (rows,)
        data += [{**bucket, "results": part} for part in parts]
    return {**page, "data": data}


def _doubled(page: JSON) -> JSON:
    """The first bucket comes twice in the same page."""
    return {**page, "data": [*page["data"][:1], *page["data"]]}


def _gap(page: JSON) -> JSON:
    """The bucket in the middle is missing."""
    data = page["data"]
    middle = len(data) // 2
    return {**page, "data": [*data[:middle], *data[middle + 1 :]]}


def _reordered(page: JSON) -> JSON:
    return {**page, "data": page["data"][::-1]}


def _short(page: JSON) -> JSON:
    """The first half of the buckets, and no more after them."""
    half = (len(page["data"]) + 1) // 2
    return {**page, "data": page["data"][:half], "has_more": False, "next_page": None}


def _of_count(change: Callable[[JSON, str], JSON]) -> Callable[[JSON], JSON]:
    """The change of a row's first whole number, if it has one."""

    def changed(row: JSON) -> JSON:
        name = next((name for name, value in row.items() if type(value) is int), None)
        return row if name is None else change(row, name)

    return changed


BUCKETS: tuple[OddAnswer, ...] = (
    of_items(
        _USAGE,
        "iso_times",
        "Buckets have start_time_iso and end_time_iso as well, with a zone.",
        _with_times("+00:00"),
    ),
    of_items(
        _USAGE,
        "iso_times_without_zone",
        "Buckets have start_time_iso and end_time_iso as well, without a zone.",
        _with_times(""),
    ),
    of_items(_USAGE, "result", "A bucket's rows stand under result.", renaming(results="result")),
    of_pages(
        _USAGE,
        "empty_pages",
        "After the last bucket come empty pages without end, each with a fresh cursor.",
        _endless,
        _last_page,
    ),
    of_pages(
        _USAGE,
        "repeated_bucket",
        "A page's last bucket comes again as the first of the next page.",
        _repeated,
    ),
    of_answers(_USAGE, "doubled_bucket", "A page's first bucket comes twice.", _doubled),
    of_pages(
        _USAGE, "outside_bucket", "The first page has a bucket from before the window.", _outside
    ),
    of_answers(
        _USAGE, "split_bucket", "Buckets come in two parts, with half of the rows each.", _split
    ),
    of_answers(_USAGE, "bucket_gap", "The bucket in the middle of a page is missing.", _gap),
    of_answers(
        _USAGE, "reordered_buckets", "The buckets of a page come in the other order.", _reordered
    ),
    of_answers(
        _USAGE,
        "short_answer",
        "Half of a page's buckets come, and the answer says that there are no more.",
        _short,
    ),
    of_rows(
        _USAGE,
        "count_text",
        "A row's first whole number is a word.",
        _of_count(lambda row, name: {**row, name: "many"}),
    ),
    of_rows(
        _USAGE,
        "count_list",
        "A row's first whole number is a list of one.",
        _of_count(lambda row, name: {**row, name: [row[name]]}),
    ),
    of_rows(
        _USAGE,
        "count_null",
        "A row's first whole number is null.",
        _of_count(lambda row, name: nulling(name)(row)),
    ),
    of_rows(
        _USAGE,
        "count_absent",
        "A row's first whole number is missing.",
        _of_count(lambda row, name: dropping(name)(row)),
    ),
)
