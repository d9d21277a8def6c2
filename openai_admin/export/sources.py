"""What can be exported, and how each is fetched."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import attrs
import msgspec

from .._declare.arguments import one_of, suggest
from .._declare.operation import OPERATIONS
from .._wire.fields import KIND
from .._wire.models import model_of
from .._wire.types import read
from ..errors import InvalidInputError
from ..resources import load
from ..resources.audit_logs import AuditLog
from ..usage.endpoints import Endpoint, endpoints
from ..usage.plan import Window, plan_windows
from ..usage.table import FetchedTable
from .schema import Kinds, column_name, columns_of, fields_of, text_of, values_of

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
    """

    days: Sequence[Day]
    pages: int
    ahead: int = 0


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
    names = ("start_time", "end_time", *endpoint.groups, *endpoint.metrics)
    columns = {name: kinds.get(name, datetime) for name in names}

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
        first = datetime.fromtimestamp(window.start, UTC).date()
        count = -(-(window.end - window.start) // _SECONDS)
        buckets: dict[date, list[Any]] = {first + timedelta(days=i): [] for i in range(count)}
        unknown: dict[date, list[dict[str, Any]]] = {day: [] for day in buckets}
        pages = 0
        async for page in pager.pages():
            pages += 1
            for bucket, fields in zip(page.data, _unknown(page.raw, endpoint), strict=True):
                day = bucket.start_time.date()
                buckets.setdefault(day, []).append(bucket)
                unknown.setdefault(day, []).extend(fields)
        yield Fetched([_usage_day(endpoint, d, buckets[d], unknown[d]) for d in buckets], pages)

    return fetch


def _unknown(raw: bytes, endpoint: Endpoint) -> Iterator[list[dict[str, Any]]]:
    """For each bucket of a page its rows' fields that the declared class does not have."""
    known = frozenset(name for name, _, _ in fields_of(endpoint.row)) | {KIND}
    for bucket in msgspec.json.decode(raw).get("data") or ():
        yield [
            {} if known.issuperset(row) else {k: v for k, v in row.items() if k not in known}
            for row in bucket.get("results") or ()
        ]


def _usage_day(
    endpoint: Endpoint, day: date, buckets: list[Any], unknown: list[dict[str, Any]]
) -> Day:
    table = FetchedTable([(endpoint, buckets)], group_by=endpoint.groups, missing=())
    columns = {name: values for name, values in table.columns.items() if name != "endpoint"}
    added = {name for fields in unknown for name in fields}
    columns |= {
        column_name(name): [text_of(fields.get(name)) for fields in unknown] for name in added
    }
    return Day(day, columns, len(unknown))


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
            rows += [dict(values_of(item, model)) for item in page.data]
        yield Fetched([_day(day, rows)], pages)

    return fetch


def _project_list_fetcher(name: str, operation: str, model: type, day: date) -> Step:
    async def fetch(client: AsyncOpenAIAdmin) -> AsyncGenerator[Fetched, None]:
        listed = [page async for page in client.projects.list(limit=_PAGE).pages()]
        ids = [project.id for page in listed for project in page.data]
        yield Fetched((), len(listed), ahead=len(ids) + 1)
        rows: list[dict[str, Any]] = []
        for id in ids:
            pages = 0
            async for page in _method(client, operation)(id, **_arguments(name)).pages():
                pages += 1
                rows += [{"project_id": id, **dict(values_of(i, model))} for i in page.data]
            yield Fetched((), pages)
        yield Fetched([_day(day, rows)], 0)

    return fetch


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

    return Source("audit_logs", columns_of(AuditLog), snapshot=False, steps=steps)


def _steps(first: date, last: date) -> Iterator[date]:
    for i in range(0, (last - first).days + 1, _AUDIT_DAYS):
        yield first + timedelta(days=i)


def _audit_fetcher(first: date, last: date) -> Step:
    async def fetch(client: AsyncOpenAIAdmin) -> AsyncGenerator[Fetched, None]:
        rows: dict[date, list[dict[str, Any]]] = {
            first + timedelta(days=i): [] for i in range((last - first).days + 1)
        }
        pages = 0
        pager = client.audit_logs.list(
            limit=_PAGE, effective_at=(_midnight(first), _midnight(last + timedelta(days=1)))
        )
        async for page in pager.pages():
            pages += 1
            for event in page.data:
                row = dict(values_of(event, AuditLog))
                day = event.effective_at.date() if event.effective_at is not None else first
                rows[day].append(row)
        yield Fetched([_day(day, listed) for day, listed in rows.items()], pages)

    return fetch


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _seconds(day: date) -> int:
    return int(_midnight(day).timestamp())
