"""Changes by hand: whatever the official client can do to an organization, at random."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Any, TypeVar

import openai

from openai_admin.emulator import Emulator
from openai_admin.emulator.rate_limits import LIMITS
from openai_admin.emulator.roles import Scope
from openai_admin.emulator.table import Record
from tests.furnished import TOOLS
from tests.organizations import ORGANIZATION_PERMISSIONS, PROJECT_PERMISSIONS

T = TypeVar("T")

_RETENTIONS = ("zero_data_retention", "modified_abuse_monitoring")


class NothingToChange(Exception):
    """There is no such thing in the organization."""


class ByHand:
    """Changes an organization with the official client.

    Args:
        emulator: where the organization is; it is only looked at, for what there is to change.
        client: the official client.
        random: decides what is done.
        archives: whether projects are archived as well, which nothing takes back.
        keeps_default: whether the default project keeps its name: a file without pins would have it
            archived under the new one, which the API refuses.
    """

    def __init__(
        self,
        emulator: Emulator,
        client: openai.AsyncOpenAI,
        random: Random,
        *,
        archives: bool = False,
        keeps_default: bool = False,
    ) -> None:
        self._store = emulator.store
        self._api = client.admin.organization
        self._random = random
        self._keeps_default = keeps_default
        self._number = 0
        self.done: list[str] = []
        """What was done, by name."""
        self.refused = 0
        """How many changes the API refused."""
        self.archived: list[str] = []
        """The ids of projects that were archived."""
        self._kinds = [getattr(self, name) for name in dir(type(self)) if name.startswith("do_")]
        if not archives:
            self._kinds.remove(self.do_archive_project)

    async def change(self, count: int) -> None:
        """Make so many changes."""
        while len(self.done) < count:
            kind: Callable[[], Awaitable[Any]] = self._random.choice(self._kinds)
            self._number += 1
            try:
                await kind()
            except NothingToChange:
                continue
            except openai.APIStatusError as refusal:
                assert refusal.status_code < 500, refusal
                self.refused += 1
                continue
            self.done.append(kind.__name__.removeprefix("do_"))

    # People.

    async def do_role_of_person(self) -> Any:
        # Of those whom an identity provider manages the file changes nothing.
        user = self._one(each for each in self._store.users if not each.get("is_scim_managed"))
        role = "reader" if user["role"] == "owner" else "owner"
        return await self._api.users.update(user["id"], role=role)

    async def do_remove_person(self) -> Any:
        # Whoever is in a group that an identity provider manages cannot be put back by the file.
        managed = {each["id"] for each in self._store.groups if _is_managed(each)}
        users = [
            user["id"]
            for user in [*self._store.users][1:]
            if managed.isdisjoint(self._store.group_users.scopes_of(user["id"]))
        ]
        return await self._api.users.delete(self._one(users))

    async def do_invite(self) -> Any:
        projects = [{"id": self._project(), "role": "member"}] if self._chance(0.5) else []
        return await self._api.invites.create(
            email=f"invited{self._number}@web.com",
            role=self._random.choice(("owner", "reader")),
            projects=projects,  # type: ignore[arg-type]
        )

    async def do_withdraw_invite(self) -> Any:
        return await self._api.invites.delete(self._one(self._store.invites)["id"])

    async def do_give_role(self) -> Any:
        user, role = self._one(self._store.users), self._role(None)
        return await self._api.users.roles.create(user["id"], role_id=role)

    async def do_take_role(self) -> Any:
        user_id, role = self._given(self._store.user_roles)
        return await self._api.users.roles.delete(role, user_id=user_id)

    # Groups.

    async def do_add_group(self) -> Any:
        return await self._api.groups.create(name=f"Made by hand {self._number}")

    async def do_rename_group(self) -> Any:
        return await self._api.groups.update(self._group(), name=f"Renamed {self._number}")

    async def do_remove_group(self) -> Any:
        return await self._api.groups.delete(self._group())

    async def do_add_to_group(self) -> Any:
        user = self._one(self._store.users)
        return await self._api.groups.users.create(self._group(), user_id=user["id"])

    async def do_remove_from_group(self) -> Any:
        group = self._group()
        member = self._one(self._store.group_users[group])
        return await self._api.groups.users.delete(member["id"], group_id=group)

    async def do_give_role_to_group(self) -> Any:
        return await self._api.groups.roles.create(self._group(), role_id=self._role(None))

    async def do_take_role_from_group(self) -> Any:
        group, role = self._given(self._store.group_roles)
        return await self._api.groups.roles.delete(role, group_id=group)

    # Roles.

    async def do_add_role(self) -> Any:
        return await self._api.roles.create(
            role_name=f"Role made by hand {self._number}",
            permissions=self._some(ORGANIZATION_PERMISSIONS),
        )

    async def do_change_role(self) -> Any:
        if self._chance(0.5):
            return await self._api.roles.update(self._role(None), role_name=f"R{self._number}")
        return await self._api.roles.update(
            self._role(None), permissions=self._some(ORGANIZATION_PERMISSIONS)
        )

    async def do_remove_role(self) -> Any:
        return await self._api.roles.delete(self._role(None))

    async def do_add_project_role(self) -> Any:
        return await self._api.projects.roles.create(
            self._project(),
            role_name=f"Role made by hand {self._number}",
            permissions=self._some(PROJECT_PERMISSIONS),
        )

    async def do_change_project_role(self) -> Any:
        project = self._project()
        return await self._api.projects.roles.update(
            self._role(project), project_id=project, permissions=self._some(PROJECT_PERMISSIONS)
        )

    async def do_remove_project_role(self) -> Any:
        project = self._project()
        return await self._api.projects.roles.delete(self._role(project), project_id=project)

    # Projects, and who is in them.

    async def do_add_project(self) -> Any:
        return await self._api.projects.create(name=f"Made by hand {self._number}")

    async def do_rename_project(self) -> Any:
        project = self._project()
        if self._keeps_default and self._store.projects.get(project).get("_default"):
            raise NothingToChange
        return await self._api.projects.update(project, name=f"Renamed {self._number}")

    async def do_archive_project(self) -> Any:
        project = self._project()
        await self._api.projects.archive(project)
        self.archived.append(project)

    async def do_add_member(self) -> Any:
        return await self._api.projects.users.create(
            self._project(),
            user_id=self._one(self._store.users)["id"],
            role=self._random.choice(("owner", "member", "viewer")),
        )

    async def do_role_of_member(self) -> Any:
        project, member = self._member()
        role = self._random.choice(("owner", "member", "viewer"))
        return await self._api.projects.users.update(member, project_id=project, role=role)

    async def do_remove_member(self) -> Any:
        project, member = self._member()
        return await self._api.projects.users.delete(member, project_id=project)

    async def do_give_role_to_member(self) -> Any:
        project, member = self._member()
        return await self._api.projects.users.roles.create(
            member, project_id=project, role_id=self._role(project)
        )

    async def do_take_role_from_member(self) -> Any:
        (project, member), role = self._given(self._store.project_user_roles)
        return await self._api.projects.users.roles.delete(role, project_id=project, user_id=member)

    async def do_add_project_group(self) -> Any:
        project = self._project()
        role = self._one(Scope(self._store, self._store.projects.get(project)).roles)["id"]
        return await self._api.projects.groups.create(
            project, group_id=self._one(self._store.groups)["id"], role=role
        )

    async def do_remove_project_group(self) -> Any:
        project = self._project()
        group = self._one(self._store.project_groups[project])["id"]
        return await self._api.projects.groups.delete(group, project_id=project)

    async def do_give_role_to_project_group(self) -> Any:
        project = self._project()
        group = self._one(self._store.project_groups[project])["id"]
        return await self._api.projects.groups.roles.create(
            group, project_id=project, role_id=self._role(project)
        )

    async def do_take_role_from_project_group(self) -> Any:
        (project, group), role = self._given(self._store.project_group_roles)
        return await self._api.projects.groups.roles.delete(
            role, project_id=project, group_id=group
        )

    async def do_add_account(self) -> Any:
        return await self._api.projects.service_accounts.create(
            self._project(),
            name=f"by-hand-{self._number}",
            create_service_account_only=self._chance(0.5),
        )

    async def do_change_account(self) -> Any:
        project, account = self._account()
        if self._chance(0.5):
            return await self._api.projects.service_accounts.update(
                account, project_id=project, name=f"renamed-{self._number}"
            )
        if self._store.project_service_accounts[project].get(account)["role"] == "none":
            raise NothingToChange  # nobody can give it none again
        role = self._random.choice(("owner", "member"))
        return await self._api.projects.service_accounts.update(
            account, project_id=project, role=role
        )

    async def do_remove_account(self) -> Any:
        project, account = self._account()
        return await self._api.projects.service_accounts.delete(account, project_id=project)

    # Limits and settings.

    async def do_rate_limit(self) -> Any:
        model = self._random.choice([*LIMITS])
        changed = {
            name: self._random.randint(1, most)
            for name, most in LIMITS[model].items()
            if self._chance(0.5)
        }
        return await self._api.projects.rate_limits.update_rate_limit(
            f"rl-{model}",
            project_id=self._project(),
            **changed,  # type: ignore[arg-type]
        )

    async def do_spend_limit(self) -> Any:
        cents = self._random.randint(1, 9_000_000)
        given: Any = {"currency": "USD", "interval": "month", "threshold_amount": cents}
        if self._chance(0.3):
            return await self._api.spend_limit.update(**given)
        return await self._api.projects.spend_limit.update(self._project(), **given)

    async def do_remove_spend_limit(self) -> Any:
        if self._chance(0.3):
            return await self._api.spend_limit.delete()
        return await self._api.projects.spend_limit.delete(self._project())

    async def do_add_alert(self) -> Any:
        if self._chance(0.3):
            return await self._api.spend_alerts.create(**self._alert())
        return await self._api.projects.spend_alerts.create(self._project(), **self._alert())

    async def do_change_alert(self) -> Any:
        if self._chance(0.3):
            alert = self._one(self._store.spend_alerts)["id"]
            return await self._api.spend_alerts.update(alert, **self._alert())
        project = self._project()
        alert = self._one(self._store.project_spend_alerts[project])["id"]
        return await self._api.projects.spend_alerts.update(
            alert, project_id=project, **self._alert()
        )

    async def do_remove_alert(self) -> Any:
        if self._chance(0.3):
            return await self._api.spend_alerts.delete(self._one(self._store.spend_alerts)["id"])
        project = self._project()
        alert = self._one(self._store.project_spend_alerts[project])["id"]
        return await self._api.projects.spend_alerts.delete(alert, project_id=project)

    async def do_models(self) -> Any:
        if self._chance(0.4):
            return await self._api.projects.model_permissions.delete(self._project())
        return await self._api.projects.model_permissions.update(
            self._project(),
            mode=self._random.choice(("allow_list", "deny_list")),
            model_ids=self._random.sample([*LIMITS], self._random.randint(0, 4)),
        )

    async def do_tools(self) -> Any:
        tools: Any = {tool: {"enabled": self._chance(0.5)} for tool in self._some(TOOLS)}
        return await self._api.projects.hosted_tool_permissions.update(self._project(), **tools)

    async def do_tiers(self) -> Any:
        return await self._api.projects.service_tier_settings.update(
            self._project(),
            default=self._random.choice(("standard", "fast")),
            enabled_tiers=self._random.choice(("all", ["flex"], ["fast"])),
        )

    async def do_retention(self) -> Any:
        retention = self._random.choice(_RETENTIONS)
        if self._chance(0.2):
            return await self._api.data_retention.update(retention_type=retention)
        return await self._api.projects.data_retention.update(
            self._project(), retention_type=retention
        )

    # Certificates, keys, storage and identities.

    async def do_rename_certificate(self) -> Any:
        id = self._one(self._store.certificates)["id"]
        return await self._api.certificates.update(id, name=f"Renamed {self._number}")

    async def do_switch_certificate(self) -> Any:
        ids = [self._one(self._store.certificates)["id"]]
        of = self._random.choice(("activate", "deactivate"))
        if self._chance(0.4):
            return await getattr(self._api.certificates, of)(certificate_ids=ids)
        project = self._project()
        return await getattr(self._api.projects.certificates, of)(project, certificate_ids=ids)

    async def do_add_external_key(self) -> Any:
        arn = "arn:aws:kms:eu-central-1:123456789012:key/hand"
        role = "arn:aws:iam::123456789012:role/hand"
        return await self._api.external_keys.create(
            type="aws",
            name=f"by-hand-{self._number}",
            external_id=self._store.organization["id"],
            kms_arn=arn,
            role_arn=role,
        )

    async def do_external_key(self) -> Any:
        key = self._one(self._store.external_keys)["id"] if self._chance(0.6) else None
        return await self._api.projects.update(self._project(), external_key_id=key)

    async def do_remove_external_key(self) -> Any:
        return await self._api.external_keys.delete(self._one(self._store.external_keys)["id"])

    async def do_add_storage(self) -> Any:
        role = "arn:aws:iam::123456789012:role/hand"
        return await self._api.external_storage.create(
            project_id=self._project(),
            provider={"type": "aws", "bucket": f"by-hand-{self._number}", "role_arn": role},
        )

    async def do_remove_storage(self) -> Any:
        return await self._api.external_storage.delete(
            self._one(self._store.external_storage)["id"]
        )

    async def do_add_provider(self) -> Any:
        return await self._api.workload_identity_providers.create(
            name=f"By hand {self._number}",
            issuer=f"https://hand-{self._number}.example.com",
            audience="https://api.openai.com/v1",
            type="oidc",
        )

    async def do_change_provider(self) -> Any:
        provider = self._one(self._store.workload_identity_providers)
        choices: list[Any] = [
            {"name": f"Renamed {self._number}"},
            {"enabled": self._chance(0.5)},
            {"attribute_transformations": []},
        ]
        if provider["description"] is not None:  # a file cannot say that there is none
            choices.append({"description": f"Changed {self._number}"})
        changed = self._random.choice(choices)
        return await self._api.workload_identity_providers.update(provider["id"], **changed)

    async def do_remove_provider(self) -> Any:
        id = self._one(self._store.workload_identity_providers)["id"]
        return await self._api.workload_identity_providers.delete(id)

    async def do_add_rule(self) -> Any:
        provider = self._one(self._store.workload_identity_providers)["id"]
        project, account = self._account()
        return await self._api.workload_identity_providers.federation_rules.create(
            provider,
            name=f"By hand {self._number}",
            attribute_matchers={"repository": "example/hand"},
            project_id=project,
            service_account_id=account,
        )

    async def do_change_rule(self) -> Any:
        provider, rule = self._rule()
        return await self._api.workload_identity_providers.federation_rules.update(
            rule,
            workload_identity_provider_id=provider,
            enabled=self._chance(0.5),
            attribute_matchers={"repository": f"example/changed-{self._number}"},
        )

    async def do_remove_rule(self) -> Any:
        provider, rule = self._rule()
        return await self._api.workload_identity_providers.federation_rules.delete(
            rule, workload_identity_provider_id=provider
        )

    def _one(self, things: Any) -> Any:
        found = [*things]
        if not found:
            raise NothingToChange
        return self._random.choice(found)

    def _some(self, things: Sequence[T]) -> list[T]:
        return self._random.sample(things, self._random.randint(1, min(4, len(things))))

    def _chance(self, part: float) -> bool:
        return self._random.random() < part

    def _project(self) -> str:
        active = [each["id"] for each in self._store.projects if each["status"] == "active"]
        return str(self._one(active))

    def _group(self) -> str:
        return str(self._one(each["id"] for each in self._store.groups if not _is_managed(each)))

    def _role(self, project: str | None) -> str:
        """A role that is not OpenAI's own."""
        place = None if project is None else self._store.projects.get(project)
        roles: list[Record] = [*Scope(self._store, place).roles]
        return str(self._one(each["id"] for each in roles if not each["predefined_role"]))

    def _given(self, tables: Any) -> tuple[Any, str]:
        """Whoever has a role, and the role."""
        holder, role = self._one((who, each["id"]) for who, of in tables.items() for each in of)
        return holder, role

    def _member(self) -> tuple[str, str]:
        project = self._project()
        return project, self._one(self._store.project_users[project])["id"]

    def _account(self) -> tuple[str, str]:
        project = self._project()
        return project, self._one(self._store.project_service_accounts[project])["id"]

    def _rule(self) -> tuple[str, str]:
        provider = self._one(self._store.workload_identity_providers)["id"]
        return provider, self._one(self._store.federation_rules[provider])["id"]

    def _alert(self) -> Any:
        return {
            "currency": "USD",
            "interval": "month",
            "threshold_amount": self._random.randint(1, 12) * 10_050,
            "notification_channel": {"type": "email", "recipients": [f"{self._number}@web.com"]},
        }


def _is_managed(group: Record) -> bool:
    """Whether an identity provider, or the tenant, manages a group."""
    return bool(group["is_scim_managed"] or group["group_type"] == "tenant_group")
