"""A plan that is applied makes an organization as the file says, and nothing else of it."""

from __future__ import annotations

from copy import deepcopy
from random import Random

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from openai_admin._declare.effect import Effect
from openai_admin._declare.operation import OPERATIONS
from openai_admin.organization.document.model import Document
from openai_admin.organization.planning.making import plan
from openai_admin.organization.planning.model import Plan, Step
from tests.organization.planning.satisfied import lacking
from tests.organization.planning.scenes import file, organization
from tests.organization.planning.world import Joined, Place, World

randoms = st.integers(0, 2**32).map(Random)


def _scene(random: Random) -> tuple[World, Document, Plan]:
    world = organization(random)
    state = world.state()
    document = file(random, state.document)
    return world, document, plan(document, state)


@given(randoms)
@settings(max_examples=60)
def test_applying_a_plan_makes_what_the_file_says(random: Random) -> None:
    world, document, planned = _scene(random)
    assume(not planned.impossible)
    event(f"steps: {min(len(planned.steps), 20) // 5 * 5}")
    for step in planned.steps:
        world.apply(step)
    assert lacking(document, world.state()) == []
    again = plan(document, world.state())
    assert again.impossible == ()
    assert again.steps == ()


@given(randoms)
@settings(max_examples=40)
def test_it_does_so_as_well_once_invites_are_accepted(random: Random) -> None:
    world, document, planned = _scene(random)
    assume(not planned.impossible)
    for step in planned.steps:
        world.apply(step)
    for invite in list(world.invites):
        world.accept(invite)
    then = plan(document, world.state())
    assume(not then.impossible)
    for step in then.steps:
        world.apply(step)
    assert plan(document, world.state()).steps == ()


@given(randoms)
@settings(max_examples=50)
def test_nothing_is_removed_outside_pruned_sections(random: Random) -> None:
    _, document, planned = _scene(random)
    for step in planned.steps:
        if OPERATIONS[step.operation].effect is not Effect.REMOVES:
            continue
        if step.action == "change":
            assert step.operation == "invites.delete"
        elif step.operation == "projects.archive" and document.projects:
            label = document.projects.get(step.subject)
            assert {"all", "projects"} & {*document.prune} or (label and label.archived)
        else:
            assert {"all", step.section} & {*document.prune}


@given(randoms)
@settings(max_examples=50)
def test_an_owner_stays_whatever_fails(random: Random) -> None:
    """Also where any steps fail, and with them those that need them: whenever one looks."""
    world, _, planned = _scene(random)
    assume(not planned.impossible)
    before = deepcopy(world)
    whole = deepcopy(world)
    for step in planned.steps:
        whole.apply(step)
    left: set[str] = set()
    for step in planned.steps:
        if left & {*step.needs} or random.random() < 0.2:
            left.add(step.id)
            continue
        world.apply(step)
        assert any(user.role == "owner" for user in world.users.values())
        if world.acting is not None:
            assert world.acting in world.users
            if before.users[world.acting].role == "owner":
                assert world.users[world.acting].role == "owner"
        for id, place in before.projects.items():
            if (
                not world.projects[id].is_archived
                and _is_owned(place)
                and _is_owned(whole.projects[id])
            ):
                assert _is_owned(world.projects[id])


def _is_owned(place: Place) -> bool:
    members: dict[str, Joined] = place.members
    return any(joined.role == "owner" for joined in members.values())


@given(randoms)
@settings(max_examples=50)
def test_additions_come_before_removals_and_needs_before_what_needs_them(random: Random) -> None:
    _, _, planned = _scene(random)
    places = {step.id: place for place, step in enumerate(planned.steps)}
    assert len(places) == len(planned.steps)
    for step in planned.steps:
        assert all(places[need] < places[step.id] for need in step.needs)
    by_place: dict[tuple[str, str | None], list[Step]] = {}
    for step in planned.steps:
        by_place.setdefault((step.section, step.project), []).append(step)
    for (section, _), steps in by_place.items():
        if section in ("roles", "projects.roles"):
            continue  # a name that is taken may have to become free first
        removing = [step.action == "remove" for step in steps]
        assert removing == sorted(removing)


@given(randoms)
@settings(max_examples=50)
def test_what_grants_power_says_why_and_nothing_else_does(random: Random) -> None:
    _, _, planned = _scene(random)
    for step in planned.steps:
        operation = OPERATIONS[step.operation]
        assert bool(step.power) == operation.grants(step.arguments)
        assert step.is_final == operation.final
