"""Projects, and what belongs to each: keys, limits, alerts and certificates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

import attrs

from ..._declare.arguments import shown
from ..._declare.resource import Async
from ..._transport.tasks import each
from ..._tree import AdminResources
from ...directory.reading import PAGE, Reads
from ...errors import InvalidInputError
from ...resources.certificates import Certificate
from ...resources.projects import Project
from ...resources.projects.api_keys import ProjectAPIKey
from ...resources.projects.rate_limits import ProjectRateLimit
from ...resources.projects.spend_alerts import ProjectSpendAlert
from ...resources.spend import SpendAlert, SpendLimit
from ..defaults import ENDING_DAYS

_OF_PROJECTS = (
    "keys of projects",
    "rate limits of projects",
    "spend limits of projects",
    "spend alerts of projects",
)
"""What can only be asked for where projects are known."""


@attrs.define
class OfProject:
    """A project with what belongs to it."""

    project: Project
    keys: list[ProjectAPIKey] = attrs.field(factory=list)
    rate_limits: list[ProjectRateLimit] = attrs.field(factory=list)
    limit: list[SpendLimit] = attrs.field(factory=list)
    alerts: list[ProjectSpendAlert] = attrs.field(factory=list)

    @property
    def thresholds(self) -> list[SpendLimit | SpendAlert]:
        return [*self.limit, *self.alerts]

    @property
    def active(self) -> bool:
        return self.project.status != "archived"


@attrs.define
class ProjectReads:
    """Reads of projects and of what belongs to each.

    Attributes:
        client: an asynchronous client.
        reads: keeps what is refused or cannot be read.
        project_ids: the projects to read; empty for all.
    """

    client: AdminResources[Async]
    reads: Reads
    project_ids: Sequence[str]

    async def all(self) -> list[OfProject]:
        """The projects, archived ones too, with what belongs to those that are not.

        Raises:
            InvalidInputError: there is no such project.
        """
        projects = await self.reads.all(
            "projects", self.client.projects.list(limit=PAGE, include_archived=True)
        )
        self.reads.without("projects", _OF_PROJECTS)
        if self.project_ids:
            self._check_there(projects)
            projects = [project for project in projects if project.id in self.project_ids]
        found = [OfProject(project) for project in projects]
        parts = (self._keys, self._rate_limits, self._spend_limit, self._spend_alerts)
        await each(
            [partial(part, of) for of in found if of.active for part in parts], lambda read: read()
        )
        return found

    def _check_there(self, projects: Sequence[Project]) -> None:
        """Refuse the id of no project, where all projects are known.

        Raises:
            InvalidInputError: a project is not listed.
        """
        lacks = any(part.kind == "projects" for part in self.reads.not_known)
        if lacks or self.reads.unread["projects"] or not self.reads.wants("projects"):
            return
        for id in self.project_ids:
            if id not in {project.id for project in projects}:
                raise InvalidInputError(f"project: no project has the id {shown(id)}.")

    async def _keys(self, of: OfProject) -> None:
        id = of.project.id
        of.keys = await self.reads.all(
            "keys of projects",
            self.client.projects.api_keys.list(id, limit=PAGE, owner_project_access="any"),
            project_id=id,
        )

    async def _rate_limits(self, of: OfProject) -> None:
        id = of.project.id
        of.rate_limits = await self.reads.all(
            "rate limits of projects",
            self.client.projects.rate_limits.list(id, limit=PAGE),
            project_id=id,
            completely=True,  # a snapshot's own limit may be on the last page
        )

    async def _spend_limit(self, of: OfProject) -> None:
        id = of.project.id
        of.limit = await self.reads.limit(
            "spend limits of projects",
            partial(self.client.projects.spend_limit.retrieve, id),
            project_id=id,
        )

    async def _spend_alerts(self, of: OfProject) -> None:
        id = of.project.id
        of.alerts = await self.reads.all(
            "spend alerts of projects",
            self.client.projects.spend_alerts.list(id, limit=PAGE),
            project_id=id,
        )

    async def certificates(
        self, of_organization: Sequence[Certificate], project_ids: Sequence[str], *, now: datetime
    ) -> dict[str, list[Certificate]]:
        """The certificates of projects, asked for only where one that ends may be in use there."""
        near = timedelta(days=ENDING_DAYS)
        ends = [c.expires_at for c in of_organization if not c.active]
        if not any(end is not None and abs(end - now) <= near for end in ends):
            return {}
        self.reads.without("projects", ["certificates of projects"])
        found = await each(
            project_ids,
            lambda project_id: self.reads.all(
                "certificates of projects",
                self.client.projects.certificates.list(project_id, limit=PAGE),
                project_id=project_id,
            ),
        )
        return dict(zip(project_ids, found, strict=True))
