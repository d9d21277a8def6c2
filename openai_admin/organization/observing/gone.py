"""What was archived or removed between its listing and the reads of it, which therefore failed."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from typing import Any

import attrs

from ..._declare.pagination import AsyncPager
from ..._declare.resource import Async
from ..._tree import AdminResources
from ...directory.reading import PAGE, Reads
from .answers import Answers
from .parts import LONG_PAGE, Part, id_of

_GONE = (400, 403, 404)
"""The statuses with which archived projects, and what is removed, have refused what is of them."""


@attrs.define
class Gone:
    """Looks once for what is gone, by listing again what refused.

    Attributes:
        client: an asynchronous client.
        reads: what was refused.
        answers: what came, of which what is gone is left out.
    """

    client: AdminResources[Async]
    reads: Reads
    answers: Answers
    _seen: set[str] = attrs.field(factory=set)

    async def leave_out(self) -> None:
        """List again what refused since the last time, and leave out what is gone.

        A listing is asked for once, however much refused; where all is there as before, the
        refusals stand.
        """
        refused = self.reads.refused(_GONE) - self._seen
        self._seen |= refused
        projects = refused & {project.id for project in self.answers.active()}
        if projects:
            await self._projects(projects)
        client, answers = self.client, self.answers
        answers.groups = await self._still(
            answers.groups, refused, lambda: client.groups.list(limit=LONG_PAGE)
        )
        answers.people = await self._still(
            answers.people, refused, lambda: client.users.list(limit=PAGE)
        )
        answers.providers = await self._still(
            answers.providers,
            refused,
            lambda: client.workload_identity_providers.list(limit=PAGE),
        )
        answers.certificates = await self._still(
            answers.certificates, refused, lambda: client.certificates.list(limit=PAGE)
        )

    async def leave_out_within(self, kind: str, part: Part, known: Container[Any]) -> None:
        """Likewise, the members and groups of projects whose roles could not be read.

        Args:
            kind: their roles, in words.
            part: what they are of a project.
            known: the project and the id of each of which the roles are known.
        """
        for project_id in sorted(self.reads.refused((404,), kind=kind)):
            before = self.answers.part(part, project_id) or []
            again = Reads(self.client._caller)
            now = await part.read(self.client, again, project_id)
            if now is None:
                continue
            there = {id_of(one) for one in now}
            left = [one for one in before if id_of(one) in there]
            self.answers.keep(part, project_id, left)
            if all((project_id, id_of(one)) in known for one in left):
                self.reads.forget((project_id,), kind=kind)

    async def _projects(self, refused: set[str]) -> None:
        """Take over what became of projects that refused something."""
        listed = await self._listed(self.client.projects.list(limit=PAGE, include_archived=True))
        if listed is None:
            return
        now = {project.id: project for project in listed}
        is_active = {id for id, project in now.items() if project.status != "archived"}
        gone = refused - is_active
        self.reads.forget(gone)
        answers = self.answers
        answers.into -= gone
        answers.projects = [
            now.get(project.id, project) if project.id in gone else project
            for project in answers.projects or ()
            if project.id in now or project.id not in gone
        ]

    async def _still(
        self, things: list[Any] | None, refused: set[str], pager: Callable[[], AsyncPager[Any]]
    ) -> list[Any] | None:
        """Of some things those that are still there, if any of them refused something."""
        suspects = refused & _ids(things or ())
        if not suspects:
            return things
        listed = await self._listed(pager())
        if listed is None:
            return things
        gone = suspects - _ids(listed)
        self.reads.forget(gone)
        return [thing for thing in things or () if thing.id not in gone]

    async def _listed(self, pager: AsyncPager[Any]) -> list[Any] | None:
        """A listing once more; a refusal of this one says nothing that is not known already."""
        return await Reads(self.client._caller).listing("again", pager, completely=True)


def _ids(things: Iterable[Any]) -> set[str]:
    return {thing.id for thing in things}
