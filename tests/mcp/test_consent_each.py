"""Each operation that may ask, asked about on the demo organization: no question fails."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import attrs
import pytest
from pytest_asyncio import fixture

from openai_admin import AsyncOpenAIAdmin, NotFoundError
from openai_admin._declare.operation import OPERATIONS
from openai_admin.emulator import Emulator
from openai_admin.mcp.consent.asking import asking_of
from openai_admin.mcp.operations import all_tools
from openai_admin.mcp.tool import Asking
from tests.mcp.serving import changes
from tests.mcp.test_consent_effects import ASKED

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOOLS = {tool.operation.name: tool for tool in all_tools() if tool.operation is not None}
ABSENT = {
    "alert_id": "alert_none",
    "external_key_id": "ek_none",
    "external_storage_id": "es_none",
    "fine_tuned_model_checkpoint": "ft:gpt-4.1:acme:x:1",
    "invite_id": "invite-none",
    "permission_id": "cp_none",
    "rate_limit_id": "rl-none",
    "workload_identity_federation_rule_id": "rule_none",
    "workload_identity_provider_id": "wip_none",
}
"""What the demo organization may be without; it may be said not to be there."""
FURTHER: dict[str, dict[str, Any]] = {
    "invites.create": {"role": "owner"},
    "projects.api_keys.update": {"scopes": []},
    "projects.hosted_tool_permissions.update": {"web_search": {"enabled": False}},
    "projects.rate_limits.update": {"max_requests_per_1_minute": 1},
    "projects.roles.update": {"permissions": ["api.management.write"]},
    "projects.service_accounts.update": {"role": "owner"},
    "projects.service_tier_settings.update": {"enabled_tiers": ["flex"]},
    "projects.update": {"external_key_id": None},
    "projects.users.create": {"email": "a@example.com"},
    "projects.users.update": {"role": "owner"},
    "roles.update": {"permissions": ["api.management.write"]},
    "users.update": {"role": "owner"},
    "workload_identity_providers.update": {"enabled": False},
    "workload_identity_providers.federation_rules.update": {"enabled": False},
}
"""What makes a call one that is asked about, beside what it must have."""


@attrs.frozen
class Demo:
    """The demo organization, and a value for each argument."""

    emulator: Emulator
    admin: AsyncOpenAIAdmin
    values: dict[str, Any]

    async def asks(self, operation: str, arguments: dict[str, Any]) -> Asking | None:
        asking = await asking_of(TOOLS[operation], self.admin, "demo", arguments)
        assert changes(self.emulator) == []
        return asking


@fixture(loop_scope="module", scope="module")
async def demo() -> AsyncIterator[Demo]:
    async with (
        Emulator() as emulator,
        AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as admin,
    ):
        project = await admin.projects.create(name="Checkout")
        group = await admin.groups.create(name="Night Shift")
        role = await admin.roles.create(role_name="Helper", permissions=["api.usage.read"])
        account = await admin.projects.service_accounts.create(project.id, name="robot")
        assert account.api_key is not None
        certificates = (await admin.certificates.list()).data
        await admin.projects.spend_limit.update(
            project.id, threshold_amount=100, currency="USD", interval="month"
        )
        role_here = await admin.projects.roles.create(
            project.id, role_name="Builder", permissions=["api.usage.read"]
        )
        user = next(u for u in (await admin.users.list()).data if u.role == "reader")
        await admin.projects.users.create(project.id, user_id=user.id, role="member")
        key = next(iter((await admin.admin_api_keys.list()).data))
        emulator.requests.clear()
        yield Demo(
            emulator,
            admin,
            {
                **ABSENT,
                "api_key_id": account.api_key.id,
                "attribute_matchers": [],
                "certificate_id": certificates[0].id,
                "certificate_ids": [each.id for each in certificates[:2]],
                "certificate_names": [each.name for each in certificates[:2]],
                "currency": "USD",
                "email": "new@example.com",
                "group_id": group.id,
                "interval": "month",
                "key_id": key.id,
                "mode": "allow_list",
                "model_ids": ["gpt-5"],
                "name": "x",
                "project_id": project.id,
                "project_ids": [project.id],
                "project_role_id": role_here.id,
                "role": role.id,
                "role_id": role.id,
                "service_account_id": account.id,
                "threshold_amount": 1,
                "user_id": user.id,
            },
        )


@pytest.mark.parametrize("name", ASKED)
async def test_each_operation_that_may_ask_has_a_question(name: str, demo: Demo) -> None:
    operation = OPERATIONS[name]
    values = dict(demo.values)
    if name.startswith("projects.roles."):
        values["role_id"] = values["project_role_id"]
    needed = {p.name: values[p.name] for p in operation.parameters.values() if p.required}
    try:
        asking = await demo.asks(name, needed | FURTHER.get(name, {}))
    except NotFoundError:
        assert ABSENT.keys() & needed.keys() or name.endswith(".delete")
        return
    assert asking is not None
    assert asking.dangers
    assert asking.text.startswith(TOOLS[name].title)


@pytest.mark.parametrize("where", ["", "projects."])
@pytest.mark.parametrize("what", ["activate", "deactivate"])
async def test_certificates_are_shown_by_their_names(where: str, what: str, demo: Demo) -> None:
    given = {"certificate_ids": demo.values["certificate_ids"]}
    if where:
        given["project_id"] = demo.values["project_id"]
    asking = await demo.asks(f"{where}certificates.{what}", given)
    assert asking is not None
    for name in demo.values["certificate_names"]:
        assert f'"{name}"' in asking.text
