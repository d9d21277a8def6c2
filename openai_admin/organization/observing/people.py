"""People, groups and roles of the organization, as the file says them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import attrs

from ..._wire.models import as_told
from ...resources.groups import Group as ListedGroup
from ...resources.roles import Role as ListedRole
from ...resources.users.model import OrganizationUser
from ..document import model
from .answers import Answers
from .gaps import Gaps
from .given import are_all_told, besides, is_clear, is_membership, named, through_groups
from .labels import in_order
from .names import Names, own
from .needs import Needs
from .told import Told


@attrs.frozen
class People:
    """Makes the people, groups and roles of what came.

    Attributes:
        answers: what came.
        needs: what was asked for.
        names: what everything is called.
        gaps: is told what the API does not say.
    """

    answers: Answers
    needs: Needs
    names: Names
    gaps: Gaps

    def people(self) -> dict[str, model.Person] | None:
        """People by label; those who are invited have no id."""
        if self.answers.people is None:
            return None
        answers = self.answers
        by_groups = through_groups(answers.roles_of_groups, answers.users_of_groups)
        found = {
            self.names.people[user.id]: self._person(user, by_groups.get(user.id, ()))
            for user in answers.people or ()
            if user.id not in self.names.software
        }
        for invite in self.names.invites.values():
            roles = () if self.needs.any("people.roles") else None
            told = Told(invite, self.gaps, "people", f"the invite to {invite.email}", (invite.id,))
            projects = as_told(invite, "projects")
            if projects is None or any(project.role is None for project in projects):
                told.lack("projects")
            elif projects and self.needs.granted and self.answers.projects is None:
                # Some may be archived, which no invite can grant; the reads have told why.
                self.gaps.fields.add(("people", frozenset({invite.id}), "projects"))
            person = model.Person(role=told.field("role"), roles=roles)
            found.setdefault(str(invite.email), person)
        return in_order(found)

    def _person(self, user: OrganizationUser, by_groups: Collection[str]) -> model.Person:
        label = self.names.people[user.id]
        told = Told(user, self.gaps, "people", label, (user.id,))
        role, roles = told.field("role"), self._roles_of(user, told, by_groups)
        if user.id not in self.names.addresses:
            told.lack("address")
        if user.is_unread("is_scim_managed"):
            told.lack("role")  # which an identity provider may set
            role = None
        return model.Person(id=user.id, role=role, roles=roles)

    def _roles_of(
        self, user: OrganizationUser, told: Told, by_groups: Collection[str]
    ) -> tuple[str, ...] | None:
        answers = self.answers
        if answers.roles is None or not self.needs.any("people.roles"):
            return None
        is_whole = ("roles", None) not in self.gaps.incomplete
        if are_all_told(answers.roles, None, is_whole=is_whole):
            return ()
        listed = answers.roles_of_people.get(user.id)
        if listed is None:
            return None
        given = besides(user.role, listed, user.id, None)
        is_known = is_membership(user.role, of_project=False)
        if not is_known or not is_clear(listed, given, by_groups):
            told.lack("roles")
            return None
        return named(given, self.names.roles, of_project=False)

    def groups(self) -> dict[str, model.Group] | None:
        """Groups by label."""
        if self.answers.groups is None:
            return None
        labels = self.names.groups
        return in_order({labels[group.id]: self._group(group) for group in self.answers.groups})

    def _group(self, group: ListedGroup) -> model.Group:
        label = self.names.groups[group.id]
        users = self.answers.users_of_groups.get(group.id)
        roles = self.answers.roles_of_groups.get(group.id)
        told = Told(group, self.gaps, "groups", f"the group {label}", (group.id,))
        is_free = (
            group.group_type == "tenant_group" or as_told(group, "is_scim_managed") is not None
        )
        if not is_free:  # an identity provider may say how it is called and who is in it
            attrs.evolve(told, section="groups.members").lack("members")
            self.gaps.fields.add(("groups", frozenset((group.id,)), "name"))
            self.gaps.fields.add(("groups", frozenset((group.id,)), "members"))
        return model.Group(
            id=group.id,
            name=told.name(label),
            members=None
            if users is None or not is_free
            else tuple(
                in_order(
                    {
                        self.names.people[user.id]: user
                        for user in users
                        if self.names.is_person(user.id) and not user.is_service_account
                    }
                )
            ),
            roles=None if roles is None else named(roles, self.names.roles, of_project=False),
        )

    def roles(self) -> dict[str, model.Role] | None:
        """The organization's own roles by label."""
        if self.answers.roles is None:
            return None
        return roles_by_label(self.answers.roles, self.names.roles, self.gaps, "roles")


def roles_by_label(
    listed: Sequence[ListedRole],
    labels: Mapping[str, str],
    gaps: Gaps,
    section: str,
    project_id: str | None = None,
) -> dict[str, model.Role]:
    """Roles as the file says them, without OpenAI's own."""

    def made(role: ListedRole, label: str) -> model.Role:
        told = Told(role, gaps, section, f"the role {label}", (role.id,), project_id)
        return model.Role(
            id=role.id,
            name=told.name(label),
            description=told.nullable("description"),
            permissions=told.whole("permissions"),
        )

    return in_order({labels[role.id]: made(role, labels[role.id]) for role in own(listed)})


def scim(listed: Iterable[OrganizationUser]) -> frozenset[str]:
    """The ids of people whom an identity provider manages."""
    return frozenset(user.id for user in listed if user.is_scim_managed)


def scim_groups(listed: Iterable[ListedGroup]) -> frozenset[str]:
    """The ids of groups that it manages, or the tenant."""
    return frozenset(
        group.id for group in listed if group.is_scim_managed or group.group_type == "tenant_group"
    )
