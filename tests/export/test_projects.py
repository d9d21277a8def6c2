"""Datasets of some projects: what is in them, and what they do not mix with."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin, InvalidInputError
from openai_admin.emulator import Emulator
from openai_admin.export import export
from openai_admin.export.sources import DIRECTORY
from tests.cli.conftest import invoke
from tests.export.conftest import NOW, Clock, Twice
from tests.export.datasets import endpoints_in, query, source

SINCE = NOW - timedelta(days=4)
OF_ORGANIZATION = {"users", "groups", "invites", "admin_api_keys"}


def _contents(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def _ids(organization: Emulator) -> list[str]:
    """Two projects that are used."""
    names = ("Data Platform", "Developer Copilot")
    return [p["id"] for p in organization.store.projects if p["name"] in names]


async def test_it_has_of_a_dataset_of_all_what_is_of_its_projects(
    twice: Twice, tmp_path: Path
) -> None:
    async with (
        Emulator(now=Clock()) as organization,
        AsyncOpenAIAdmin(organization.admin_key, base_url=organization.base_url) as client,
    ):
        ids = _ids(organization)
        done = await export(client, tmp_path, since=SINCE, now=NOW, project_ids=ids)
    told = (
        "Left out, since it is of the whole organization: users, groups, invites, admin_api_keys."
    )
    assert told in done.notes
    assert done.refused == done.failed == done.missing == ()
    assert endpoints_in(tmp_path) == endpoints_in(twice.root) - OF_ORGANIZATION
    for name in endpoints_in(tmp_path):
        column = "id" if name == "projects" else "project_id"
        these = f"FROM {source(twice.root, name)} WHERE {column} IN ('{ids[0]}', '{ids[1]}')"
        if name not in DIRECTORY:
            these += f" AND date >= '{SINCE.date()}'"
        (rows,) = query(f"SELECT count(*) {these}")
        assert query(f"SELECT count(*) FROM {source(tmp_path, name)}") == [rows], name
        only = f"({these}) EXCEPT ALL FROM {source(tmp_path, name)}"
        assert query(f"SELECT count(*) FROM ({only})") == [(0,)], name
        assert rows > (0,) or name not in ("costs", "completions", "projects", "project_api_keys")
    assert all(f"- `{id}`\n" in (tmp_path / "README.md").read_text() for id in ids)
    assert "these projects" not in (twice.root / "README.md").read_text()


async def test_its_audit_log_is_of_its_projects(
    client: AsyncOpenAIAdmin, organization: Emulator, tmp_path: Path
) -> None:
    one, other = _ids(organization)
    for id in (one, other):
        await client.projects.service_accounts.create(id, name="robot")
    done = await export(
        client, tmp_path, since=SINCE, now=NOW, project_ids=[one], endpoints="audit_logs"
    )
    assert done.rows > 0
    ids = f"SELECT DISTINCT project_id FROM {source(tmp_path, 'audit_logs')}"
    assert query(ids) == [(one,)]


async def test_it_does_not_mix_with_others(
    client: AsyncOpenAIAdmin, organization: Emulator, tmp_path: Path
) -> None:
    some, every = tmp_path / "some", tmp_path / "every"
    arguments: dict[str, Any] = {"since": SINCE, "now": NOW, "endpoints": ["costs"]}
    one, other = _ids(organization)
    await export(client, every, **arguments)
    await export(client, some, project_ids=[one, other], **arguments)
    before = _contents(tmp_path)
    organization.requests.clear()
    for root, ids, told in (
        (some, None, f"of {min(one, other)} and {max(one, other)} alone, and this run is of all"),
        (some, [one], f"this run is of {one} alone: go on with"),
        (every, [one], f"of all projects, and this run is of {one} alone: go on with all projects"),
    ):
        with pytest.raises(InvalidInputError, match=told):
            await export(client, root, project_ids=ids, **arguments)
        # Nor does anything else of other projects come into the folder.
        with pytest.raises(InvalidInputError, match=told):
            await export(client, root, project_ids=ids, **arguments | {"endpoints": "projects"})
    assert not organization.requests
    assert _contents(tmp_path) == before
    again = await export(client, some, project_ids=[other, one, other], **arguments)
    assert again.kept > 0

    (some / "_projects.json").write_text("{")
    with pytest.raises(InvalidInputError, match="does not say which projects the dataset is of"):
        await export(client, some, project_ids=[one, other], **arguments)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"project_ids": []}, "project_ids must not be empty"),
        ({"project_ids": "proj_a"}, "project_ids must be a list of ids"),
        ({"project_ids": ["proj_none"]}, "No project has the id proj_none."),
        (
            {"project_ids": ["proj_a"], "endpoints": ["costs", "users"]},
            "users is of the whole organization, and cannot be exported for some projects",
        ),
    ],
)
async def test_what_makes_no_sense_is_refused(
    arguments: dict[str, Any], told: str, client: AsyncOpenAIAdmin, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInputError, match=told):
        await export(client, tmp_path / "out", since=SINCE, now=NOW, **arguments)
    assert not list(tmp_path.glob("out/*.json"))


async def test_the_command_takes_names(
    demo: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("OPENAI_BASE_URL", demo.base_url)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", demo.admin_key)
    out = tmp_path / "out"
    line = ("export", str(out), "--since", "3d")
    done = await invoke(*line, "--project", "Data Platform", "--endpoints", "costs,directory")
    assert done.code == 0, done.err
    assert f"organization: {', '.join(n for n in DIRECTORY if n in OF_ORGANIZATION)}.\n" in done.err
    (id,) = [p["id"] for p in demo.store.projects if p["name"] == "Data Platform"]
    assert json.loads((out / "_projects.json").read_text()) == {"project_ids": [id]}
    names = f"SELECT DISTINCT project_name FROM {source(out, 'costs')}"
    assert query(names) == [("Data Platform",)]
    refused = await invoke(*line, "--endpoints", "costs")
    assert refused.code == 2
    assert refused.err.endswith(
        f"{out} has data of {id} alone, and this run is of all projects: go on with {id}"
        " alone, or name another folder.\n"
    )
    unnamed = await invoke(*line, "--project", "Nobody")
    assert unnamed.code == 2
    assert unnamed.err.startswith("--project: no project has the name 'Nobody'")
