"""Whatever pages come, a sum is exact, or what is missing from it is named."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given, seed, settings
from hypothesis import strategies as st

from openai_admin._declare.resource import Async
from openai_admin.errors import PaginationError, UsageWindowError
from openai_admin.usage.queries import UsageQueries
from openai_admin.usage.table import UsageTable
from tests.usage.odd_pages import (
    DAYS,
    END,
    FAULTS,
    SPLITS,
    START,
    OddPages,
    bucket,
    empty,
    row,
    split,
    truth,
)
from tests.usage.times import DAY

Sums = dict[tuple[int, str], Decimal]


def expected(known: Iterable[Any]) -> Sums:
    """What each project cost on each day."""
    return {
        (b["start_time"], r["project_id"]): Decimal(r["amount"]["value"])
        for b in known
        for r in b["results"]
    }


def collected(api: OddPages) -> UsageTable:
    usage = UsageQueries[Async](api)
    return asyncio.run(
        usage.collect("costs", start_time=START, end_time=END, group_by=["project_id"])
    )


def sums_of(table: UsageTable) -> Sums:
    sums: Sums = {}
    for each in table.rows():
        key = int(each["start_time"].timestamp()), each["project_id"]
        sums[key] = sums.get(key, Decimal(0)) + each["amount"]
    return sums


def listed(api: OddPages) -> Sums:
    async def walk() -> Sums:
        sums: Sums = {}
        usage = UsageQueries[Async](api)
        async for each in usage.costs(start_time=START, end_time=END, group_by=["project_id"]):
            for found in each.results:
                key = int(each.start_time.timestamp()), str(found.project_id)
                assert found.amount is not None
                assert found.amount.value is not None
                sums[key] = sums.get(key, Decimal(0)) + found.amount.value
        return sums

    return asyncio.run(walk())


class Lines(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@seed(13)
@settings(max_examples=400, deadline=None)
@given(
    number=st.integers(0, 10**9),
    faults=st.lists(st.sampled_from(FAULTS), min_size=1, max_size=4),
    size=st.integers(1, DAYS),
    again=st.booleans(),
    short=st.sampled_from([0, 0, 1, 4]),
)
def test_a_table_is_exact_or_names_what_is_missing(
    number: int, faults: list[Any], size: int, again: bool, short: int
) -> None:
    # After empty pages the walk goes on from the end of the last bucket, and nothing tells that
    # more of it would have come behind them.
    assume(not (split in faults and empty in faults))
    random = Random(number)
    known = truth(random)
    api = OddPages(known, size=size, faults=faults, random=random, again=again, short=short)
    try:
        table = collected(api)
    except UsageWindowError:
        return
    missing = {
        day for each in table.missing for day in range(each.window.start, each.window.end, DAY)
    }
    wanted = {key: value for key, value in expected(known).items() if key[0] not in missing}
    assert sums_of(table) == wanted
    assert table["start_time"] == sorted(table["start_time"])
    assert len(api.queries) <= 3 * DAYS + 12


@seed(13)
@settings(max_examples=300, deadline=None)
@given(
    number=st.integers(0, 10**9),
    faults=st.lists(st.sampled_from(SPLITS), min_size=1, max_size=4),
    size=st.integers(1, DAYS),
    short=st.sampled_from([0, 0, 1, 4]),
)
def test_a_listing_counts_nothing_twice_and_logs_what_it_leaves_out(
    number: int, faults: list[Any], size: int, short: int
) -> None:
    random = Random(number)
    known = truth(random)
    api = OddPages(known, size=size, faults=faults, random=random, short=short)
    log, lines = logging.getLogger("openai_admin"), Lines()
    log.addHandler(lines)
    try:
        found = listed(api)
    except PaginationError:
        return
    finally:
        log.removeHandler(lines)
    wanted = expected(known)
    assert found.items() <= wanted.items() or lines.lines
    assert all(value <= wanted[key] for key, value in found.items())
    assert found == wanted or lines.lines


# --- one by one --------------------------------------------------------------------------------

KNOWN = truth(Random(1))


def odd(fault: Any, *, again: bool = False, size: int = 5) -> OddPages:
    return OddPages(KNOWN, size=size, faults=[fault], random=Random(3), again=again)


def test_a_whole_answer_takes_no_further_request() -> None:
    api = OddPages(KNOWN, size=5, random=Random(1))
    table = collected(api)
    assert sums_of(table) == expected(KNOWN)
    assert len(api.queries) == 3
    assert (table.missing, table.notes) == ([], [])


def test_a_bucket_that_comes_again_counts_once_and_is_told() -> None:
    def again(pages: Any, random: Random) -> None:
        pages[1].insert(0, next(b for b in pages[0] if b["results"]))

    api = odd(again)
    table = collected(api)
    assert sums_of(table) == expected(KNOWN)
    assert len(api.queries) == 3
    (note,) = table.notes
    assert "came again; counted once" in note
    assert table.totals().notes[0] == note


def test_buckets_that_come_again_share_a_sentence(caplog: pytest.LogCaptureFixture) -> None:
    def again(pages: Any, random: Random) -> None:
        pages[1][:0] = pages[0]

    table = collected(odd(again, size=6))
    several = sum(bool(each["results"]) for each in KNOWN[:6])
    assert several > 3
    (note,) = table.notes
    assert f"{several} buckets came again; counted once: those of " in note
    assert note.endswith(f" and {several - 3} more.")
    assert len([line for line in caplog.messages if "came again" in line]) == 1


def test_a_gap_is_asked_for_once_and_then_named() -> None:
    def lose(pages: Any, random: Random) -> None:
        pages[:] = [[b for b in page if b["start_time"] != START + 4 * DAY] for page in pages]

    healed = odd(lose)
    assert sums_of(collected(healed)) == expected(KNOWN)
    assert healed.queries[-1]["start_time"] == str(START + 4 * DAY)
    assert healed.queries[-1]["end_time"] == str(START + 5 * DAY)
    table = collected(odd(lose, again=True))
    (missing,) = table.missing
    assert (missing.window.start, missing.window.end) == (START + 4 * DAY, START + 5 * DAY)
    assert "no answer has a bucket" in str(missing)


def test_an_answer_that_ends_too_early_is_asked_for_the_rest_once() -> None:
    api = OddPages(KNOWN, size=30, random=Random(1), short=5)
    table = collected(api)
    assert sums_of(table) == expected(KNOWN)
    assert [q["start_time"] for q in api.queries] == [str(START), str(END - 5 * DAY)]


def test_a_rest_that_does_not_come_was_quiet() -> None:
    api = OddPages(KNOWN[:7], size=30, random=Random(1))
    table = collected(api)
    assert sums_of(table) == expected(KNOWN[:7])
    assert len(api.queries) == 2
    assert table.missing == []


def test_a_rest_that_is_refused_is_a_gap_with_its_reason() -> None:
    api = OddPages(KNOWN, size=30, random=Random(1), short=5, refuses=True)
    table = collected(api)
    assert sums_of(table) == expected(KNOWN[:-5])
    (missing,) = table.missing
    assert (missing.window.start, missing.window.end) == (END - 5 * DAY, END)
    assert "The connection broke." in str(missing)


def test_a_gap_whose_request_is_refused_keeps_the_rest() -> None:
    def lose(pages: Any, random: Random) -> None:
        pages[:] = [[b for b in page if b["start_time"] != START + 4 * DAY] for page in pages]

    api = OddPages(KNOWN, size=5, faults=[lose], random=Random(3), refuses=True)
    table = collected(api)
    assert sums_of(table) == expected([*KNOWN[:4], *KNOWN[5:]])
    (missing,) = table.missing
    assert (missing.window.start, missing.window.end) == (START + 4 * DAY, START + 5 * DAY)
    assert "The connection broke." in str(missing)


def test_numbers_that_contradict_each_other_are_asked_for_again() -> None:
    def restate(pages: Any, random: Random) -> None:
        pages[0].append(bucket(START, [row("proj_9", 1)]))
        pages[0].append(bucket(START, [row("proj_9", 2)]))

    known = [bucket(START, [row("proj_9", 2)]), *KNOWN[1:]]
    api = OddPages(known, size=5, faults=[restate], random=Random(1))
    assert sums_of(collected(api)) == expected(known)
    still = OddPages(known, size=5, faults=[restate], random=Random(1), again=True)
    table = collected(still)
    assert [m.window.start for m in table.missing] == [START]
    assert min(table["start_time"]).timestamp() > START


def test_more_pages_than_buckets_are_an_error() -> None:
    def endless(pages: Any, random: Random) -> None:
        pages[:] = [pages[0]] * 100

    api = odd(endless)
    with pytest.raises(UsageWindowError, match="more pages than the 12 buckets"):
        collected(api)
    assert len(api.queries) == DAYS + 1
