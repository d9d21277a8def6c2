"""Waiting until what was created is shown, on a server that does not show it at first."""

from __future__ import annotations

import asyncio
from typing import Any, get_args

import pytest

from openai_admin import AsyncOpenAIAdmin, OpenAIAdmin, resources
from openai_admin._declare.effect import Effect
from openai_admin._declare.operation import OPERATIONS
from openai_admin._wire.models import Page
from openai_admin._wire.structure import structure
from openai_admin.directory.visible import SHOWN_BY, wait_until_visible
from openai_admin.emulator import Emulator, parse_fault
from openai_admin.errors import (
    InternalServerError,
    InvalidInputError,
    NotVisibleError,
    PermissionDeniedError,
)
from openai_admin.resources.admin_api_keys import AdminAPIKeyCreateResponse
from openai_admin.resources.certificates import Certificate
from openai_admin.resources.fine_tuning.checkpoints.permissions import CheckpointPermission
from openai_admin.resources.groups.roles import GroupRoleAssignment
from openai_admin.resources.groups.users import GroupMembership
from openai_admin.resources.projects import Project
from openai_admin.resources.projects.service_accounts import ServiceAccountCreateResponse
from openai_admin.resources.projects.service_accounts.api_keys import ServiceAccountAPIKey
from openai_admin.resources.roles import AssignedRole, Role
from openai_admin.resources.users.roles import UserRoleAssignment

from .acme import page
from .api import API, Said, refusal

KEY = "sk-admin-canary0123456789abcdWXYZ"
PROJECT = structure({"id": "proj_1", "name": "One"}, Project)
PATH = "/organization/projects/proj_1"
NOT_YET = refusal("No such project.", status=404)


