"""The order of a plan's steps: what is needed first, then what leaves nobody without access.

What adds comes before what lessens, and that before what removes; within each, what belongs to the
organization comes before the projects, one after the other, so that a plan reads as people think.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from heapq import heapify, heappop, heappush

import attrs

from ..sections import SECTIONS
from .model import From, Step
from .steps import Draft, Timing

_PHASES: Mapping[Timing, int] = {"first": 0, "add": 0, "lessen": 1, "remove": 2}
_FIRST = (
    "external_keys",
    "certificates",
    "roles",
    "groups",
    "projects",
    "people",
    "people.roles",
    "groups.members",
    "groups.roles",
    "projects.roles",
    "projects.service_accounts",
)
"""The sections that come first: what others refer to, before those."""

_RANKS = {section: rank for rank, section in enumerate(dict.fromkeys((*_FIRST, *SECTIONS)))}


def ordered(drafts: Iterable[Draft], projects: Iterable[str]) -> tuple[Step, ...]:
    """The steps in the order in which they are made, each after all that it needs.

    Args:
        drafts: the steps; what they need is among them, else they are as if they did not need it.
        projects: the labels of projects in the order of the file.

    Raises:
        ValueError: steps need each other in a circle; no section makes such.
    """
    drafts = list(drafts)
    places = {label: place for place, label in enumerate(projects)}
    keys = {draft.step.id: _key(draft, number, places) for number, draft in enumerate(drafts)}
    steps = {draft.step.id: draft.step for draft in _with_last_uses(drafts)}
    waiting = {id: {need for need in step.needs if need in steps} for id, step in steps.items()}
    waited_for: dict[str, list[str]] = defaultdict(list)
    for id, needs in waiting.items():
        for need in needs:
            waited_for[need].append(id)
    ready = [(keys[id], id) for id, needs in waiting.items() if not needs]
    heapify(ready)
    found = []
    while ready:
        _, id = heappop(ready)
        found.append(steps[id])
        for other in waited_for[id]:
            waiting[other].discard(id)
            if not waiting[other]:
                heappush(ready, (keys[other], other))
    if len(found) < len(steps):
        circle = sorted(id for id, needs in waiting.items() if needs)
        raise ValueError(f"steps need each other in a circle: {', '.join(circle)}")
    return tuple(found)


def _key(draft: Draft, number: int, places: Mapping[str, int]) -> tuple[int, ...]:
    step, phase = draft.step, _PHASES[draft.timing]
    is_in_project = step.project is not None and step.section != "projects"
    place = places.get(step.project or "", len(places)) + 1 if is_in_project else 0
    is_first = 0 if draft.timing == "first" else 1
    return (phase, place, _RANKS[step.section], is_first, number)


def _with_last_uses(drafts: Iterable[Draft]) -> Iterator[Draft]:
    """The steps, each that removes a thing with the needs of every step that names the thing."""
    drafts = list(drafts)
    gone = {draft.gone: draft.step.id for draft in drafts if draft.gone is not None}
    users: dict[str, dict[str, None]] = defaultdict(dict)
    for draft in drafts:
        for id in _ids_in(draft.step.arguments):
            if id in gone and gone[id] != draft.step.id:
                users[gone[id]][draft.step.id] = None
    for draft in drafts:
        if draft.step.id not in users:
            yield draft
            continue
        needs = dict.fromkeys((*draft.step.needs, *users[draft.step.id]))
        yield attrs.evolve(draft, step=attrs.evolve(draft.step, needs=tuple(needs)))


def _ids_in(value: object) -> Iterator[str]:
    """Every text in an argument, however deep; a `From` is the id of nothing that there is."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _ids_in(each)
    elif isinstance(value, list | tuple) and not isinstance(value, From):
        for each in value:
            yield from _ids_in(each)
