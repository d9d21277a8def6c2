"""What ids refer to, looked up in listings: each is read at most once, and only as far as needed.

What has a name already is not looked up. A listing that fails costs its own names alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import aclosing
from functools import partial
from typing import Any, Literal

import attrs

from .._declare.operation import CallExecutor
from .._declare.pagination import AsyncPager
from .._declare.resource import Async
from .._transport.tasks import run_all
from .._tree import AdminResources
from ..errors import APIError, InvalidInputError
from .wording import unread

Listing = Literal["projects", "people", "groups", "keys", "service accounts"]
Ids = Mapping[str, AbstractSet[str]]

_PAGE = 100  # the most items that a page of a listing has
# Projects asked at once: the first answers may name everything, and the others are not asked then.
_AT_ONCE = 8
_NAMES = ("name", "email", "redacted_value")


@attrs.frozen(kw_only=True)
class Wanted:
    """Ids whose names are wanted.

    Attributes:
        projects: of projects.
        groups: of groups.
        users: of people and service accounts, each with the projects that it is known to be in;
            it may be in any where there are none.
        keys: of project API keys, likewise.
    """

    projects: AbstractSet[str] = frozenset()
    groups: AbstractSet[str] = frozenset()
    users: Ids = attrs.field(factory=dict)
    keys: Ids = attrs.field(factory=dict)

    def __or__(self, other: Wanted) -> Wanted:
        """What either wants."""
        return Wanted(
            projects=self.projects | other.projects,
            groups=self.groups | other.groups,
            users=_either(self.users, other.users),
            keys=_either(self.keys, other.keys),
        )


@attrs.frozen
class UnknownNames:
    """Names that are not known, since listings that may have them could not be read.

    Attributes:
        of: whose names they are, such as ``keys``.
        reason: what became of the first of the listings, in the API's own words where it has some.
        listings: how many of them failed for that reason.
        projects: whose they are, where the same of others could be read.
        alike: the same for all that are unknown for the same reason, whichever the listing.
    """

    of: tuple[Listing, ...]
    reason: str
    listings: int
    projects: tuple[str, ...] = ()
    alike: str = attrs.field(default="", repr=False)

    def __or__(self, other: UnknownNames) -> UnknownNames:
        """What two lookups of the same listings did not find for the same reason."""
        of = tuple(dict.fromkeys((*self.of, *other.of)))
        projects = tuple(dict.fromkeys((*self.projects, *other.projects)))
        listings = max(self.listings, other.listings)
        return attrs.evolve(self, of=of, listings=listings, projects=projects)

    def __str__(self) -> str:
        whose = _joined(self.of)
        more = ""
        if self.listings > 1:
            others_too = "1 other listing" if self.listings == 2 else f"{self.listings - 1} others"
            more = f" The same happened to {others_too}."
        if self.projects:
            whose += f" in {_joined(self.projects)}"
        return f"Names of {whose} are not known: {self.reason}{more}"


def label(thing: Any) -> str | None:
    """The name of a thing, else its e-mail address, else a key's first and last characters."""
    return next(filter(None, (getattr(thing, name, None) for name in _NAMES)), None)


def names_in(things: Iterable[Any]) -> dict[str, str]:
    """Names by id of things, and of who has the keys among them: those listed first are kept.

    A thing without a name is called by its id.
    """
    names: dict[str, str] = {}
    for thing in things:
        _add(names, thing.id, label(thing) or thing.id)
        owner = getattr(thing, "owner", None)
        holder = getattr(owner, "holder", None)
        if holder is not None and (text := label(holder)) is not None:
            _add(names, holder.id, text)
    return names


def _add(names: dict[str, str], id: str, name: str) -> None:
    """Add a name, unless there is one that is not the id."""
    if names.get(id, id) == id:
        names[id] = name


@attrs.frozen
class _Failure:
    """A listing that could not be read, of one project or of the organization."""

    listing: Listing
    project_id: str | None
    reason: str  # the same for all listings that are refused alike
    text: str


