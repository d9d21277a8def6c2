"""Answers that are lost, odd or refusals: what became of a step is looked up, or not known."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator.faults import Drop, MissingScope, Nulls, Odd, Status, UnseenAtFirst
from openai_admin.organization.planning.model import Step
from tests.organization.applying.plans import Org, of, outcomes, plan, reasons, step

GROUP = step("group", "groups.create", {"name": "Staff"})


def _member(org: Org) -> Step:
    return step("member", "groups.users.create", {"group_id": of("group"), "user_id": org.max})


async def test_a_creation_whose_answer_was_lost_is_found_and_gone_on_with(org: Org) -> None:
    org.emulator.faults.add(Drop(match="groups.create", only=(1,), after_effect=True))
    applied = await org.apply(plan(GROUP, _member(org)))
    assert outcomes(applied) == {"group": "done", "member": "done"}
    assert reasons(applied) == {"group": "there was no answer, but it is there when looked for"}
    assert applied.steps[0].id == next(iter(org.emulator.store.groups))["id"]
    assert len(org.emulator.store.groups) == 1


async def test_a_creation_that_was_lost_on_the_way_is_not_sent_twice(org: Org) -> None:
    org.emulator.faults.add(Drop(match="groups.create", only=(1,)))
    applied = await org.apply(plan(GROUP, _member(org)))
    assert outcomes(applied) == {"group": "not known", "member": "not tried"}
    told = "there was no answer, and it is not there when looked for; it may appear until "
    assert reasons(applied)["group"].startswith(told)
    assert org.sent() == ["POST /organization/groups"]


async def test_one_of_the_same_name_that_was_there_before_is_not_taken_for_it(org: Org) -> None:
    group = await org.client.groups.create(name="Staff")
    org.emulator.store.groups.update(group.id, {"created_at": 1_700_000_000})
    org.emulator.faults.add(Drop(match="groups.create", only=(1,), after_effect=True))
    applied = await org.apply(plan(GROUP))
    assert applied.steps[0].outcome == "done"
    assert applied.steps[0].id not in (None, group.id)


async def test_two_that_may_be_it_leave_it_not_known(org: Org) -> None:
    await org.client.groups.create(name="Staff")
    org.emulator.faults.add(Drop(match="groups.create", only=(1,), after_effect=True))
    applied = await org.apply(plan(GROUP, _member(org)))
    assert outcomes(applied) == {"group": "not known", "member": "not tried"}
    assert "may be what it created" in reasons(applied)["group"]
    assert reasons(applied)["member"] == (
        "it needs another step, which may not have been done: create group group"
    )


async def test_where_it_cannot_be_looked_for_it_is_not_known(org: Org) -> None:
    org.emulator.faults.add(Drop(match="groups.create", only=(1,), after_effect=True))
    org.emulator.faults.add(MissingScope(match="groups.list"))
    applied = await org.apply(plan(GROUP, _member(org)))
    assert outcomes(applied) == {"group": "not known", "member": "not tried"}
    assert "looking it up: the key lacks" in reasons(applied)["group"]


@pytest.mark.parametrize("fault", ["dropped", "broken"])
async def test_changes_whose_answers_were_lost_are_looked_up(org: Org, fault: str) -> None:
    lost: dict[str, Any] = {"after_effect": True} if fault == "dropped" else {"status": 500}
    kind = Drop if fault == "dropped" else Status
    member = {"project_id": org.project, "user_id": org.max}
    steps = [
        step("renamed", "projects.update", {"project_id": org.project, "name": "Found"}),
        step("role", "projects.users.update", {**member, "role": "owner"}),
        step("retention", "data_retention.update", {"retention_type": "zero_data_retention"}),
        step(
            "added",
            "projects.users.create",
            {"project_id": org.project, "user_id": org.lea, "role": "member"},
        ),
        step(
            "tools",
            "projects.hosted_tool_permissions.update",
            {"project_id": org.project, "web_search": {"enabled": False}},
        ),
        step(
            "models",
            "projects.model_permissions.update",
            {"project_id": org.project, "mode": "allow_list", "model_ids": ["a", "b"]},
        ),
    ]
    for each in steps:
        org.emulator.faults.add(kind(match=each.operation, **lost))
    applied = await org.apply(plan(*steps))
    expected = "done" if fault == "dropped" else "failed"
    assert outcomes(applied) == dict.fromkeys(outcomes(applied), expected), reasons(applied)
    assert all("looked up" in each for each in reasons(applied).values()) is (fault == "dropped")


async def test_removals_whose_answers_were_lost_are_looked_up(org: Org) -> None:
    client = org.client
    group = (await client.groups.create(name="Old")).id
    other = (await client.projects.create(name="Other")).id
    await client.projects.spend_limit.update(
        org.project, threshold_amount=100, currency="USD", interval="month"
    )
    role = (await client.roles.create(role_name="Auditor", permissions=["api.audit_logs.read"])).id
    await client.users.roles.create(org.max, role_id=role)
    invite = (await client.invites.create(email="a@example.com", role="reader", projects=[])).id
    steps = [
        step("group", "groups.delete", {"group_id": group}),
        step("limit", "projects.spend_limit.delete", {"project_id": org.project}),
        step("assigned", "users.roles.delete", {"user_id": org.max, "role_id": role}),
        step("invite", "invites.delete", {"invite_id": invite}),
        step("archived", "projects.archive", {"project_id": other}),
    ]
    for each in steps:
        org.emulator.faults.add(Drop(match=each.operation, after_effect=True))
    applied = await org.apply(plan(*steps))
    assert applied.counts == {"done": 5}, reasons(applied)
    org.emulator.faults.clear()
    # What is gone already counts as done.
    again = await org.apply(plan(*steps))
    assert again.is_complete, reasons(again)
    assert again.counts["already so"] >= 3


async def test_a_success_with_an_error_in_it_is_looked_up(org: Org) -> None:
    group = (await org.client.groups.create(name="Crew")).id
    role = (
        await org.client.projects.roles.create(
            org.project, role_name="Lead", permissions=["api.model.read"]
        )
    ).id
    org.emulator.faults.add(Odd(match="*", names=("error",)))
    made = plan(
        step(
            "access",
            "projects.groups.create",
            {"project_id": org.project, "group_id": group, "role": role},
        ),
        step(
            "role",
            "projects.users.update",
            {"project_id": org.project, "user_id": org.max, "role": "owner"},
        ),
        step("out", "projects.users.delete", {"project_id": org.project, "user_id": org.max}),
    )
    unseen = await org.apply(plan(*made.steps[:2]))
    assert outcomes(unseen) == {"access": "not known", "role": "not known"}
    org.emulator.faults.clear()
    for each in made.steps:
        org.emulator.faults.add(Odd(match=each.operation, names=("error",)))
    applied = await org.apply(made)
    assert applied.counts == {"done": 3}, reasons(applied)


async def test_what_is_there_already_counts_as_done_where_it_is_as_wanted(org: Org) -> None:
    member = {"project_id": org.project, "user_id": org.max}
    applied = await org.apply(
        plan(
            step("same", "projects.users.create", {**member, "role": "member"}),
            step("other", "projects.users.create", {**member, "role": "owner"}),
        )
    )
    assert outcomes(applied) == {"same": "already so", "other": "failed"}
    assert "already" in reasons(applied)["other"]


async def test_what_was_just_created_and_is_404_for_a_moment_is_waited_for(org: Org) -> None:
    org.emulator.faults.add(UnseenAtFirst(match="groups.*", looks=3))
    applied = await org.apply(plan(GROUP, _member(org)))
    assert applied.counts == {"done": 2}, reasons(applied)
    assert len(org.sent("POST")) == 1 + 4
    org.emulator.faults.add(UnseenAtFirst(match="groups.*", looks=9))
    late = await org.apply(plan(step("group", "groups.create", {"name": "Late"}), _member(org)))
    assert outcomes(late) == {"group": "done", "member": "failed"}
    assert "404" in reasons(late)["member"]


async def test_an_answer_that_is_not_what_was_asked_for_is_no_success(org: Org) -> None:
    role = {"project_id": org.project, "user_id": org.max, "role": "owner"}
    answer = {"object": "organization.project.user", "id": org.max, "role": "member"}
    org.emulator.faults.add(Status(match="projects.users.update", status=200, body=answer))
    applied = await org.apply(plan(step("role", "projects.users.update", role)))
    assert outcomes(applied) == {"role": "failed"}
    assert "not what was asked for, and it is not so" in reasons(applied)["role"]
    empty = plan(
        step("out", "projects.users.delete", {"project_id": org.project, "user_id": org.max})
    )
    org.emulator.faults.add(Status(match="projects.users.delete", status=200, body={}))
    assert outcomes(await org.apply(empty)) == {"out": "failed"}
    org.emulator.faults.add(MissingScope(match="projects.users.retrieve"))
    assert outcomes(await org.apply(empty)) == {"out": "not known"}


async def test_a_role_that_comes_back_null_is_no_error(org: Org) -> None:
    role = {"project_id": org.project, "user_id": org.max, "role": "owner"}
    org.emulator.faults.add(Nulls(match="projects.users.update", fields=("role",)))
    assert (await org.apply(plan(step("role", "projects.users.update", role)))).is_complete


async def test_a_refusal_is_sent_once_and_costs_no_look(org: Org) -> None:
    org.emulator.faults.add(MissingScope(match="projects.users.*"))
    role = {"project_id": org.project, "user_id": org.max, "role": "owner"}
    applied = await org.apply(plan(step("role", "projects.users.update", role)))
    assert outcomes(applied) == {"role": "failed"}
    assert len(org.emulator.requests) == 1


async def test_a_key_that_came_unasked_is_told(org: Org) -> None:
    made = plan(
        step(
            "account",
            "projects.service_accounts.create",
            {"project_id": org.project, "name": "ci", "create_service_account_only": True},
        )
    )
    answer = {
        "object": "organization.project.service_account",
        "id": "svc_acct_1",
        "name": "ci",
        "role": "member",
        "created_at": 1_700_000_000,
        "api_key": {"id": "key_1", "value": "sk-svcacct-1234567890abcdef", "name": "k"},
    }
    org.emulator.faults.add(
        Status(match="projects.service_accounts.create", status=200, body=answer)
    )
    (applied,) = (await org.apply(made)).steps
    assert (applied.outcome, applied.id) == ("done", "svc_acct_1")
    assert "came with a key key_1 that was not asked for" in (applied.reason or "")
    assert "sk-svcacct" not in repr(applied)


async def test_the_last_owner_stays_whoever_was_changed_since_the_plan(org: Org) -> None:
    store = org.emulator.store
    made = plan(
        step("less", "users.update", {"user_id": org.lea, "role": "reader"}, was="owner"),
        step("gone", "users.delete", {"user_id": org.olivia}, was="owner"),
        step("reader", "users.delete", {"user_id": org.max}, was="reader"),
    )
    applied = await org.apply(made)
    assert outcomes(applied) == {"less": "failed", "gone": "failed", "reader": "done"}
    assert "make somebody else an owner first" in reasons(applied)["less"]
    assert {u["id"] for u in store.users if u["role"] == "owner"} == {org.lea, org.olivia}
    only = plan(made.steps[0])
    store.users.update(org.olivia, {"role": "reader"})
    assert outcomes(await org.apply(only)) == {"less": "failed"}
    store.users.update(org.olivia, {"role": "owner"})
    org.emulator.faults.add(MissingScope(match="users.list"))
    applied = await org.apply(only)
    assert "whether the organization has another owner now is not known" in reasons(applied)["less"]
    org.emulator.faults.clear()
    assert (await org.apply(only)).is_complete


async def test_lost_answers_and_refusals_are_tried_again_by_the_client(org: Org) -> None:
    faults = org.emulator.faults
    faults.add(Status(match="groups.create", status=429, headers={"Retry-After": "0"}, only=(1,)))
    faults.add(Drop(match="groups.users.create", only=(1,), after_effect=True))
    async with AsyncOpenAIAdmin(
        org.emulator.admin_key, base_url=org.emulator.base_url, max_retries=2
    ) as patient:
        applied = await org.apply(plan(GROUP, _member(org)), patient)
    assert applied.counts == {"done": 2}, reasons(applied)