class Clock:
    """A time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


async def wait(api: API, created: Any, clock: Clock | None = None, **settings: Any) -> Any:
    clock = clock or Clock()
    async with AsyncOpenAIAdmin(KEY, base_url=api.url, max_retries=0) as client:
        client._caller.session._plain_sleep = clock.sleep
        return await wait_until_visible(client._caller, created, clock=clock, **settings)


async def test_what_is_shown_at_once_is_asked_for_once(api: API) -> None:
    clock = Clock()
    api.said[PATH] = Said(body={"id": "proj_1", "name": "One", "status": "active"})
    assert (await wait(api, PROJECT, clock)).status == "active"
    assert api.asked[PATH] == 1
    assert clock.pauses == []


async def test_it_asks_again_with_growing_pauses_until_it_is_shown(api: API) -> None:
    clock = Clock()
    shown = Said(body={"id": "proj_1"})
    api.said[PATH] = NOT_YET

    async def sleep(seconds: float) -> None:
        await Clock.sleep(clock, seconds)
        if len(clock.pauses) == 7:
            api.said[PATH] = shown

    clock.sleep = sleep  # type: ignore[method-assign]
    assert (await wait(api, PROJECT, clock)).id == "proj_1"
    assert clock.pauses == [0.5, 1, 2, 4, 8, 15, 15]


async def test_what_is_not_shown_in_time_is_told_to_exist(api: API) -> None:
    clock = Clock()
    api.said[PATH] = NOT_YET
    with pytest.raises(NotVisibleError) as caught:
        await wait(api, PROJECT, clock, timeout=60)
    assert str(caught.value) == (
        "The project proj_1 was created, but the API does not show it after 1 min:"
        " “No such project” (GET /organization/projects/proj_1)."
    )
    assert caught.value.id == "proj_1"
    assert clock.now == 60
    assert api.asked[PATH] == len(clock.pauses) + 1


async def test_no_time_is_one_look(api: API) -> None:
    class Slow(Clock):
        def __call__(self) -> float:
            self.now += 0.1  # an answer takes its time
            return self.now

    api.said[PATH] = NOT_YET
    with pytest.raises(NotVisibleError, match=r"does not show it yet: “No such project”"):
        await wait(api, PROJECT, Slow(), timeout=0)
    assert api.asked[PATH] == 1


@pytest.mark.parametrize(
    ("status", "kind"), [(403, PermissionDeniedError), (500, InternalServerError)]
)
async def test_another_refusal_is_raised_as_it_is(
    api: API, status: int, kind: type[Exception]
) -> None:
    api.said[PATH] = refusal("Not for you.", status=status)
    with pytest.raises(kind, match="Not for you"):
        await wait(api, PROJECT)


ASKED: list[tuple[Any, dict[str, str], str]] = [
    (
        structure({"id": "key_1", "value": "sk-svcacct-secret"}, ServiceAccountAPIKey),
        {"project_id": "proj_1"},
        f"{PATH}/api_keys/key_1",
    ),
    (
        structure({"id": "svc_acct_1"}, ServiceAccountCreateResponse),
        {"project_id": "proj_1"},
        f"{PATH}/service_accounts/svc_acct_1",
    ),
    (
        structure({"id": "key_2", "value": "sk-admin-secret"}, AdminAPIKeyCreateResponse),
        {},
        "/organization/admin_api_keys/key_2",
    ),
    (structure({"id": "role_1"}, Role), {}, "/organization/roles/role_1"),
    (structure({"id": "role_1"}, Role), {"project_id": "proj_1"}, "/projects/proj_1/roles/role_1"),
    (structure({"id": "cert_1"}, Certificate), {}, "/organization/certificates/cert_1"),
    (
        structure({"group_id": "group_1", "user_id": "user-1"}, GroupMembership),
        {},
        "/organization/groups/group_1/users/user-1",
    ),
    (
        structure({"group": {"id": "group_1"}, "role": {"id": "role_1"}}, GroupRoleAssignment),
        {},
        "/organization/groups/group_1/roles/role_1",
    ),
    (
        structure({"group": {"id": "group_1"}, "role": {"id": "role_1"}}, GroupRoleAssignment),
        {"project_id": "proj_1"},
        "/projects/proj_1/groups/group_1/roles/role_1",
    ),
    (
        structure({"id": "role_1"}, AssignedRole),
        {"user_id": "user-1", "project_id": "proj_1"},
        "/projects/proj_1/users/user-1/roles/role_1",
    ),
]


@pytest.mark.parametrize(("created", "of", "path"), ASKED, ids=[path for *_, path in ASKED])
async def test_it_is_asked_for_by_its_id(
    api: API, created: Any, of: dict[str, Any], path: str
) -> None:
    api.otherwise = refusal("It is elsewhere.", status=500)
    api.said[path] = Said(body={"id": "shown"})
    assert (await wait(api, created, **of)).id == "shown"


async def test_what_cannot_be_asked_for_alone_is_looked_for_in_its_listing(api: API) -> None:
    path = "/fine_tuning/checkpoints/ft:gpt/permissions"
    api.said[path] = page({"id": "cp_1"})
    api.later[path] = page({"id": "cp_1"}, {"id": "cp_2"})
    created = structure({"id": "cp_2", "project_id": "proj_1"}, CheckpointPermission)
    clock = Clock()
    found = await wait(api, created, clock, fine_tuned_model_checkpoint="ft:gpt")
    assert found.id == "cp_2"
    assert clock.pauses == [0.5]


BAD: list[tuple[Any, dict[str, Any], str]] = [
    ("proj_1", {}, "created must be what a creation returned, such as a Project, not a str."),
    (Page(data=[PROJECT]), {}, "such as a Project, not a Page."),
    (PROJECT, {"timeout": -1}, "timeout must be a number of seconds, 0 or more, not -1."),
    (PROJECT, {"timeout": float("inf")}, "timeout must be a number of seconds, 0 or more"),
    (PROJECT, {"user_id": "user-1"}, "A project is found by 'project_id', not by 'user_id'."),
    (ASKED[0][0], {}, "To find the service account API key, pass project_id as well."),
    (structure({"id": "r"}, AssignedRole), {}, "To find the assigned role, pass user_id as well."),
    (
        PROJECT,
        {"project_id": "proj_2"},
        "project_id must be 'proj_1', which the project has itself, not 'proj_2'.",
    ),
    (
        ASKED[1][0],
        {"project_id": "proj_1", "service_account_id": "svc_acct_2"},
        "service_account_id must be 'svc_acct_1', which the service account has itself",
    ),
    (PROJECT, {"project_id": ""}, "project_id must be an id, not ''."),
    (PROJECT, {"project_id": 5}, "project_id must be an id, not 5."),
    (
        structure({"id": "role_1", "resource_type": "api.project"}, Role),
        {},
        "To find the role, pass project_id as well.",
    ),
    (
        structure(
            {"user": {"id": "user-1"}, "role": {"id": "role_1", "resource_type": "api.project"}},
            UserRoleAssignment,
        ),
        {},
        "pass project_id as well.",
    ),
]


@pytest.mark.parametrize(("created", "settings", "told"), BAD)
async def test_bad_input_is_refused_before_anything_is_sent(
    api: API, created: Any, settings: dict[str, Any], told: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        await wait(api, created, **settings)
    assert told in str(caught.value)
    assert not api.asked


def test_all_that_can_be_created_is_found() -> None:
    resources.load()
    added = {
        next(iter(get_args(operation.answer)), operation.answer).__name__
        for operation in OPERATIONS.values()
        if operation.effect is Effect.ADDS
    }
    assert added - SHOWN_BY.keys() == set()
    assert {name for names in SHOWN_BY.values() for name in names} - OPERATIONS.keys() == set()


async def test_all_that_the_emulator_shows_late_is_waited_for() -> None:
    """The first two looks at each find nothing."""
    clock = Clock()
    async with (
        Emulator(state="empty") as emulator,
        AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client,
    ):
        client._caller.session._plain_sleep = clock.sleep
        emulator.faults.add(parse_fault("unseen-at-first::looks=2,as-key=no"))
        project = await client.projects.create(name="New")
        in_project = {"project_id": project.id}
        await client.wait_until_visible(project)
        account = await client.projects.service_accounts.create(project.id, name="bot")
        key = account.api_key
        assert key is not None
        group = await client.groups.create(name="Readers")
        role = await client.roles.create(role_name="looker", permissions=["api.models.read"])
        invite = await client.invites.create(email="new@example.com", role="reader")
        admin_key = await client.admin_api_keys.create(name="second")
        made: list[tuple[Any, dict[str, Any]]] = [
            (account, in_project),
            (key, in_project),
            (group, {}),
            (role, {}),
            (invite, {}),
            (admin_key, {}),
        ]
        for created, of in made:
            shown = await client.wait_until_visible(created, **of)
            assert shown.id == created.id
    assert clock.pauses == [0.5, 1.0] * (1 + len(made))


async def test_both_clients_wait_and_show_no_secret(
    demo: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        project = await client.projects.create(name="Visible")
        account = await client.projects.service_accounts.create(project.id, name="bot")
        found = await client.wait_until_visible(account, project_id=project.id)
        assert (found.id, found.name) == (account.id, "bot")

    def block() -> None:
        with OpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
            key = account.api_key
            assert key is not None
            assert client.wait_until_visible(key, project_id=project.id).id == key.id
            client.projects.api_keys.delete(project.id, key.id)
            with pytest.raises(NotVisibleError) as caught:
                client.wait_until_visible(key, project_id=project.id, timeout=0)
            assert key.value not in f"{caught.value!r} {caught.value} {vars(caught.value)}"

    await asyncio.to_thread(block)
