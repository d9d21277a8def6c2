"""The tools of usage and costs: a page of buckets at a time, held against what was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from .._declare.operation import Operation
from .._declare.pagination import Paging
from .._wire.codec import to_dict
from .._wire.fields import KIND
from .._wire.models import Page
from ..client import AsyncOpenAIAdmin
from ..usage.fetch import Received, missing_in, receive, walk_of
from ..usage.table import MissingWindow
from .pages import Place, fitting_usage
from .schema import Schema
from .texts import counted, moment, quoted, sums
from .tool import Answer, Run
from .unread import telling

MISSING: Schema = {
    "type": "array",
    "description": "Times for which no bucket came: no sum has them; absent if there are none.",
    "items": {"type": "object"},
}
"""The schema of ``missing``."""

NOTES: Schema = {
    "type": "array",
    "description": "What of the API's answer was left out or joined; absent if nothing was.",
    "items": {"type": "string"},
}
"""The schema of ``notes``."""

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
    return asked if place.page is None else {**asked, "page": place.page}, place


def usage_run(operation: Operation) -> Run:
    """Carries out a call: one page, held against what was asked for (see `BucketWalk`)."""

    async def run(client: AsyncOpenAIAdmin, arguments: Mapping[str, Any]) -> Answer:
        asked, place = _asked(arguments)
        pager = operation.of(client)(**asked)
        walk = walk_of(pager)
        walk.is_single = True
        if place.reached is not None:
            walk.begin_at(place.reached)
        pages: list[Page[Any]] = []
        received = await receive(pager, pages.append, walk=walk)
        page = _whole(pages[0], received, walk.cursor, place)
        missing = missing_in(operation.name.rpartition(".")[2], received)
        structured = {**fitting_usage(page, place), **_lacking(missing, received.notes)}
        answer = Answer(structured, " ".join([*_usage_words(structured), *_told(structured)]))
        # Said with a page's first part, not again with each further one.
        return telling(answer, received.unreadable if place.bucket is None else ())

    return run


def _whole(
    first: Page[Any], received: Received, cursor: str | None, place: Place
) -> dict[str, Any]:
    """The JSON of a page with all that came for it."""
    reached = place.reached
    if received.buckets:
        reached = int(received.buckets[-1].end_time.timestamp())
    page = to_dict(
        attrs.evolve(
            first,
            data=received.buckets,
            has_more=cursor is not None,
            next_page=None if cursor is None else Place(cursor, reached=reached).written(),
            unreadable=[],
        )
    )
    plain = {name: value for name, value in page.items() if value is not None}
    return {**plain, "data": [_slim(bucket) for bucket in page["data"]]}


def _lacking(missing: Sequence[MissingWindow], notes: Sequence[str]) -> dict[str, Any]:
    """What a page lacks, and what was left out of it."""
    told: dict[str, Any] = {}
    if missing:
        told["missing"] = [
            {
                "start_time": each.window.start,
                "end_time": each.window.end,
                "reason": quoted(str(each.error), most=_MOST_CHARACTERS),
            }
            for each in missing[:_NAMED]
        ]
    if notes:
        told["notes"] = list(notes[:_NAMED])
    return told


def _told(page: Mapping[str, Any]) -> Iterator[str]:
    for each in page.get("missing", ()):
        span = f"{moment(each['start_time'])} to {moment(each['end_time'])}"
        yield f"Missing, and in no sum: {span} ({each['reason']})"
    yield from page.get("notes", ())


def _slim(bucket: dict[str, Any]) -> dict[str, Any]:
    """A bucket without the fields that its rows do not have: they would be most of the answer."""
    rows = [
        {name: value for name, value in row.items() if value is not None and name != KIND}
        for row in bucket["results"]
    ]
    return {**bucket, "results": rows}


def _usage_words(page: Mapping[str, Any]) -> Iterator[str]:
    buckets = page["data"]
    rows = [row for bucket in buckets for row in bucket["results"]]
    if not buckets:
        yield "No buckets."
        return
    span = f"{moment(buckets[0]['start_time'])} to {moment(buckets[-1]['end_time'])}"
    yield f"{counted(len(buckets), 'bucket')} from {span}, {counted(len(rows), 'row')}."
    totals = sums(rows)
    if totals:
        yield f"Sums of this answer: {totals}."
    left = page.get("left_out")
    if left:
        yield (
            f"Left out of this page, since the answer would be too long:"
            f" {counted(left['rows'], 'row')} in {counted(left['buckets'], 'bucket')};"
            " grouping by fewer fields makes it shorter."
        )
    if page["has_more"]:
        yield "There is more: call again with page set to next_page."
