"""What can be exported, and how each is fetched."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import attrs

from .._declare.arguments import one_of, suggest
from .._declare.operation import OPERATIONS
from .._wire.codec import decode
from .._wire.fields import KIND
from .._wire.models import Page, Unreadable, model_of
from .._wire.types import read
from ..errors import InvalidInputError
from ..resources import load
from ..resources.audit_logs import AuditLog
from ..resources.audit_logs.items import Item, items_of, time_of
from ..resources.usage.results import UsageBucket
from ..usage.endpoints import Endpoint, endpoints
from ..usage.fetch import missing_in, receive
from ..usage.plan import Window, plan_windows
from ..usage.table import FetchedTable
from .schema import Kinds, column_name, columns_of, fields_of, text_of, values_of
from .unreadable import UNREADABLE, fields_of_rows, unread_item, unread_usage

if TYPE_CHECKING:
    from ..client import AsyncOpenAIAdmin

_PAGE = 100
_AUDIT_DAYS = 7  # what one listing of the audit log asks for, and a killed run may lose
_SECONDS = 86400

DIRECTORY: Mapping[str, str] = {
    "projects": "projects.list",
    "users": "users.list",
    "groups": "groups.list",
    "invites": "invites.list",
    "admin_api_keys": "admin_api_keys.list",
    "project_users": "projects.users.list",
    "project_service_accounts": "projects.service_accounts.list",
    "project_api_keys": "projects.api_keys.list",
}
"""Listings that are kept as they are on that day, each with its operation."""

_ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "projects": {"include_archived": True},
    "project_api_keys": {"owner_project_access": "any"},
}


@attrs.frozen
class Day:
    """A day's rows, as columns.

    Attributes:
        day: the day.
        columns: their values by name.
        rows: how many there are.
    """

    day: date
    columns: Mapping[str, Sequence[Any]]
    rows: int


@attrs.frozen
class Fetched:
    """What a step of the work brought.

    Attributes:
        days: whole days.
        pages: how many pages it took.
        ahead: how many further steps are known now.
        missing: what did not come, in words; the days that it is of are not among `days`.
    """

    days: Sequence[Day]
    pages: int
    ahead: int = 0
    missing: Sequence[str] = ()


Step = Callable[["AsyncOpenAIAdmin"], AsyncGenerator[Fetched, None]]
"""A part of the work: one step, or as many more as it says are ahead."""


@attrs.frozen
class Source:
    """Something to export.

    Attributes:
        name: its name, as folders have it.
        columns: the columns that it always has.
        snapshot: whether it is a listing of today, rather than something that happened on days.
        steps: returns the work for some days.
    """

    name: str
    columns: Kinds
    snapshot: bool
    steps: Callable[[Sequence[date], str, datetime], Sequence[Step]]


@cache  # read once from the declarations, which do not change
def sources() -> dict[str, Source]:
    """Everything that can be exported, by name."""
    load()
    found = [_usage_source(endpoint) for endpoint in endpoints().values()]
    found += [_directory_source(name, operation) for name, operation in DIRECTORY.items()]
    found.append(_audit_source())
    return {source.name: source for source in found}


ENDPOINTS: tuple[str, ...] = (*endpoints(), *DIRECTORY, "audit_logs")
"""The names of everything that can be exported."""


def chosen(names: str | Sequence[str], *, bucket_width: str = "1d") -> list[Source]:
    """The sources with these names.

    Besides their own names, ``all``, ``usage`` (without costs) and ``directory`` are understood.

    Raises:
        InvalidInputError: a name is unknown, or an endpoint has no such buckets.
    """
    known = sources()
    groups_of: dict[str, list[str]] = {
        "all": list(known),
        "usage": [name for name in endpoints() if name != "costs"],
        "directory": list(DIRECTORY),
    }
    found: dict[str, Source] = {}
    for name in [names] if isinstance(names, str) else names:
        if name not in known and name not in groups_of:
            allowed = [*groups_of, *known]
            raise InvalidInputError(
                f"There is no endpoint {name!r} to export; there are {one_of(allowed)}"
                f"{suggest(name, allowed)}"
            )
        for each in groups_of.get(name, [name]):
            found[each] = known[each]
    if not found:
        raise InvalidInputError("Name at least one endpoint to export.")
    for name in found:
        if name in endpoints():
            endpoints()[name].per_page(width_of(name, bucket_width))
    return list(found.values())


def width_of(name: str, bucket_width: str) -> str:
    """The width of an endpoint's buckets: costs come by day only; listings have none."""
    if name not in endpoints():
        return ""
    return "1d" if name == "costs" else bucket_width


