"""What is read of each project: one endpoint for each part."""

from __future__ import annotations

from functools import reduce
from typing import Any

import attrs

from ..._declare.pagination import AsyncPager
from ..._declare.resource import Async
from ..._tree import AdminResources
from ...directory.reading import PAGE, Reads
from ...resources.projects.groups import ProjectGroup

LONG_PAGE = 1000
"""The most items that a page of roles, groups or their users has."""


async def all_of(
    reads: Reads, kind: str, pager: AsyncPager[Any], of: str | None = None
) -> list[Any] | None:
    """All items of a listing, each once; ``None`` where they are not known.

    Args:
        reads: keeps what is refused.
        kind: what is listed, in words.
        pager: the listing.
        of: the id of what it is of.
    """
    listed = await reads.listing(kind, pager, project_id=of, completely=True)
    if listed is None:
        return None
    found: dict[str, Any] = {}
    for one in listed:  # a listing that changes while its pages come may have some of it twice
        found.setdefault(id_of(one), one)
    return list(found.values())


def id_of(one: Any) -> str:
    """The id of what is listed; of a group that has access to a project, the group's."""
    found: str = one.group_id if isinstance(one, ProjectGroup) else one.id
    return found


@attrs.frozen
class Part:
    """A part of each project.

    Attributes:
        kind: what it is, in words.
        operation: the operation that reads it.
        sections: the sections for which it is read; the first is the one that it is.
        page: the most items that a page of it has; ``None`` where it is not a listing.
    """

    kind: str
    operation: str
    sections: tuple[str, ...]
    page: int | None = None

    async def read(self, client: AdminResources[Async], reads: Reads, project_id: str) -> Any:
        """Read it from a project.

        Returns:
            The answer, or all items of a listing; a spend limit as a list, which is empty where
            there is none; ``None`` where it is not known.
        """
        method: Any = reduce(getattr, self.operation.split("."), client)
        if self.page is not None:
            pager = method(project_id, limit=self.page)
            return await all_of(reads, self.kind, pager, project_id)
        if self is SPEND_LIMIT:
            return await reads.limit_if_known(
                self.kind, lambda: method(project_id), project_id=project_id
            )
        return await reads.one(self.kind, method(project_id), None, project_id=project_id)


USERS = Part("members of projects", "projects.users.list", ("projects.members",), PAGE)
GROUPS = Part("groups of projects", "projects.groups.list", ("projects.groups",), PAGE)
ROLES = Part(
    "roles of projects",
    "projects.roles.list",
    ("projects.roles", "projects.members", "projects.groups"),
    LONG_PAGE,
)
ACCOUNTS = Part(
    "service accounts", "projects.service_accounts.list", ("projects.service_accounts",), PAGE
)
RATE_LIMITS = Part(
    "rate limits of projects", "projects.rate_limits.list", ("projects.rate_limits",), PAGE
)
SPEND_LIMIT = Part(
    "spend limits of projects", "projects.spend_limit.retrieve", ("projects.spend_limit",)
)
SPEND_ALERTS = Part(
    "spend alerts of projects", "projects.spend_alerts.list", ("projects.spend_alerts",), PAGE
)
MODELS = Part("models of projects", "projects.model_permissions.retrieve", ("projects.models",))
HOSTED_TOOLS = Part(
    "hosted tools of projects",
    "projects.hosted_tool_permissions.retrieve",
    ("projects.hosted_tools",),
)
SERVICE_TIERS = Part(
    "service tiers of projects",
    "projects.service_tier_settings.retrieve",
    ("projects.service_tiers",),
)
DATA_RETENTION = Part(
    "data retention of projects",
    "projects.data_retention.retrieve",
    ("projects.data_retention",),
)
CERTIFICATES = Part(
    "certificates of projects", "projects.certificates.list", ("projects.certificates",), PAGE
)

PARTS = (
    USERS,
    GROUPS,
    ROLES,
    ACCOUNTS,
    RATE_LIMITS,
    SPEND_LIMIT,
    SPEND_ALERTS,
    MODELS,
    HOSTED_TOOLS,
    SERVICE_TIERS,
    DATA_RETENTION,
    CERTIFICATES,
)
"""All of them."""
