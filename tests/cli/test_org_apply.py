"""``openai-admin org plan`` and ``org apply``: from the file, and from a plan that was kept."""

from __future__ import annotations

import json
import os
import re
import stat
import time
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import anyio.to_thread
import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Drop, FeatureOff, Latency, MissingScope, UnseenAtFirst
from tests.cli.conftest import invoke
from tests.cli.processes import Terminal
from tests.organization.applying.plans import HASTY, Org, made

FILE = """\
version: 1
projects:
  Search:
    spend_limit: 700
    hosted_tools: {web_search: false}
settings:
  spend_limit: 9000
"""


@pytest.fixture
async def org(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncIterator[Org]:
    monkeypatch.setenv("OPENAI_BASE_URL", emulator.base_url)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", emulator.admin_key)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    Path("org.yaml").write_text(FILE)
    async with AsyncOpenAIAdmin(
        emulator.admin_key, base_url=emulator.base_url, max_retries=0
    ) as client:
        yield await made(emulator, client)


async def test_a_plan_changes_nothing_and_is_applied_later(org: Org) -> None:
    shown = await invoke("org", "plan", "org.yaml", "-o", "plan.json")
    assert shown.code == 3
    assert (
        shown.out
        == """\
Project Search
  + spend limit   $700
      Requests are refused once a month's costs reach it.
  ~ hosted tools  web_search true → false

Organization
  + spend limit  $9,000
      Requests are refused once a month's costs reach it.

2 to create, 1 to change.
"""
    )
    assert shown.err == "Plan: plan.json\n3 changes would be made.\n"
    assert stat.S_IMODE(Path("plan.json").stat().st_mode) == 0o600
    assert org.sent() == []
    again = await invoke("org", "plan", "org.yaml", "-o", "plan.json", "-f", "json")
    assert json.loads(again.out) == json.loads(Path("plan.json").read_text())

    applied = await invoke("org", "apply", "plan.json", "--yes", "--log", "log.jsonl", "-f", "json")
    assert applied.json["is_complete"] is True
    assert applied.json["counts"] == {"done": 3}
    assert applied.err == "Log: log.jsonl\n"
    assert len(org.sent("POST")) == 3
    lines = [json.loads(line) for line in Path("log.jsonl").read_text().splitlines()]
    assert {line["actor"] for line in lines} == {org.emulator.store.first_owner()["email"]}
    assert stat.S_IMODE(Path("log.jsonl").stat().st_mode) == 0o600
    assert (await invoke("org", "plan", "org.yaml")).out == "Nothing is to be done.\n"
    # What the last run was forced to do may be done.
    done = await invoke("org", "apply", "org.yaml", "--yes", "--force", "owners")
    assert (done.code, done.out) == (0, "Nothing is to be done.\n")


async def test_a_plan_holds_only_for_what_it_was_made_from(org: Org) -> None:
    await invoke("org", "plan", "org.yaml", "-o", "plan.json")
    # What the file does not speak of may change.
    await org.client.projects.create(name="Other")
    await org.client.projects.update(org.project, name="Search")
    org.emulator.requests.clear()
    await org.client.projects.spend_limit.update(
        org.project, threshold_amount=100, currency="USD", interval="month"
    )
    org.emulator.requests.clear()
    moved = await invoke("org", "apply", "plan.json", "--yes")
    assert (moved.code, moved.err) == (
        2,
        "What there is has changed since the plan was made, in projects.spend_limit: plan again.\n",
    )
    plan = json.loads(Path("plan.json").read_text())
    Path("plan.json").write_text(json.dumps(plan | {"steps": []}))
    edited = await invoke("org", "apply", "plan.json", "--yes")
    assert (edited.code, edited.err) == (
        2,
        "plan.json was changed after it was made: plan again.\n",
    )
    assert org.sent() == []


async def test_a_plan_of_another_organization_is_refused(
    org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    await invoke("org", "plan", "org.yaml", "-o", "plan.json")
    async with Emulator(state="empty", seed=5) as other:
        monkeypatch.setenv("OPENAI_BASE_URL", other.base_url)
        monkeypatch.setenv("OPENAI_ADMIN_KEY", other.admin_key)
        refused = await invoke("org", "apply", "plan.json", "--yes")
    assert refused.code == 2
    assert refused.err.startswith("The plan is of the organization org-")
    Path("org.yaml").write_text(f"organization: org-other\n{FILE}")
    monkeypatch.setenv("OPENAI_BASE_URL", org.emulator.base_url)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", org.emulator.admin_key)
    refused = await invoke("org", "plan", "org.yaml")
    assert refused.code == 2
    wrong = "org.yaml, line 1: the file is of the organization org-other, and this key is of org-"
    assert refused.err.startswith(wrong)

    # Also where the file has nothing else; one that has nothing at all asks nothing.
    Path("org.yaml").write_text("version: 1\norganization: org-other\n")
    refused = await invoke("org", "plan", "org.yaml")
    assert refused.code == 2
    assert "is of the organization org-other, and this key is of org-" in refused.err
    Path("org.yaml").write_text("version: 1\n")
    org.emulator.requests.clear()
    empty = await invoke("org", "plan", "org.yaml")
    assert (empty.code, empty.out) == (0, "Nothing is to be done.\n")
    assert not org.emulator.requests


async def test_what_fails_is_told_and_costs_itself(org: Org) -> None:
    org.emulator.faults.add(MissingScope(match="projects.hosted_tool_permissions.update"))
    applied = await invoke("org", "apply", "org.yaml", "--yes")
    assert applied.code == 1
    assert "2 done, 1 failed." in applied.out.lower()
    assert "the key lacks" in applied.out
    told = "1 step of 3 did not succeed, or may not have: run it again with a key that has"
    assert f"{told} api.management.write, to go on." in applied.err
    org.emulator.faults.clear()
    org.emulator.faults.add(FeatureOff(match="projects.hosted_tool_permissions.update"))
    applied = await invoke("org", "apply", "org.yaml", "--yes")
    assert "may not have: run it again to go on." in applied.err


async def test_run_again_it_does_not_make_what_may_still_appear(
    org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openai_admin.organization.applying.run.Patience", lambda: HASTY)
    Path("org.yaml").write_text("version: 1\ngroups: {Staff: {}}\n")
    org.emulator.faults.add(Drop(match="groups.create", after_effect=True))
    org.emulator.faults.add(UnseenAtFirst(match="*", looks=99))
    for number, told in ((1, "there was no answer"), (2, "an earlier run may have made it")):
        applied = await invoke("org", "apply", "org.yaml", "--yes")
        assert applied.code == 1
        assert told in applied.out, number
        assert re.search(r"run it again after \d{4}-\d\d-\d\d \d\d:\d\d UTC to go on", applied.err)
    assert len(org.emulator.store.groups) == 1
    (journal,) = Path("state/openai-admin/organizations").iterdir()
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600


async def test_only_some_of_the_file_is_applied_when_asked(org: Org) -> None:
    shown = await invoke("org", "plan", "org.yaml", "--only", "projects.spend_limit")
    assert shown.out.endswith("\n1 to create.\n")
    for words, told in (
        (("--only", "projetcs"), "There is no section 'projetcs'"),
        (
            ("--project", "Serach"),
            "There is no project 'Serach' in the file; did you mean 'Search'?",
        ),
    ):
        refused = await invoke("org", "plan", "org.yaml", *words)
        assert refused.code == 2
        assert told in refused.err


async def test_what_was_read_long_ago_is_looked_at_again(
    org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openai_admin.cli.org_apply._FRESH", -1.0)
    applied = await invoke("org", "apply", "org.yaml", "--yes", "-f", "json")
    assert applied.json["counts"] == {"done": 3}
    reads = [r.path for r in org.emulator.requests if r.path.endswith("/hosted_tool_permissions")]
    assert len(reads) == 3  # to plan, before it is applied, and the change itself


async def test_what_changed_while_the_question_stood_is_refused(
    org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def meanwhile(_: str) -> bool:
        async with AsyncOpenAIAdmin() as other:
            await other.projects.create(name="Nova")
        return True

    Path("org.yaml").write_text("version: 1\nprojects: {Nova: {}}\n")
    monkeypatch.setattr("openai_admin.cli.org_apply._FRESH", -1.0)
    monkeypatch.setattr("openai_admin.cli.org_apply.is_terminal", lambda _: True)
    monkeypatch.setattr("openai_admin.cli.org_apply.confirm", meanwhile)
    moved = await invoke("org", "apply", "org.yaml")
    assert (moved.code, moved.err) == (
        2,
        "What there is has changed since the plan was made, in projects: plan again.\n",
    )
    assert [each["name"] for each in org.emulator.store.projects].count("Nova") == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("apply", "org.yaml"), "There is no terminal to ask on before 'org apply': pass --yes"),
        (("apply", "none.yaml", "--yes"), "none.yaml cannot be read"),
        (("apply", "org.yaml", "--yes", "--log", "."), "The log . is not a regular file"),
        (
            ("apply", "org.yaml", "--yes", "--force", "owner"),
            "of the kind 'owner'; did you mean 'owners'?",
        ),
        (("plan", "org.yaml", "-o", "org.yaml"), "org.yaml exists and is not a saved plan"),
        (("plan", "org.yaml", "-o", "none/plan.json"), "is not a file in a folder that exists"),
        (("plan", "plan.json"), "plan.json is a saved plan"),
    ],
)
async def test_bad_usage_is_refused_before_anything_is_sent(
    org: Org, words: tuple[str, ...], told: str
) -> None:
    await invoke("org", "plan", "org.yaml", "-o", "plan.json")
    refused = await invoke("org", *words)
    assert refused.code == 2
    assert told in refused.err
    assert len(refused.err.splitlines()) == 1
    assert org.sent() == []
    assert Path("org.yaml").read_text() == FILE


async def test_it_asks_and_ctrl_c_says_what_is_not_known(org: Org) -> None:
    org.emulator.faults.add(Latency(match="projects.spend_limit.update", seconds=60))
    env = {"OPENAI_BASE_URL": org.emulator.base_url, "OPENAI_ADMIN_KEY": org.emulator.admin_key}

    def interrupted() -> tuple[int, str]:
        with Terminal("org", "apply", "org.yaml", env=env) as terminal:
            terminal.wait_for("Go on? [y/N]: ")
            terminal.enter("y\n")
            while len(org.sent("POST")) < 3:
                time.sleep(0.01)
            terminal.interrupt()
            return terminal.code(), terminal.screen

    code, screen = await anyio.to_thread.run_sync(interrupted)
    assert code == 130
    # Those that were answered may not have been read yet.
    told = r"[0-2] of 3 steps (?:was|were) done\. These may .*create spend limit"
    assert re.search(told, screen.replace("\n", " "))
    assert "Plan again to go on." in screen
    assert "not known: create spend limit" in " ".join(screen.split())


@pytest.mark.parametrize("format", ["text", "json"])
async def test_a_log_that_cannot_be_written_any_more_costs_no_word(
    org: Org, monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(
        "openai_admin.organization.applying.log.os", SimpleNamespace(**{**vars(os), "fsync": full})
    )
    told = await invoke("org", "apply", "org.yaml", "--yes", "--log", "l.jsonl", "-f", format)
    assert told.code == 1
    assert told.err.count("Plan again to go on.") == 1
    assert "l.jsonl cannot be written: No space left on device.\n" in told.err
    assert re.search("[1-3] of 3 steps were done", told.err)
    if format == "json":
        steps = json.loads(told.out)["steps"]
        assert {each["outcome"] for each in steps} <= {"done", "not tried"}
        assert len(steps) == 3
    else:
        assert "\ndone: " in told.out


async def test_how_long_it_takes_is_said_before_the_question(
    org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openai_admin.cli.org_progress._LONG", 5)
    applied = await invoke("org", "apply", "org.yaml", "--yes")
    assert "Applying takes at least 3 requests: 1 min or longer where the API" in applied.err
