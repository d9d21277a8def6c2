"""Changes by hand of people, groups, roles and projects."""

from __future__ import annotations

from typing import Any

from openai_admin.emulator.roles import Scope
from tests.organizations import ORGANIZATION_PERMISSIONS, PROJECT_PERMISSIONS

from .chosen import Chosen, NothingToChangeError, is_managed


class AccessByHand(Chosen):
    """Whatever the official client can do to who has what."""

    # People.

    async def do_role_of_person(self) -> Any:
        # Of those whom an identity provider manages the file changes nothing.
        user = self._one(each for each in self._store.users if not each.get("is_scim_managed"))
        role = "reader" if user["role"] == "owner" else "owner"
        return await self._api.users.update(user["id"], role=role)

    async def do_remove_person(self) -> Any:
        # Whoever is in a group that an identity provider manages cannot be put back by the file.
        managed = {each["id"] for each in self._store.groups if is_managed(each)}
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
            raise NothingToChangeError
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
            raise NothingToChangeError  # nobody can give it none again
        role: Any = self._random.choice(("owner", "member"))
        return await self._api.projects.service_accounts.update(
            account, project_id=project, role=role
        )

    async def do_remove_account(self) -> Any:
        project, account = self._account()
        return await self._api.projects.service_accounts.delete(account, project_id=project)
