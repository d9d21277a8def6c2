"""What a call that was not sent is to those that are made of many: not known, with the reason."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime, timedelta

import pytest

from benchmarks import virtual_time
from benchmarks.seams import SeededClient
from openai_admin import AsyncOpenAIAdmin, RateLimitError, UsageWindowError
from openai_admin.cli.errors import explain as explained_in_terminal
from openai_admin.cli.unanswered import end_unanswered
from openai_admin.directory.check import check
from openai_admin.emulator import Emulator, Status
from openai_admin.insights import review
from openai_admin.insights.findings import FINDINGS
from openai_admin.mcp.failures import explain as explained_to_assistant
from openai_admin.resources.audit_logs.outage import can_pass
from openai_admin.usage.telling import told_missing

HOUR = timedelta(hours=1)


@contextlib.asynccontextmanager
async def _held(*operations: str) -> AsyncIterator[AsyncOpenAIAdmin]:
    """A client without patience, of which some operations are held for an hour."""
    clock = asyncio.get_running_loop().time
    async with (
        Emulator(state="empty", clock=clock) as emulator,
        SeededClient(emulator, clock=clock) as client,
    ):
        for match in operations:
            emulator.faults.add(Status(status=429, match=match, retry_after=3_600, times=1))
        since = datetime.now(UTC) - 2 * HOUR
        for name in operations:
            with contextlib.suppress(RateLimitError):
                if name == "usage.costs":
                    await client.usage.costs(start_time=since)
                elif name == "usage.completions":
                    await client.usage.completions(start_time=since)
                else:
                    await client.users.list()
        yield client.with_options(wait=0)


def _run(scenario: Callable[[], Coroutine[None, None, None]]) -> None:
    virtual_time.run(scenario())


def test_a_table_names_the_windows_and_says_why_once() -> None:
    async def scenario() -> None:
        async with _held("usage.completions") as client:
            table = await client.usage.collect(
                ["completions", "embeddings"],
                start_time=datetime.now(UTC) - 900 * HOUR,
                bucket_width="1h",
                partial=True,
            )
            assert {gap.endpoint for gap in table.missing} == {"completions"}
            assert all(isinstance(gap.error, RateLimitError) for gap in table.missing)
            (clause,) = told_missing([*table.missing, *table.missing])
            assert clause.startswith("completions from ")
            assert clause.endswith(
                "not sent: its turn at the API's pace would come too late, in 1 h"
            )
            # No refusal that a query might do without, and no empty result.
            with pytest.raises(UsageWindowError, match="could not be fetched"):
                end_unanswered(table.missing, allowed=True)

    _run(scenario)


def test_a_review_does_not_know_it_and_says_why() -> None:
    async def scenario() -> None:
        async with _held("users.list") as client:
            found = await review(client)
            unknown = [k for k in FINDINGS if found.is_about(k) and getattr(found, k) is None]
            assert unknown
            for key in unknown:
                (said,) = FINDINGS[key].sentences(found)
                why = "its turn at the API's pace would come too late, in 1 h"
                assert said.startswith(f"Not checked: it was not sent: {why} (")

    _run(scenario)


def test_a_check_of_the_key_does_not_call_it_refused() -> None:
    async def scenario() -> None:
        async with _held("users.list") as client:
            found = await check(client._caller, address="")
            (users,) = (part for part in found.parts if part.name == "users")
            assert users.state == "not known"
            assert "users.list was not sent: held after a 429" in (users.reason or "")
            assert "its turn would come in 1 h, and wait allows 0 s" in (users.reason or "")

    _run(scenario)


def test_what_is_made_of_many_reads_tells_the_hour_that_a_refusal_asks_for() -> None:
    async def scenario() -> None:
        clock = asyncio.get_running_loop().time
        async with (
            Emulator(state="empty", clock=clock) as emulator,
            SeededClient(emulator, clock=clock) as client,
        ):
            for match in ("users.list", "usage.costs"):
                emulator.faults.add(Status(status=429, match=match, retry_after=3_600))
            found = await check(client._caller, address="")
            (users,) = (part for part in found.parts if part.name == "users")
            assert (users.reason or "").endswith("; it may pass in 1 h.")
        async with (
            Emulator(state="empty", clock=clock) as emulator,
            SeededClient(emulator, clock=clock) as client,
        ):
            emulator.faults.add(Status(status=429, match="usage.costs", retry_after=3_600))
            reasons = {part.reason for part in (await review(client)).not_known}
            assert any(reason.endswith("”; it may pass in 1 h") for reason in reasons)

    _run(scenario)


def test_each_surface_says_it_in_its_own_words() -> None:
    advice = "A call with wait=… seconds waits longer."
    error = RateLimitError.unsent("users.list was not sent.", retry_after=73.2, advice=advice)
    assert str(error) == f"users.list was not sent. {advice}"
    assert explained_in_terminal(error) == ("users.list was not sent.", 1)
    assert explained_to_assistant(error) == (
        "users.list was not sent. Call again in 74 s, or ask for less."
    )
    assert can_pass(error)  # whoever follows the audit log goes on
