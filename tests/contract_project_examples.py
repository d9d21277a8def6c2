"""A valid call of each operation on what belongs to a project; see `contract_examples`."""

from __future__ import annotations

from tests.contract_world import ALERT, EXAMPLES, LIMIT, Arguments, World, example


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
