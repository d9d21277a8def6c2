"""The guard on the demo organization, over a real socket: a key that is used ten times as much."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest
import pytest_asyncio

from openai_admin import AsyncOpenAIAdmin
from openai_admin.audit.guard.findings import KeyBurst, Look
from openai_admin.audit.guard.looking import Guard
from openai_admin.audit.guard.running import looks
from openai_admin.audit.guard.settings import GuardSettings
from openai_admin.cli.guard_text import text_of
from openai_admin.emulator import Emulator, Status
from openai_admin.emulator.faults import Grouping, Latency
from tests.cli.conftest import Outcome, invoke

NOW = 1_795_512_345  # a Tuesday morning
BEGAN = NOW // 60 * 60 - 15 * 60


@attrs.define
class Clock:
    """The emulator's time."""

    now: int = NOW

    def __call__(self) -> int:
        return self.now


pytestmark = pytest.mark.asyncio(loop_scope="module")
_CLOCK = Clock()


@pytest.fixture
def clock() -> Clock:
    _CLOCK.now = NOW
    return _CLOCK


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def organization() -> AsyncIterator[Emulator]:
    """The demo, of which usage is reported after five minutes."""
    async with Emulator(now=_CLOCK, reporting_delay=300) as emulator:
        yield emulator


@pytest.fixture
def leaky(organization: Emulator, clock: Clock) -> Emulator:
    """The demo, in which nothing has happened yet."""
    organization.faults.clear()
    organization.store.bursts.clear()
    return organization


def project_of(emulator: Emulator) -> str:
    """The project of the key that is used too much: what is watched alone takes less time."""
    (project,) = {
        str(stream.dimensions["project_id"])
        for stream in emulator.store.meter.streams
        if stream.daily == 64_000
    }
    return project


def key_of(emulator: Emulator) -> str:
    """The key of the service that costs most of those that are used in the morning."""
    (key,) = {
        str(stream.dimensions["api_key_id"])
        for stream in emulator.store.meter.streams
        if stream.daily == 64_000
    }
    return key


def burst_of(emulator: Emulator, *, minutes: int = 30) -> str:
    key = key_of(emulator)
    emulator.burst(key, factor=10, minutes=minutes, start=BEGAN)
    return key


def client_of(emulator: Emulator) -> AsyncOpenAIAdmin:
    return AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url, max_retries=0)


async def looked(emulator: Emulator, **settings: Any) -> Look:
    async with client_of(emulator) as client:
        return await guard_of(emulator, client, **settings).look()


def guard_of(emulator: Emulator, client: AsyncOpenAIAdmin, **settings: Any) -> Guard:
    """A guard of the one project."""
    return Guard(client, GuardSettings(**{"project_ids": [project_of(emulator)], **settings}))


async def test_a_quiet_organization_has_no_burst(leaky: Emulator) -> None:
    look = await looked(leaky, project_ids=[])
    assert look.news == look.bursts == ()
    assert look.not_known == ()
    assert look.reported is not None
    assert 240 <= NOW - look.reported.timestamp() <= 360


async def test_a_burst_is_found_with_its_cost_its_owner_and_what_can_be_done(
    leaky: Emulator,
) -> None:
    key = burst_of(leaky)
    look = await looked(leaky)
    (burst,) = look.news
    assert (burst.key_id, burst.ended, burst.is_new) == (key, False, False)
    assert burst.began == datetime.fromtimestamp(BEGAN, UTC)
    assert burst.found.timestamp() - burst.began.timestamp() <= 300
    assert burst.ratio == pytest.approx(10, rel=0.3)
    assert burst.cost is not None
    assert float(burst.cost) == pytest.approx(burst.used, abs=0.01)
    assert burst.cost_per_hour is not None
    assert float(burst.cost_per_hour) == pytest.approx(
        burst.used / (burst.last - burst.began).total_seconds() * 3600, rel=0.3
    )
    assert (burst.holder.kind, burst.holder.name) == ("service_account", "copilot-prod")
    assert burst.holder.created_at is not None
    assert [p.action for p in burst.proposals] == ["limit", "limit", "rotate", "delete"]
    assert burst.why_no_limit is None
    assert burst.not_known == ()
    assert "is used" in burst.summary
    assert f"about ${burst.cost_per_hour:,.2f} an hour" in burst.summary


async def test_a_limit_is_never_lower_than_what_the_project_needs(leaky: Emulator) -> None:
    burst_of(leaky)
    (burst,) = (await looked(leaky)).news
    for proposal in burst.proposals[:2]:
        busiest = await _busiest(leaky, str(burst.project_id), str(proposal.model))
        assert proposal.new["max_requests_per_1_minute"] >= 2 * busiest
        assert proposal.new["max_requests_per_1_minute"] < proposal.old["max_requests_per_1_minute"]
        assert "the whole project" in proposal.what


