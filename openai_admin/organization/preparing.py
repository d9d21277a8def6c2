"""What a file wants beside what there is: read, planned, and held against a plan made earlier."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, TypeVar, TypeVarTuple, Unpack

import anyio.to_thread
import attrs

from .._declare.arguments import shown, suggest
from .._declare.resource import Async
from .._tree import AdminResources
from ..directory.reading import PAGE
from ..errors import APIError, APIStatusError, AuthenticationError, InvalidInputError
from ..insights.scope import names_of
from ..workflows.offboarding.acting import acting_key
from .applying.checking import check_possible
from .canonical import as_plain
from .document.defaults import settled
from .document.model import Document, Project
from .folding import folded
from .observing.forecast import OnProgress
from .observing.needs import Needs, with_inner
from .observing.observe import Observing
from .planning.digest import managed_sections, stamped
from .planning.making import plan_and_needed
from .planning.model import Plan
from .planning.needed import Needed
from .planning.placing import Where
from .sections import OF_PROJECTS
from .state import State

_Client = AdminResources[Async]

_TAKING_AWAY = frozenset(("all", "people", "roles", "projects.members", "projects.roles"))
"""What is pruned where it matters to others who has which role."""
T = TypeVar("T")
Ts = TypeVarTuple("Ts")


@attrs.frozen(kw_only=True)
class Prepared:
    """A plan, and what there was when it was made.

    Attributes:
        plan: the plan.
        state: what there is.
    """

    plan: Plan
    state: State


async def prepare(
    client: _Client,
    document: Document,
    *,
    only: Collection[str] | None = None,
    projects: str | Collection[str] | None = None,
    where: Where | None = None,
    on_progress: OnProgress | None = None,
) -> Prepared:
    """Read what there is of what a file speaks of, and plan what would make it so.

    Args:
        client: an asynchronous client.
        document: what the file says.
        only: the sections that are planned alone, of those that the file has.
        projects: the projects that are planned alone, by label, name or id; nothing of the
            organization is planned then.
        where: tells where something stands in the file.
        on_progress: is told how far the reading is.

    Raises:
        InvalidInputError: there is no such section or project, none of the sections is of projects
            though some are named, or the file is of another organization.
        AuthenticationError: the key is wrong.
        APIConnectionError: the API cannot be reached at all.
    """
    document = settled(document)
    sections = await _aside(managed_sections, document)
    if only is not None:
        sections &= with_inner(only)
    named = _checked(document, names_of(projects)) or None
    if named is not None:
        sections &= _of_projects(only)
    return await _prepared(client, document, sections, named, on_progress, where)


async def resume(
    client: _Client, saved: Plan, *, on_progress: OnProgress | None = None
) -> Prepared:
    """Look again at what a plan depends on, before it is applied.

    Args:
        client: an asynchronous client.
        saved: the plan.
        on_progress: is told how far the reading is.

    Raises:
        InvalidInputError: it is of another organization, what it was made from has changed since,
            or it cannot be applied with this key.
        AuthenticationError: the key is wrong.
        APIConnectionError: the API cannot be reached at all.
    """
    if saved.document is None:
        raise InvalidInputError("The plan does not say which file it was made from: plan again.")
    fresh = await _prepared(
        client, saved.document, frozenset(saved.sections), saved.projects, on_progress
    )
    if saved.sections:
        _check_organization(saved.organization, fresh.state, "The plan")
    now, then = fresh.plan.sections, saved.sections
    changed = [name for name in sorted(now.keys() | then.keys()) if now.get(name) != then.get(name)]
    if changed:
        *first, last = changed
        where = f"{', '.join(first)} and {last}" if first else last
        raise InvalidInputError(
            f"What there is has changed since the plan was made, in {where}: plan again."
        )
    check_possible(fresh.plan)
    if not await _aside(_are_same, fresh.plan, saved):
        raise InvalidInputError(
            "Planned now, the same file needs other steps than the plan has, or they would do"
            " something else than it says: plan again."
        )
    return fresh


async def actor_of(client: _Client, state: State) -> str | None:
    """Whose admin key is used, by address where that is known; ``None`` where it cannot be told.

    It takes two requests where the state does not say it.

    Args:
        client: an asynchronous client.
        state: what there is.
    """
    id = state.acting_user
    try:
        if id is None:
            keys = [key async for key in client.admin_api_keys.list(limit=PAGE)]
            acting = await acting_key(client._caller, keys)
            if not acting.is_recognized or len(acting.owner_ids) != 1:
                return None
            (id,) = acting.owner_ids
        return state.addresses.get(id) or (await client.users.retrieve(id)).email or id
    except APIError:
        return id


async def _prepared(
    client: _Client,
    document: Document,
    sections: frozenset[str],
    projects: tuple[str, ...] | None,
    on_progress: OnProgress | None,
    where: Where | None = None,
) -> Prepared:
    observing = Observing(client, on_progress=on_progress)
    needs = _needs(document, sections, projects)
    if document.organization is not None and not sections:
        await _ask(client)
    while True:
        state = await observing.read(needs)
        if document.organization is not None:
            stands = None if where is None else where(("organization",))
            of = f"{stands}: the file" if stands else "The file"
            _check_organization(document.organization, state, of)
        made, needed = await _aside(_planned, document, state, projects, where)
        more = _with(needs, needed)
        if more == needs:
            return Prepared(plan=made, state=state)
        needs = more


async def _ask(client: _Client) -> None:
    """Ask for something, since every answer tells which organization the key is of."""
    try:
        await client.admin_api_keys.list(limit=1)
    except AuthenticationError:
        raise
    except APIStatusError:
        pass


def _planned(
    document: Document, state: State, projects: tuple[str, ...] | None, where: Where | None
) -> tuple[Plan, Needed]:
    made, needed = plan_and_needed(document, state, projects=projects, where=where)
    return stamped(made, document, state, projects=projects), needed


def _with(needs: Needs, needed: Needed) -> Needs:
    """What is read, and what must be known besides."""
    is_whole = needs.projects is None
    beside = {
        (section, id)
        for section, id in needed.parts
        if section not in needs.sections or (section.startswith("projects.") and not is_whole)
    }
    people = _either(needs.roles_of, needed.people)
    members = _either(needs.roles_of_members, needed.people)
    return attrs.evolve(
        needs,
        beside=needs.beside | beside,
        acting=needs.acting or needed.acting,
        roles_of=people,
        roles_of_members=members,
    )


def _either(some: frozenset[str] | None, others: frozenset[str] | None) -> frozenset[str] | None:
    if some is None or others is None:
        return None
    return some | {folded(each) for each in others}


def _are_same(now: Plan, then: Plan) -> bool:
    """Whether two plans make the same calls, and say the same of them and of thresholds.

    What they say depends on more than what is managed: who else owns what a step takes from
    somebody. Of a plan that was read back, lists may be tuples, and the file's keys in another
    order, by which steps are put into theirs.
    """
    return bool(_told(now) == _told(then))


def _told(plan: Plan) -> Any:
    steps = {s.id: (s.operation, s.arguments, s.notes, s.power) for s in plan.steps}
    return as_plain((steps, {each.kind: each.reason for each in plan.exceeded}))


async def _aside(work: Callable[[Unpack[Ts]], T], *arguments: *Ts) -> T:
    """Do some work in a worker: of a large file it takes longer than the loop may be held."""
    return await anyio.to_thread.run_sync(work, *arguments, abandon_on_cancel=True)


def _needs(document: Document, sections: frozenset[str], projects: tuple[str, ...] | None) -> Needs:
    """What must be read for some sections of a file.

    Only the projects that the file names are read into; of others it is known that they are there.
    What a plan needs to know beyond that, it says (`planning.needed`, `planning.knowing`).
    """
    if "identity_providers" in sections and document.prunes("identity_providers"):
        sections |= {"identity_providers.rules"}  # a provider that goes has none left
    wanted = document.projects or {}
    named = [label for label in wanted if projects is None or label in projects]
    rules = [
        rule
        for provider in (document.identity_providers or {}).values()
        for rule in (provider.rules or {}).values()
    ]
    people, members = _roles_of(document)
    return Needs(
        sections=sections,
        projects=tuple(_called(wanted, label) for label in named),
        are_projects_there=False,
        granted=True,
        roles_of=people,
        roles_of_members=members,
        accounts_in=frozenset(_called(wanted, rule.project) for rule in rules),
        contents=any(each.content for each in (document.certificates or {}).values()),
    )


def _roles_of(document: Document) -> tuple[frozenset[str] | None, frozenset[str] | None]:
    """The people, and the members of projects, whose roles are needed; ``None``: of all.

    They are those of whom the file says which they have besides their memberships: each is a
    request. Where people, memberships or roles may be removed, those of everybody are needed: who
    is an owner by a role, or has it, must be known.
    """
    if not _TAKING_AWAY.isdisjoint(document.prune):
        return None, None
    people: set[str] = set()
    for label, person in (document.people or {}).items():
        if person.roles is not None:
            people |= {label, person.id or label}
    members = {
        label
        for project in (document.projects or {}).values()
        for label, member in (project.members or {}).items()
        if member.roles is not None
    }
    return frozenset(map(folded, people)), frozenset(map(folded, members))


def _called(projects: Mapping[str, Project], label: str) -> str:
    """What a project of a file is found by."""
    project = projects.get(label)
    return label if project is None else project.id or project.name or label


def _checked(document: Document, projects: Iterable[str]) -> tuple[str, ...]:
    """The labels of projects that were named.

    Raises:
        InvalidInputError: the file does not have one.
    """
    wanted = document.projects or {}
    found: list[str] = []
    for name in projects:
        labels = [label for label, each in wanted.items() if name in (label, each.name, each.id)]
        if not labels:
            raise InvalidInputError(
                f"There is no project {shown(name)} in the file{suggest(name, [*wanted])}"
            )
        found += labels
    return tuple(dict.fromkeys(found))


def _of_projects(only: Collection[str] | None) -> frozenset[str]:
    """The sections that may be planned where projects are named.

    Raises:
        InvalidInputError: none of those that are planned alone is one.
    """
    found = frozenset(OF_PROJECTS)
    if only is not None and found.isdisjoint(with_inner(only)):
        raise InvalidInputError(
            "Where projects are named, only what is in them is planned: name a section of projects,"
            " such as 'projects.members', or no section."
        )
    return found


def _check_organization(named: str | None, state: State, what: str) -> None:
    """Refuse what is of another organization.

    Raises:
        InvalidInputError: it is, or whether it is cannot be told.
    """
    there = state.document.organization
    if named is None or named == there:
        return
    if there is None:
        raise InvalidInputError(
            f"{what} is of the organization {named}, and the API does not say whose this key is."
        )
    raise InvalidInputError(f"{what} is of the organization {named}, and this key is of {there}.")
