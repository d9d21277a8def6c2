"""The tools of usage and costs: a page of buckets at a time, held against what was asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary

import attrs
from anyio import to_thread

from .._declare.arguments import unix_seconds
from .._declare.operation import Operation
from .._declare.pagination import Paging
from .._wire.models import Page, Unreadable
from ..client import AsyncOpenAIAdmin
from ..directory.find import unknown_ids
from ..errors import APIError
from ..usage.days import whole_days
from ..usage.fetch import missing_in, receive, walk_of
from ..usage.told import MissingWindow
from .adapted import adapted_page, can_adapt
from .buckets import shown, slim
from .facts import facts_of
from .ids import not_ids
from .kept import ROOM, KeptPages
from .pages import Place, fitting_usage, narrowed
from .schema import Schema
from .texts import counted, moment
from .tool import Answer, Run
from .unread import telling
from .values import iso

_PERIOD: Schema = {"type": "string", "format": "date-time"}

USAGE: Schema = {
    "start_time": {**_PERIOD, "description": "Where this answer's buckets begin."},
    "end_time": {**_PERIOD, "description": "Where they end, exclusive."},
    "totals": {
        "type": "object",
        "description": "Sums of this answer's rows, by counter; amounts by currency. Further pages"
        " are not in them.",
    },
    "adapted": {
        "type": "array",
        "description": "How the query was changed where the API refused it as it was, a sentence"
        " each: days and fields that it does not give are not in the answer; absent if it was not"
        " changed.",
        "items": {"type": "string"},
    },
    "missing": {
        "type": "array",
        "description": "Times for which no bucket came: no sum has them; absent if there are none.",
        "items": {
            "type": "object",
            "properties": {
                "start_time": {**_PERIOD, "description": "Where it begins."},
                "end_time": {**_PERIOD, "description": "Where it ends, exclusive."},
                "reason": {"type": "string", "description": "Why nothing came."},
            },
        },
    },
}
"""The schemas of what an answer has beside the API's page."""

_NAMED = 10
_MOST_CHARACTERS = 400


def is_usage(operation: Operation) -> bool:
    """Whether an operation lists buckets of usage or costs."""
    return operation.paging is Paging.NEXT_PAGE


def check_usage(operation: Operation) -> Any:
    """What checks the arguments of a call."""

    def check(arguments: Mapping[str, Any]) -> None:
        operation.prepare(_asked(arguments)[0])

    return check


def _asked(arguments: Mapping[str, Any]) -> tuple[dict[str, Any], Place]:
    """What to ask the API for, and where in the answer to begin."""
    cursor = arguments.get("page")
    if not isinstance(cursor, str):  # the check complains about anything else
        return dict(arguments), Place()
    place = Place.read(cursor)
    asked = {name: value for name, value in arguments.items() if name != "page"}
    places = {"start_time": place.start_time, "limit": place.limit, "page": place.page}
    return asked | {name: value for name, value in places.items() if value is not None}, place


def usage_run(operation: Operation) -> Run:
    """Carries out a call: one page, held against what was asked for (see `BucketWalk`).

    Where the API refuses it as it is, it is the page that the API does give (see `adapted_page`).
    A page that does not fit into one answer is kept for the answers that go on in it. One that is
    too large to be kept is narrowed to its first buckets, and so are those after it.
    """

    async def fetched(client: AsyncOpenAIAdmin, asked: Mapping[str, Any], place: Place) -> _Found:
        try:
            return await _page(client, operation, asked, place)
        except APIError as refusal:
            start = asked["start_time"] if place.page is None else place.reached
            if start is None or not can_adapt(asked, refusal):
                raise
            start = unix_seconds(start, "start_time")
            return await _other_page(client, operation, asked, place, refusal, start)

    async def run(client: AsyncOpenAIAdmin, arguments: Mapping[str, Any]) -> Answer:
        asked, place = _asked(arguments)
        pages = _KEPT.setdefault(client, KeptPages(ROOM))
        key = _key(operation, arguments, place)
        page = pages.get(key) if place.bucket is not None else None
        if page is None:
            found = _narrowed(await fetched(client, asked, place))
        else:
            found = attrs.evolve(page, place=place)
        part = fitting_usage(found.page, found.place)
        if page is None and "left_out" in part:
            size = sum(bucket["results"].size for bucket in found.page["data"])
            pages.keep(_key(operation, arguments, found.place), found, size)
        told = shown(part, is_costs=_is_costs(operation))
        notes = [*_missing(found.lacking), *told.notes, *_on_parts(part), *found.notes]
        notes += _cut_days(client, operation, asked)
        if not any(bucket["results"] for bucket in found.page["data"]):
            notes += await _useless_filters(client, operation, asked)
        summary = f"{told.summary} {_how_to_go_on(part)}"
        answer = Answer({**told.facts, **found.lacking}, summary, notes=notes)
        # Said with a page's first part, not again with each further one.
        return telling(answer, found.unreadable if place.bucket is None else ())

    return run


def _is_costs(operation: Operation) -> bool:
    return operation.name == "usage.costs"


def _how_to_go_on(page: Mapping[str, Any]) -> str:
    if page["has_more"]:
        return "There is more: call again with page set to next_page."
    return "There is no more."


def _on_parts(page: Mapping[str, Any]) -> Iterator[str]:
    left = page.get("left_out")
    if left:
        yield (
            f"Left out of this page, since the answer would be too long:"
            f" {counted(left['rows'], 'row')} in {counted(left['buckets'], 'bucket')}, which"
            " next_page goes on with; grouping by fewer fields makes it shorter."
        )


