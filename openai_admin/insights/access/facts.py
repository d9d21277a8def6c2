"""What is read of an organization to say who can do what in it, and why."""

from __future__ import annotations

from datetime import datetime

import attrs

from ..._wire.portable import Portable
from ...directory.not_known import NotKnown

VERSION = 1
"""The version of the facts as JSON; `written.read` refuses any other."""


@attrs.frozen(kw_only=True)
class Person(Portable):
    """A member of the organization, or somebody whom a group or a project lists.

    Attributes:
        id: the user's id.
        name: the person's name; ``None`` where the API does not say.
        email: the person's address; ``None`` likewise.
        role: the role of the membership, ``owner`` or ``reader``; ``None`` where the API does not
            say, or for somebody who is not a member.
        is_member: whether the organization's users include them; ``None`` where these could not
            be read.
        enabled: whether the account can be used; ``None`` where the API does not say.
        banned: whether OpenAI has banned the account; ``None`` likewise.
        is_service_account: whether it is software rather than a person.
        is_scim_managed: whether an identity provider manages the user.
        added_at: when they joined.
        last_used_at: when a key of theirs was last used; ``None`` if never, or not known.
        is_use_known: whether `last_used_at` says so.
    """

    id: str
    name: str | None = None
    email: str | None = None
    role: str | None = None
    is_member: bool | None = True
    enabled: bool | None = None
    banned: bool | None = None
    is_service_account: bool = False
    is_scim_managed: bool = False
    added_at: datetime | None = None
    last_used_at: datetime | None = None
    is_use_known: bool = True


@attrs.frozen(kw_only=True)
class RoleFact(Portable):
    """A role as it is listed.

    Attributes:
        id: the role's id, the same in every project for a predefined one.
        name: its name.
        project_id: the project that it is of; ``None`` for a role of the organization.
        permissions: what it grants; ``None`` where that is not known.
        is_predefined: whether it is OpenAI's own.
    """

    id: str
    name: str | None = None
    project_id: str | None = None
    permissions: tuple[str, ...] | None = None
    is_predefined: bool = False


@attrs.frozen(kw_only=True)
class GroupFact(Portable):
    """A group.

    Attributes:
        id: the group's id.
        name: its name.
        member_ids: its users; ``None`` where they are not known, or were not asked for.
        is_scim_managed: whether an identity provider manages it.
    """

    id: str
    name: str | None = None
    member_ids: tuple[str, ...] | None = None
    is_scim_managed: bool = False


@attrs.frozen(kw_only=True)
class ProjectFact(Portable):
    """A project.

    Attributes:
        id: the project's id.
        name: its name.
        status: ``active`` or ``archived``.
    """

    id: str
    name: str | None = None
    status: str | None = None


@attrs.frozen(kw_only=True)
class ProjectMember(Portable):
    """A person's membership of a project.

    Attributes:
        project_id: the project.
        user_id: the person.
        role: ``owner``, ``member`` or ``viewer``; ``None`` where the API does not say.
        added_at: when they were added.
    """

    project_id: str
    user_id: str
    role: str | None = None
    added_at: datetime | None = None


@attrs.frozen(kw_only=True)
class Source(Portable):
    """Where a role comes from that was not assigned to the user directly.

    Attributes:
        type: what has the role, ``group``.
        id: its id.
    """

    type: str
    id: str


@attrs.frozen(kw_only=True)
class Assignment(Portable):
    """A role that a person or a group has, in the organization or in a project.

    Attributes:
        principal_type: ``user`` or ``group``.
        principal_id: who has it.
        project_id: where; ``None`` in the organization.
        role_id: the role.
        role_name: the role's name, as the assignment says it.
        permissions: what the role grants, as the assignment says it; ``None`` where it does not.
        is_predefined: whether the role is OpenAI's own.
        sources: where a user has it from; empty for one assigned directly.
    """

    principal_type: str
    principal_id: str
    project_id: str | None = None
    role_id: str
    role_name: str | None = None
    permissions: tuple[str, ...] | None = None
    is_predefined: bool = False
    sources: tuple[Source, ...] = ()


@attrs.frozen(kw_only=True)
class ServiceAccountFact(Portable):
    """A service account of a project.

    Attributes:
        id: its id.
        project_id: its project.
        name: its name.
        role: ``owner``, ``member`` or ``none``; ``None`` where the API does not say.
        created_at: when it was created.
    """

    id: str
    project_id: str
    name: str | None = None
    role: str | None = None
    created_at: datetime | None = None


