"""Edits of a file that take things away from people, or try to get past what it protects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any, TypeVar

import attrs

from openai_admin.organization.document.model import Document, Member, Project, ProjectGroup

T = TypeVar("T")
Edit = Callable[[Document, Random], Document]


def _without(mapping: Mapping[str, T] | None, random: Random) -> dict[str, T] | None:
    """A mapping without one or some of its things."""
    if not mapping:
        return None if mapping is None else {}
    gone = random.sample([*mapping], random.randint(1, len(mapping)))
    return {label: each for label, each in mapping.items() if label not in gone}


def _changed(
    mapping: Mapping[str, T] | None, random: Random, change: Callable[[T], T]
) -> dict[str, T] | None:
    """A mapping in which one thing is another."""
    if not mapping:
        return None if mapping is None else {}
    label = random.choice([*mapping])
    return {n: change(each) if n == label else each for n, each in mapping.items()}


def _of(field: str, edit: Callable[[Any, Random], Any]) -> Edit:
    def edited(document: Document, random: Random) -> Document:
        return attrs.evolve(document, **{field: edit(getattr(document, field), random)})

    return edited


def _in_project(edit: Callable[[Project, Random], Project]) -> Edit:
    def edited(document: Document, random: Random) -> Document:
        projects = _changed(document.projects, random, lambda project: edit(project, random))
        return attrs.evolve(document, projects=projects)

    return edited


def _part(field: str, edit: Callable[[Any, Random], Any]) -> Edit:
    return _in_project(
        lambda p, random: attrs.evolve(p, **{field: edit(getattr(p, field), random)})
    )


def _readers(people: Any, random: Random) -> Any:
    return _changed(people, random, lambda each: attrs.evolve(each, role="reader"))


def _without_roles(people: Any, random: Random) -> Any:
    return _changed(people, random, lambda each: attrs.evolve(each, roles=()))


def _without_members(groups: Any, random: Random) -> Any:
    def change(group: Any) -> Any:
        members = group.members or ()
        return attrs.evolve(group, members=members[random.randint(0, len(members)) :])

    return _changed(groups, random, change)


def _joined(document: Document, random: Random) -> Document:
    """Somebody who is there joins a group, or is in it already."""
    if not document.people:
        return document
    address = random.choice([*document.people])

    def change(group: Any) -> Any:
        return attrs.evolve(group, members=tuple({*(group.members or ()), address}))

    return attrs.evolve(document, groups=_changed(document.groups, random, change))


def _given(document: Document, random: Random) -> Document:
    """A group has one of the organization's roles more, or has it already."""
    if not document.roles:
        return document
    role = random.choice([*document.roles])

    def change(group: Any) -> Any:
        return attrs.evolve(group, roles=tuple({*(group.roles or ()), role}))

    return attrs.evolve(document, groups=_changed(document.groups, random, change))


def _weaker(roles: Any, random: Random) -> Any:
    return _changed(roles, random, lambda role: attrs.evolve(role, permissions=("api.usage.read",)))


def _made_less(members: Any, random: Random) -> Any:
    role = random.choice(("member", "viewer"))
    return _changed(members, random, lambda _: Member(role=role, roles=()))


def _viewing(groups: Any, random: Random) -> Any:
    return _changed(groups, random, lambda _: ProjectGroup(roles=("viewer",)))


def _renamed(things: Any, random: Random) -> Any:
    """One thing under another name: a pin renames it, else it goes and another one comes."""
    if not things:
        return things
    label = random.choice([*things])
    name = f"Renamed {random.randint(0, 99)}"
    return {(name if n == label else n): _called(each, n) for n, each in things.items()}


def _called(thing: Any, _: str) -> Any:
    return attrs.evolve(thing, name=None)


def _archived(document: Document, random: Random) -> Document:
    return _in_project(lambda project, _: Project(id=project.id, name=project.name, archived=True))(
        document, random
    )


def _few_rules(providers: Any, random: Random) -> Any:
    return _changed(
        providers, random, lambda each: attrs.evolve(each, rules=_without(each.rules, random))
    )


def _accounts_less(accounts: Any, random: Random) -> Any:
    return _changed(accounts, random, lambda each: attrs.evolve(each, role="member"))


EDITS: Mapping[str, Edit] = {
    "people go": _of("people", _without),
    "readers": _of("people", _readers),
    "roles of people go": _of("people", _without_roles),
    "groups go": _of("groups", _without),
    "groups are renamed": _of("groups", _renamed),
    "members of groups go": _of("groups", _without_members),
    "members of groups come": _joined,
    "roles of groups come": _given,
    "roles of groups go": _of("groups", _without_roles),
    "roles go": _of("roles", _without),
    "roles are weaker": _of("roles", _weaker),
    "roles are renamed": _of("roles", _renamed),
    "projects go": _of("projects", _without),
    "projects are renamed": _of("projects", _renamed),
    "projects are archived": _archived,
    "certificates go": _of("certificates", _without),
    "providers go": _of("identity_providers", _without),
    "rules go": _of("identity_providers", _few_rules),
    "keys go": _of("external_keys", _without),
    "members go": _part("members", _without),
    "members are less": _part("members", _made_less),
    "groups of projects go": _part("groups", _without),
    "groups view": _part("groups", _viewing),
    "roles of projects go": _part("roles", _without),
    "roles of projects are weaker": _part("roles", _weaker),
    "accounts go": _part("service_accounts", _without),
    "accounts are less": _part("service_accounts", _accounts_less),
    "alerts go": _part("spend_alerts", lambda alerts, random: ()),
    "storage goes": _part("external_storage", lambda storage, random: ()),
}
"""What can be done to a file, by name."""
