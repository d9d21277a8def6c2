"""Runs on an API that refuses parts: what they gain, say, and ask for again."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from openai_admin import APIConnectionError, AsyncOpenAIAdmin, AuthenticationError
from openai_admin.emulator import Emulator, Status
from openai_admin.emulator.faults.fault import Exchange
from openai_admin.emulator.faults.payloads import JSONFault
from openai_admin.emulator.faults.refusals import Grouping, Lookback, ProjectFails, TooWide
from openai_admin.export import ENDPOINTS, export
from openai_admin.export.sources import DIRECTORY
from openai_admin.usage.refusals import API_KEY_COSTS_SINCE
from tests.cli.conftest import invoke
from tests.export.conftest import NOW
from tests.export.datasets import days, differences, endpoints_in, query, source
from tests.usage.refusing import RefusingServer, by

SINCE = NOW - timedelta(days=200)
TWO = ["completions", "costs"]
FLOOR = datetime.fromtimestamp(API_KEY_COSTS_SINCE, UTC).date()


def _requests(organization: Emulator, operation: str) -> int:
    count = sum(request.operation == operation for request in organization.requests)
    organization.requests.clear()
    return count


def _days_of(root: Path, endpoint: str) -> list[date]:
    return sorted(date.fromisoformat(day) for name, day in days(root) if name == endpoint)


@pytest.mark.parametrize("vague", [False, True])
async def test_a_look_back_of_90_days_is_gained_in_one_run(
    vague: bool, client: AsyncOpenAIAdmin, organization: Emulator, tmp_path: Path
) -> None:
    organization.faults.add(Lookback(match="usage.completions", days=90, vague=vague))
    arguments: dict[str, Any] = {"since": SINCE, "now": NOW, "endpoints": TWO}
    done = await export(client, tmp_path, **arguments)
    first = NOW.date() - timedelta(days=90)
    assert _days_of(tmp_path, "completions") == [first + timedelta(days=i) for i in range(91)]
    assert len(_days_of(tmp_path, "costs")) == 201
    (told,) = done.adapted
    assert told.startswith(f"Completions start on {first}: ")
    assert done.lost == done.adapted
    assert done.failed == done.missing == ()
    planned = math.ceil(201 / 31)
    extra = _requests(organization, "usage.completions") - planned
    assert extra <= (math.ceil(math.log2(200)) + 1 if vague else 2)

    again = await export(client, tmp_path, **arguments)
    assert again.written == 2 * 4
    assert again.lost == done.lost
    asked = _requests(organization, "usage.completions")
    assert asked == 1 + 2  # the days that are recent; the day before the first, by groups and not
    organization.faults.clear()  # what is known of the first day is not trusted
    wider = await export(client, tmp_path, **arguments)
    assert wider.lost == ()
    assert len(_days_of(tmp_path, "completions")) == 201


async def test_days_that_the_dataset_holds_are_not_lost(
    client: AsyncOpenAIAdmin, organization: Emulator, tmp_path: Path
) -> None:
    arguments: dict[str, Any] = {"since": NOW - timedelta(days=60), "now": NOW, "endpoints": TWO}
    await export(client, tmp_path, **arguments)
    held = days(tmp_path)
    organization.faults.add(Lookback(days=30))
    again = await export(client, tmp_path, restate_days=100, **arguments)
    (told,) = again.adapted
    assert told.startswith("Completions and costs start on ")
    assert again.lost == ()
    assert days(tmp_path) == held


async def test_an_endpoint_that_fails_is_named_and_the_others_are_finished(
    client: AsyncOpenAIAdmin, organization: Emulator, tmp_path: Path
) -> None:
    organization.faults.add(Status(status=400, match="usage.images"))
    organization.faults.add(Status(status=404, match="invites.list"))
    done = await export(client, tmp_path, since=NOW - timedelta(days=40), now=NOW)
    assert endpoints_in(tmp_path) == set(ENDPOINTS) - {"images", "invites"}
    images, invites = sorted(done.failed)
    assert images.startswith("images: ")
    assert "400" in images
    assert invites.startswith("invites: 404: ")
    # two parts, each once more without groups, since the refusal does not say what it is about
    assert _requests(organization, "usage.images") == 4
    organization.faults.clear()
    await export(client, tmp_path, since=NOW - timedelta(days=40), now=NOW)
    assert endpoints_in(tmp_path) == set(ENDPOINTS)
    assert len(_days_of(tmp_path, "images")) == 41


async def test_one_refused_project_costs_a_listing_only_what_is_its_own(
    client: AsyncOpenAIAdmin, organization: Emulator, tmp_path: Path
) -> None:
    refused = (await client.projects.list(limit=2)).data[1]
    organization.faults.add(ProjectFails(project=refused.id, status=403))
    listings = ["project_users", "project_api_keys", "projects"]
    arguments: dict[str, Any] = {"since": NOW, "now": NOW, "endpoints": listings}
    found = f"SELECT count(DISTINCT project_id) FROM {source(tmp_path, 'project_users')}"
    (told,) = (await export(client, tmp_path, **arguments)).refused
    assert told.startswith(f"project_users ({refused.name}) and project_api_keys ({refused.name}):")
    assert "the API answered 403, “" in told
    ((others,),) = query(found)
    organization.faults.clear()
    again = await export(client, tmp_path, **arguments)
    assert (again.refused, again.written, again.kept) == ((), 2, 1)
    assert query(found) == [(others + 1,)]
    assert (await export(client, tmp_path, **arguments)).kept == 3


async def test_a_listing_that_every_project_refuses_is_not_empty(
    client: AsyncOpenAIAdmin, organization: Emulator, tmp_path: Path
) -> None:
    organization.faults.add(Status(match="projects.users.list", status=403))
    done = await export(client, tmp_path, since=NOW, now=NOW, endpoints=["project_users", "groups"])
    assert [text.partition(":")[0] for text in done.refused] == ["project_users"]
    assert endpoints_in(tmp_path) == {"groups"}


async def test_where_nothing_could_be_fetched_the_error_is_raised(
    organization: Emulator, tmp_path: Path
) -> None:
    async with AsyncOpenAIAdmin("sk-admin-" + "0" * 40, base_url=organization.base_url) as stranger:
        with pytest.raises(AuthenticationError):
            await export(stranger, tmp_path, since=SINCE, now=NOW)
    nowhere = AsyncOpenAIAdmin(
        organization.admin_key, base_url="http://127.0.0.1:9/v1", max_retries=0
    )
    new = tmp_path / "new"
    async with nowhere:
        with pytest.raises(APIConnectionError):
            await export(nowhere, new, since=SINCE, now=NOW, endpoints=list(DIRECTORY))
    assert not new.exists()


async def test_wide_windows_that_fail_are_halved(
    client: AsyncOpenAIAdmin, organization: Emulator, tmp_path: Path
) -> None:
    async with AsyncOpenAIAdmin(
        organization.admin_key, base_url=organization.base_url, max_retries=0
    ) as impatient:
        arguments: dict[str, Any] = {"since": NOW - timedelta(days=40), "endpoints": TWO}
        await export(client, tmp_path / "plain", now=NOW, **arguments)
        organization.faults.add(TooWide(match="usage.*", window=10 * 86400.0))
        done = await export(impatient, tmp_path / "halved", now=NOW, **arguments)
    (told,) = done.adapted
    assert told.startswith("Completions and costs were asked for in narrower windows: ")
    assert done.lost == ()
    assert differences(tmp_path / "plain", tmp_path / "halved") == {}


async def test_a_field_that_is_refused_is_a_column_without_values(
    client: AsyncOpenAIAdmin, organization: Emulator, tmp_path: Path
) -> None:
    organization.faults.add(Grouping(match="usage.costs", fields=("line_item",)))
    done = await export(
        client, tmp_path, since=NOW - timedelta(days=30), now=NOW, endpoints="costs"
    )
    rows = query(f"SELECT count(line_item), count(project_id) > 0 FROM {source(tmp_path, 'costs')}")
    assert rows == [(0, True)]
    assert len(done.lost) == 1
    assert "Costs are not grouped by line_item" in done.lost[0]


async def test_costs_have_people_beside_projects_where_the_api_gives_both(tmp_path: Path) -> None:
    arguments: dict[str, Any] = {"since": NOW - timedelta(days=30), "now": NOW}
    people = "SELECT count(project_id) > 0, count(user_id) > 0 FROM "
    for both in (True, False):
        out = tmp_path / str(both)
        async with (
            Emulator(now=lambda: int(NOW.timestamp()), costs_by_project_and_user=both) as api,
            AsyncOpenAIAdmin(api.admin_key, base_url=api.base_url) as client,
        ):
            done = await export(client, out, endpoints="costs", **arguments)
            # The refusal speaks of the time: the newest day is asked for as well.
            assert _requests(api, "usage.costs") == (1 if both else 3)
        assert query(people + source(out, "costs")) == [(True, both)]
        assert done.lost == ()
        told = [text.partition(" (")[0] for text in done.adapted]
        refused = "Costs are not grouped by user_id: the API refuses that"
        assert told == ([] if both else [refused])


@pytest.mark.parametrize("told", ["from {date} on", "before a certain day"])
async def test_keys_of_costs_begin_where_the_api_has_them(told: str, tmp_path: Path) -> None:
    message = f"api_key_id cannot be grouped by: {told.format(date=FLOOR)}."
    rule = by("api_key_id", message, since=API_KEY_COSTS_SINCE, param="group_by")
    arguments: dict[str, Any] = {
        "since": FLOOR - timedelta(days=100),
        "now": datetime(2026, 6, 1, tzinfo=UTC),
        "endpoints": "costs",
    }
    async with RefusingServer(rule) as server, server.client() as client:
        done = await export(client, tmp_path, **arguments)
        assert len(server.asked) <= math.ceil(done.written / 180) + 2
    keyed = f"SELECT date, api_key_id FROM {source(tmp_path, 'costs')}"
    found = dict(query(keyed))
    assert len(found) == done.written == 278
    assert all((key is None) == (day < FLOOR) for day, key in found.items())
    assert len(done.lost) == 1


@pytest.mark.parametrize("ahead", [6, -6])
async def test_a_clock_that_is_days_off_leaves_no_wrong_day(ahead: int, tmp_path: Path) -> None:
    """What the server's answers tell is what counts."""

    def now() -> int:
        return int((datetime.now(UTC) - timedelta(days=ahead)).timestamp())

    async with Emulator(now=now) as organization:
        today = datetime.fromtimestamp(now(), UTC).date()
        async with AsyncOpenAIAdmin(
            organization.admin_key, base_url=organization.base_url
        ) as client:
            await export(client, tmp_path, since=today - timedelta(days=3), endpoints=TWO)
    for endpoint in TWO:
        assert _days_of(tmp_path, endpoint)[-2:] == [today - timedelta(days=1), today]


