"""Reading what says what one person, service account or key may do: only what that needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial

import attrs

from ..._declare.arguments import shown, suggest
from ..._declare.resource import Async
from ..._transport.tasks import TaskGroup, each
from ..._tree import AdminResources
from ...directory.not_known import told
from ...directory.permissions import OWNER, names_of_predefined
from ...directory.reading import PAGE, Reads
from ...errors import InvalidInputError, NotFoundError, OpenAIAdminError
from ...resources.projects.users import ProjectUser
from ...resources.roles import AssignedRole
from ...resources.users.model import OrganizationUser
from ..text import some_of
from . import made
from .assembling import assembled, found_admin_keys
from .facts import AdminKeyFact, Facts, KeyFact, Person, ProjectMember, RoleFact, ServiceAccountFact
from .forecast import Forecast, OnForecast
from .reading import LONG_PAGE, Reading
from .roles import covers_membership, role_of, stands_for
from .things import names_of, several

_PERSON = "user-"
_ACCOUNT = "svc_acct_"
_KEY = "key_"

Thing = OrganizationUser | Person | ServiceAccountFact | KeyFact | AdminKeyFact


async def facts_of(
    client: AdminResources[Async],
    somebody: str,
    project_ids: Sequence[str] | None,
    on_forecast: OnForecast | None,
) -> Facts:
    """What says what somebody may do.

    Args:
        client: an asynchronous client.
        somebody: a person, a service account, a key of a project or an admin key, by id, name or
            address.
        project_ids: the projects to look at; ``None`` for all.
        on_forecast: receives what is about to be sent.

    Raises:
        InvalidInputError: there is nobody of that name, or several.
        OpenAIAdminError: there is nobody among what could be read, which is not all.
        AuthenticationError: the key is wrong.
        APIConnectionError: the API cannot be reached at all.
    """
    reading = Reading(
        client,
        Reads(client._caller),
        project_ids,
        lambda role: True,
        is_whole=False,
        on_forecast=on_forecast,
    )
    return await _Somebody(client, reading, somebody).facts()


@attrs.define
class _Somebody:
    """One such reading under way."""

    client: AdminResources[Async]
    reading: Reading
    text: str
    users: list[OrganizationUser] = attrs.field(factory=list)
    read_roles: Collection[str] = ()  # the projects whose roles are read by themselves

    async def facts(self) -> Facts:
        reading = self.reading
        async with TaskGroup() as work:
            work.start(reading.listed_projects)
            work.start(reading.roles_of_organization)
            work.start(self._people)
            work.start(self._admin_keys)
        reading.reads.check()
        reading.are_people_known = not any(p.kind == "people" for p in reading.reads.not_known)
        thing = await self._found()
        if isinstance(thing, OrganizationUser):
            await self._person(thing, keys=True)
        elif isinstance(thing, Person):
            await self._not_a_member()
        elif isinstance(thing, AdminKeyFact):
            reading.admin_keys = [key for key in reading.admin_keys if key.id == thing.id]
            reading.accounts, reading.keys = [], []
            await self._owner(thing.owner_id)
        else:
            reading.projects = [p for p in reading.projects if p.id == thing.project_id]
            await reading.roles_of_project(thing.project_id)
            await self._within(thing)
        return assembled(self.reading, of_people=[thing.id])

    async def _people(self) -> None:
        """Read the person alone where the text is an id or an address, else all of them."""
        reads, users, text = self.reading.reads, self.client.users, self.text
        if text.startswith((_ACCOUNT, _KEY)):
            return
        if text.startswith(_PERSON):
            self.users = await reads.one("people", self._member(text), [])
        elif "@" in text:
            self.users = await reads.all("people", users.list(emails=[text]))
        if not self.users:
            self.users = await reads.all("people", users.list(limit=PAGE))

    async def _member(self, id: str) -> list[OrganizationUser]:
        try:
            return [await self.client.users.retrieve(id)]
        except NotFoundError:
            return []

    async def _admin_keys(self) -> None:
        if not self.text.startswith(_ACCOUNT):
            self.reading.admin_keys = await self.reading.reads.all(
                "admin keys", self.client.admin_api_keys.list(limit=PAGE)
            )

    async def _found(self) -> Thing:
        """The one that is meant: looked for among people and admin keys, then in projects."""
        reading = self.reading
        near: list[Thing] = [*self.users, *found_admin_keys(reading)]
        found = self._matching(near)
        # What may be a project's key is looked for there before it is told as one in doubt.
        if found and not (len(found) == 1 and _may_be_of_project(found[0])):
            return self._only(found)
        ids = [project.id for project in reading.projects]
        lists = [reading.accounts_of, reading.keys_of]
        if self.text.startswith(_ACCOUNT):
            lists = [reading.accounts_of]
        elif self.text.startswith(_KEY):
            lists = [reading.keys_of]
        self._foretell({list.__name__: len(ids) for list in lists})
        await each([partial(list, id) for id in ids for list in lists], lambda work: work())
        further: list[Thing] = [
            *self.users,
            *found_admin_keys(reading),
            *reading.accounts,
            *reading.keys,
        ]
        if found := self._matching(further):
            return self._only(found)
        if not self.text.startswith((_ACCOUNT, _KEY)):
            elsewhere = await self._elsewhere()
            return self._only(self._matching(elsewhere), [*further, *elsewhere])
        return self._only([], further)

    async def _elsewhere(self) -> list[Person]:
        """Whom groups and projects list besides, who is not a member of the organization."""
        reading = self.reading
        groups = await reading.reads.all("groups", self.client.groups.list(limit=LONG_PAGE))
        ids = [project.id for project in reading.projects]
        self._foretell({"groups": len(groups), "members": len(ids)})
        works = [partial(reading.users_of_group, group.id) for group in groups]
        works += (partial(reading.members_of, id) for id in ids)
        await each(works, lambda work: work())
        return [made.listed_elsewhere(u, is_member=None) for u in reading.elsewhere.values()]

    async def _not_a_member(self) -> None:
        """Read everything, of which what concerns somebody who is not a member is told."""
        self.reading = Reading(
            self.client,
            Reads(self.client._caller),
            self.reading.project_ids,
            self.reading.matters,
            is_whole=True,
            on_forecast=self.reading.on_forecast,
        )
        await self.reading.all()

    def _matching(self, things: Iterable[Thing]) -> list[Thing]:
        things = [*things]
        text, folded = self.text, self.text.casefold()
        return (
            [thing for thing in things if thing.id == text]
            or [thing for thing in things if text in _names(thing)]
            or [t for t in things if folded in map(str.casefold, _names(t))]
        )

    def _only(self, found: Sequence[Thing], among: Iterable[Thing] = ()) -> Thing:
        if len(found) == 1:
            return found[0]
        if found:
            raise InvalidInputError(several(self.text, list(map(_described, found))))
        near = suggest(self.text, [name for thing in among for name in _names(thing)], most=3)
        said = f"No person, service account or key has the name or id {shown(self.text)}{near}"
        names = {project.id: project.name or project.id for project in self.reading.projects}
        if held := self._held_by_nobody(names):
            said = (
                f"Nobody in the organization has the name or id {shown(self.text)}, but the"
                f" owner of these keys does: {held}. Pass the id of a key to see what it may do."
            )
        if lost := self.reading.reads.not_known:
            said += f" But not everything could be read: {'; '.join(told(lost, names))}."
        if held or lost:
            raise OpenAIAdminError(said)
        raise InvalidInputError(said)

    def _held_by_nobody(self, names: Mapping[str, str]) -> str:
        """The keys of whoever is meant, who is not there any more; empty where there are none.

        Args:
            names: the names of projects, by id.
        """
        text = self.text.casefold()
        held = [
            f"{key.name or 'a key'} ({key.id}) in {names.get(key.project_id, key.project_id)}"
            for key in self.reading.keys
            for name in {key.owner_id, key.owner_name, key.owner_email}
            if name is not None and name.casefold() == text
        ]
        return some_of(held, ", ")

    async def _within(self, thing: ServiceAccountFact | KeyFact) -> None:
        """Read what a service account, or a key and its owner, have in their project."""
        reading, place = self.reading, thing.project_id
        if isinstance(thing, ServiceAccountFact):
            if not any(key.project_id == place for key in reading.keys):
                await reading.keys_of(place)
            reading.accounts = [thing]
            reading.keys = [key for key in reading.keys if key.owner_id == thing.id]
            return
        reading.keys = [thing]
        if thing.owner_type == "user":
            reading.accounts = []
            await self._owner(thing.owner_id)
            return
        if not any(account.project_id == place for account in reading.accounts):
            await reading.accounts_of(place)
        reading.accounts = [a for a in reading.accounts if a.id == thing.owner_id]

    async def _owner(self, user_id: str | None) -> None:
        """Read what the owner of a key has, if it is a member."""
        if user_id is None:
            return
        there = [user for user in self.users if user.id == user_id]
        if not there and not user_id.startswith(_ACCOUNT):
            there = await self.reading.reads.one("people", self._member(user_id), [])
        for user in there:
            await self._person(user, keys=False)

    async def _person(self, user: OrganizationUser, *, keys: bool) -> None:
        """Read what a person has, with their keys where these are asked for too."""
        reading = self.reading
        person = made.person(user)
        reading.people = [person]
        if keys:
            reading.admin_keys = [
                key
                for key in reading.admin_keys
                if key.owner is not None and key.owner.id == user.id
            ]
        await reading.roles_of_person(person)
        reading.groups = await reading.reads.all("groups", self.client.groups.list(limit=LONG_PAGE))
        is_owner = (person.role or "").lower() == OWNER or any(
            given.is_predefined
            and OWNER in names_of_predefined(given.role_id, given.role_name, of_project=False)
            for given in reading.assignments
        )
        ids = [project.id for project in reading.projects]
        works = [partial(self._in_project, user, id) for id in ids]
        unread = [id for id in ids if keys and not any(k.project_id == id for k in reading.keys)]
        more = [partial(reading.keys_of, id) for id in unread]
        self.read_roles = ids if is_owner else [id for id in reading.roles if id is not None]
        more += (partial(reading.roles_of_project, id) for id in ids if is_owner)
        self._foretell(
            {"people": 2 * len(ids), "keys": len(unread), "roles": len(more) - len(unread)}
        )
        await each([*works, *more], lambda work: work())
        if keys:
            reading.keys = [key for key in reading.keys if key.owner_id == user.id]

    async def _in_project(self, user: OrganizationUser, project_id: str) -> None:
        """Read the roles that a person has in a project; none where the API knows none there."""
        reading = self.reading
        membership = await self._membership(user, project_id)
        if membership is not None:
            reading.members.append(membership)
        held: list[AssignedRole] = await reading.reads.one(
            "roles of people in projects",
            self._held(project_id, user.id, is_member=membership is not None),
            [],
            project_id=project_id,
        )
        role = None if membership is None else membership.role
        covering: list[RoleFact] = []
        for of in held:
            given = made.assignment(of, "user", user.id, project_id)
            if covers_membership(role, given):
                covering.append(role_of(given))
            else:
                reading.assignments.append(given)
        if role is None or project_id in self.read_roles:
            return
        if any(stands_for(known, role) for known in covering):  # it says what the role grants
            reading.roles[project_id] = [*(reading.roles.get(project_id) or ()), *covering]
        else:
            await reading.roles_of_project(project_id)

    async def _membership(self, user: OrganizationUser, project_id: str) -> ProjectMember | None:
        """A person's membership of a project, as the person's listing or the project says it.

        The listing of people seldom names their projects. The roles in a project alone do not tell:
        they are not found either where the organization has no roles of its own.
        """
        known = None if user.projects is None else user.projects.data
        if known is not None:
            listed = next((each for each in known if each.id == project_id), None)
            if listed is None:
                return None
            if listed.role is not None:
                return ProjectMember(project_id=project_id, user_id=user.id, role=listed.role)
        found: list[ProjectUser] = await self.reading.reads.one(
            "members of projects", self._member_of(project_id, user.id), [], project_id=project_id
        )
        return made.member(found[0], project_id) if found else None

    async def _member_of(self, project_id: str, user_id: str) -> list[ProjectUser]:
        try:
            return [await self.client.projects.users.retrieve(project_id, user_id)]
        except NotFoundError:  # how the API says that somebody is not in a project
            return []

    async def _held(self, project_id: str, user_id: str, *, is_member: bool) -> list[AssignedRole]:
        roles = self.client.projects.users.roles
        held: list[AssignedRole] = []
        try:
            async for page in roles.list(project_id, user_id, limit=LONG_PAGE).pages():
                held += page.data
                self.reading.reads.unread["roles of people in projects"] += len(page.unreadable)
        except NotFoundError:  # how the API says that somebody is not in a project
            if is_member:
                raise
        return held

    def _foretell(self, counted: dict[str, int]) -> None:
        if self.reading.on_forecast is not None:
            self.reading.on_forecast(Forecast.of(Counter(counted)))


def _may_be_of_project(thing: Thing) -> bool:
    return isinstance(thing, AdminKeyFact) and thing.is_admin_key is None


def _names(thing: Thing) -> list[str]:
    return names_of(made.person(thing) if isinstance(thing, OrganizationUser) else thing)


def _described(thing: Thing) -> str:
    kinds: dict[type, str] = {
        OrganizationUser: "person",
        Person: "person",
        ServiceAccountFact: "service account",
        KeyFact: "key",
        AdminKeyFact: "admin key",
    }
    place = getattr(thing, "project_id", None)
    return f"{thing.id} ({kinds[type(thing)]}{f' of {place}' if place else ''})"