# --- usage and costs -------------------------------------------------------------------------


def _usage_source(endpoint: Endpoint) -> Source:
    kinds = columns_of(endpoint.row)
    if endpoint.name == "costs":
        kinds |= {"amount": kinds["amount_value"], "currency": str}
    names = ("start_time", "end_time", *endpoint.groups, *endpoint.metrics, *endpoint.labels)
    columns = {name: kinds.get(name, datetime) for name in names} | {UNREADABLE: str}

    def steps(days: Sequence[date], bucket_width: str, now: datetime) -> list[Step]:
        width = width_of(endpoint.name, bucket_width)
        return [
            _window_fetcher(endpoint, width, window)
            for first, last in runs(days)
            for window in plan_windows(
                _seconds(first),
                _seconds(last + timedelta(days=1)),
                width=width,
                per_page=endpoint.per_page(width),
                now=int(now.timestamp()),
            )
        ]

    return Source(endpoint.name, columns, snapshot=False, steps=steps)


_REFUSED = frozenset({("costs", "user_id")})
"""What an endpoint declares to group by and refuses beside its other groupings (costs by people
together with projects); the column stays, null."""


def _window_fetcher(endpoint: Endpoint, width: str, window: Window) -> Step:
    group_by = [name for name in endpoint.groups if (endpoint.name, name) not in _REFUSED]

    async def fetch(client: AsyncOpenAIAdmin) -> AsyncGenerator[Fetched, None]:
        pager = getattr(client.usage, endpoint.name)(
            start_time=window.start,
            end_time=window.end,
            bucket_width=width,
            limit=window.buckets,
            group_by=group_by,
        )
        beside = _Beside(endpoint, _date_of(window.start))
        pages: list[Page[UsageBucket[Any]]] = []
        received = await receive(pager, pages.append)
        for page in pages:
            beside.read(page)
        # A bucket that came and cannot be read is kept as it came, and not missing.
        lacking = {
            day for gap in received.gaps for day in _days_of(*gap.stretch) if not beside.unread(day)
        }
        buckets: dict[date, list[Any]] = {
            day: [] for day in _days_of(window.start, window.end) if day not in lacking
        }
        for bucket in received.buckets:
            day = bucket.start_time.date()
            if day not in lacking:
                buckets.setdefault(day, []).append(bucket)
        days = [_usage_day(endpoint, day, buckets[day], beside) for day in buckets]
        missing = missing_in(endpoint.name, received)
        told = [
            str(each)
            for each in missing
            if lacking.intersection(_days_of(each.window.start, each.window.end))
        ]
        yield Fetched(days, len(pages), missing=told)

    return fetch


def _days_of(start: int, end: int) -> Iterator[date]:
    """The days that a stretch of time touches."""
    for second in range(start - start % _SECONDS, end, _SECONDS):
        yield _date_of(second)


def _date_of(second: int) -> date:
    return datetime.fromtimestamp(second, UTC).date()