@attrs.frozen(kw_only=True)
class KeyFact(Portable):
    """A key of a project, without its value.

    Attributes:
        id: its id.
        project_id: its project.
        name: its name.
        redacted_value: its first and last characters.
        owner_type: ``user`` or ``service_account``; ``None`` where the API does not name an owner.
        owner_id: the owner; ``None`` likewise.
        owner_name: the owner's name.
        owner_email: a person's address.
        owner_access: whether the owner now has access to the project, ``active`` or ``inactive``.
        created_at: when it was created.
        last_used_at: when it was last used; ``None`` if never, or not known.
        is_use_known: whether `last_used_at` says so.
        expires_at: when it stops working; ``None`` if it does not.
    """

    id: str
    project_id: str
    name: str | None = None
    redacted_value: str | None = None
    owner_type: str | None = None
    owner_id: str | None = None
    owner_name: str | None = None
    owner_email: str | None = None
    owner_access: str | None = None
    created_at: datetime | None = None
    last_used_at: datetime | None = None
    is_use_known: bool = True
    expires_at: datetime | None = None


@attrs.frozen(kw_only=True)
class AdminKeyFact(Portable):
    """An admin key, without its value. Keys of projects, which the API lists too, are not here.

    Attributes:
        id: its id.
        name: its name.
        redacted_value: its first and last characters.
        is_admin_key: ``None`` where it may be a project's.
        owner_id: the user or service account that has it; ``None`` where the API does not say.
        owner_name: the owner's name.
        created_at: when it was created.
        last_used_at: when it was last used; ``None`` if never, or not known.
        is_use_known: whether `last_used_at` says so.
        expires_at: when it stops working; ``None`` if it does not, or if that cannot be read.
        is_expiry_known: whether `expires_at` says so.
    """

    id: str
    name: str | None = None
    redacted_value: str | None = None
    is_admin_key: bool | None = True
    owner_id: str | None = None
    owner_name: str | None = None
    created_at: datetime | None = None
    last_used_at: datetime | None = None
    is_use_known: bool = True
    expires_at: datetime | None = None
    is_expiry_known: bool = True


@attrs.frozen(kw_only=True)
class InviteProjectFact(Portable):
    """A project that an invite grants.

    Attributes:
        id: the project.
        role: the role in it.
    """

    id: str
    role: str | None = None


@attrs.frozen(kw_only=True)
class InviteFact(Portable):
    """An invite that is pending.

    Attributes:
        id: its id.
        email: the address that it was sent to; ``None`` where the API does not say.
        role: the role in the organization that it would grant.
        projects: the projects that it would grant.
        created_at: when it was sent.
        expires_at: when it can no longer be accepted.
    """

    id: str
    email: str | None = None
    role: str | None = None
    projects: tuple[InviteProjectFact, ...] = ()
    created_at: datetime | None = None
    expires_at: datetime | None = None


@attrs.frozen(kw_only=True)
class Facts(Portable):
    """What was read of an organization. `rules` says what follows from it.

    Attributes:
        taken_at: when, by the server's clock.
        organization_id: whose; ``None`` where the API did not say.
        of_projects: the projects that were asked about; ``None`` for all.
        of_people: the people, service accounts or keys that were asked about, by id; ``None`` for
            all.
        of_permission: the permission that was asked about, or ``owner``; ``None`` for all. What
            has nothing to do with it was not read.
        assumed_in: the projects where people were not asked for roles of their own, since all that
            matter there are OpenAI's and membership says who has these, as far as is known;
            ``None`` among them is the organization.
        people: the members, and whom groups and projects list besides.
        roles: the roles of the organization and of the projects.
        groups: the groups.
        projects: the projects; archived ones are left out where they are read.
        members: the members of projects.
        assignments: the roles of people and groups, in the organization and in projects.
        service_accounts: the service accounts.
        keys: the keys of projects, those of former members too.
        admin_keys: the admin keys.
        invites: the pending invites.
        not_known: what the API refused or did not answer.
        version: the version of this form.
    """

    taken_at: datetime
    organization_id: str | None = None
    of_projects: tuple[str, ...] | None = None
    of_people: tuple[str, ...] | None = None
    of_permission: str | None = None
    assumed_in: tuple[str | None, ...] = ()
    people: tuple[Person, ...] = ()
    roles: tuple[RoleFact, ...] = ()
    groups: tuple[GroupFact, ...] = ()
    projects: tuple[ProjectFact, ...] = ()
    members: tuple[ProjectMember, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    service_accounts: tuple[ServiceAccountFact, ...] = ()
    keys: tuple[KeyFact, ...] = ()
    admin_keys: tuple[AdminKeyFact, ...] = ()
    invites: tuple[InviteFact, ...] = ()
    not_known: tuple[NotKnown, ...] = ()
    version: int = VERSION