async def _busiest(emulator: Emulator, project: str, model: str) -> int:
    """Requests in the busiest minute of the day before the burst."""
    async with client_of(emulator) as client:
        table = await client.usage.collect(
            ["completions"],
            start_time=datetime.fromtimestamp(BEGAN - 86_400, UTC),
            end_time=datetime.fromtimestamp(BEGAN, UTC),
            bucket_width="1m",
            project_ids=[project],
            models=[model],
        )
    return max(count or 0 for count in table["num_model_requests"])


async def test_one_burst_is_one_finding_that_ends(leaky: Emulator, clock: Clock) -> None:
    burst_of(leaky)
    told: list[tuple[int, KeyBurst]] = []
    async with client_of(leaky) as client:
        guard = guard_of(leaky, client)
        for minute in range(0, 60, 5):
            told += [(minute, burst) for burst in (await guard.look()).news]
            clock.now += 5 * 60
    assert len({burst.identity for _, burst in told}) == 1
    assert [burst.ended for _, burst in told[:-1]] == [False] * (len(told) - 1)
    _, last = told[-1]
    assert last.ended
    assert last.last.timestamp() == BEGAN + 30 * 60
    assert "was used" in last.summary
    assert last.proposals == told[0][1].proposals


async def test_where_costs_are_refused_tokens_are_weighed(leaky: Emulator) -> None:
    key = burst_of(leaky)
    leaky.faults.add(Status(match="usage.costs", status=403))
    look = await looked(leaky)
    (burst,) = look.news
    assert (burst.key_id, burst.unit, burst.cost, burst.cost_per_hour) == (
        key,
        "tokens",
        None,
        None,
    )
    assert "whose cost is not known" in burst.summary
    assert any("costs" in each for each in look.not_known)


async def test_an_endpoint_that_is_refused_is_named_and_the_rest_watched(leaky: Emulator) -> None:
    key = burst_of(leaky)
    leaky.faults.add(Status(match="usage.images", status=403))
    look = await looked(leaky)
    assert [burst.key_id for burst in look.news] == [key]
    assert any("images" in each for each in look.not_known)


async def test_usage_that_is_not_told_by_key_is_named(leaky: Emulator) -> None:
    burst_of(leaky)
    leaky.faults.add(Grouping(match="usage.*", fields=("api_key_id",)))
    look = await looked(leaky)
    assert look.news == ()
    assert any("api_key_id" in each for each in look.not_known)


async def test_what_cannot_be_looked_up_is_named_and_the_burst_stands(leaky: Emulator) -> None:
    key = burst_of(leaky)
    for operation in ("projects.api_keys.*", "projects.rate_limits.list"):
        leaky.faults.add(Status(match=operation, status=403))
    (burst,) = (await looked(leaky)).news
    assert (burst.key_id, burst.holder.name) == (key, None)
    assert [proposal.action for proposal in burst.proposals] == ["delete"]
    assert burst.why_no_limit == "the project's limits are not known"
    assert any("rate limits of projects" in each for each in burst.not_known)
    assert any("keys of projects" in each for each in burst.not_known)


async def test_why_no_limit_can_be_lowered_is_told(leaky: Emulator) -> None:
    burst_of(leaky)
    fields = ("max_requests_per_1_minute", "max_tokens_per_1_minute")
    async with client_of(leaky) as client:
        project, limits = project_of(leaky), client.projects.rate_limits
        before = [each async for each in limits.list(project)]
        for limit in before:
            await limits.update(project, limit.id, **dict.fromkeys(fields, 1))
        (burst,) = (await looked(leaky)).news
        for limit in before:  # others use the same organization
            await limits.update(project, limit.id, **{f: getattr(limit, f) for f in fields})
    assert [proposal.action for proposal in burst.proposals] == ["rotate", "delete"]
    assert burst.why_no_limit is not None
    assert "in its busiest minute is no less than" in burst.why_no_limit
    assert f"none is proposed to be lowered: {burst.why_no_limit}\n" in text_of(burst)


async def test_a_look_that_fails_is_told_and_the_next_goes_on(
    leaky: Emulator, clock: Clock
) -> None:
    async with client_of(leaky) as client:
        found = looks(guard_of(leaky, client), every=0.01)
        assert isinstance(await anext(found), Look)
        leaky.faults.add(Status(match="usage.*", status=500))
        failed = await anext(found)
        assert isinstance(failed, Look)
        assert failed.not_known
        leaky.faults.clear()
        key = burst_of(leaky)
        clock.now += 60
        look = await anext(found)
        assert isinstance(look, Look)
        assert look.not_known == ()
        assert [burst.key_id for burst in look.news] == [key]
        await found.aclose()


