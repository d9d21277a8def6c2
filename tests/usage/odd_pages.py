"""Pages of costs with faults: what an API, or a gateway before it, has been seen to answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from openai_admin._declare.operation import Call
from openai_admin._wire.codec import decode
from openai_admin.errors import APIConnectionError
from tests.doubles import IdleCaller
from tests.usage.times import DAY, NOW, TODAY

Bucket = dict[str, Any]
Pages = list[list[Bucket]]

DAYS = 12
START, END = TODAY - DAYS * DAY, TODAY


def row(project: str, cents: int) -> dict[str, Any]:
    """A row of costs."""
    return {
        "object": "organization.costs.result",
        "amount": {"value": f"{cents / 100:.2f}0", "currency": "usd"},
        "project_id": project,
    }


def bucket(start: int, rows: Sequence[dict[str, Any]], *, days: int = 1) -> Bucket:
    """A bucket of one day, or several."""
    end = start + days * DAY
    return {"object": "bucket", "start_time": start, "end_time": end, "results": list(rows)}


def truth(random: Random) -> list[Bucket]:
    """What there is: each day's rows, each of another project, and some days without any."""
    return [
        bucket(
            START + day * DAY,
            [row(f"proj_{n}", random.randint(1, 9999)) for n in range(random.choice([0, 1, 2, 5]))],
        )
        for day in range(DAYS)
    ]


def _place(pages: Pages, random: Random) -> tuple[int, int] | None:
    places = [(p, b) for p, page in enumerate(pages) for b in range(len(page))]
    return random.choice(places) if places else None


def repeat(pages: Pages, random: Random) -> None:
    """A bucket comes again, on its page or a later one."""
    if place := _place(pages, random):
        p, b = place
        pages[random.randint(p, len(pages) - 1)].insert(0, pages[p][b])


def split(pages: Pages, random: Random) -> None:
    """A bucket's rows come in two parts, the second on the next page."""
    if place := _place(pages, random):
        p, b = place
        whole = pages[p][b]
        at = random.randint(0, len(whole["results"]))
        pages[p][b] = whole | {"results": whole["results"][:at]}
        rest = whole | {"results": whole["results"][at:]}
        if p + 1 < len(pages):
            pages[p + 1].insert(0, rest)
        else:
            pages[p].append(rest)


def gap(pages: Pages, random: Random) -> None:
    """A bucket is missing, in all its parts, but not the last one; no page is empty thereby."""
    starts = sorted({b["start_time"] for page in pages for b in page})[:-1]
    if starts:
        start = random.choice(starts)
        left = [(page, [b for b in page if b["start_time"] != start]) for page in pages]
        pages[:] = [kept for page, kept in left if kept or not page]


def empty(pages: Pages, random: Random) -> None:
    """Up to five pages without a bucket, one after another."""
    at = random.randint(0, len(pages))
    pages[at:at] = [[] for _ in range(random.randint(1, 5))]


def reordered(pages: Pages, random: Random) -> None:
    """The buckets come in another order."""
    buckets = [b for page in pages for b in page]
    random.shuffle(buckets)
    for page in pages:
        page[:] = [buckets.pop() for _ in page]


def outside(pages: Pages, random: Random) -> None:
    """A bucket from before or after the window."""
    start = random.choice([START - DAY, START - 40 * DAY, END, END + DAY])
    random.choice(pages).append(bucket(start, [row("proj_1", 100_000)]))


def wide(pages: Pages, random: Random) -> None:
    """A bucket of two days, over days that come by themselves as well."""
    if place := _place(pages, random):
        p, b = place
        start = pages[p][b]["start_time"]
        pages[p].insert(b + 1, bucket(start, [row("proj_1", 100_000)], days=2))


def restated(pages: Pages, random: Random) -> None:
    """A bucket comes again, with another number for a project that it had."""
    if place := _place(pages, random):
        p, b = place
        rows = pages[p][b]["results"]
        if rows:
            other = pages[p][b] | {"results": [row(rows[0]["project_id"], 100_000), *rows[1:]]}
            pages[p].insert(b + 1, other)


SPLITS = (repeat, split, gap, empty, reordered, outside, wide)
FAULTS = (*SPLITS, restated)


class OddPages(IdleCaller):
    """Answers queries for costs with pages, the first query's with faults.

    Args:
        known: what there is.
        size: buckets on a page.
        faults: what goes wrong.
        random: where.
        again: whether they go wrong for later queries as well.
        short: how many days are missing at the end of the first answer, which says it is all.
        refuses: whether all queries but the first are refused.

    Attributes:
        queries: what was asked.
    """

    check_inputs = True

    def __init__(
        self,
        known: list[Bucket],
        *,
        size: int,
        faults: Sequence[Any] = (),
        random: Random,
        again: bool = False,
        short: int = 0,
        refuses: bool = False,
    ) -> None:
        self._known, self._size, self._random = known, size, random
        self._faults, self._again, self._short = faults, again, short
        self._refuses = refuses
        self._pages: list[Pages] = []
        self.queries: list[dict[str, str]] = []

    def server_now(self) -> datetime:
        return datetime.fromtimestamp(NOW, UTC)

    async def execute(self, call: Call) -> Any:
        query = dict(parse_qsl(urlsplit(call.request.target).query))
        self.queries.append(query)
        await asyncio.sleep(0)
        if self._refuses and self._pages and "page" not in query:
            raise APIConnectionError("The connection broke.")
        return decode(json.dumps(self._answer(query)).encode(), call.answer)

    def _answer(self, query: dict[str, str]) -> dict[str, Any]:
        if "page" in query:
            number, at = map(int, query["page"].split("-"))
        else:
            number, at = len(self._pages), 0
            self._pages.append(self._asked(int(query["start_time"]), int(query["end_time"])))
        pages = self._pages[number]
        more = f"{number}-{at + 1}" if at + 1 < len(pages) else None
        return {"data": pages[at], "has_more": more is not None, "next_page": more}

    def _asked(self, start: int, end: int) -> Pages:
        buckets = [b for b in self._known if start < b["end_time"] and b["start_time"] < end]
        first = not self._pages
        if first and self._short:
            buckets = buckets[: -self._short]
        pages = [buckets[i : i + self._size] for i in range(0, len(buckets), self._size)] or [[]]
        for fault in self._faults:
            # An empty page where the rest was asked for means that there is no more.
            if first or (self._again and fault is not empty):
                fault(pages, self._random)
        return pages