class _Beside:
    """What came beside the rows of buckets: fields that their class does not have, what is unread.

    Fields are found again by what is known of their row, since pages may be sorted and joined.

    Args:
        endpoint: whose pages they are.
        first: the first day asked for.
    """

    def __init__(self, endpoint: Endpoint, first: date) -> None:
        self._known = frozenset(name for name, _, _ in fields_of(endpoint.row)) | {KIND}
        self._page = Page[UsageBucket[endpoint.row]]  # type: ignore[name-defined] # a value
        self._first = first
        self._fields: dict[tuple[datetime, Any], list[dict[str, Any]]] = {}
        self._unread: dict[date, list[dict[str, Any]]] = {}

    def read(self, page: Page[UsageBucket[Any]]) -> None:
        """Find what is in a page."""
        found = list(fields_of_rows(page, self._known))
        if not page.unreadable and not any(any(rows) for rows in found):
            return
        whole = decode(page.raw, self._page)  # what was left out of the page is in it
        for bucket, rows in zip(whole.data, found, strict=True):
            for row, fields in zip(bucket.results, rows, strict=True):
                if fields:
                    self._fields.setdefault((bucket.start_time, row), []).append(fields)
        for day, row in unread_usage(whole, self._first):
            rows = self._unread.setdefault(day, [])
            if row not in rows:  # what lacked may have been asked for twice
                rows.append(row)

    def fields(self, bucket: Any) -> list[dict[str, Any]]:
        """The other fields of each row of a bucket."""
        if not self._fields:
            return [{}] * len(bucket.results)
        found = (self._fields.get((bucket.start_time, row)) for row in bucket.results)
        return [fields.pop(0) if fields else {} for fields in found]

    def unread(self, day: date) -> list[dict[str, Any]]:
        """What of a day could not be read, as rows."""
        return self._unread.get(day, [])


def _usage_day(endpoint: Endpoint, day: date, buckets: list[Any], beside: _Beside) -> Day:
    table = FetchedTable([(endpoint, buckets)], group_by=endpoint.groups)
    columns = {name: values for name, values in table.columns.items() if name != "endpoint"}
    columns |= {
        name: [getattr(row, name) for bucket in buckets for row in bucket.results]
        for name in endpoint.labels
    }
    others = [fields for bucket in buckets for fields in beside.fields(bucket)]
    added = {name for fields in others for name in fields}
    columns |= {
        column_name(name): [text_of(fields.get(name)) for fields in others] for name in added
    }
    unread, rows = beside.unread(day), len(others)
    for name in {name for row in unread for name in row}:
        columns.setdefault(name, [None] * rows)
    columns = {n: [*values, *(row.get(n) for row in unread)] for n, values in columns.items()}
    return Day(day, columns, rows + len(unread))


def runs(days: Sequence[date]) -> Iterator[tuple[date, date]]:
    """Days in order as stretches without a gap, each with its first and last day."""
    first = last = None
    for day in days:
        if last is not None and first is not None and day != last + timedelta(days=1):
            yield first, last
            first = None
        first = first or day
        last = day
    if first is not None and last is not None:
        yield first, last


# --- the directory ---------------------------------------------------------------------------


def _directory_source(name: str, operation: str) -> Source:
    model = model_of(read(OPERATIONS[operation].result))
    in_projects = "project_id" in OPERATIONS[operation].parameters
    columns = columns_of(model)
    if in_projects:
        columns = {"project_id": str, **columns}
    columns = {**columns, UNREADABLE: str}

    def steps(days: Sequence[date], bucket_width: str, now: datetime) -> list[Step]:
        fetcher = _project_list_fetcher if in_projects else _list_fetcher
        return [fetcher(name, operation, model, day) for day in days]

    return Source(name, columns, snapshot=True, steps=steps)


def _list_fetcher(name: str, operation: str, model: type, day: date) -> Step:
    async def fetch(client: AsyncOpenAIAdmin) -> AsyncGenerator[Fetched, None]:
        rows: list[dict[str, Any]] = []
        pages = 0
        async for page in _method(client, operation)(**_arguments(name)).pages():
            pages += 1
            rows += _listed(page, model)
        yield Fetched([_day(day, rows)], pages)

    return fetch


def _project_list_fetcher(name: str, operation: str, model: type, day: date) -> Step:
    async def fetch(client: AsyncOpenAIAdmin) -> AsyncGenerator[Fetched, None]:
        listed = [page async for page in client.projects.list(limit=_PAGE).pages()]
        ids = [project.id for page in listed for project in page.data]
        yield Fetched((), len(listed), ahead=len(ids) + 1)
        # A project that could not be read has things that are missing here.
        rows = [
            {"project_id": part.id, **unread_item(part), "id": None}
            for page in listed
            for part in page.unreadable
        ]
        for id in ids:
            pages = 0
            async for page in _method(client, operation)(id, **_arguments(name)).pages():
                pages += 1
                rows += [{"project_id": id, **row} for row in _listed(page, model)]
            yield Fetched((), pages)
        yield Fetched([_day(day, rows)], 0)

    return fetch


