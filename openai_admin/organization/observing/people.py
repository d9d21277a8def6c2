"""People, groups and roles of the organization, as the file says them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import attrs

from ...insights.access import made
from ...resources.groups import Group as ListedGroup
from ...resources.roles import Role as ListedRole
from ...resources.users.model import OrganizationUser
from ..document import model
from .answers import Answers
from .gaps import Gaps
from .given import are_all_told, besides, named
from .labels import in_order
from .names import Names, own
from .needs import Needs


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
        found = {
            self.names.people[user.id]: model.Person(
                id=user.id, role=user.role, roles=self._roles_of(user)
            )
            for user in self.answers.people
            if user.id not in self.names.software
        }
        for label in (label for label, person in found.items() if person.role is None):
            self.gaps.unsaid("roles of memberships", f"the API does not say that of {label}")
        for invite in self.names.invites.values():
            roles = () if self.needs.any("people.roles") else None
            found.setdefault(str(invite.email), model.Person(role=invite.role, roles=roles))
        return in_order(found)

    def _roles_of(self, user: OrganizationUser) -> tuple[str, ...] | None:
        answers = self.answers
        if answers.roles is None or not self.needs.any("people.roles"):
            return None
        if are_all_told(answers.roles, None):
            return ()
        listed = answers.roles_of_people.get(user.id)
        if listed is None:
            return None
        given = besides(user.role, listed, user.id, None)
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
        return model.Group(
            id=group.id,
            name=other_name(group.name, label),
            members=None
            if users is None
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
        return roles_by_label(self.answers.roles, self.names.roles)


def roles_by_label(
    listed: Sequence[ListedRole], labels: Mapping[str, str]
) -> dict[str, model.Role]:
    """Roles as the file says them, without OpenAI's own."""
    return in_order({labels[role.id]: _role(role, labels[role.id]) for role in own(listed)})


def _role(role: ListedRole, label: str) -> model.Role:
    permissions = made.role(role, None).permissions
    return model.Role(
        id=role.id,
        name=other_name(role.name, label),
        description=role.description,
        permissions=None if permissions is None else tuple(sorted(set(permissions))),
    )


def other_name(name: str | None, label: str) -> str | None:
    """A name that is not the label."""
    return name if name != label else None


def scim(listed: Iterable[OrganizationUser]) -> frozenset[str]:
    """The ids of people whom an identity provider manages."""
    return frozenset(user.id for user in listed if user.is_scim_managed)


def scim_groups(listed: Iterable[ListedGroup]) -> frozenset[str]:
    """The ids of groups that it manages, or the tenant."""
    return frozenset(
        group.id for group in listed if group.is_scim_managed or group.group_type == "tenant_group"
    )
