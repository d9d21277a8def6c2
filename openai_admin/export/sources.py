"""What can be exported, and how each is fetched."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import attrs

from .._declare.arguments import one_of, suggest
from .._declare.operation import OPERATIONS
from .._wire.models import Page, Unreadable, model_of
from .._wire.types import read
from ..directory.not_known import not_known
from ..errors import APIError, InvalidInputError
from ..resources import load
from ..resources.audit_logs import AuditLog
from ..resources.audit_logs.items import Item, items_of, time_of
from ..resources.projects import Project
from ..usage.endpoints import endpoints
from .schema import columns_of, values_of
from .source import Day, Fetched, Source, Step, Wanted, midnight, runs, seconds_of
from .unreadable import UNREADABLE, unread_item
from .usage import usage_source, width_of

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


@cache  # read once from the declarations, which do not change
def sources() -> dict[str, Source]:
    """Everything that can be exported, by name."""
    load()
    found = [usage_source(endpoint) for endpoint in endpoints().values()]
    found += [listing_source(name, operation) for name, operation in DIRECTORY.items()]
    found.append(_audit_source())
    return {source.name: source for source in found}


ENDPOINTS: tuple[str, ...] = (*endpoints(), *DIRECTORY, "audit_logs")
"""The names of everything that can be exported."""


def chosen(
    names: str | Sequence[str], *, bucket_width: str = "1d", by_project: bool = False
) -> list[Source]:
    """The sources with these names.

    Besides their own names, ``all``, ``usage`` (without costs) and ``directory`` are understood.

    Args:
        names: the names.
        bucket_width: the width of usage's buckets.
        by_project: whether they must be had of some projects alone: then ``all`` and the like leave
            out those of the whole organization.

    Raises:
        InvalidInputError: a name is unknown, an endpoint has no such buckets, or it cannot be had
            of some projects.
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
        if by_project and name in known and not known[name].by_project:
            raise InvalidInputError(
                f"{name} is of the whole organization, and cannot be exported for some projects:"
                " leave it out, or export it into another folder without naming projects."
            )
        for each in groups_of.get(name, [name]):
            if known[each].by_project or not by_project:
                found[each] = known[each]
    if not found:
        raise InvalidInputError("Name at least one endpoint to export.")
    for name in found:
        if name in endpoints():
            endpoints()[name].per_page(width_of(name, bucket_width))
    return list(found.values())


def told_left_out(names: str | Sequence[str], meant: Sequence[Source]) -> list[str]:
    """What these names stand for beside what is meant, in words.

    Args:
        names: as `chosen` takes them.
        meant: those that can be had of some projects alone.
    """
    left_out = [source.name for source in chosen(names) if source not in meant]
    if not left_out:
        return []
    return [f"Left out, since it is of the whole organization: {', '.join(left_out)}."]


# --- the directory ---------------------------------------------------------------------------


def listing_source(name: str, operation: str) -> Source:
    model = model_of(read(OPERATIONS[operation].result))
    in_projects = "project_id" in OPERATIONS[operation].parameters
    by_project = in_projects or model is Project
    columns = columns_of(model)
    if in_projects:
        columns = {"project_id": str, **columns}
    columns = {**columns, UNREADABLE: str}

    def steps(wanted: Wanted) -> list[Step]:
        fetcher = _project_list_fetcher if in_projects else _list_fetcher
        ids = wanted.project_ids if by_project else ()
        return [fetcher(name, operation, model, day, ids) for day in wanted.days]

    return Source(name, columns, snapshot=True, steps=steps, by_project=by_project)


def _list_fetcher(
    name: str, operation: str, model: type, day: date, project_ids: Sequence[str]
) -> Step:
    async def fetch(client: AsyncOpenAIAdmin) -> AsyncGenerator[Fetched, None]:
        rows: list[dict[str, Any]] = []
        pages = 0
        async for page in _method(client, operation)(**_arguments(name)).pages():
            pages += 1
            rows += [row for row in _listed(page, model) if _is_of(project_ids, row["id"])]
        yield Fetched([_day(day, rows)], pages)

    return fetch


def _project_list_fetcher(
    name: str, operation: str, model: type, day: date, project_ids: Sequence[str]
) -> Step:
    async def fetch(client: AsyncOpenAIAdmin) -> AsyncGenerator[Fetched, None]:
        listed = [page async for page in client.projects.list(limit=_PAGE).pages()]
        projects = [project for page in listed for project in page.data]
        names = {each.id: each.name for each in projects if _is_of(project_ids, each.id)}
        yield Fetched((), len(listed), ahead=len(names) + 1)
        # A project that could not be read has things that are missing here.
        rows = [
            {"project_id": part.id, **unread_item(part), "id": None}
            for page in listed
            for part in page.unreadable
            if _is_of(project_ids, part.id)
        ]
        errors: dict[str, APIError] = {}
        for id in names:
            pages = 0
            try:
                async for page in _method(client, operation)(id, **_arguments(name)).pages():
                    pages += 1
                    rows += [{"project_id": id, **row} for row in _listed(page, model)]
            except APIError as exc:
                errors[id] = exc
            yield Fetched((), pages)
        if errors and len(errors) == len(names):
            raise next(iter(errors.values()))
        yield Fetched(
            [attrs.evolve(_day(day, rows), is_whole=not errors)],
            0,
            refused=[not_known(name, error, project_id=id) for id, error in errors.items()],
            projects={id: names[id] or id for id in errors},
        )

    return fetch


def _is_of(project_ids: Sequence[str], id: str | None) -> bool:
    """Whether a project is one of these, or may be; none are all."""
    return not project_ids or id is None or id in project_ids


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
    def steps(wanted: Wanted) -> list[Step]:
        return [
            _audit_fetcher(
                start, min(start + timedelta(days=_AUDIT_DAYS - 1), last), wanted.project_ids
            )
            for first, last in runs(wanted.days)
            for start in _steps(first, last)
        ]

    columns = {**columns_of(AuditLog), UNREADABLE: str}
    return Source("audit_logs", columns, snapshot=False, steps=steps)


def _steps(first: date, last: date) -> Iterator[date]:
    for i in range(0, (last - first).days + 1, _AUDIT_DAYS):
        yield first + timedelta(days=i)


def _audit_fetcher(first: date, last: date, project_ids: Sequence[str]) -> Step:
    async def fetch(client: AsyncOpenAIAdmin) -> AsyncGenerator[Fetched, None]:
        items, pages = await _audit_items(client, first, last, project_ids)
        by_day = _by_day(items, first, last)
        if by_day is not None:
            yield Fetched([_audit_day(day, by_day[day]) for day in by_day], pages)
            return
        # The listing of a single day says which of its events happened on it.
        days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
        yield Fetched((), pages, ahead=len(days))
        for day in days:
            items, pages = await _audit_items(client, day, day, project_ids)
            yield Fetched([_audit_day(day, items)], pages)

    return fetch


async def _audit_items(
    client: AsyncOpenAIAdmin, first: date, last: date, project_ids: Sequence[str]
) -> tuple[list[Item], int]:
    """What is in the log for some days, newest first, and how many pages it took."""
    items: list[Item] = []
    pages = 0
    pager = client.audit_logs.list(
        limit=_PAGE,
        effective_at=(midnight(first), midnight(last + timedelta(days=1))),
        project_ids=list(project_ids) or None,
    )
    async for page in pager.pages():
        pages += 1
        items += items_of(page)
        items += [part for part in page.unreadable if part.path == ("data",)]
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
    if time is None or not seconds_of(first) <= time < seconds_of(last + timedelta(days=1)):
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
