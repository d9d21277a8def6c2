"""Facts made of the API's models."""

from __future__ import annotations

from collections.abc import Container, Iterable

from ..._wire.models import as_told
from ...resources.admin_api_keys import AdminAPIKey
from ...resources.groups import Group
from ...resources.groups.users import GroupUser
from ...resources.invites import Invite
from ...resources.projects import Project
from ...resources.projects.api_keys import ProjectAPIKey
from ...resources.projects.service_accounts import ProjectServiceAccount
from ...resources.projects.users import ProjectUser
from ...resources.roles import AssignedRole, Role
from ...resources.users.model import OrganizationUser
from .facts import (
    AdminKeyFact,
    Assignment,
    GroupFact,
    InviteFact,
    InviteProjectFact,
    KeyFact,
    Person,
    ProjectFact,
    ProjectMember,
    RoleFact,
    ServiceAccountFact,
    Source,
)


def person(user: OrganizationUser) -> Person:
    """A member of the organization."""
    account = user.user
    return Person(
        id=user.id,
        name=user.name,
        email=user.email,
        role=user.role,
        enabled=None if account is None else account.enabled,
        banned=None if account is None else account.banned,
        is_service_account=bool(user.is_service_account),
        is_scim_managed=bool(user.is_scim_managed),
        added_at=user.added_at,
        last_used_at=user.api_key_last_used_at,
        is_use_known=not user.is_unknown("api_key_last_used_at"),
    )


def listed_elsewhere(user: GroupUser | ProjectUser, *, is_member: bool | None) -> Person:
    """Somebody whom the organization's users do not include, as a group or a project lists them."""
    return Person(
        id=user.id,
        name=user.name,
        email=user.email,
        is_member=is_member,
        is_service_account=bool(isinstance(user, GroupUser) and user.is_service_account),
        is_use_known=False,
    )


def role(of: Role, project_id: str | None) -> RoleFact:
    """A role that is listed, in the organization or in a project."""
    return RoleFact(
        id=of.id,
        name=of.name,
        project_id=project_id,
        permissions=_permissions(of),
        is_predefined=bool(of.predefined_role),
    )


def assignment(
    of: AssignedRole, principal_type: str, principal_id: str, project_id: str | None
) -> Assignment:
    """A role that a user or a group has."""
    return Assignment(
        principal_type=principal_type,
        principal_id=principal_id,
        project_id=project_id,
        role_id=of.id,
        role_name=of.name,
        permissions=_permissions(of),
        is_predefined=bool(of.predefined_role),
        sources=tuple(
            Source(type=source.principal_type or "group", id=source.principal_id)
            for source in of.assignment_sources or ()
            if source.principal_id is not None
        ),
    )


def _permissions(of: Role | AssignedRole) -> tuple[str, ...] | None:
    """What a role grants; ``None`` where the API does not say it."""
    listed = as_told(of, "permissions")
    return None if listed is None else tuple(listed)


def group(of: Group, members: Iterable[GroupUser] | None) -> GroupFact:
    """A group with its users, or without where they are not known."""
    return GroupFact(
        id=of.id,
        name=of.name,
        member_ids=None if members is None else tuple(user.id for user in members),
        is_scim_managed=bool(of.is_scim_managed),
    )


def project(of: Project) -> ProjectFact:
    """A project."""
    return ProjectFact(id=of.id, name=of.name, status=of.status)


def member(of: ProjectUser, project_id: str) -> ProjectMember:
    """A membership of a project."""
    return ProjectMember(project_id=project_id, user_id=of.id, role=of.role, added_at=of.added_at)


def service_account(of: ProjectServiceAccount, project_id: str) -> ServiceAccountFact:
    """A service account."""
    return ServiceAccountFact(
        id=of.id, project_id=project_id, name=of.name, role=of.role, created_at=of.created_at
    )


def key(of: ProjectAPIKey, project_id: str) -> KeyFact:
    """A key of a project."""
    owner = of.owner
    holder = None if owner is None else owner.holder
    kind = None
    if owner is not None and holder is not None:
        kind = "user" if owner.user is not None else "service_account"
    return KeyFact(
        id=of.id,
        project_id=project_id,
        name=of.name,
        redacted_value=of.redacted_value,
        owner_type=kind,
        owner_id=None if holder is None else holder.id,
        owner_name=None if holder is None else holder.name,
        owner_email=getattr(holder, "email", None),
        owner_access=of.owner_project_access,
        created_at=of.created_at,
        last_used_at=of.last_used_at,
        is_use_known=not of.is_unknown("last_used_at"),
        expires_at=of.expires_at,
    )


def admin_keys(
    listed: Iterable[AdminAPIKey], project_key_ids: Container[str], *, are_all: bool = False
) -> tuple[AdminKeyFact, ...]:
    """The admin keys among those listed, and those that may be a project's.

    Args:
        listed: what the API lists as admin keys.
        project_key_ids: the ids of projects' keys.
        are_all: whether these are the keys of all projects.
    """
    return tuple(
        AdminKeyFact(
            id=of.id,
            name=of.name,
            redacted_value=of.redacted_value,
            is_admin_key=kind,
            owner_id=None if of.owner is None else of.owner.id,
            owner_name=None if of.owner is None else of.owner.name,
            created_at=of.created_at,
            last_used_at=of.last_used_at,
            is_use_known=not of.is_unknown("last_used_at"),
            expires_at=of.expires_at,
            is_expiry_known=not of.is_unread("expires_at"),
        )
        for of in listed
        if (kind := of.is_admin_key(project_key_ids, are_all=are_all)) is not False
    )


def invite(of: Invite) -> InviteFact:
    """A pending invite."""
    return InviteFact(
        id=of.id,
        email=of.email,
        role=of.role,
        projects=tuple(InviteProjectFact(id=p.id, role=p.role) for p in of.projects or ()),
        created_at=of.created_at,
        expires_at=of.expires_at,
    )