def _listed(page: Page[Any], model: type) -> list[dict[str, Any]]:
    """The rows of a page, those of items that could not be read at the end."""
    read = [dict(values_of(item, model)) for item in page.data]
    return [*read, *map(unread_item, page.unreadable)]


def _method(client: AsyncOpenAIAdmin, operation: str) -> Any:
    place: Any = client
    for part in operation.split("."):
        place = getattr(place, part)
    return place


def _arguments(name: str) -> dict[str, Any]:
    return {"limit": _PAGE, **_ARGUMENTS.get(name, {})}


def _day(day: date, rows: Sequence[Mapping[str, Any]]) -> Day:
    names = dict.fromkeys(name for row in rows for name in row)
    return Day(day, {name: [row.get(name) for row in rows] for name in names}, len(rows))


# --- the audit log ---------------------------------------------------------------------------


def _audit_source() -> Source:
    def steps(days: Sequence[date], bucket_width: str, now: datetime) -> list[Step]:
        return [
            _audit_fetcher(start, min(start + timedelta(days=_AUDIT_DAYS - 1), last))
            for first, last in runs(days)
            for start in _steps(first, last)
        ]

    columns = {**columns_of(AuditLog), UNREADABLE: str}
    return Source("audit_logs", columns, snapshot=False, steps=steps)


def _steps(first: date, last: date) -> Iterator[date]:
    for i in range(0, (last - first).days + 1, _AUDIT_DAYS):
        yield first + timedelta(days=i)


def _audit_fetcher(first: date, last: date) -> Step:
    async def fetch(client: AsyncOpenAIAdmin) -> AsyncGenerator[Fetched, None]:
        items, pages = await _audit_items(client, first, last)
        by_day = _by_day(items, first, last)
        if by_day is not None:
            yield Fetched([_audit_day(day, by_day[day]) for day in by_day], pages)
            return
        # The listing of a single day says which of its events happened on it.
        days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
        yield Fetched((), pages, ahead=len(days))
        for day in days:
            items, pages = await _audit_items(client, day, day)
            yield Fetched([_audit_day(day, items)], pages)

    return fetch


async def _audit_items(client: AsyncOpenAIAdmin, first: date, last: date) -> tuple[list[Item], int]:
    """What is in the log for some days, newest first, and how many pages it took."""
    items: list[Item] = []
    pages = 0
    pager = client.audit_logs.list(
        limit=_PAGE, effective_at=(_midnight(first), _midnight(last + timedelta(days=1)))
    )
    async for page in pager.pages():
        pages += 1
        items += items_of(page)
    return items, pages


def _by_day(items: Sequence[Item], first: date, last: date) -> dict[date, list[Item]] | None:
    """What happened on which of some days, newest first; ``None`` if that is open for an item.

    One whose time is not known, or not among these days, happened between its neighbours.
    """
    known = [_day_of(item, first, last) for item in items]
    after = first
    older = [after := day or after for day in reversed(known)][::-1]
    before = last
    newer = [before := day or before for day in known]
    if older != newer:
        return None
    by_day: dict[date, list[Item]] = {
        first + timedelta(days=i): [] for i in range((last - first).days + 1)
    }
    for day, item in zip(newer, items, strict=True):
        by_day[day].append(item)
    return by_day


def _day_of(item: Item, first: date, last: date) -> date | None:
    """The day that an item's time says, if it is one of these."""
    time = time_of(item)
    if time is None or not _seconds(first) <= time < _seconds(last + timedelta(days=1)):
        return None
    return datetime.fromtimestamp(time, UTC).date()


def _audit_day(day: date, items: Sequence[Item]) -> Day:
    return _day(
        day,
        [
            unread_item(item) if isinstance(item, Unreadable) else dict(values_of(item, AuditLog))
            for item in items
        ],
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _seconds(day: date) -> int:
    return int(_midnight(day).timestamp())
