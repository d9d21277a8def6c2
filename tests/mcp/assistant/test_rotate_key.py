"""The job of rotating a key: the new one goes to a place that the operator named alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.mcp.assistant.conftest import SINKS, Served, serving
from tests.mcp.assistant.halves import Half, Model
from tests.mcp.serving import http_client

pytestmark = pytest.mark.asyncio(loop_scope="module")

SUPPORT = {"account": "support-prod", "project": "Customer Support Assistant"}
FRAUD = {"account": "fraud-prod", "project": "Checkout Fraud Review"}
SEARCH = {"account": "search-indexer", "project": "Search Relevance"}
QUERY = {"account": "search-query", "project": "Search Relevance"}
VOICE = {"account": "voice-prod", "project": "Voice Notes"}
STUDIO = {"account": "studio-prod", "project": "Marketing Studio"}


def file_of(served: Served, sink: str) -> Path:
    return Path(served.means.sinks[sink].removeprefix("file:"))


async def keys_of(served: Served, account: str, project: str) -> list[str]:
    """The ids of the keys that a service account has."""
    (id,) = [p.id async for p in served.admin.projects.list(limit=100) if p.name == project]
    listed = served.admin.projects.api_keys.list(id, limit=100, owner_project_access="any")
    return [
        key.id
        async for key in listed
        if key.owner and key.owner.service_account and key.owner.service_account.name == account
    ]


@pytest.mark.parametrize(
    ("half", "of", "sink"), [("text", SUPPORT, "support"), ("structured", FRAUD, "fraud")]
)
async def test_a_service_accounts_key_is_rotated_in_two_calls(
    demo: Served, half: Half, of: dict[str, str], sink: str
) -> None:
    (old,) = await keys_of(demo, **of)
    async with http_client(demo.url) as client:
        model = Model(client, half)
        planned = await model.call("rotate_key", **of, sink=sink)
        assert old in planned
        assert not file_of(demo, sink).exists()
        done = await model.call("rotate_key", do=model.plan)
    assert not model.failed
    model.check_task()
    both = await keys_of(demo, **of)
    assert old in both  # until the overlap is over
    assert len(both) == 2
    (new,) = [key for key in both if key != old]
    assert new in done
    assert "overlap" in done
    written = file_of(demo, sink).read_text()
    secret = written.strip().removeprefix("OPENAI_API_KEY=")
    assert secret.startswith("sk-")
    assert secret not in planned
    assert secret not in done


async def test_the_old_key_is_deleted_when_the_overlap_is_over(demo: Served) -> None:
    (old,) = await keys_of(demo, **SEARCH)
    async with http_client(demo.url) as client:
        model = Model(client, "structured")
        await model.call("rotate_key", **SEARCH, sink="search")
        done = json.loads(await model.call("rotate_key", do=model.plan))
        # Before its time there is nothing to agree to, and it says when there is.
        early = json.loads(await model.call("rotate_key", **SEARCH, sink="search"))
        assert early["state"] == "overlap"
        assert "do" not in early
        assert early["due"] == done["due"]
        assert early["due"].endswith("Z")
        await model.call("rotate_key", **SEARCH, sink="search", action="finish")
        assert old in await keys_of(demo, **SEARCH)
        ended = json.loads(await model.call("rotate_key", do=model.plan))
    assert ended["state"] == "finished"
    assert await keys_of(demo, **SEARCH) == [ended["new_key"]] != [old]


async def test_a_rotation_without_an_overlap_is_planned_and_done_whole(demo: Served) -> None:
    (old,) = await keys_of(demo, **STUDIO)
    async with http_client(demo.url) as client:
        model = Model(client, "structured")
        planned = json.loads(
            await model.call("rotate_key", **STUDIO, sink="whole", action="finish")
        )
        assert old in planned["left"][-1]
        assert any(note.startswith("There is no overlap") for note in planned["notes"])
        assert await keys_of(demo, **STUDIO) == [old]
        done = json.loads(await model.call("rotate_key", do=model.plan))
    assert (done["state"], model.calls) == ("finished", 2)
    assert await keys_of(demo, **STUDIO) == [done["new_key"]] != [old]


async def test_without_a_sink_it_plans_and_says_what_is_missing(
    demo: Served, tmp_path: Path
) -> None:
    async with serving(tmp_path, demo.emulator) as served:
        (old,) = await keys_of(served, **STUDIO)
        async with http_client(served.url) as client:
            model = Model(client, "text")
            told = await model.call("rotate_key", **STUDIO)
            assert not model.failed
            assert old in told
            assert "--sink" in told
            assert "plan-" not in told
            await model.call("rotate_key", **STUDIO, sink="file:/tmp/x.env")
            assert model.failed
        assert await keys_of(served, **STUDIO) == [old]


async def test_a_sink_is_named_and_never_written(demo: Served) -> None:
    async with http_client(demo.url) as client:
        (tool,) = [
            t for t in (await client.list_tools()).tools if t.name == "openai_admin_rotate_key"
        ]
        schema: Any = tool.input_schema["properties"]["sink"]
        assert [*SINKS] in [choice.get("enum") for choice in (schema, *schema.get("anyOf", ()))]
        model = Model(client, "text")
        for place in ("file:/tmp/stolen.env", "command:cat", "suport"):
            told = await model.call("rotate_key", **SUPPORT, sink=place)
            assert model.failed
            assert "'support', 'fraud'" in told
        assert "did you mean 'support'" in told
        told = await model.call("rotate_key", **SUPPORT)
        assert model.failed
        assert "sink must name the place" in told
    assert not Path("/tmp/stolen.env").exists()


async def test_unknown_names_are_answered_with_the_nearest(demo: Served) -> None:
    project = SUPPORT["project"]
    async with http_client(demo.url) as client:
        model = Model(client, "text")
        told = await model.call("rotate_key", account="suport-prod", project=project, sink="studio")
        assert model.failed
        assert "did you mean 'support-prod'" in told
        told = await model.call(
            "rotate_key", account="support-prod", project="Custommer Support", sink="studio"
        )
        assert model.failed
        assert "did you mean 'Customer Support Assistant'" in told
        told = await model.call("rotate_key", account="support-prod", sink="studio")
        assert model.failed
        assert told.startswith("project must name")
        told = await model.call("rotate_key", project=project, key="any", sink="studio")
        assert model.failed
        assert told.startswith("account must name")
        told = await model.call("rotate_key", sink="studio")
        assert model.failed
        assert told.startswith("Name what has the key")
        # Of several keys it is not for a tool to choose one; they are listed.
        told = await model.call(
            "rotate_key", account="copilot-review", project="Developer Copilot", sink="studio"
        )
        assert model.failed
        assert "cannot be told" in told
        assert told.count("key_") == 2
        assert "--" not in told


async def test_a_sink_that_fails_loses_no_key(demo: Served, tmp_path: Path) -> None:
    refusing = {"vault": "command:sh -c 'cat >/dev/null; exit 7'"}
    async with serving(tmp_path, demo.emulator, places=refusing) as served:
        before = await keys_of(served, **STUDIO)
        async with http_client(served.url) as client:
            model = Model(client, "text")
            await model.call("rotate_key", **STUDIO)
            told = await model.call("rotate_key", do=model.plan)
        assert model.failed
        assert "exit code 7" in told
        assert before[0] in told
        assert "valid" in told
        assert await keys_of(served, **STUDIO) == before


async def test_a_plan_is_not_carried_out_once_another_key_is_meant(demo: Served) -> None:
    async with http_client(demo.url) as client:
        model = Model(client, "structured")
        await model.call("rotate_key", **VOICE, sink="voice")
        plan = model.plan
        # Somebody else rotates it into the same place meanwhile.
        await model.call("rotate_key", **VOICE, sink="voice")
        await model.call("rotate_key", do=model.plan)
        both = await keys_of(demo, **VOICE)
        told = json.loads(await model.call("rotate_key", do=plan))
    assert "done" not in told
    assert sorted(await keys_of(demo, **VOICE)) == sorted(both)


async def test_a_plan_of_a_key_that_is_gone_shows_what_would_be_done_now(demo: Served) -> None:
    (old,) = await keys_of(demo, **QUERY)
    async with http_client(demo.url) as client:
        model = Model(client, "structured")
        await model.call("rotate_key", **QUERY, sink="query")
        projects = demo.admin.projects
        (project,) = [p.id async for p in projects.list(limit=100) if p.name == QUERY["project"]]
        accounts = projects.service_accounts.list(project, limit=100)
        (account,) = [a.id async for a in accounts if a.name == QUERY["account"]]
        made = await projects.service_accounts.api_keys.create(project, account, name="by hand")
        await projects.api_keys.delete(project, old)
        changed = json.loads(await model.call("rotate_key", do=model.plan))
        assert changed["state"] == "changed"
        assert changed["old_key"] == made.id
        assert await keys_of(demo, **QUERY) == [made.id]
        assert not file_of(demo, "query").exists()
        done = json.loads(await model.call("rotate_key", do=changed["do"]))
    assert done["state"] == "overlap"
    assert sorted(await keys_of(demo, **QUERY)) == sorted([made.id, done["new_key"]])


async def test_the_key_of_the_server_itself_is_named_as_such(demo: Served) -> None:
    async with http_client(demo.url) as client:
        model = Model(client, "text")
        told = await model.call("rotate_key", key="Emulator", sink="studio")
    assert "is the key that this server runs with" in told