def _key(operation: Operation, arguments: Mapping[str, Any], place: Place) -> str:
    """What one page of the API is known by, wherever in it a part begins."""
    others = {name: value for name, value in arguments.items() if name != "page"}
    page = attrs.evolve(place, bucket=None, row=0)
    return json.dumps([operation.name, others, attrs.astuple(page)], sort_keys=True)


def _narrowed(found: _Found) -> _Found:
    """A page that may be kept, and that it has not all buckets that were asked for."""
    page = narrowed(found.page, found.place, ROOM)
    count, all_of_it = len(page["data"]), len(found.page["data"])
    if count == all_of_it:
        return found
    note = (
        f"All {all_of_it} buckets of this page are too large to be kept: it has"
        f" {counted(count, 'bucket')}, and so have those after it; grouping by fewer fields makes"
        " them smaller."
    )
    return attrs.evolve(found, page=page, notes=[*found.notes, note])


def _cut_days(
    client: AsyncOpenAIAdmin, operation: Operation, asked: Mapping[str, Any]
) -> list[str]:
    """That costs are of whole days, where the range that was asked for has parts of days."""
    if not _is_costs(operation):
        return []
    now = client._caller.server_now() or datetime.now(UTC)
    ends = {name: asked.get(name) for name in ("start_time", "end_time")}
    given = {name: unix_seconds(end, name) for name, end in ends.items() if end is not None}
    whole = whole_days(
        given["start_time"],
        given.get("end_time"),
        now=int(now.timestamp()),
        widen=True,
        subject="Costs",
    )
    return [f"Costs come by whole days. {whole.note}"] if whole.note else []


async def _useless_filters(
    client: AsyncOpenAIAdmin, operation: Operation, asked: Mapping[str, Any]
) -> list[str]:
    """What of a query without rows filters by ids that nothing has, a sentence each."""
    return not_ids(operation, asked) or await unknown_ids(client, asked)


@attrs.frozen
class _Found:
    """A page as JSON, where it is, and what is to be said of it."""

    page: dict[str, Any]
    place: Place
    lacking: Mapping[str, Any]
    notes: Sequence[str]
    unreadable: Sequence[Unreadable]


_KEPT: WeakKeyDictionary[AsyncOpenAIAdmin, KeptPages[_Found]] = WeakKeyDictionary()


async def _page(
    client: AsyncOpenAIAdmin, operation: Operation, asked: Mapping[str, Any], place: Place
) -> _Found:
    """The page that was asked for."""
    pager = operation.of(client)(**asked)
    walk = walk_of(pager)
    walk.is_single = True
    if place.reached is not None:
        walk.begin_at(place.reached)
    pages: list[Page[Any]] = []

    async def keep(page: Page[Any]) -> None:
        pages.append(page)

    received = await receive(pager, keep, walk=walk)
    following = None
    if walk.cursor is not None:
        reached = place.reached
        if received.buckets:
            reached = int(received.buckets[-1].end_time.timestamp())
        following = attrs.evolve(place, page=walk.cursor, bucket=None, row=0, reached=reached)
    page = await to_thread.run_sync(_whole, pages[0], received.buckets, following, operation)
    missing = missing_in(operation.name.rpartition(".")[2], received)
    unreadable = [part for part, _ in received.unreadable]
    return _Found(page, place, _lacking(missing), received.notes[:_NAMED], unreadable)


async def _other_page(
    client: AsyncOpenAIAdmin,
    operation: Operation,
    asked: Mapping[str, Any],
    place: Place,
    refusal: APIError,
    start: int,
) -> _Found:
    """What the API gives in place of a page that it refused, which began at some time."""
    found = await adapted_page(client, operation, asked, refusal, start=start)
    following = None
    if found.end is not None:
        following = Place(start_time=found.end, limit=found.limit or place.limit)
    received = found.received
    page = Page[Any](object="page")
    whole = await to_thread.run_sync(_whole, page, received.buckets, following, operation)
    missing = missing_in(operation.name.rpartition(".")[2], received)
    lacking = {"adapted": list(found.told), **_lacking(missing)}
    here = attrs.evolve(place, page=None, reached=None, start_time=found.start)
    unreadable = [part for part, _ in received.unreadable]
    begins = [f"The API gives nothing before {moment(found.start)}: what was then is not known."]
    notes = [*(begins if found.start > start else ()), *received.notes[:_NAMED]]
    return _Found(whole, here, lacking, notes, unreadable)


def _whole(
    page: Page[Any], buckets: Sequence[Any], following: Place | None, operation: Operation
) -> dict[str, Any]:
    """The JSON of a page with all that came for it, rows packed, and where the next one begins."""
    whole = facts_of(
        attrs.evolve(
            page,
            data=[],
            has_more=following is not None,
            next_page=None if following is None else following.written(),
            unreadable=[],
        )
    )
    plain = {name: value for name, value in whole.items() if value is not None}
    costs = _is_costs(operation)
    return {**plain, "data": [slim(bucket, is_costs=costs) for bucket in buckets]}


def _lacking(missing: Sequence[MissingWindow]) -> dict[str, Any]:
    """What a page lacks."""
    if not missing:
        return {}
    return {
        "missing": [
            {
                "start_time": _iso(each.window.start),
                "end_time": _iso(each.window.end),
                "reason": str(each.error)[:_MOST_CHARACTERS],
            }
            for each in missing[:_NAMED]
        ]
    }


def _missing(lacking: Mapping[str, Any]) -> Iterator[str]:
    for each in lacking.get("missing", ()):
        yield f"Missing, and in no sum: {each['start_time']} to {each['end_time']}."


def _iso(seconds: int) -> str | None:
    return iso(datetime.fromtimestamp(seconds, UTC))
