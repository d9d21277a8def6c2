"""The same done for each of many things: few are begun at a time."""

import asyncio

import pytest

from openai_admin._transport.tasks import AT_ONCE, each


async def test_few_are_begun_at_a_time_and_results_keep_the_order_of_the_things():
    under_way, most = 0, 0

    async def work(thing):
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        for _ in range(thing % 3):  # some take longer than others
            await asyncio.sleep(0)
        under_way -= 1
        return -thing

    things = range(10 * AT_ONCE)

    assert await each(things, work) == [-thing for thing in things]
    assert most == AT_ONCE


async def test_the_first_error_ends_the_others_and_nothing_more_is_begun():
    begun = []

    async def work(thing):
        begun.append(thing)
        if thing == 1:
            raise LookupError("no such thing")
        await asyncio.Event().wait()

    with pytest.raises(LookupError, match="no such thing"):
        await each(range(1000), work)

    assert begun == list(range(AT_ONCE))


async def test_nothing_comes_of_nothing():
    assert await each([], asyncio.sleep) == []
