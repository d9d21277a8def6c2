"""A valid call of each operation, for the demo organization.

Each example creates what it needs with its own calls, and returns the arguments of the call that
is examined. Lists are read as far as possible, so that the demo organization's own entries are
seen as well.
"""

from __future__ import annotations

from typing import Any

import tests.contract_project_examples  # noqa: F401 - it adds those of projects
from tests.contract import CONTRACT
from tests.contract_world import ALERT, EXAMPLES, LIMIT, PROVIDER, Arguments, World, example
from tests.pem import CERTIFICATE

__all__ = ["EXAMPLES"]

DAY = 86_400


def fixed(name: str, /, **arguments: Any) -> None:
    """Give an operation these arguments, for which nothing needs to be created."""

    @example(name)
    async def _(world: World) -> Arguments:
        return arguments


EXTERNAL_KEY = {
    "type": "aws",
    "name": "Contract",
    "external_id": "",
    "kms_arn": "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555",
    "role_arn": "arn:aws:iam::123456789012:role/openai",
}
CHECKPOINT = "ft:gpt-4o-mini-2024-07-18:acme:support:B7R9VjQd"
STORAGE = {"type": "aws", "bucket": "contract", "role_arn": "arn:aws:iam::123456789012:role/openai"}


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


@example("fine_tuning.checkpoints.permissions.create")
async def _(world: World) -> Arguments:
    project_ids = [await world.project(), await world.project()]
    return {"fine_tuned_model_checkpoint": CHECKPOINT, "project_ids": project_ids}


@example("fine_tuning.checkpoints.permissions.list")
async def _(world: World) -> Arguments:
    create = "fine_tuning.checkpoints.permissions.create"
    await world.call(create, **await EXAMPLES[create](world))
    return {"fine_tuned_model_checkpoint": CHECKPOINT, "limit": 1, "order": "ascending"}


@example("fine_tuning.checkpoints.permissions.delete")
async def _(world: World) -> Arguments:
    create = "fine_tuning.checkpoints.permissions.create"
    answer = await world.call(create, **await EXAMPLES[create](world))
    permission_id = answer["data"][0]["id"]
    return {"fine_tuned_model_checkpoint": CHECKPOINT, "permission_id": permission_id}


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


# --- usage and costs -----------------------------------------------------------------------


@example(*(name for name in CONTRACT if name.startswith("usage.")))
async def _(world: World) -> Arguments:
    return {"start_time": world.emulator.store.now() - 3 * DAY, "limit": 3}
