"""Reading what a text may be in: as little as it takes, around what the API refuses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import anyio.to_thread
import attrs

from ..._declare.arguments import shown
from ..._declare.operation import CallExecutor
from ..._declare.pagination import AsyncPager
from ..._declare.resource import Async
from ..._transport.tasks import Work, each, run_all
from ..._tree import AdminResources
from ...errors import APIError, InvalidInputError, NotFoundError
from ...resources.projects import Project
from ..find import with_ids
from ..reading import PAGE, Reads
from .asked import ADDRESSED, OF_PROJECT, wanted_kinds
from .hits import WORDS, FindResult, Hit, HitKind
from .matching import nearest
from .query import Query
from .taken import WITHIN, Taken

MOST_PROJECTS = 50
"""Projects in which a plain name is looked for without being asked for what is in them."""

_AT_ONCE = 8  # listings of projects that are read at once: the first may have the one id
_INSIDE: tuple[HitKind, ...] = (*WITHIN, "role")  # what projects list
_INSIDE_WORDS: Mapping[HitKind, str] = {**WORDS, "role": "roles of projects"}

T = TypeVar("T")

OnProgress = Callable[[int, int, Collection[Hit]], None]
"""Is told how many listings of projects were read, of how many, and what was found so far."""


async def find(
    caller: CallExecutor,
    text: str,
    *,
    kinds: Collection[str] | None = None,
    projects: Collection[str] | None = None,
    everywhere: bool = False,
    is_hidden: bool = False,
    on_progress: OnProgress = lambda *_: None,
) -> FindResult:
    """Find things by an id, a name, an address, or the secret or the last characters of a key.

    Args:
        caller: makes the reads.
        text: what to look for.
        kinds: the kinds to look for; by default those that the text may be of.
        projects: the projects to look in alone, by name or id.
        everywhere: whether to look into each project, however many there are.
        is_hidden: whether the text is not to be shown, whatever it is.
        on_progress: is told how far it is, where it looks into projects.

    Raises:
        InvalidInputError: the text is empty, a kind or a project is unknown, or nothing of these
            kinds is in a project or can have such a text.
        AuthenticationError: the key is wrong.
        APIConnectionError: the API cannot be reached at all.
    """
    query = Query.of(text, is_hidden=is_hidden)
    search = Search(caller, query, wanted_kinds(query, kinds, projects), on_progress=on_progress)
    search.is_open = kinds is None
    search.is_thorough = everywhere or kinds is not None or query.is_of_key
    if projects is not None:
        await search.within(projects)
    else:
        await search.anywhere()
    return await search.result()


@attrs.define
class Search:
    """A search as it goes on.

    Attributes:
        caller: makes the reads.
        query: what is looked for.
        wanted: the kinds that are looked for.
        on_progress: is told how far it is.
        is_thorough: whether each project is looked into, however many there are.
        is_open: whether no kind was asked for by name.
    """

    caller: CallExecutor
    query: Query
    wanted: tuple[HitKind, ...]
    on_progress: OnProgress
    is_thorough: bool = False
    is_open: bool = True
    _reads: Reads = attrs.field(init=False)
    _tree: AdminResources[Async] = attrs.field(init=False)
    _taken: Taken = attrs.field(init=False)
    _read: set[HitKind] = attrs.field(factory=set)
    _left_out: list[str] = attrs.field(factory=list)
    _projects: Sequence[Any] = ()
    _names: dict[str, str] = attrs.field(factory=dict)  # of projects, by id
    _knows_people: bool = False  # everybody of the place that is looked in was listed

    def __attrs_post_init__(self) -> None:
        self._taken = Taken(self.caller, self.query, self.wanted)
        self._reads = Reads(self.caller)
        self._tree = AdminResources[Async](self.caller)

    async def anywhere(self) -> None:
        """Look in the whole organization: where the text tells the kind, at that first."""
        if not self.query.is_of_key:
            await self._retrieve()
            if self._taken.is_identified or self._is_addressed():
                return
        inside = [kind for kind in _INSIDE if kind in self.wanted]
        told = [kind for kind in inside if self._is_told(kind)]
        if told:
            await self._read_projects()
            await self._inside(told)
        if not self._taken.is_identified:
            await self._outside()
            await self._inside([kind for kind in inside if kind not in told])
        self._take_owners("not in the organization, but has a key")

    def _is_told(self, kind: HitKind) -> bool:
        """Whether the text is the id of something of a kind that projects list."""
        if kind == "service_account":  # ids of people have been ids of service accounts as well
            return self.query.plain.startswith("svc") and kind in self.query.id_kinds
        return kind in self.query.id_kinds

    async def _outside(self) -> None:
        """Read the listings of the organization; one first, which a wrong key is refused."""
        pagers: Mapping[HitKind, Callable[[], AsyncPager[Any]]] = {
            "person": partial(self._tree.users.list, limit=PAGE),
            "admin_key": partial(self._tree.admin_api_keys.list, limit=PAGE),
            "group": partial(self._tree.groups.list, limit=PAGE),
            "invite": partial(self._tree.invites.list, limit=PAGE),
            "certificate": partial(self._tree.certificates.list, limit=PAGE),
            "role": partial(self._tree.roles.list, limit=PAGE),
        }
        works: list[Work] = [
            partial(self._list, kind, pager())
            for kind, pager in pagers.items()
            if kind in self.wanted and kind not in self._read
        ]
        if {"project", *_INSIDE} & {*self.wanted} and "project" not in self._read:
            works.append(self._read_projects)
        if not self._read:
            await run_all(works[:1])
            works = works[1:]
        await run_all(works)

    async def _read_projects(self) -> None:
        pager = self._tree.projects.list(limit=PAGE, include_archived=True)
        self._projects = await self._listed("project", pager)
        self._names = {project.id: project.name or project.id for project in self._projects}

    async def within(self, projects: Collection[str]) -> None:
        """Look in some projects alone.

        Raises:
            InvalidInputError: there is no such project, or several have the name.
        """
        asked = {"project_ids": [*projects]}
        known, named, _ = await with_ids(self._tree, "find", asked, lambda _: "projects")
        self._names = {found.id: found.name for found in named}
        found = await each(dict.fromkeys(known["project_ids"]), self._project)
        await self._look_into([kind for kind in OF_PROJECT if kind in self.wanted], found)
        self._take_owners("not in these projects, but has a key")

    async def _project(self, id: str) -> Project:
        """A project that was asked for; what it is called may not be known.

        Raises:
            InvalidInputError: there is no such project.
        """
        if id in self._names:
            return Project(id=id, name=self._names[id])
        try:
            project = await self._tree.projects.retrieve(id)
        except NotFoundError:
            raise InvalidInputError(f"projects: no project has the id {shown(id)}.") from None
        except APIError as error:
            await self._reads.refuse(WORDS["project"], error, project_id=id)
            return Project(id=id)
        self._names[id] = project.name or id
        return project

    async def result(self) -> FindResult:
        """What was found.

        Raises:
            APIError: nothing at all was answered.
        """
        self._reads.check()
        hits = self._taken.best_first()
        near: list[Hit] = []
        if not hits and not self.query.is_of_key:
            things = [*self._taken.things.values()]
            if self.query.is_address and self.is_open:
                things = [thing for thing in things if thing.kind in ADDRESSED]
            found = await anyio.to_thread.run_sync(
                nearest, self.query, things, abandon_on_cancel=True
            )
            near = [thing.hit("near", field, self._taken.now) for thing, field in found]
        # What was not read cannot touch an answer that no more was to be read for.
        is_whole = self._taken.is_identified
        refused = () if is_whole else self._reads.not_known
        lost = {part.kind for part in refused if part.is_whole}
        places = {part.project_id for part in refused}
        return FindResult(
            text=self.query.text,
            is_secret=self.query.secret is not None,
            hits=tuple(hits),
            near=tuple(near),
            not_compared=tuple(self._taken.unclear()),
            kinds=tuple(k for k in self.wanted if k in self._read and WORDS[k] not in lost),
            not_known=refused,
            names={id: name for id, name in self._names.items() if id in places},
            left_out=tuple(self._left_out),
            unread={}
            if is_whole
            else {kind: number for kind, number in self._reads.unread.items() if number},
        )

    async def _retrieve(self) -> None:
        """Ask for what has the text as its id, or its address: a request each."""
        text, tree = self.query.plain, self._tree
        retrievals: Mapping[HitKind, Callable[[], Awaitable[Any]]] = {
            "person": partial(tree.users.retrieve, text),
            "project": partial(tree.projects.retrieve, text),
            "admin_key": partial(tree.admin_api_keys.retrieve, text),
            "group": partial(tree.groups.retrieve, text),
            "invite": partial(tree.invites.retrieve, text),
            "certificate": partial(tree.certificates.retrieve, text),
            "role": partial(tree.roles.retrieve, text),
        }
        for kind in self.wanted:
            if kind in self.query.id_kinds and kind in retrievals:
                if (found := await self._tried(retrievals[kind]())) is not None:
                    self._taken.take(kind, [found])
                if self._taken.is_identified:
                    self._read.add(kind)
                    return
        if self.query.is_address and "person" in self.wanted:
            page = await self._tried(tree.users.list(emails=[text], limit=PAGE))
            self._taken.take("person", page.data if page is not None else ())
            if self._taken.hits:
                self._read.add("person")
                if "invite" in self.wanted:
                    await self._list("invite", tree.invites.list(limit=PAGE))

    async def _tried(self, work: Awaitable[T]) -> T | None:
        """What is read; ``None`` where it is refused: the listing that follows may have it."""
        try:
            found = await work
        except APIError as error:
            await self._reads.doubt(error)
            return None
        self._reads.answered()
        return found

    def _is_addressed(self) -> bool:
        """Whether somebody has the address, and nothing else is looked for that may."""
        is_all = self.is_open or not {*self.wanted} - {*ADDRESSED}
        return bool(self._taken.hits) and self.query.is_address and is_all

    async def _list(self, kind: HitKind, pager: AsyncPager[Any], project: Any = None) -> None:
        await self._listed(kind, pager, project)

    async def _listed(
        self, kind: HitKind, pager: AsyncPager[Any], project: Any = None
    ) -> Sequence[Any]:
        """What is listed; nothing where the API refuses it."""
        id = None if project is None else project.id
        words = WORDS if project is None else _INSIDE_WORDS
        found = await self._reads.listing(words[kind], pager, project_id=id)
        if found is not None:
            self._taken.take(kind, found, project)
            self._knows_people |= kind == "person"
        self._read.add(kind)
        return found or ()

    async def _inside(self, kinds: Sequence[HitKind]) -> None:
        """Look into the projects that are not archived, unless they are too many."""
        if not kinds:
            return
        self._reads.without(WORDS["project"], [_INSIDE_WORDS[kind] for kind in kinds])
        active = [project for project in self._projects if project.status != "archived"]
        is_meant = self.is_thorough or any(map(self._is_told, kinds))
        if not is_meant and len(active) > MOST_PROJECTS:
            *first, last = (WORDS[kind].removesuffix(" of projects") for kind in kinds)
            what = f"{', '.join(first)} and {last}" if first else last
            self._left_out.append(
                f"The {what} of {len(active):,} projects were not looked through, which takes"
                f" {len(kinds) * len(active):,} requests or more: everywhere=True sends them."
            )
            return
        await self._look_into(kinds, active)
        archived = len(self._projects) - len(active)
        if (
            archived
            and not self._taken.hits
            and (self.query.is_of_key or "key" in self.query.id_kinds)
        ):
            of = "1 archived project" if archived == 1 else f"{archived:,} archived projects"
            self._left_out.append(f"The keys of {of} were not looked through.")

    async def _look_into(self, kinds: Sequence[HitKind], projects: Sequence[Any]) -> None:
        of = self._tree.projects
        pagers: Mapping[HitKind, Callable[[str], AsyncPager[Any]]] = {
            "person": partial(of.users.list, limit=PAGE),
            "service_account": partial(of.service_accounts.list, limit=PAGE),
            "key": partial(of.api_keys.list, limit=PAGE, owner_project_access="any"),
            "role": partial(of.roles.list, limit=PAGE),
        }
        left = iter([(kind, project) for project in projects for kind in kinds])
        number, done = len(projects) * len(kinds), 0

        async def follow() -> None:
            nonlocal done
            for kind, project in left:
                if self._taken.is_identified:
                    return
                await self._list(kind, pagers[kind](project.id), project)
                done += 1
                self.on_progress(done, number, self._taken.hits)

        if number:
            self.on_progress(0, number, self._taken.hits)
        self._read.update(kinds)
        await run_all([follow] * min(_AT_ONCE, number))

    def _take_owners(self, status: str) -> None:
        """Take people who are not where it was looked, but have keys there.

        Args:
            status: what is told of them.
        """
        refused = {part.kind for part in self._reads.not_known}
        if not self._knows_people or WORDS["person"] in refused:
            return
        self._taken.take_owners(status)
