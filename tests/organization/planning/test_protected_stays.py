"""What a file protects is the same after its plan was applied, whatever else the file says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from random import Random
from typing import Any

import attrs
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from openai_admin.organization.document.model import Document, Protected
from openai_admin.organization.planning.making import plan
from openai_admin.organization.state import State
from tests.organization.planning.scenes import file, organization
from tests.organization.planning.world import Place, RefusedError, Team, World

randoms = st.integers(0, 2**32).map(Random)
KINDS = ("people", "groups", "roles", "projects")
Facts = Mapping[str, Any]


def about(world: World, kind: str, id: str) -> Facts:
    """All that is said of something, who and what has it, and what it has, told from the model."""
    return {
        "people": _of_person,
        "groups": _of_group,
        "roles": _of_role,
        "projects": _of_project,
    }[kind](world, id)


def _teams(world: World, person: str) -> dict[str, Team]:
    return {id: team for id, team in world.groups.items() if person in team.members}


def _of_person(world: World, id: str) -> Facts:
    teams = _teams(world, id)
    active = {of: place for of, place in world.projects.items() if not place.is_archived}
    return {
        "person": world.users.get(id),
        "groups": {of: team.roles for of, team in teams.items()},
        "member": {of: p.members[id] for of, p in active.items() if id in p.members},
        "through": {
            of: {each: roles for each, roles in place.groups.items() if each in teams}
            for of, place in active.items()
            if not teams.keys().isdisjoint(place.groups)
        },
        "permissions": {
            role: each.permissions
            for role, each in _defined(world).items()
            if id in _holders(world, role)
        },
    }


def _of_group(world: World, id: str) -> Facts:
    active = {of: place for of, place in world.projects.items() if not place.is_archived}
    roles = _defined(world)
    held = {*world.groups[id].roles} if id in world.groups else set()
    held |= {role for place in active.values() for role in place.groups.get(id, ())}
    return {
        "group": world.groups.get(id),
        "access": {of: p.groups[id] for of, p in active.items() if id in p.groups},
        "permissions": {role: roles[role].permissions for role in held if role in roles},
    }


def _of_role(world: World, id: str) -> Facts:
    return {"role": _defined(world).get(id), "holders": _holders(world, id)}


def _of_project(world: World, id: str) -> Facts:
    place = world.projects[id]
    return {
        "project": place,
        "people": {*place.members, *_in_groups(world, place.groups)},
        "invited": {s.email: s.projects[id] for s in world.invites.values() if id in s.projects},
    }


def _in_groups(world: World, groups: Iterable[str]) -> set[str]:
    return {person for group in groups for person in world.groups[group].members}


def _defined(world: World) -> dict[str, Any]:
    found = dict(world.roles)
    for place in world.projects.values():
        found |= {} if place.is_archived else place.roles
    return found


def _holders(world: World, role: str) -> set[str]:
    """People and groups that have a role, people also through groups."""
    people = {id for id, user in world.users.items() if role in user.roles}
    groups = {id for id, team in world.groups.items() if role in team.roles}
    for place in world.projects.values():
        if not place.is_archived:
            people |= {id for id, joined in place.members.items() if role in joined.roles}
            groups |= {id for id, roles in place.groups.items() if role in roles}
    return people | groups | _in_groups(world, groups)


def _things(world: World, kind: str) -> list[str]:
    if kind == "people":
        return [*world.users]
    if kind == "roles":
        return [*_defined(world)]
    found: Mapping[str, Team | Place] = getattr(world, kind)
    return [id for id, each in found.items() if not getattr(each, "is_archived", False)]


def _protecting(random: Random, world: World) -> tuple[Protected, dict[str, str]]:
    """What a file protects, and its id by kind."""
    chosen = {
        kind: random.choice(things)
        for kind in random.sample(KINDS, random.randint(1, 2))
        if (things := _things(world, kind))
    }
    assume(chosen)
    names = dict(chosen)
    if "people" in names and random.random() < 0.5:
        names["people"] = world.users[names["people"]].email.upper()
    return Protected(**{kind: (name,) for kind, name in names.items()}), chosen


def _hidden(random: Random, state: State) -> State:
    """The same organization, of which some parts were refused."""

    def unread(thing: Any, *fields: str) -> Any:
        return attrs.evolve(thing, **{name: None for name in fields if random.random() < 0.3})

    there = state.document
    there = attrs.evolve(
        there,
        people={label: unread(each, "roles") for label, each in (there.people or {}).items()},
        groups={
            label: unread(each, "members", "roles") for label, each in (there.groups or {}).items()
        },
        projects={
            label: unread(each, "members", "groups", "roles")
            for label, each in (there.projects or {}).items()
        },
    )
    whole = [name for name in ("groups", "roles", "projects") if random.random() < 0.2]
    partly = frozenset((name, None) for name in KINDS if random.random() < 0.1)
    gone: dict[str, Any] = dict.fromkeys(whole)
    there = attrs.evolve(there, **gone)
    read: set[str | None] = {None} if there.roles is not None else set()
    read |= {each.id for each in (there.projects or {}).values() if each.roles is not None}
    return attrs.evolve(
        state,
        document=there,
        incomplete=partly,
        role_ids={(of, name): id for (of, name), id in state.role_ids.items() if of in read},
    )


def _apply(world: World, document: Document, state: State) -> int:
    """Do what the plan has, as far as the API does it; how many steps were done."""
    done, failed = 0, set[str]()
    for step in plan(document, state).steps:
        if failed.isdisjoint(step.needs):
            try:
                world.apply(step)
                done += 1
                continue
            except RefusedError:
                pass
        failed.add(step.id)
    return done


@given(randoms, st.booleans())
@settings(max_examples=250, deadline=None)
def test_what_is_protected_stays_as_it_is(random: Random, is_all_read: bool) -> None:
    world = organization(random)
    state = world.state()
    protect, ids = _protecting(random, world)
    document = attrs.evolve(file(random, state.document), protect=protect)
    before = deepcopy(world)
    if not is_all_read:
        state = _hidden(random, state)
    done = _apply(world, document, state)
    event(f"all read: {is_all_read}, steps: {min(done, 9) // 3 * 3}")
    for kind, id in ids.items():
        assert about(world, kind, id) == about(before, kind, id), (kind, id)
