"""What kinds of power a step gives, for policies: what was not read may be any of them."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from openai_admin.organization.document.model import (
    Document,
    FederationRule,
    Group,
    IdentityProvider,
    Member,
    Person,
    Project,
    ProjectGroup,
    Role,
    ServiceAccount,
)
from openai_admin.organization.planning.making import plan
from openai_admin.organization.sections import SECTIONS
from openai_admin.organization.state import State

WHO = "ana@acme.com"
BOT = FederationRule(project="Core", service_account="bot", attributes={"sub": "x"})
THERE = Document(
    people={WHO: Person(id="user-ana", role="reader", roles=())},
    groups={
        "Staff": Group(id="group_staff", members=(), roles=("Auditor",)),
        "Admins": Group(id="group_admins", members=(), roles=("owner",)),
        "Deputies": Group(id="group_deputies", members=(), roles=("Deputy",)),
        "Leads": Group(id="group_leads", members=(), roles=()),
        "Odd": Group(id="group_odd", members=(), roles=("Odd",)),
        "Unread": Group(id="group_unread", members=()),
    },
    roles={
        "Auditor": Role(id="role_auditor", permissions=("api.audit_logs.read",)),
        "Deputy": Role(id="role_deputy", permissions=("api.management.write",)),
        "Odd": Role(id="role_odd"),
    },
    projects={
        "Core": Project(
            id="proj_core",
            members={},
            groups={"Leads": ProjectGroup(roles=("owner",))},
            roles={
                "Lead": Role(id="role_lead", permissions=("api.project.write",)),
                "Odd": Role(id="role_odd_too"),
            },
            service_accounts={
                "bot": ServiceAccount(id="svc_bot", role="owner"),
                "ci": ServiceAccount(id="svc_ci", role="member"),
                "odd": ServiceAccount(id="svc_odd"),
            },
        )
    },
    identity_providers={
        "CI": IdentityProvider(id="idp_1", issuer="https://i", audience="a", rules={})
    },
)
STATE = State(
    document=THERE,
    sections=frozenset(SECTIONS),
    role_ids={
        (None, "owner"): "role-api-organization-owner",
        (None, "reader"): "role-api-organization-reader",
    },
)


def _members(group: str) -> Document:
    return Document(groups={group: Group(members=(WHO,))})


def _core(**fields: Any) -> Document:
    return Document(projects={"Core": Project(**fields)})


def _rule(account: str) -> Document:
    rule = attrs.evolve(BOT, service_account=account)
    provider = IdentityProvider(issuer="https://i", audience="a", rules={"R": rule})
    return Document(identity_providers={"CI": provider})


@pytest.mark.parametrize(
    ("wanted", "grants"),
    [
        (Document(people={WHO: Person(role="owner")}), ("organization_owner",)),
        (Document(people={"new@acme.com": Person(role="reader")}), ()),
        (Document(people={WHO: Person(roles=("Auditor",))}), ("role",)),
        (Document(people={WHO: Person(roles=("Deputy",))}), ("organization_owner",)),
        (Document(people={WHO: Person(roles=("Odd",))}), ("unknown",)),
        (Document(groups={"Leads": Group(roles=("reader",))}), ("role",)),
        (_members("Staff"), ("role", "access")),
        (_members("Admins"), ("organization_owner", "access")),
        (_members("Deputies"), ("organization_owner", "access")),
        (_members("Leads"), ("project_owner", "access")),
        (_members("Odd"), ("access", "unknown")),
        (_members("Unread"), ("access", "unknown")),
        (
            Document(roles={"Auditor": Role(permissions=("api.management.write",))}),
            ("organization_owner",),
        ),
        (Document(roles={"Odd": Role(permissions=("api.usage.read",))}), ("role",)),
        (_core(members={WHO: Member(role="owner")}), ("project_owner",)),
        (_core(groups={"Staff": ProjectGroup(roles=("Lead",))}), ("project_owner",)),
        (_core(groups={"Staff": ProjectGroup(roles=("viewer",))}), ("role",)),
        (_core(groups={"Staff": ProjectGroup(roles=("Odd",))}), ("unknown",)),
        (_core(service_accounts={"ci": ServiceAccount(role="owner")}), ("project_owner",)),
        (_core(service_accounts={"new": ServiceAccount()}), ("access",)),
        (_rule("bot"), ("project_owner", "access")),
        (_rule("ci"), ("access",)),
        (_rule("odd"), ("access", "unknown")),
    ],
)
def test_a_step_says_what_kinds_of_power_it_gives(
    wanted: Document, grants: tuple[str, ...]
) -> None:
    planned = plan(wanted, STATE)
    assert planned.impossible == ()
    (step,) = planned.steps
    assert step.grants == grants
    assert bool(step.power) == bool(grants)


@pytest.mark.parametrize(
    ("projects", "incomplete"),
    [
        (None, ()),
        ({"Core": Project(id="proj_core")}, ()),
        (THERE.projects, (("projects", None),)),
        (THERE.projects, (("projects.groups", "proj_core"),)),
        (THERE.projects, (("groups.roles", "group_staff"),)),
    ],
)
def test_who_joins_a_group_of_which_not_all_was_read_may_become_an_owner(
    projects: Any, incomplete: tuple[tuple[str, str | None], ...]
) -> None:
    there = attrs.evolve(THERE, projects=projects)
    state = attrs.evolve(STATE, document=there, incomplete=frozenset(incomplete))
    (step,) = plan(_members("Staff"), state).steps
    assert step.grants == ("role", "access", "unknown")
    assert step.power is not None
    assert step.power.endswith("which was not read and may make them an owner")


@pytest.mark.parametrize(
    ("deputy", "is_refused"),
    [
        (Role(), False),
        (Role(permissions=("api.usage.read",)), True),  # it is weakened by the same plan
    ],
)
def test_the_owner_of_the_key_may_get_another_role_that_gives_as_much(
    deputy: Role, is_refused: bool
) -> None:
    roles = {
        **(THERE.roles or {}),
        "Super": Role(id="role_super", permissions=("api.management.write",)),
    }
    people = {WHO: Person(id="user-ana", role="reader", roles=("Super",))}
    groups = {"Staff": Group(id="group_staff", members=(), roles=())}
    there = attrs.evolve(THERE, people=people, roles=roles, groups=groups)
    state = attrs.evolve(STATE, document=there, acting_user="user-ana")
    wanted = Document(
        people={WHO: Person(roles=("Deputy",))}, roles={"Deputy": deputy}, prune=("people.roles",)
    )
    planned = plan(wanted, state)
    assert bool(planned.impossible) == is_refused
    by_operation = {step.operation: step for step in planned.steps}
    given, taken = by_operation["users.roles.create"], by_operation["users.roles.delete"]
    assert (given.id in taken.needs) is not is_refused


def test_it_is_said_where_the_role_of_the_owner_of_the_key_permits_less() -> None:
    super_ = Role(id="role_super", permissions=("api.management.read", "api.management.write"))
    people = {WHO: Person(id="user-ana", role="reader", roles=("Super",))}
    there = attrs.evolve(THERE, people=people, roles={"Super": super_})
    state = attrs.evolve(STATE, document=there, acting_user="user-ana")
    weaker = Document(roles={"Super": Role(permissions=("api.management.write",))})
    (step,) = plan(weaker, state).steps
    assert step.notes == (
        "The owner of the admin key in use has it, and loses api.management.read by it.",
    )
    assert plan(weaker, attrs.evolve(state, acting_user="user-x")).steps[0].notes == ()
