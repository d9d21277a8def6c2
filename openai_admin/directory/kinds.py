"""What arguments take the ids of: how such an id looks, and where its thing is listed by name."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Container, Mapping
from typing import Any

import attrs

from .._declare.pagination import AsyncPager
from .._declare.resource import Async
from .._tree import AdminResources

Client = AdminResources[Async]
Arguments = Mapping[str, Any]
Listings = list[AsyncPager[Any]]

_PAGE = 100  # the most items that a page of a listing has


@attrs.frozen(kw_only=True)
class Kind:
    """A kind of thing that has an id, and a name that a person knows it by.

    Attributes:
        noun: one of them, in words.
        plural: several.
        form: an id of it, as a person reads it.
        pattern: what its ids begin with, as a regular expression.
        listings: returns the listings that have it, from a client, the name of the operation that
            is to be called, and its arguments.
        listed_by: the operation that lists them.
        needs: the argument without which it cannot be listed.
    """

    noun: str
    plural: str
    form: str
    pattern: str
    listings: Callable[[Client, str, Arguments], Awaitable[Listings]]
    listed_by: str
    needs: str | None = None

    def is_named(self, arguments: Container[str]) -> bool:
        """Whether it can be looked up by name in a call with these arguments."""
        return self.needs is None or self.needs in arguments

    def is_id(self, text: str) -> bool:
        """Whether a text looks like an id of this kind."""
        return re.fullmatch(rf"(?:{self.pattern})[^\s@]+", text) is not None


async def _projects(client: Client, operation: str, arguments: Arguments) -> Listings:
    return [client.projects.list(limit=_PAGE, include_archived=True)]


async def _people(client: Client, operation: str, arguments: Arguments) -> Listings:
    return [client.users.list(limit=_PAGE)]


async def _groups(client: Client, operation: str, arguments: Arguments) -> Listings:
    return [client.groups.list(limit=_PAGE)]


async def _roles(client: Client, operation: str, arguments: Arguments) -> Listings:
    if operation.startswith("projects."):
        return [client.projects.roles.list(arguments["project_id"], limit=_PAGE)]
    return [client.roles.list(limit=_PAGE)]


async def _keys(client: Client, operation: str, arguments: Arguments) -> Listings:
    """The keys of the projects that the call is about, else of all active ones."""
    if "project_id" in arguments:
        projects = [arguments["project_id"]]
    elif "project_ids" in arguments:
        projects = arguments["project_ids"]
    else:
        projects = [project.id async for project in client.projects.list(limit=_PAGE)]
    keys = client.projects.api_keys
    return [keys.list(id, limit=_PAGE, owner_project_access="any") for id in projects]


async def _service_accounts(client: Client, operation: str, arguments: Arguments) -> Listings:
    return [client.projects.service_accounts.list(arguments["project_id"], limit=_PAGE)]


async def _rate_limits(client: Client, operation: str, arguments: Arguments) -> Listings:
    return [client.projects.rate_limits.list(arguments["project_id"], limit=_PAGE)]


async def _invites(client: Client, operation: str, arguments: Arguments) -> Listings:
    return [client.invites.list(limit=_PAGE)]


async def _certificates(client: Client, operation: str, arguments: Arguments) -> Listings:
    return [client.certificates.list(limit=_PAGE)]


async def _admin_keys(client: Client, operation: str, arguments: Arguments) -> Listings:
    return [client.admin_api_keys.list(limit=_PAGE)]


_PROJECT = Kind(
    noun="project",
    plural="projects",
    form="proj_…",
    pattern="proj[-_]",
    listings=_projects,
    listed_by="projects.list",
)
_PERSON = Kind(
    noun="person",
    plural="people",
    form="user-…",
    pattern="user[-_]|svc_acct_",
    listings=_people,
    listed_by="users.list",
)
_KEY = Kind(
    noun="key",
    plural="keys",
    form="key_…",
    pattern="key[-_]",
    listings=_keys,
    listed_by="projects.api_keys.list",
)
_CERTIFICATE = Kind(
    noun="certificate",
    plural="certificates",
    form="cert_…",
    pattern="cert[-_]",
    listings=_certificates,
    listed_by="certificates.list",
)

KINDS: Mapping[str, Kind] = {
    "project_id": _PROJECT,
    "project_ids": _PROJECT,
    "user_id": _PERSON,
    "user_ids": _PERSON,
    "api_key_id": _KEY,
    "api_key_ids": _KEY,
    "group_id": Kind(
        noun="group",
        plural="groups",
        form="group_…",
        pattern="group[-_]",
        listings=_groups,
        listed_by="groups.list",
    ),
    "role_id": Kind(
        noun="role",
        plural="roles",
        form="role_…",
        pattern="role[-_]",
        listings=_roles,
        listed_by="roles.list",
    ),
    "service_account_id": Kind(
        noun="service account",
        plural="service accounts",
        form="svc_acct_…",
        pattern="svc[-_]acct[-_]|user[-_]",
        listings=_service_accounts,
        listed_by="projects.service_accounts.list",
        needs="project_id",
    ),
    "rate_limit_id": Kind(
        noun="rate limit",
        plural="rate limits",
        form="rl-…",
        pattern="rl[-_]",
        listings=_rate_limits,
        listed_by="projects.rate_limits.list",
        needs="project_id",
    ),
    "invite_id": Kind(
        noun="invite",
        plural="invites",
        form="invite-…",
        pattern="invite[-_]",
        listings=_invites,
        listed_by="invites.list",
    ),
    "certificate_id": _CERTIFICATE,
    "certificate_ids": _CERTIFICATE,
    "key_id": Kind(
        noun="admin key",
        plural="admin keys",
        form="key_…",
        pattern="key[-_]",
        listings=_admin_keys,
        listed_by="admin_api_keys.list",
    ),
}
"""The kinds by the arguments that take their ids; projects first, since others are within them."""
