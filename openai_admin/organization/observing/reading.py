"""Reading what sections of the file need: in few requests, of which a refused one costs itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import attrs
from anyio.lowlevel import checkpoint

from ... import resources
from ..._declare.operation import OPERATIONS
from ..._declare.pagination import AsyncPager
from ..._declare.resource import Async
from ..._transport.tasks import TaskGroup, each
from ..._tree import AdminResources
from ...directory.reading import PAGE, Reads
from ...resources.roles import Role
from ...workflows.offboarding.snapshot import is_open
from . import parts
from .answers import Answers
from .choosing import chosen
from .forecast import Forecast, OnProgress, Progress
from .given import are_all_told
from .gone import Gone
from .needs import OF_PEOPLE, Needs, is_among
from .parts import LONG_PAGE, Part

ROLES_OF_PEOPLE = "roles of people"
ROLES_OF_MEMBERS = "roles of people in projects"
ROLES_OF_PROJECT_GROUPS = "roles of groups in projects"


@attrs.frozen
class Batch:
    """Reads of one endpoint, one for each of many things.

    Attributes:
        operation: the operation that reads.
        things: what it is asked for.
        read: asks for one of them.
    """

    operation: str
    things: Sequence[Any]
    read: Callable[[Any], Awaitable[None]]


@attrs.define
class Reading:
    """One reading under way. Its steps fill `answers`.

    Attributes:
        client: an asynchronous client.
        reads: keeps what is refused or cannot be read.
        needs: what is asked for.
        tell: is told how far it is.
        answers: what came.
        begun: the server's time after the first answers.

    It can be gone on with for other needs: what was asked for once is not asked for again.
    """

    client: AdminResources[Async]
    reads: Reads
    needs: Needs
    tell: OnProgress | None = None
    answers: Answers = attrs.field(factory=Answers)
    begun: datetime | None = None
    _asked: set[tuple[str, Any]] = attrs.field(factory=set)
    _gone: Gone | None = None

    async def all(self) -> None:
        """Read all that is asked for, and was not yet.

        Raises:
            InvalidInputError: there is no such project.
            AuthenticationError: the key is wrong.
            APIConnectionError: the API cannot be reached at all.
        """
        await self._organization()
        self.reads.check()
        self.begun = self.begun or self.client._caller.server_now()
        self._choose()
        await self._projects_of_invites()
        await self._run([*self._of_organization(), *self._of_projects()])
        gone = self._gone = self._gone or Gone(self.client, self.reads, self.answers)
        await gone.leave_out()
        await self._run(self._within_projects())
        await gone.leave_out()
        answers = self.answers
        await gone.leave_out_within(ROLES_OF_MEMBERS, parts.USERS, answers.roles_of_members)
        groups = answers.roles_of_project_groups
        await gone.leave_out_within(ROLES_OF_PROJECT_GROUPS, parts.GROUPS, groups)

    async def _organization(self) -> None:
        """Read the listings and settings of the organization."""
        client, needs = self.client, self.needs
        works: list[Callable[[], Awaitable[None]]] = []

        def listing(
            name: str, kind: str, pager: Callable[[], AsyncPager[Any]], *, wanted: bool
        ) -> None:
            async def read() -> None:
                found = await parts.all_of(self.reads, kind, pager())
                setattr(self.answers, name, found)

            if wanted and self._is_new(name):
                works.append(read)

        any_of = needs.any
        people = any_of(*OF_PEOPLE)
        listing("people", "people", lambda: client.users.list(limit=PAGE), wanted=people)
        listing(
            "invites",
            "invites",
            lambda: client.invites.list(limit=PAGE),
            wanted=people,
        )
        listing(
            "admin_keys",
            "admin keys",
            lambda: client.admin_api_keys.list(limit=PAGE),
            wanted=needs.acting,
        )
        listing(
            "groups",
            "groups",
            lambda: client.groups.list(limit=LONG_PAGE),
            wanted=any_of("groups", "groups.members", "groups.roles", "projects.groups"),
        )
        listing(
            "roles",
            "roles",
            lambda: client.roles.list(limit=LONG_PAGE),
            wanted=any_of("roles", "people.roles", "groups.roles"),
        )
        listing(
            "projects",
            "projects",
            lambda: client.projects.list(limit=PAGE, include_archived=True),
            wanted=needs.of_projects,
        )
        listing(
            "certificates",
            "certificates",
            lambda: client.certificates.list(limit=PAGE),
            wanted=any_of("certificates", "projects.certificates"),
        )
        listing(
            "external_keys",
            "external keys",
            lambda: client.external_keys.list(limit=PAGE),
            wanted=needs.of_external_keys,
        )
        listing(
            "external_storage",
            "external storage",
            lambda: client.external_storage.list(limit=PAGE),
            wanted=any_of("projects.external_storage"),
        )
        listing(
            "providers",
            "identity providers",
            lambda: client.workload_identity_providers.list(limit=PAGE),
            wanted=any_of("identity_providers", "identity_providers.rules"),
        )
        listing(
            "spend_alerts",
            "spend alerts",
            lambda: client.spend_alerts.list(limit=PAGE),
            wanted=any_of("settings.spend_alerts"),
        )
        if any_of("settings.spend_limit") and self._is_new("spend_limit"):
            works.append(self._spend_limit)
        if any_of("settings.data_retention") and self._is_new("data_retention"):
            works.append(self._data_retention)
        await each(works, lambda work: work())

    def _is_new(self, what: str, of: Any = None) -> bool:
        """Whether something was not asked for before; from now on it was."""
        is_new = (what, of) not in self._asked
        self._asked.add((what, of))
        return is_new

    async def _projects_of_invites(self) -> None:
        """Read which projects there are where an invite grants some, unless that is known."""
        needs, invites = self.needs, self.answers.invites or ()
        is_asked_for = needs.any("people") and needs.granted and not needs.of_projects
        grants = any(is_open(invite) and invite.projects for invite in invites)
        if is_asked_for and grants and self._is_new("projects"):
            listing = self.client.projects.list(limit=PAGE, include_archived=True)
            self.answers.projects = await parts.all_of(self.reads, "projects", listing)

    async def _spend_limit(self) -> None:
        async def retrieve() -> Any:
            return await self.client.spend_limit.retrieve()

        self.answers.spend_limit = await self.reads.limit_if_known("spend limit", retrieve)

    async def _data_retention(self) -> None:
        self.answers.data_retention = await self.reads.one(
            "data retention", self.client.data_retention.retrieve(), None
        )

    def _choose(self) -> None:
        """Choose the projects that are read, and say what is not known since a listing is not."""
        needs, answers, reads = self.needs, self.answers, self.reads
        answers.into = chosen(answers.projects, needs)
        reads.without("projects", [p.kind for p in parts.PARTS if needs.any(*p.sections)])
        reads.without("groups", [k for k, s in _OF_GROUPS if needs.any(s)])
        reads.without("people", [ROLES_OF_PEOPLE] if needs.any("people.roles") else [])
        reads.without("roles", [ROLES_OF_PEOPLE] if needs.any("people.roles") else [])
        rules = ["federation rules"] if needs.any("identity_providers.rules") else []
        reads.without("identity providers", rules)

    def _of_organization(self) -> Iterable[Batch]:
        """What is read of each group, person, provider and certificate."""
        needs, answers = self.needs, self.answers
        groups = [group.id for group in answers.groups or ()]
        if needs.any("groups.members"):
            yield Batch("groups.users.list", groups, self._users_of_group)
        if needs.any("groups.roles"):
            yield Batch("groups.roles.list", groups, self._roles_of_group)
        if needs.any("people.roles") and not self._are_all_told("roles", answers.roles, None):
            people = [
                person.id
                for person in answers.people or ()
                if not person.is_service_account
                and is_among(person.id, person.email, needs.roles_of)
            ]
            yield Batch("users.roles.list", people, self._roles_of_person)
        if needs.any("identity_providers.rules"):
            providers = [provider.id for provider in answers.providers or ()]
            operation = "workload_identity_providers.federation_rules.list"
            yield Batch(operation, providers, self._rules)
        if needs.any("certificates") and needs.contents:
            certificates = [certificate.id for certificate in answers.certificates or ()]
            yield Batch("certificates.retrieve", certificates, self._content)

    def _of_projects(self) -> Iterable[Batch]:
        """What is read of each project."""
        for part in parts.PARTS:
            if self.needs.any(*part.sections):
                ids = self._into(*part.sections)
                yield Batch(part.operation, ids, partial(self._part, part))

    def _into(self, *sections: str) -> list[str]:
        """The ids of the projects of which one of some sections is read."""
        needs, answers = self.needs, self.answers
        found = set() if needs.sections.isdisjoint(sections) else {*answers.into}
        active = {project.id for project in answers.active()}
        for section, id in needs.beside:
            if section in sections:
                found |= active if id is None else active & {id}
        return sorted(found)

    def _within_projects(self) -> Iterable[Batch]:
        """What is read of members and groups of projects, and of the projects that rules name."""
        needs, answers = self.needs, self.answers
        if needs.any("projects.members"):
            members = [
                (id, user.id)
                for id in self._into("projects.members")
                if not self._are_all_told(parts.ROLES.kind, answers.part(parts.ROLES, id), id)
                for user in answers.part(parts.USERS, id) or ()
                if is_among(user.id, user.email, needs.roles_of_members)
            ]
            yield Batch("projects.users.roles.list", members, self._roles_of_member)
        if needs.any("projects.groups"):
            groups = [
                (id, group.group_id)
                for id in self._into("projects.groups")
                for group in answers.part(parts.GROUPS, id) or ()
            ]
            yield Batch("projects.groups.roles.list", groups, self._roles_of_project_group)
        named = {r.project_id for rules in answers.rules.values() for r in rules if r.project_id}
        named |= {
            project.id
            for project in answers.active()
            if not needs.accounts_in.isdisjoint((project.id, project.name))
        }
        if needs.any(*parts.ACCOUNTS.sections):
            named -= {*self._into(*parts.ACCOUNTS.sections)}
        yield Batch(parts.ACCOUNTS.operation, sorted(named), self._accounts)

    def _are_all_told(self, kind: str, roles: Iterable[Role] | None, id: str | None) -> bool:
        is_whole = (kind, id) not in self.reads.incomplete
        return are_all_told(roles or (), id, is_whole=is_whole)

    async def _run(self, batches: Iterable[Batch]) -> None:
        """Read many things, each endpoint's beside those of the others."""
        new = [
            attrs.evolve(
                batch, things=[t for t in batch.things if self._is_new(batch.operation, t)]
            )
            for batch in batches
        ]
        asked = [batch for batch in new if batch.things]
        resources.load()
        counted = {OPERATIONS[batch.operation].path: len(batch.things) for batch in asked}
        forecast = Forecast(by_endpoint=counted)
        done = 0

        def tell() -> None:
            if self.tell is not None and asked:
                self.tell(Progress(done=done, forecast=forecast))

        async def read(batch: Batch, thing: Any) -> None:
            nonlocal done
            await batch.read(thing)
            done += 1
            tell()

        tell()
        async with TaskGroup() as group:
            for batch in asked:
                group.start(partial(each, batch.things, partial(read, batch)))
                await checkpoint()  # hundreds of reads begun in one turn would hold the loop

    async def _part(self, part: Part, id: str) -> None:
        found = await part.read(self.client, self.reads, id)
        if found is not None:
            self.answers.keep(part, id, found)

    async def _users_of_group(self, id: str) -> None:
        pager = self.client.groups.users.list(id, limit=LONG_PAGE)
        await self._keep(self.answers.users_of_groups, id, "members of groups", pager, id)

    async def _roles_of_group(self, id: str) -> None:
        pager = self.client.groups.roles.list(id, limit=LONG_PAGE)
        await self._keep(self.answers.roles_of_groups, id, "roles of groups", pager, id)

    async def _roles_of_person(self, id: str) -> None:
        pager = self.client.users.roles.list(id, limit=LONG_PAGE)
        await self._keep(self.answers.roles_of_people, id, ROLES_OF_PEOPLE, pager, id)

    async def _rules(self, id: str) -> None:
        pager = self.client.workload_identity_providers.federation_rules.list(id, limit=PAGE)
        await self._keep(self.answers.rules, id, "federation rules", pager, id)

    async def _accounts(self, id: str) -> None:
        pager = self.client.projects.service_accounts.list(id, limit=PAGE)
        await self._keep(self.answers.accounts, id, parts.ACCOUNTS.kind, pager, id)

    async def _roles_of_member(self, member: tuple[str, str]) -> None:
        pager = self.client.projects.users.roles.list(*member, limit=LONG_PAGE)
        found = self.answers.roles_of_members
        await self._keep(found, member, ROLES_OF_MEMBERS, pager, member[0])

    async def _roles_of_project_group(self, group: tuple[str, str]) -> None:
        pager = self.client.projects.groups.roles.list(*group, limit=LONG_PAGE)
        found = self.answers.roles_of_project_groups
        await self._keep(found, group, ROLES_OF_PROJECT_GROUPS, pager, group[0])

    async def _keep(
        self, found: dict[Any, list[Any]], key: Any, kind: str, pager: AsyncPager[Any], id: str
    ) -> None:
        """Keep a listing by what it is of, where it comes as a whole."""
        listed = await parts.all_of(self.reads, kind, pager, id)
        if listed is not None:
            found[key] = listed

    async def _content(self, id: str) -> None:
        read = self.client.certificates.retrieve(id, include=["content"])
        found = await self.reads.one("texts of certificates", read, None, project_id=id)
        details = None if found is None else found.certificate_details
        if details is not None and details.content is not None:
            self.answers.contents[id] = details.content


_OF_GROUPS = (("members of groups", "groups.members"), ("roles of groups", "groups.roles"))
