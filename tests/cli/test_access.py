"""``openai-admin access``: what its commands write, say, and end with."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator, Status
from openai_admin.emulator.faults import ProjectFails
from tests.cli.conftest import CLI

_IN_COPILOT = ("--project", "Developer Copilot")


async def test_who_can_says_why(cli: CLI) -> None:
    ended = await cli("access", "who-can", "api.prompts.write", *_IN_COPILOT, "--allow-missing")
    rows = {row["name"]: row for row in ended.json}
    (why,) = rows["Ahmed Mansour"]["why"]
    assert why == (
        "is in the group Platform Engineering, whose role Prompt editor grants api.prompts.write in"
        " Developer Copilot"
    )
    assert rows["Rosa Jiménez"]["by"] == ["role Prompt editor"]
    assert rows["simone-laptop"]["permission"] is None
    assert rows["simone-laptop"]["why"] == [
        "belongs to Simone Laurent, who has left the organization"
    ]
    # What is not known is a failure where it is not allowed.
    ended = await cli("access", "who-can", "api.prompts.write", *_IN_COPILOT)
    assert ended.code == 1
    assert "What 1 key may do is not known" in ended.err


async def test_owners_are_asked_for_in_any_way(cli: CLI) -> None:
    found = [
        {row["name"] for row in (await cli("access", "who-can", *asked)).json}
        for asked in (["owner"], ["--owner"], ["Owners"])
    ]
    assert found[0] == found[1] == found[2]
    assert {"Ingrid Solheim", "Sofia Papadopoulou", "terraform"} <= found[0]
    for bad in ((), ("--owner", "owner"), (" ",)):
        assert (await cli("access", "who-can", *bad)).code == 2


async def test_a_permission_that_no_role_grants_has_the_nearest_named(cli: CLI) -> None:
    ended = await cli("access", "who-can", "api.prompt.write", *_IN_COPILOT)
    assert ended.code == 1
    assert "did you mean 'api.prompts.write'" in ended.err


async def test_of_somebody(cli: CLI, demo: Emulator) -> None:
    rows = (await cli("access", "of", "rosa.jimenez@example.com")).json
    assert {(row["permission"], row["where"]) for row in rows} >= {
        ("api.prompts.write", "Developer Copilot"),
        ("api.project.write", "Mobile App"),
        ("api.management.read", "everywhere"),
    }
    told = await cli("access", "of", "rosa.jimenez@example.com", "--format", "table")
    assert "Rosa Jiménez has 1 key: rosa-notebook (Mobile App)." in told.err
    demo.faults.add(Status(match="admin_api_keys.list", status=403))
    told = await cli("access", "of", "rosa.jimenez@example.com", "--format", "table")
    assert "Rosa Jiménez has at least 1 key: " in told.err
    demo.faults.clear()
    left = await cli("access", "of", "simone.laurent@example.com")
    assert left.code == 1
    assert "but the owner of these keys does: simone-laptop (key_" in left.err
    demo.requests.clear()
    assert (await cli("access", "of", " ")).code == 2
    assert not demo.requests
    ended = await cli("access", "of", "rosa.jimenes@example.com")
    assert ended.code == 2
    assert "rosa.jimenez@example.com" in ended.err


async def test_a_review_is_safe_for_spreadsheets_and_has_columns_to_fill_in(
    cli: CLI, demo: Emulator, tmp_path: Path
) -> None:
    first = next(iter(demo.store.users))
    demo.store.users.update(first["id"], {"name": "=HYPERLINK(1)"})
    file = tmp_path / "review.csv"
    ended = await cli("access", "review", "--thorough", "--out", str(file))
    assert ended.code == 0, ended.err
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))
    assert all(
        row[name] == "" for row in rows for name in ("Decision", "Reviewer", "Date", "Comment")
    )
    by_name = {row["name"]: row for row in rows}
    assert "'=HYPERLINK(1)" in by_name
    assert by_name["terraform"]["expires"] == "never"
    assert "never expires" in by_name["terraform"]["notes"]
    assert by_name["Sofia Papadopoulou"]["organization_owner"] == "yes"
    assert "role Deputy in the organization" in by_name["Sofia Papadopoulou"]["powers"]
    assert by_name["simone-laptop"]["kind"] == "key of a former member"
    assert by_name["simone-laptop"]["organization_owner"] == "not known"
    assert {"service account", "pending invite"} <= {row["kind"] for row in rows}


async def test_a_review_as_markdown_names_what_was_not_looked_at(
    cli: CLI, demo: Emulator, tmp_path: Path
) -> None:
    project = next(p for p in demo.store.projects if p["name"] == "Voice Notes")
    demo.faults.add(ProjectFails(project=project["id"], status=403))
    file = tmp_path / "review.md"
    ended = await cli("access", "review", "--out", str(file))
    assert ended.code == 1
    assert "Voice Notes" in ended.err
    text = file.read_text()
    assert "**Not looked at: " in text
    assert "## Admin key (" in text
    assert "| Decision | Reviewer | Date | Comment |" in text


async def test_what_was_granted_and_lost(cli: CLI, demo: Emulator, tmp_path: Path) -> None:
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    assert (await cli("access", "export", "--thorough", "--out", str(before))).code == 0
    same = await cli("access", "diff", str(before), "--thorough")
    assert (same.code, same.json) == (0, [])
    # Where people are not asked for their roles, "nothing was granted" would be too much to say.
    same = await cli("access", "diff", str(before))
    assert (same.code, same.out) == (1, "[]\n")
    assert "As far as is known, nothing was granted or lost" in same.err
    assert "Afterwards, in " in same.err
    assert "--thorough" in same.err
    group = next(g for g in demo.store.groups if g["name"] == "Platform Engineering")
    left = next(iter(demo.store.group_users[group["id"]]))["id"]
    demo.store.group_users[group["id"]].remove(left)
    demo.store.users.update(left, {"role": "owner"})
    assert (await cli("access", "export", "--thorough", "--out", str(after))).code == 0
    ended = await cli("access", "diff", str(before), str(after))
    assert ended.code == 3
    rows = json.loads(ended.out)
    changes = {(row["what"], row["id"], row["permission"], row["where"]) for row in rows}
    assert ("granted", left, "api.management.write", "everywhere") in changes
    assert ("lost", left, "api.prompts.write", "Developer Copilot") in changes
    # What could not be read afterwards is neither lost nor granted.
    facts = json.loads(after.read_text())
    kept: dict[str, object] = {
        "status": None,
        "missing_scopes": [],
        "endpoint": None,
        "window": None,
        "after": None,
    }
    facts["not_known"] = [
        {"kind": "members of groups", "reason": "x", "project_id": group["id"], **kept}
    ]
    after.write_text(json.dumps(facts))
    ended = await cli("access", "diff", str(before), str(after))
    rows = json.loads(ended.out)
    (lost,) = [row for row in rows if row["permission"] == "api.prompts.write"]
    assert lost["what"] == "not known"


async def test_files_that_cannot_be_compared(cli: CLI, tmp_path: Path) -> None:
    other, part = tmp_path / "other.json", tmp_path / "part.json"
    for text, said in (
        ("{", "is not valid JSON"),
        ("{}", "is not an export of access"),
        ('{"kind": "openai_admin.access", "version": 2}', "is of version 2"),
        ('{"kind": "openai_admin.access", "version": 1}', "it lacks taken_at"),
    ):
        other.write_text(text)
        ended = await cli("access", "diff", str(other), str(other))
        assert ended.code == 2, text
        assert said in ended.err
    ended = await cli("access", "diff", str(tmp_path / "none.json"))
    assert ended.code == 2
    assert "No such file" in ended.err
    assert (await cli("access", "export", "--out", str(other), "--force")).code == 0
    assert (await cli("access", "export", "--out", str(part), *_IN_COPILOT)).code == 0
    ended = await cli("access", "diff", str(other), str(part))
    assert ended.code == 2
    assert "not read for the same projects" in ended.err


async def test_a_comparison_with_now_says_by_whom(cli: CLI, demo: Emulator, tmp_path: Path) -> None:
    before = tmp_path / "before.json"
    project = ("--project", "Mobile App")
    assert (await cli("access", "export", *project, "--out", str(before))).code == 0
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        (member, *_) = (await client.users.list(emails=["samuel.adeyemi@example.com"])).data
        await client.users.update(member.id, role="owner")
    ended = await cli("access", "diff", str(before))
    assert ended.code == 3
    rows = [row for row in json.loads(ended.out) if row["id"] == member.id]
    assert {(row["what"], row["actor"]) for row in rows} == {
        ("granted", "ingrid.solheim@example.com")
    }
    demo.faults.add(Status(match="audit_logs.list", status=403))
    ended = await cli("access", "diff", str(before))
    assert ended.code == 3
    assert "By whom is not known: the audit log: " in ended.err
    assert {row["actor"] for row in json.loads(ended.out)} == {None}


async def test_a_secret_is_refused_and_not_shown(cli: CLI, demo: Emulator) -> None:
    secret = "sk-admin-" + "aB3" * 16
    demo.requests.clear()
    for asked in (("of", secret), ("who-can", secret)):
        ended = await cli("access", *asked)
        assert ended.code == 2
        assert "a key's secret" in ended.err
        assert secret not in ended.err + ended.out
    assert not demo.requests


async def test_an_export_is_not_named_as_a_table(cli: CLI, demo: Emulator, tmp_path: Path) -> None:
    demo.requests.clear()
    ended = await cli("access", "export", "--out", str(tmp_path / "access.csv"))
    assert ended.code == 2
    assert "is JSON" in ended.err
    assert not demo.requests


async def test_owners_whom_nobody_asked_for_are_not_known(
    cli: CLI, demo: Emulator, tmp_path: Path
) -> None:
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        for role in [role async for role in client.roles.list()]:
            if not role.predefined_role:
                await client.roles.delete(role.id)
    reader = next(u for u in demo.store.users if u["role"] == "reader")
    file = tmp_path / "review.csv"
    for asked in (("who-can", "owner"), ("review", "--out", str(file))):
        ended = await cli("access", *asked)
        assert ended.code == 1
        assert "--thorough" in ended.err
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))
    owner = {row["id"]: row["organization_owner"] for row in rows}
    assert owner[reader["id"]] == "not known"
    assert any(row["kind"] == "not looked at" and "--thorough" in row["notes"] for row in rows)
    ended = await cli("access", "who-can", "owner", "--thorough")
    assert reader["id"] not in {row["id"] for row in ended.json}
    assert "--thorough" not in ended.err