@attrs.define
class _Alike:
    """Failures for the same reason, and whose names are not known because of them."""

    of: list[Listing] = attrs.field(factory=list)
    failures: list[_Failure] = attrs.field(factory=list)

    def add(self, kind: Listing, failure: _Failure) -> None:
        """Add a failure, for the sake of one kind of names."""
        if kind not in self.of:
            self.of.append(kind)
        if failure not in self.failures:
            self.failures.append(failure)

    def told(self, names: Mapping[str, str], answered: AbstractSet[Listing]) -> UnknownNames:
        """What is told of them.

        Args:
            names: names by id.
            answered: the listings that some project answered.
        """
        first = self.failures[0]
        ids = dict.fromkeys(f.project_id for f in self.failures if f.listing in answered)
        return UnknownNames(
            tuple(self.of),
            first.text,
            len(self.failures),
            tuple(names.get(id, id) for id in ids if id is not None),
            first.reason,
        )


class NameLookup:
    """The names of one organization, as far as they have been learned.

    Former members are in no listing of people, and are named by the keys they left behind.
    An archived project, of which the API has refused all that is in it, is asked only for keys that
    are known to be in it.

    Attributes:
        names: names by id.
        emails: e-mail addresses by the id of the person.
        owners: who has a key, by the key's id.
    """

    def __init__(self, caller: CallExecutor, names: Mapping[str, str] | None = None) -> None:
        """Begin with the names that are known.

        Args:
            caller: reads the listings.
            names: names by id that need no listing; they stay as they are.
        """
        self.names = dict(names or {})
        self.emails: dict[str, str] = {}
        self.owners: dict[str, str] = {}
        self._tree = AdminResources[Async](caller)
        self._wanted = Wanted()
        self._active: list[str] = []
        self._archived: list[str] = []
        self._read: set[Listing] = set()
        self._answered: set[Listing] = set()
        self._failures: list[_Failure] = []

    def learn(self, listing: Listing, things: Sequence[Any]) -> None:
        """Learn from a listing that was read elsewhere; it is not asked for again.

        Args:
            listing: which.
            things: its items; keys and service accounts those of every active project.
        """
        self._read.add(listing)
        self._take(listing, things)

    async def find(self, wanted: Wanted) -> None:
        """Look up the names that are wanted and not known yet; to be called once.

        People and projects are read at once, then keys where one is wanted or a former member is to
        be named (keys tell their owners), and service accounts that no key has named. No failure
        of a listing is raised: `unknown` tells it.
        """
        self._wanted = wanted
        first = {
            self._people: self._left_people(),
            self._projects: self._left(wanted.projects)
            or self._left_keys()
            or self._left_accounts(),
            self._groups: self._left(wanted.groups),
        }
        await run_all([work for work, left in first.items() if left])
        projects = self._tree.projects
        keys = partial(projects.api_keys.list, limit=_PAGE, owner_project_access="any")
        accounts = partial(projects.service_accounts.list, limit=_PAGE)
        if "keys" not in self._read:
            await self._within(
                self._active, "keys", keys, lambda: {**self._left_keys(), **self._left_people()}
            )
        if "service accounts" not in self._read:
            await self._within(self._active, "service accounts", accounts, self._left_accounts)
        await self._within(
            self._archived,
            "keys",
            keys,
            lambda: {id: places for id, places in self._left_keys().items() if places},
        )

    def unknown(self) -> list[UnknownNames]:
        """The names that were not found and may be in a listing that could not be read.

        Each reason is there once. A name that no listing has, though all of them could be read, is
        not among them: there is none.
        """
        left: list[tuple[Listing, Ids, tuple[Listing, ...]]] = [
            ("projects", _anywhere(self._left(self._wanted.projects)), ("projects",)),
            ("groups", _anywhere(self._left(self._wanted.groups)), ("groups",)),
            ("people", self._left_people(), ("people", "projects", "keys")),
            ("service accounts", self._left_accounts(), ("projects", "service accounts")),
            ("keys", self._left_keys(), ("projects", "keys")),
        ]
        alike: dict[str, _Alike] = {}
        for kind, ids, listings in left:
            for failure in (f for f in self._failures if f.listing in listings):
                if _may_be_in(ids, failure.project_id):
                    alike.setdefault(failure.reason, _Alike()).add(kind, failure)
        return [found.told(self.names, self._answered) for found in alike.values()]

    def _left(self, ids: AbstractSet[str]) -> AbstractSet[str]:
        return ids - self.names.keys()

    def _left_keys(self) -> Ids:
        return {id: at for id, at in self._wanted.keys.items() if id not in self.names}

    def _left_people(self) -> Ids:
        """Users without a name who are not service accounts, as their ids tell."""
        return {id: at for id, at in self._left_users().items() if not _is_account(id)}

    def _left_accounts(self) -> Ids:
        return {id: at for id, at in self._left_users().items() if _is_account(id)}

    def _left_users(self) -> Ids:
        return {id: at for id, at in self._wanted.users.items() if id not in self.names}

    async def _people(self) -> None:
        await self._list(
            "people", partial(self._tree.users.list, limit=_PAGE), lambda: not self._left_people()
        )

    async def _groups(self) -> None:
        await self._list(
            "groups",
            partial(self._tree.groups.list, limit=_PAGE),
            lambda: not self._left(self._wanted.groups),
        )

    async def _projects(self) -> None:
        """Name the projects; all are needed while something that is in one has no name."""
        await self._list(
            "projects",
            partial(self._tree.projects.list, limit=_PAGE, include_archived=True),
            lambda: (
                not (self._left(self._wanted.projects) or self._left_keys() or self._left_users())
            ),
        )

    async def _list(
        self, listing: Listing, pager: Callable[[], AsyncPager[Any]], done: Callable[[], bool]
    ) -> None:
        """Read a listing of the organization, unless that was done."""
        if listing not in self._read:
            self._read.add(listing)
            await self._follow(listing, pager, done)

    async def _within(
        self,
        projects: Sequence[str],
        listing: Listing,
        pager: Callable[[str], AsyncPager[Any]],
        left: Callable[[], Ids],
    ) -> None:
        """Read a listing of those projects in which something may be that has no name yet."""
        if not left():
            return
        await self._projects()
        rest = iter(projects)

        def done(project_id: str) -> bool:
            return not _may_be_in(left(), project_id)

        async def ask() -> None:
            for id in rest:
                if not done(id):
                    await self._follow(listing, partial(pager, id), partial(done, id), id)

        await run_all([ask] * min(_AT_ONCE, len(projects)))

    async def _follow(
        self,
        listing: Listing,
        pager: Callable[[], AsyncPager[Any]],
        done: Callable[[], bool],
        project_id: str | None = None,
    ) -> None:
        """Learn from the pages of a listing until enough is known, or it fails."""
        unreadable = 0
        try:
            async with aclosing(pager().pages()) as pages:
                async for page in pages:
                    self._answered.add(listing)
                    self._take(listing, page.data)
                    unreadable += len(page.unreadable)
                    if done():
                        return
        except (APIError, InvalidInputError) as error:
            reason = error.message if isinstance(error, APIError) else str(error)
            self._failures.append(_Failure(listing, project_id, reason, str(error)))
            return
        if unreadable:
            place = f" of project {project_id}" if project_id is not None else ""
            text = f"{unread(unreadable)} among the {listing}{place}."
            self._failures.append(_Failure(listing, project_id, text, text))

    def _take(self, listing: Listing, things: Sequence[Any]) -> None:
        for id, name in names_in(things).items():
            _add(self.names, id, name)
        for thing in things:
            holder = getattr(getattr(thing, "owner", None), "holder", None)
            if holder is not None and holder.id is not None:
                self.owners[thing.id] = holder.id
            for person in filter(None, (thing, holder)):
                if email := getattr(person, "email", None):
                    self.emails[person.id] = email
        if listing == "projects":
            for project in things:
                known = self._archived if project.status == "archived" else self._active
                known.append(project.id)


def _joined(words: Sequence[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def _is_account(user_id: str) -> bool:
    return user_id.startswith("svc_acct_")


def _may_be_in(ids: Ids, project_id: str | None) -> bool:
    """Whether one of the ids may be found in a project, or in the organization at all."""
    if project_id is None:
        return bool(ids)
    return any(not places or project_id in places for places in ids.values())


def _either(ids: Ids, others: Ids) -> Ids:
    """Ids of either, each with all places; without a place it may be anywhere."""
    found = {**ids, **others}
    for id in ids.keys() & others.keys():
        places = (ids[id], others[id])
        found[id] = places[0] | places[1] if all(places) else frozenset()
    return found


def _anywhere(ids: AbstractSet[str]) -> Ids:
    return dict.fromkeys(ids, frozenset())
