"""A valid call of each operation, for the demo organization.

Each example makes what it needs with calls of its own, and gives the arguments of the call that
is looked at. Lists are asked for as much as they give, so that the demo organization's own
entries are seen as well.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
import attrs
from yarl import URL

from openai_admin.emulator import Emulator
from openai_admin.operation import OPERATIONS
from tests.contract import CONTRACT
from tests.pem import CERTIFICATE

DAY = 86_400

Arguments = dict[str, Any]


@attrs.frozen
class World:
    """The demo organization, and bare calls to it: no client of ours comes between."""

    emulator: Emulator
    session: aiohttp.ClientSession

    async def try_to_send(
        self, name: str, arguments: Mapping[str, Any], *, body: Any = None
    ) -> tuple[int, bytes]:
        """The status and the answer of a call, whose arguments or whole body may be any JSON."""
        request = OPERATIONS[name].prepare(arguments, check=False).request
        content = request.body if body is None else json.dumps(body).encode()
        url = URL(self.emulator.base_url + "/" + request.target.lstrip("/"), encoded=True)
        headers = {
            "Authorization": f"Bearer {self.emulator.admin_key}",
            "Content-Type": "application/json",
        }
        async with self.session.request(
            request.method, url, data=content, headers=headers
        ) as response:
            return response.status, await response.read()

    async def send(self, name: str, arguments: Mapping[str, Any]) -> bytes:
        """The body of the answer to a call, which must succeed."""
        OPERATIONS[name].prepare(arguments)
        status, answer = await self.try_to_send(name, arguments)
        assert status == 200, f"{name}: {status} {answer.decode()}"
        return answer

    async def call(self, name: str, /, **arguments: Any) -> Any:
        """The decoded answer to a call, which must succeed."""
        return json.loads(await self.send(name, arguments))

    async def make(self, name: str, /, **arguments: Any) -> str:
        """Create a thing with a call, and give its id."""
        created = await self.call(name, **arguments)
        return str(created["id"])

    async def project(self) -> str:
        """A new project."""
        return await self.make("projects.create", name="Contract")

    async def busy_project(self) -> str:
        """The project of the demo organization that has the most keys."""
        keys = self.emulator.store.project_api_keys
        return str(max(keys, key=lambda project_id: len(keys[project_id])))

    async def user(self) -> str:
        """A member of the organization who is no owner."""
        users = (await self.call("users.list", limit=100))["data"]
        return str(next(user["id"] for user in users if user["role"] != "owner"))

    async def group(self) -> str:
        """A new group."""
        return await self.make("groups.create", name="Contract")

    async def role(self) -> str:
        """A new role of the organization."""
        return await self.make(
            "roles.create",
            role_name="contract-reader",
            permissions=["api.organization.read"],
            description="Reads.",
        )

    async def project_role(self, project_id: str) -> str:
        """A new role of a project."""
        return await self.make(
            "projects.roles.create",
            project_id=project_id,
            role_name="contract-reader",
            permissions=["api.organization.projects.read"],
        )

    async def member(self, project_id: str) -> str:
        """Somebody who was just added to a project."""
        user_id = await self.user()
        await self.call(
            "projects.users.create", project_id=project_id, user_id=user_id, role="member"
        )
        return user_id

    async def service_account(self, project_id: str) -> str:
        """A new service account, with a key."""
        return await self.make(
            "projects.service_accounts.create", project_id=project_id, name="contract-bot"
        )

    async def certificate(self) -> str:
        """A new certificate, not active."""
        return await self.make("certificates.create", certificate=CERTIFICATE, name="Contract")

    async def provider(self) -> str:
        """A new workload identity provider."""
        return await self.make("workload_identity_providers.create", **PROVIDER)

    async def rule(self) -> Arguments:
        """A new federation rule, as path arguments."""
        arguments = await EXAMPLES["workload_identity_providers.federation_rules.create"](self)
        rule_id = await self.make(
            "workload_identity_providers.federation_rules.create", **arguments
        )
        return {
            "workload_identity_provider_id": arguments["workload_identity_provider_id"],
            "workload_identity_federation_rule_id": rule_id,
        }


Example = Callable[[World], Awaitable[Arguments]]
EXAMPLES: dict[str, Example] = {}


def example(*names: str) -> Callable[[Example], Example]:
    """Let a function give the arguments of these operations."""

    def bind(function: Example) -> Example:
        for name in names:
            assert name not in EXAMPLES
            EXAMPLES[name] = function
        return function

    return bind


def fixed(name: str, /, **arguments: Any) -> None:
    """Let an operation have these arguments, for which nothing needs to be made."""

    @example(name)
    async def _(world: World) -> Arguments:
        return arguments


PROVIDER = {
    "name": "Contract",
    "type": "oidc",
    "issuer": "https://issuer.example.com",
    "audience": "https://api.openai.com/v1",
    "description": "Builds.",
    "attribute_transformations": [{"attribute": "repo", "expression": "assertion.repository"}],
    "verification": {"type": "discovery", "discovery_url": None},
    "enabled": True,
}
EXTERNAL_KEY = {
    "type": "aws",
    "name": "Contract",
    "external_id": "",
    "kms_arn": "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555",
    "role_arn": "arn:aws:iam::123456789012:role/openai",
}
STORAGE = {"type": "aws", "bucket": "contract", "role_arn": "arn:aws:iam::123456789012:role/openai"}
ALERT = {
    "currency": "USD",
    "interval": "month",
    "threshold_amount": 50_000,
    "notification_channel": {
        "type": "email",
        "recipients": ["ada@example.com"],
        "subject_prefix": "Spend",
    },
}
LIMIT = {"currency": "USD", "interval": "month", "threshold_amount": 100_000}


# --- the organization ----------------------------------------------------------------------

fixed("admin_api_keys.create", name="rotation", expires_in_seconds=3600)
fixed("admin_api_keys.list", limit=100, order="desc")
fixed("audit_logs.list", limit=100)
fixed("certificates.create", certificate=CERTIFICATE, name="Contract")
fixed("data_retention.retrieve")
fixed("data_retention.update", retention_type="modified_abuse_monitoring")
fixed("groups.create", name="Contract")
fixed("groups.list", limit=100)
fixed("invites.list", limit=100)
fixed("projects.create", name="Contract", residency="EU_STORAGE_PROCESSING")
fixed("projects.list", limit=100, include_archived=True)
fixed(
    "roles.create",
    role_name="contract",
    permissions=["api.organization.read"],
    description="Reads.",
)
fixed("roles.list", limit=100)
fixed("spend_alerts.create", **ALERT)
fixed("spend_limit.update", **LIMIT)
fixed("users.list", limit=100)
fixed("workload_identity_providers.create", **PROVIDER)


@example("admin_api_keys.retrieve", "admin_api_keys.delete")
async def _(world: World) -> Arguments:
    return {"key_id": await world.make("admin_api_keys.create", name="rotation")}


@example("certificates.list")
async def _(world: World) -> Arguments:
    await world.certificate()
    return {"limit": 100}


@example("certificates.retrieve")
async def _(world: World) -> Arguments:
    return {"certificate_id": await world.certificate(), "include": ["content"]}


@example("certificates.update")
async def _(world: World) -> Arguments:
    return {"certificate_id": await world.certificate(), "name": "Renamed"}


@example("certificates.delete")
async def _(world: World) -> Arguments:
    return {"certificate_id": await world.certificate()}


@example("certificates.activate")
async def _(world: World) -> Arguments:
    return {"certificate_ids": [await world.certificate()]}


@example("certificates.deactivate")
async def _(world: World) -> Arguments:
    ids = [await world.certificate()]
    await world.call("certificates.activate", certificate_ids=ids)
    return {"certificate_ids": ids}


@example("external_keys.create")
async def _(world: World) -> Arguments:
    return {**EXTERNAL_KEY, "external_id": world.emulator.store.organization["id"]}


@example("external_keys.list")
async def _(world: World) -> Arguments:
    await world.call("external_keys.create", **await EXAMPLES["external_keys.create"](world))
    return {"limit": 100, "purpose": "ekm"}


@example("external_keys.retrieve", "external_keys.validate", "external_keys.delete")
async def _(world: World) -> Arguments:
    arguments = await EXAMPLES["external_keys.create"](world)
    return {"external_key_id": await world.make("external_keys.create", **arguments)}


@example("external_storage.create")
async def _(world: World) -> Arguments:
    return {"project_id": await world.project(), "provider": STORAGE}


@example("external_storage.list")
async def _(world: World) -> Arguments:
    project_id = await world.project()
    await world.call("external_storage.create", project_id=project_id, provider=STORAGE)
    return {"project_id": project_id, "limit": 100}


@example("external_storage.retrieve", "external_storage.validate", "external_storage.delete")
async def _(world: World) -> Arguments:
    arguments = await EXAMPLES["external_storage.create"](world)
    return {"external_storage_id": await world.make("external_storage.create", **arguments)}


@example("groups.retrieve", "groups.delete")
async def _(world: World) -> Arguments:
    return {"group_id": await world.group()}


@example("groups.update")
async def _(world: World) -> Arguments:
    return {"group_id": await world.group(), "name": "Renamed"}


@example("groups.users.create")
async def _(world: World) -> Arguments:
    return {"group_id": await world.group(), "user_id": await world.user()}


@example("groups.users.list")
async def _(world: World) -> Arguments:
    arguments = await EXAMPLES["groups.users.create"](world)
    await world.call("groups.users.create", **arguments)
    return {"group_id": arguments["group_id"]}


@example("groups.users.retrieve", "groups.users.delete")
async def _(world: World) -> Arguments:
    arguments = await EXAMPLES["groups.users.create"](world)
    await world.call("groups.users.create", **arguments)
    return arguments


@example("groups.roles.create")
async def _(world: World) -> Arguments:
    return {"group_id": await world.group(), "role_id": await world.role()}


@example("groups.roles.list")
async def _(world: World) -> Arguments:
    arguments = await EXAMPLES["groups.roles.create"](world)
    await world.call("groups.roles.create", **arguments)
    return {"group_id": arguments["group_id"]}


@example("groups.roles.retrieve", "groups.roles.delete")
async def _(world: World) -> Arguments:
    arguments = await EXAMPLES["groups.roles.create"](world)
    await world.call("groups.roles.create", **arguments)
    return arguments


@example("invites.create")
async def _(world: World) -> Arguments:
    projects = [{"id": await world.project(), "role": "member"}]
    return {"email": "new.person@example.com", "role": "reader", "projects": projects}


@example("invites.retrieve", "invites.delete")
async def _(world: World) -> Arguments:
    arguments = await EXAMPLES["invites.create"](world)
    return {"invite_id": await world.make("invites.create", **arguments)}


@example("roles.retrieve", "roles.delete")
async def _(world: World) -> Arguments:
    return {"role_id": await world.role()}


@example("roles.update")
async def _(world: World) -> Arguments:
    return {"role_id": await world.role(), "role_name": "renamed", "description": None}


@example("spend_alerts.list")
async def _(world: World) -> Arguments:
    await world.call("spend_alerts.create", **ALERT)
    return {"limit": 100}


@example("spend_alerts.retrieve", "spend_alerts.delete")
async def _(world: World) -> Arguments:
    return {"alert_id": await world.make("spend_alerts.create", **ALERT)}


@example("spend_alerts.update")
async def _(world: World) -> Arguments:
    return {"alert_id": await world.make("spend_alerts.create", **ALERT), **ALERT}


@example("spend_limit.retrieve", "spend_limit.delete")
async def _(world: World) -> Arguments:
    await world.call("spend_limit.update", **LIMIT)
    return {}


@example("users.retrieve", "users.delete")
async def _(world: World) -> Arguments:
    return {"user_id": await world.user()}


@example("users.update")
async def _(world: World) -> Arguments:
    return {"user_id": await world.user(), "role": "owner"}


@example("users.roles.create")
async def _(world: World) -> Arguments:
    return {"user_id": await world.user(), "role_id": await world.role()}


@example("users.roles.list")
async def _(world: World) -> Arguments:
    arguments = await EXAMPLES["users.roles.create"](world)
    await world.call("users.roles.create", **arguments)
    return {"user_id": arguments["user_id"]}


@example("users.roles.retrieve", "users.roles.delete")
async def _(world: World) -> Arguments:
    arguments = await EXAMPLES["users.roles.create"](world)
    await world.call("users.roles.create", **arguments)
    return arguments


# --- workload identity ---------------------------------------------------------------------


@example("workload_identity_providers.list")
async def _(world: World) -> Arguments:
    await world.provider()
    return {"limit": 100}


@example("workload_identity_providers.retrieve", "workload_identity_providers.delete")
async def _(world: World) -> Arguments:
    return {"workload_identity_provider_id": await world.provider()}


@example("workload_identity_providers.update")
async def _(world: World) -> Arguments:
    provider_id = await world.provider()
    return {"workload_identity_provider_id": provider_id, "description": None, "enabled": False}


@example("workload_identity_providers.federation_rules.create")
async def _(world: World) -> Arguments:
    project_id = await world.project()
    return {
        "workload_identity_provider_id": await world.provider(),
        "project_id": project_id,
        "service_account_id": await world.service_account(project_id),
        "name": "Contract",
        "description": "Builds of the main branch.",
        "attribute_matchers": {"repo": "example/contract", "protected": True, "runs": 3},
        "permissions": {"type": "restricted", "scopes": ["api.model.request"]},
        "enabled": True,
    }


@example("workload_identity_providers.federation_rules.list")
async def _(world: World) -> Arguments:
    rule = await world.rule()
    return {"workload_identity_provider_id": rule["workload_identity_provider_id"]}


@example(
    "workload_identity_providers.federation_rules.retrieve",
    "workload_identity_providers.federation_rules.delete",
)
async def _(world: World) -> Arguments:
    return await world.rule()


@example("workload_identity_providers.federation_rules.update")
async def _(world: World) -> Arguments:
    permissions = {"type": "service_account_default"}
    return {**await world.rule(), "name": None, "permissions": permissions}


# --- projects ------------------------------------------------------------------------------


@example(
    "projects.retrieve",
    "projects.archive",
    "projects.data_retention.retrieve",
    "projects.hosted_tool_permissions.retrieve",
    "projects.model_permissions.retrieve",
    "projects.service_tier_settings.retrieve",
)
async def _(world: World) -> Arguments:
    return {"project_id": await world.project()}


@example("projects.update")
async def _(world: World) -> Arguments:
    return {"project_id": await world.project(), "name": "Renamed", "external_key_id": None}


@example(
    "projects.api_keys.list",
    "projects.rate_limits.list",
    "projects.service_accounts.list",
    "projects.users.list",
)
async def _(world: World) -> Arguments:
    return {"project_id": await world.busy_project(), "limit": 100}


@example("projects.api_keys.retrieve", "projects.api_keys.delete")
async def _(world: World) -> Arguments:
    project_id = await world.busy_project()
    keys = (await world.call("projects.api_keys.list", project_id=project_id))["data"]
    return {"project_id": project_id, "api_key_id": keys[0]["id"]}


@example("projects.api_keys.update")
async def _(world: World) -> Arguments:
    key = await EXAMPLES["projects.api_keys.retrieve"](world)
    return {**key, "scopes": ["api.all.read"], "expires_in_seconds": 3600}


@example("projects.certificates.activate")
async def _(world: World) -> Arguments:
    return {"project_id": await world.project(), "certificate_ids": [await world.certificate()]}


@example("projects.certificates.deactivate")
async def _(world: World) -> Arguments:
    arguments = await EXAMPLES["projects.certificates.activate"](world)
    await world.call("projects.certificates.activate", **arguments)
    return arguments


@example("projects.certificates.list")
async def _(world: World) -> Arguments:
    arguments = await EXAMPLES["projects.certificates.deactivate"](world)
    return {"project_id": arguments["project_id"], "limit": 100}


@example("projects.data_retention.update")
async def _(world: World) -> Arguments:
    return {"project_id": await world.project(), "retention_type": "zero_data_retention"}


@example("projects.groups.create")
async def _(world: World) -> Arguments:
    project_id = await world.project()
    return {
        "project_id": project_id,
        "group_id": await world.group(),
        "role": await world.project_role(project_id),
    }


async def _project_group(world: World) -> Arguments:
    arguments = await EXAMPLES["projects.groups.create"](world)
    await world.call("projects.groups.create", **arguments)
    return {"project_id": arguments["project_id"], "group_id": arguments["group_id"]}


@example("projects.groups.list")
async def _(world: World) -> Arguments:
    return {"project_id": (await _project_group(world))["project_id"]}


@example("projects.groups.retrieve")
async def _(world: World) -> Arguments:
    return {**await _project_group(world), "group_type": "group"}


@example("projects.groups.delete", "projects.groups.roles.list")
async def _(world: World) -> Arguments:
    return await _project_group(world)


@example("projects.groups.roles.create")
async def _(world: World) -> Arguments:
    group = await _project_group(world)
    role_id = await world.make(
        "projects.roles.create",
        project_id=group["project_id"],
        role_name="contract-writer",
        permissions=["api.organization.projects.write"],
    )
    return {**group, "role_id": role_id}


@example("projects.groups.roles.retrieve", "projects.groups.roles.delete")
async def _(world: World) -> Arguments:
    arguments = await EXAMPLES["projects.groups.roles.create"](world)
    await world.call("projects.groups.roles.create", **arguments)
    return arguments


@example("projects.hosted_tool_permissions.update")
async def _(world: World) -> Arguments:
    return {
        "project_id": await world.project(),
        "web_search": {"enabled": False},
        "mcp": {"enabled": True},
    }


@example("projects.model_permissions.update")
async def _(world: World) -> Arguments:
    return {"project_id": await world.project(), "mode": "allow_list", "model_ids": ["gpt-5-mini"]}


@example("projects.model_permissions.delete")
async def _(world: World) -> Arguments:
    arguments = await EXAMPLES["projects.model_permissions.update"](world)
    await world.call("projects.model_permissions.update", **arguments)
    return {"project_id": arguments["project_id"]}


@example("projects.rate_limits.update")
async def _(world: World) -> Arguments:
    project_id = await world.project()
    limits = (await world.call("projects.rate_limits.list", project_id=project_id))["data"]
    return {
        "project_id": project_id,
        "rate_limit_id": limits[0]["id"],
        "max_requests_per_1_minute": 10,
        "max_tokens_per_1_minute": 1000,
    }


@example("projects.roles.create")
async def _(world: World) -> Arguments:
    return {
        "project_id": await world.project(),
        "role_name": "contract",
        "permissions": ["api.organization.projects.read"],
        "description": "Reads.",
    }


@example("projects.roles.list")
async def _(world: World) -> Arguments:
    project_id = await world.project()
    await world.project_role(project_id)
    return {"project_id": project_id, "limit": 100}


@example("projects.roles.retrieve", "projects.roles.delete")
async def _(world: World) -> Arguments:
    project_id = await world.project()
    return {"project_id": project_id, "role_id": await world.project_role(project_id)}


@example("projects.roles.update")
async def _(world: World) -> Arguments:
    role = await EXAMPLES["projects.roles.retrieve"](world)
    return {**role, "role_name": "renamed", "permissions": ["api.organization.projects.write"]}


@example("projects.service_accounts.create")
async def _(world: World) -> Arguments:
    project_id = await world.project()
    return {"project_id": project_id, "name": "contract-bot", "expires_in_seconds": 3600}


@example("projects.service_accounts.retrieve", "projects.service_accounts.delete")
async def _(world: World) -> Arguments:
    project_id = await world.project()
    account_id = await world.service_account(project_id)
    return {"project_id": project_id, "service_account_id": account_id}


@example("projects.service_accounts.update")
async def _(world: World) -> Arguments:
    account = await EXAMPLES["projects.service_accounts.retrieve"](world)
    return {**account, "name": "renamed", "role": "owner"}


@example("projects.service_accounts.api_keys.create")
async def _(world: World) -> Arguments:
    account = await EXAMPLES["projects.service_accounts.retrieve"](world)
    return {**account, "name": "second", "scopes": ["api.all.read"], "expires_in_seconds": 60}


@example("projects.service_tier_settings.update")
async def _(world: World) -> Arguments:
    return {
        "project_id": await world.project(),
        "default": "fast",
        "enabled_tiers": ["flex", "fast"],
    }


@example("projects.spend_alerts.create")
async def _(world: World) -> Arguments:
    return {"project_id": await world.project(), **ALERT}


async def _project_alert(world: World) -> Arguments:
    project_id = await world.project()
    alert_id = await world.make("projects.spend_alerts.create", project_id=project_id, **ALERT)
    return {"project_id": project_id, "alert_id": alert_id}


@example("projects.spend_alerts.list")
async def _(world: World) -> Arguments:
    return {"project_id": (await _project_alert(world))["project_id"], "limit": 100}


@example("projects.spend_alerts.retrieve", "projects.spend_alerts.delete")
async def _(world: World) -> Arguments:
    return await _project_alert(world)


@example("projects.spend_alerts.update")
async def _(world: World) -> Arguments:
    return {**await _project_alert(world), **ALERT}


@example("projects.spend_limit.update")
async def _(world: World) -> Arguments:
    return {"project_id": await world.project(), **LIMIT}


@example("projects.spend_limit.retrieve", "projects.spend_limit.delete")
async def _(world: World) -> Arguments:
    project_id = await world.project()
    await world.call("projects.spend_limit.update", project_id=project_id, **LIMIT)
    return {"project_id": project_id}


@example("projects.users.create")
async def _(world: World) -> Arguments:
    project_id = await world.project()
    return {"project_id": project_id, "user_id": await world.user(), "role": "member"}


@example("projects.users.retrieve", "projects.users.delete")
async def _(world: World) -> Arguments:
    project_id = await world.project()
    return {"project_id": project_id, "user_id": await world.member(project_id)}


@example("projects.users.update")
async def _(world: World) -> Arguments:
    return {**await EXAMPLES["projects.users.retrieve"](world), "role": "owner"}


@example("projects.users.roles.create")
async def _(world: World) -> Arguments:
    project_id = await world.project()
    return {
        "project_id": project_id,
        "user_id": await world.member(project_id),
        "role_id": await world.project_role(project_id),
    }


async def _project_assignment(world: World) -> Arguments:
    arguments = await EXAMPLES["projects.users.roles.create"](world)
    await world.call("projects.users.roles.create", **arguments)
    return arguments


@example("projects.users.roles.list")
async def _(world: World) -> Arguments:
    arguments = await _project_assignment(world)
    return {"project_id": arguments["project_id"], "user_id": arguments["user_id"]}


@example("projects.users.roles.retrieve", "projects.users.roles.delete")
async def _(world: World) -> Arguments:
    return await _project_assignment(world)


# --- usage and costs -----------------------------------------------------------------------


@example(*(name for name in CONTRACT if name.startswith("usage.")))
async def _(world: World) -> Arguments:
    return {"start_time": world.emulator.store.now() - 3 * DAY, "limit": 3}
