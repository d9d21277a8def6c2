"""A plan carried out: in order, with ids handed on, and errors that stop their dependents alone."""

from __future__ import annotations

import asyncio
import json
import stat
from pathlib import Path
from typing import Any

import attrs
import pytest

from openai_admin.emulator.faults import Latency, MissingScope, Status
from openai_admin.errors import InvalidInputError
from openai_admin.organization.applying.model import AppliedStep
from openai_admin.organization.planning.model import Exceeded, FieldChange, Impossible, Plan
from tests.organization.applying.plans import Org, of, outcomes, plan, reasons, step


def _new_project(org: Org) -> Plan:
    """A project with a role, a member who has it, and a limit; beside it an invite."""
    return plan(
        step("project", "projects.create", {"name": "New"}),
        step(
            "role",
            "projects.roles.create",
            {"project_id": of("project"), "role_name": "Lead", "permissions": ["api.model.read"]},
        ),
        step(
            "member",
            "projects.users.create",
            {"project_id": of("project"), "user_id": org.max, "role": "member"},
        ),
        step(
            "assigned",
            "projects.users.roles.create",
            {"project_id": of("project"), "user_id": org.max, "role_id": of("role")},
            needs=["member"],
        ),
        step(
            "limit",
            "projects.spend_limit.update",
            {
                "project_id": of("project"),
                "threshold_amount": 50_000,
                "currency": "USD",
                "interval": "month",
            },
        ),
        step(
            "invite",
            "invites.create",
            {
                "email": "new@example.com",
                "role": "reader",
                "projects": [{"id": of("project"), "role": "member"}],
            },
        ),
    )


async def test_steps_get_the_ids_of_what_others_made(org: Org) -> None:
    seen: list[tuple[AppliedStep, int]] = []
    applied = await org.apply(_new_project(org), on_step=lambda *each: seen.append(each))
    assert applied.is_complete, reasons(applied)
    assert applied.counts == {"done": 6}
    project = applied.steps[0].id
    roles = await org.client.projects.users.roles.list(project or "", org.max)
    assert "Lead" in [role.name for role in roles.data]
    assert (await org.client.projects.spend_limit.retrieve(project or "")).threshold_amount
    (invite,) = (await org.client.invites.list()).data
    assert [each.id for each in invite.projects or ()] == [project]
    assert all(each.request_id and each.at for each in applied.steps)
    assert sorted(each.step.id for each, total in seen if total == 6) == sorted(outcomes(applied))


async def test_an_error_stops_what_needs_it_and_nothing_else(org: Org) -> None:
    org.emulator.faults.add(MissingScope(match="projects.roles.create"))
    applied = await org.apply(_new_project(org))
    assert outcomes(applied) == {
        "project": "done",
        "role": "failed",
        "member": "done",
        "assigned": "not tried",
        "limit": "done",
        "invite": "done",
    }
    assert "the key lacks" in reasons(applied)["role"]
    assert reasons(applied)["assigned"] == ("it needs another step, which failed: create role role")
    assert [each.step.id for each in applied.left] == ["role", "assigned"]


async def test_nothing_is_taken_before_what_is_given(org: Org) -> None:
    org.emulator.faults.add(Latency(match="groups.create", seconds=0.2))
    applied = await org.apply(
        plan(
            step("group", "groups.create", {"name": "Staff"}),
            step("out", "projects.users.delete", {"project_id": org.project, "user_id": org.max}),
            step("settled", "data_retention.update", {"retention_type": "zero_data_retention"}),
        )
    )
    assert applied.counts == {"done": 3}
    assert org.sent() == [
        "POST /organization/groups",
        "POST /organization/data_retention",
        f"DELETE /organization/projects/{org.project}/users/{org.max}",
    ]


async def test_steps_run_side_by_side_and_one_endpoint_does_not_hold_up_another(org: Org) -> None:
    org.emulator.faults.add(Latency(match="groups.create", seconds=0.1))
    org.emulator.peak_in_flight = 0
    many = [step(f"group {n}", "groups.create", {"name": f"G{n}"}) for n in range(40)]
    ended: list[str] = []
    applied = await org.apply(
        plan(*many, step("last", "projects.create", {"name": "Other"})),
        on_step=lambda each, _: ended.append(each.step.id),
    )
    assert applied.is_complete
    assert ended.index("last") < 32  # before the last eight have begun
    assert 2 <= org.emulator.peak_in_flight <= 9