async def test_folders_that_are_no_partition_are_told(
    client: AsyncOpenAIAdmin, tmp_path: Path
) -> None:
    arguments: dict[str, Any] = {"since": NOW - timedelta(days=3), "now": NOW, "endpoints": "costs"}
    for name in ("facts/costs/month=soon", "facts/costs/date=2026-11-01", "facts/other"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "endpoint=costs").mkdir()  # as datasets of another layout have
    done = await export(client, tmp_path, **arguments)
    assert len(done.notes) == 4
    assert all("was left alone" in note for note in done.notes)
    assert done.written == 4


@attrs.frozen(kw_only=True)
class Huge(JSONFault):
    """The first amount of a page is larger than any dataset holds."""

    def change(self, value: dict[str, Any], exchange: Exchange) -> Any:
        value["data"][0]["results"][0]["amount"]["value"] = "1e30"
        return value


async def test_a_number_that_is_too_large_costs_its_cell(
    client: AsyncOpenAIAdmin, organization: Emulator, tmp_path: Path
) -> None:
    organization.faults.add(Huge(match="usage.costs"))
    done = await export(client, tmp_path, since=NOW - timedelta(days=9), now=NOW, endpoints="costs")
    assert (done.missing, done.unreadable) == ((), 1)
    assert len(_days_of(tmp_path, "costs")) == 10


@pytest.mark.parametrize(("flag", "code"), [((), 1), (("--allow-missing",), 0)])
async def test_the_command_says_so(
    flag: tuple[str, ...],
    code: int,
    emulator: Emulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", emulator.base_url)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", emulator.admin_key)
    emulator.faults.add(Lookback(match="usage.completions", days=90))
    emulator.faults.add(Status(status=400, match="usage.images"))
    command = ("export", str(tmp_path / "out"), "--since", "120d", "--endpoints")
    done = await invoke(*command, "completions,images,costs", *flag)
    assert done.code == code
    assert done.err.count("Completions start on ") == 1
    assert "What could not be fetched to the end: images: " in done.err
    assert "The dataset lacks what the API refused." in done.err