async def test_a_look_that_hangs_is_given_up(leaky: Emulator) -> None:
    async with client_of(leaky) as client:
        guard = guard_of(leaky, client)
        await guard.look()
        leaky.faults.add(Latency(match="usage.*", seconds=30))
        found = looks(guard, every=0.01, longest=0.5)
        told = await anext(found)
        await found.aclose()
    assert told == "A look took longer than 0.5 s, and was given up; the next one begins."


async def test_the_client_looks_once(leaky: Emulator) -> None:
    key = burst_of(leaky)
    async with client_of(leaky) as client:
        look = await client.audit.guard(project_ids=[project_of(leaky)])
    assert [burst.key_id for burst in look.news] == [key]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, leaky: Emulator) -> Any:
    """Runs the command on the demo organization."""
    monkeypatch.setenv("OPENAI_BASE_URL", leaky.base_url)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", leaky.admin_key)

    async def run(*arguments: str) -> Outcome:
        return await invoke("guard", "--project", project_of(leaky), *arguments)

    return run


async def test_the_command_ends_with_3_where_a_key_leaks(cli: Any, leaky: Emulator) -> None:
    assert (await cli("--once")).code == 0
    key = burst_of(leaky)
    found = await cli("--once")
    assert found.code == 3
    (row,) = json.loads(found.out)
    assert (row["detection"], row["key_id"]) == ("key_burst", key)
    assert row["done"] == []
    assert "1 key is used far more than usual." in found.err
    shown = await cli("--once", "--format", "table")
    assert shown.code == 3
    assert "openai-admin projects api-keys delete" in shown.out
    assert "owner    service account copilot-prod" in shown.out


async def test_the_command_ends_with_1_where_something_is_not_known(
    cli: Any, leaky: Emulator
) -> None:
    leaky.faults.add(Status(match="usage.embeddings", status=403))
    found = await cli("--once")
    assert found.code == 1
    assert "embeddings" in found.err


async def test_do_limit_lowers_the_limit_and_says_how_to_undo_it(
    cli: Any, leaky: Emulator, tmp_path: Path
) -> None:
    key = burst_of(leaky)
    state = str(tmp_path / "guard.json")
    found = await cli("--once", "--do", "limit", "--state", state)
    assert found.code == 3
    (row,) = json.loads(found.out)
    project = row["project_id"]
    done = {d["undo"]: d for d in row["done"]}
    assert [d["succeeded"] for d in done.values()] == [True, True]
    for proposal in row["proposals"][:2]:
        limit = await _limit(leaky, project, proposal["rate_limit_id"])
        assert {field: getattr(limit, field) for field in proposal["new"]} == proposal["new"]
        assert proposal["undo"] in done
        arguments = proposal["undo"].split()[1:]
        assert (await invoke(*arguments)).code == 0
        limit = await _limit(leaky, project, proposal["rate_limit_id"])
        assert {field: getattr(limit, field) for field in proposal["old"]} == proposal["old"]
    again = await cli("--once", "--do", "limit", "--state", state)
    assert (again.code, json.loads(again.out)) == (0, [])
    assert key in Path(state).read_text()
    async with client_of(leaky) as client:
        assert await client.projects.api_keys.retrieve(project, key)  # nothing was deleted


async def _limit(emulator: Emulator, project: str, id: str) -> Any:
    async with client_of(emulator) as client:
        listed = [each async for each in client.projects.rate_limits.list(project, limit=100)]
    (found,) = [each for each in listed if each.id == id]
    return found


async def test_a_limit_that_cannot_be_lowered_is_said_to_be_as_it_was(
    cli: Any, leaky: Emulator
) -> None:
    burst_of(leaky)
    leaky.faults.add(Status(match="projects.rate_limits.update", status=403))
    found = await cli("--once", "--do", "limit")
    assert found.code == 3
    (row,) = json.loads(found.out)
    assert [d["succeeded"] for d in row["done"]] == [False, False]
    assert [d["undo"] for d in row["done"]] == [None, None]
    assert "was not lowered" in found.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--threshold", "0.5"), "--threshold must be more than 1"),
        (("--every", "1"), "--every must be 10 seconds or more"),
        (("--keys", "sk-secret"), "--keys takes ids of keys"),
        (("--keys", ","), "--keys must name a key"),
        (("--once", "--project", "Nowhere"), "There is no project named 'Nowhere'"),
    ],
)
async def test_wrong_use(cli: Any, arguments: tuple[str, ...], said: str) -> None:
    found = await cli(*arguments)
    assert found.code == 2
    assert said in found.err


async def test_a_file_of_something_else_is_no_state(cli: Any, tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_text("[]")
    found = await cli("--once", "--state", str(file))
    assert found.code == 2
    assert "is not a file that 'guard --state' wrote" in found.err