@pytest.mark.parametrize(
    ("fields", "force", "told"),
    [
        (
            {"impossible": (Impossible(section="projects", subject="Old", reason="It is gone"),)},
            (),
            r"^The plan cannot be applied: It is gone\.$",
        ),
        (
            {"exceeded": (Exceeded(kind="owners", reason="One owner would be removed."),)},
            (),
            "One owner would be removed. Pass --force owners if you mean it",
        ),
        (
            {"exceeded": (Exceeded(kind="owners", reason="One owner would be removed."),)},
            ("people",),
            "Pass --force owners",
        ),
        ({}, ("owner",), "nothing to force of the kind 'owner'; did you mean 'owners'"),
        ({}, "owners", "force must be a list"),
    ],
)
async def test_what_must_not_be_applied_is_refused(
    org: Org, fields: dict[str, Any], force: Any, told: str
) -> None:
    group = step("group", "groups.create", {"name": "Staff"})
    with pytest.raises(InvalidInputError, match=told):
        await org.apply(plan(group, **fields), force=force)
    assert org.sent() == []
    if fields.get("exceeded"):
        assert (await org.apply(plan(group, **fields), force=("owners",))).is_complete


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"operation": "groups.explode"}, "no operation 'groups.explode' that changes something"),
        ({"operation": "groups.list", "arguments": {}}, "no operation 'groups.list'"),
        ({"operation": "admin_api_keys.create"}, "makes a key, which no plan does"),
        ({"arguments": {"name": "A", "colour": "red"}}, "has no argument 'colour'"),
        ({"arguments": {}}, "it lacks name"),
        ({"arguments": {"name": of("later")}}, "it needs 'later', which no earlier step"),
        ({"needs": ("group",)}, "it needs 'group', which no earlier step is called"),
        ({"arguments": {"name": 5}}, "name must be text"),
    ],
)
async def test_a_step_that_cannot_be_made_is_refused_before_anything_is_sent(
    org: Org, changes: dict[str, Any], told: str
) -> None:
    first = step("first", "groups.create", {"name": "First"})
    wrong = attrs.evolve(step("group", "groups.create", {"name": "Staff"}), **changes)
    with pytest.raises(InvalidInputError, match=f"^The step group cannot be made: .*{told}"):
        await org.apply(plan(first, wrong, step("later", "groups.create", {"name": "B"})))
    with pytest.raises(InvalidInputError, match="there are two of that name"):
        await org.apply(plan(first, first))
    assert org.sent() == []


async def test_each_step_has_a_line_in_the_log(org: Org, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    org.emulator.faults.add(Status(match="invites.create", status=400, body={"error": "no"}))
    made = _new_project(org)
    changed = attrs.evolve(made.steps[4], changes=(FieldChange(field="spend_limit", new=500),))
    made = attrs.evolve(
        made, organization="org-acme", steps=(*made.steps[:4], changed, *made.steps[5:])
    )
    await org.apply(made, log=path, actor="olivia@example.com")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert sorted(line["step"] for line in lines) == sorted(each.id for each in made.steps)
    by_step = {line["step"]: line for line in lines}
    limit = by_step["limit"]
    assert limit["changes"] == [{"field": "spend_limit", "old": None, "new": 500}]
    assert (limit["actor"], limit["organization"]) == ("olivia@example.com", "org-acme")
    assert limit["operation"] == "projects.spend_limit.update"
    assert limit["request_id"]
    assert limit["at"].endswith("Z")
    assert by_step["invite"]["outcome"] == "failed"
    assert by_step["project"]["id"]
    # A killed process has left half a line; the next one stands alone.
    path.write_text(path.read_text() + '{"at": "20')
    await org.apply(plan(step("group", "groups.create", {"name": "Staff"})), log=path)
    assert json.loads(path.read_text().splitlines()[-1])["step"] == "group"


async def test_a_line_is_on_the_disk_before_the_next_step_begins(org: Org, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    lines: list[int] = []
    steps = [
        step(f"{n}", "groups.create", {"name": f"G{n}"}, needs=[f"{n - 1}"] if n else [])
        for n in range(4)
    ]
    await org.apply(
        plan(*steps),
        log=path,
        on_step=lambda *_: lines.append(len(path.read_text().splitlines())),
    )
    assert lines == [1, 2, 3, 4]


async def test_a_log_that_cannot_be_written_is_refused(org: Org, tmp_path: Path) -> None:
    group = plan(step("group", "groups.create", {"name": "Staff"}))
    for path in (tmp_path, tmp_path / "none" / "log.jsonl"):
        with pytest.raises(InvalidInputError, match=r"^The log .* (is not|cannot be)"):
            await org.apply(group, log=path)
    assert org.sent() == []


async def test_a_log_that_cannot_be_written_any_more_stops_the_work(
    org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("openai_admin.organization.applying.log.os.fsync", full)
    steps = [
        step(f"{n}", "groups.create", {"name": f"G{n}"}, needs=[f"{n - 1}"] if n else [])
        for n in range(3)
    ]
    with pytest.raises(OSError, match="No space left") as raised:
        await org.apply(plan(*steps), log=tmp_path / "log.jsonl")
    assert raised.value.__notes__ == ["1 of 3 steps was done. Plan again to go on."]
    assert len(org.sent("POST")) == 1


async def test_a_cancelled_work_says_what_was_done_and_what_is_not_known(
    org: Org, tmp_path: Path
) -> None:
    path = tmp_path / "log.jsonl"
    org.emulator.faults.add(Latency(match="projects.create", seconds=30))
    begun = asyncio.Event()
    made = plan(
        step("group", "groups.create", {"name": "Staff"}),
        step("project", "projects.create", {"name": "New"}, needs=["group"]),
        step(
            "member",
            "projects.users.create",
            {"project_id": of("project"), "user_id": org.max, "role": "member"},
        ),
    )
    task = asyncio.create_task(org.apply(made, log=path, on_step=lambda *_: begun.set()))
    await begun.wait()
    while len(org.sent("POST")) < 2:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as raised:
        await task
    (note,) = raised.value.__notes__
    assert note == (
        "1 of 3 steps was done. These may have been done or not: create project project."
        " Plan again to go on."
    )
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(line["step"], line["outcome"]) for line in lines] == [
        ("group", "done"),
        ("project", "not known"),
    ]


async def test_an_empty_plan_is_done(org: Org) -> None:
    applied = await org.apply(Plan())
    assert applied.is_complete
    assert org.sent() == []
