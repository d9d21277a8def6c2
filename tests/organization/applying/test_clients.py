"""Plan and apply on both clients, with a file, a plan, and one that was kept in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio.to_thread
import pytest

from openai_admin import OpenAIAdmin
from openai_admin.errors import InvalidInputError
from openai_admin.organization import read_plan, save_plan
from openai_admin.organization.document.model import Document, Group
from tests.organization.applying.plans import Org

FILE = """\
version: 1
groups:
  Staff:
    members: [max@example.com]
projects:
  Search:
    spend_limit: 700
"""


async def test_on_the_asynchronous_client(org: Org, tmp_path: Path) -> None:
    path, log = tmp_path / "org.yaml", tmp_path / "log.jsonl"
    path.write_text(FILE)
    plan = await org.client.organization.plan(path)
    assert {step.operation for step in plan.steps} == {
        "groups.create",
        "groups.users.create",
        "projects.spend_limit.update",
    }
    save_plan(plan, tmp_path / "plan.json")
    assert read_plan(tmp_path / "plan.json") == plan
    seen: list[Any] = []
    applied = await org.client.organization.apply(
        tmp_path / "plan.json", log=log, on_step=lambda *each: seen.append(each)
    )
    assert applied.is_complete
    assert len(seen) == len(log.read_text().splitlines()) == 3
    # What the plan was made from is not there any more.
    with pytest.raises(InvalidInputError, match=r"in groups, groups.members and proj.*: plan"):
        await org.client.organization.apply(plan)
    assert (await org.client.organization.apply(path)).steps == ()
    with pytest.raises(InvalidInputError, match="is a saved plan"):
        await org.client.organization.plan(tmp_path / "plan.json")


async def test_what_is_no_plan_is_refused_in_a_sentence(org: Org, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    organization: Any = org.client.organization
    save_plan(await organization.plan(Document(groups={"Staff": Group()})), str(path))
    path.write_text(f"\ufeff{path.read_text()}", encoding="utf-8")
    assert [step.subject for step in read_plan(str(path)).steps] == ["Staff"]
    assert (await organization.apply(path)).is_complete
    path.write_text("{}\n")
    for asked, told in ((path, "has nothing in it"), (None, "not NoneType"), ({}, "not dict")):
        with pytest.raises(InvalidInputError, match=told):
            await organization.apply(asked)


async def test_on_the_blocking_client(org: Org, tmp_path: Path) -> None:
    path = tmp_path / "org.yaml"
    path.write_text(FILE)

    def work() -> None:
        emulator = org.emulator
        with OpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
            plan = client.organization.plan(path, only=["groups"])
            assert [step.subject for step in plan.steps] == ["Staff", "Staff"]
            assert client.organization.apply(plan).counts == {"done": 2}
            assert client.organization.apply(path).counts == {"done": 1}

    await anyio.to_thread.run_sync(work)
