"""What there is as the file that a person would keep: without what goes without saying."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from functools import partial
from typing import Any, TypeVar

import anyio.to_thread
import attrs

from .._declare.resource import Async
from .._tree import AdminResources
from .document import model
from .document.model import Document, Named, Person, Project
from .observing import needs
from .observing.forecast import OnProgress
from .observing.needs import Needs
from .observing.observe import observe
from .pulled import Pulled
from .referring import Referring, each
from .sayable import Sayable
from .sections import OF_PROJECTS
from .state import State
from .usual import with_defaults

T = TypeVar("T")

_COLLECTIONS = (
    "members",
    "groups",
    "roles",
    "service_accounts",
    "rate_limits",
    "spend_alerts",
    "certificates",
    "external_storage",
)
_EVERYWHERE = "GLOBAL"
"""The residency of a project whose data stays nowhere in particular."""


async def pull(
    client: AdminResources[Async], asked: Needs, *, pins: bool, on_progress: OnProgress | None
) -> Pulled:
    """Read what there is as a file; see `Organization.pull`."""
    state = await observe(client, asked, on_progress=on_progress)
    # In a worker: of a large organization it takes longer than the loop may be held.
    trim = partial(trimmed, state, pins=pins)
    return await anyio.to_thread.run_sync(trim, abandon_on_cancel=True)


def needs_of(only: Collection[str] | None, projects: str | Collection[str] | None) -> Needs:
    """What is read for a file; where projects are named and no section, what is in those.

    Raises:
        InvalidInputError: there is no such section, or a project has no name.
    """
    alone = OF_PROJECTS if projects else None
    sections = alone if only is None else needs.with_inner(only)
    return needs.of(sections, projects, acting=False, contents=False)


def trimmed(state: State, *, pins: bool) -> Pulled:
    """A state as a file.

    Left out are projects that were not read, the residency of projects that have none, and the
    roles of people and of members of projects who have none besides their membership: whoever
    plans that file need not ask for each person's. What is not known is ``None``, which does not
    stand in a file.

    Args:
        state: what there is.
        pins: whether everything keeps its id; else only what its name does not tell from others.
    """
    sayable = Sayable()
    known = _Known(state.incomplete).document(state.document)
    there = Referring(state, sayable.others).document(known)
    whole = sayable.document(_asked_for(there, state.sections))
    document = attrs.evolve(
        whole,
        people=each(whole.people, lambda _, person: _without_empty(person)),
        projects=each(
            None
            if whole.projects is None
            else {n: p for n, p in whole.projects.items() if p.id in state.read_into},
            lambda _, project: _in_short(project),
        ),
    )
    kept = document if pins else _Unpinned(state.addresses).document(document)
    return Pulled(document=with_defaults(kept), state=state, unsaid=sayable.unsaid())


@attrs.frozen
class _Known:
    """Takes away collections that are empty since nothing of them could be read.

    Attributes:
        incomplete: the sections of which something is missing, by what they are of.
    """

    incomplete: frozenset[tuple[str, str | None]]

    def document(self, of: Document) -> Document:
        kept = self._parts(of, "", None, ("people", "groups", "roles", "certificates"))
        kept = self._parts(kept, "", None, ("identity_providers", "external_keys"))
        return attrs.evolve(
            kept,
            groups=each(kept.groups, lambda _, g: self._parts(g, "groups.", g.id, ("members",))),
            projects=each(
                kept.projects, lambda _, p: self._parts(p, "projects.", p.id, _COLLECTIONS)
            ),
            identity_providers=each(
                kept.identity_providers,
                lambda _, p: self._parts(p, "identity_providers.", p.id, ("rules",)),
            ),
            settings=kept.settings
            and self._parts(kept.settings, "settings.", None, ("spend_alerts",)),
        )

    def _parts(self, of: T, prefix: str, id: str | None, names: Collection[str]) -> T:
        lost = [
            n
            for n in names
            if not getattr(of, n)
            and not self.incomplete.isdisjoint({(prefix + n, None), (prefix + n, id)})
        ]
        kept: T = attrs.evolve(of, **dict.fromkeys(lost))  # type: ignore[misc]
        return kept


def _asked_for(document: Document, sections: Collection[str]) -> Document:
    """A document without the things that stand there only because others refer to them."""

    def has(*names: str) -> bool:
        return not set(names).isdisjoint(sections)

    def person(_: str, of: Person) -> Person:
        return of if has("people") else attrs.evolve(of, role=None)

    def project(_: str, of: Project) -> Project:
        whole = has("projects")
        return attrs.evolve(
            of,
            residency=of.residency if whole else None,
            external_key=of.external_key if whole else None,
            roles=of.roles if has("projects.roles") else None,
            service_accounts=of.service_accounts if has("projects.service_accounts") else None,
        )

    return attrs.evolve(
        document,
        people=each(document.people, person) if has("people", "people.roles") else None,
        groups=document.groups if has("groups", "groups.members", "groups.roles") else None,
        roles=document.roles if has("roles") else None,
        projects=each(document.projects, project) if has(*OF_PROJECTS) else None,
        certificates=document.certificates if has("certificates") else None,
        external_keys=document.external_keys if has("external_keys") else None,
    )


def _in_short(project: Project) -> Project:
    """A project without what goes without saying."""
    return attrs.evolve(
        project,
        residency=None if project.residency == _EVERYWHERE else project.residency,
        # The model tells them apart, and what is said once has no ids.
        rate_limits=each(project.rate_limits, lambda _, one: attrs.evolve(one, id=None)),
        members=each(project.members, lambda _, member: _without_empty(member)),
    )


def _without_empty(one: Any) -> Any:
    """Somebody without a list of roles that is empty."""
    return one if one.roles else attrs.evolve(one, roles=None)


@attrs.frozen
class _Unpinned:
    """Takes ids away where names tell things apart.

    Attributes:
        addresses: of people, by id.
    """

    addresses: Mapping[str, str]

    def document(self, of: Document) -> Document:
        return attrs.evolve(
            of,
            people=each(of.people, self._person),
            groups=each(of.groups, _named),
            roles=each(of.roles, _named),
            projects=each(of.projects, self._project),
            settings=None
            if of.settings is None
            else attrs.evolve(of.settings, spend_alerts=_alerts(of.settings.spend_alerts)),
            certificates=each(of.certificates, _named),
            identity_providers=each(of.identity_providers, _provider),
            external_keys=each(of.external_keys, _named),
        )

    def _person(self, label: str, person: Person) -> Person:
        if person.id is None or self.addresses.get(person.id) != label:
            return person
        return attrs.evolve(person, id=None)

    def _project(self, label: str, project: Project) -> Project:
        unpinned: Project = _named(label, project)
        return attrs.evolve(
            unpinned,
            roles=each(project.roles, _named),
            service_accounts=each(project.service_accounts, _named),
            spend_alerts=_alerts(project.spend_alerts),
            external_storage=_storage(project.external_storage),
        )


def _named(label: str, thing: Any) -> Any:
    is_told_apart = isinstance(thing, Named) and thing.name is None and thing.id != label
    return attrs.evolve(thing, id=None) if is_told_apart else thing


def _provider(label: str, provider: model.IdentityProvider) -> model.IdentityProvider:
    unpinned: model.IdentityProvider = _named(label, provider)
    return attrs.evolve(unpinned, rules=each(unpinned.rules, _named))


def _alerts(alerts: tuple[model.SpendAlert, ...] | None) -> tuple[model.SpendAlert, ...] | None:
    """Alerts without ids, unless several are at one amount."""
    if alerts is None:
        return None
    amounts = Counter(alert.amount for alert in alerts)
    return tuple(
        attrs.evolve(alert, id=None) if amounts[alert.amount] == 1 else alert for alert in alerts
    )


def _storage(
    storage: tuple[model.ExternalStorage, ...] | None,
) -> tuple[model.ExternalStorage, ...] | None:
    """Storage without ids, unless the same stands there twice."""
    if storage is None:
        return None
    alike = Counter(str(one.provider) for one in storage)
    return tuple(
        attrs.evolve(one, id=None) if alike[str(one.provider)] == 1 else one for one in storage
    )
