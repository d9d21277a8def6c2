"""What is not known of an organization, in few sentences that are the same for the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import attrs

from ..directory.not_known import NotKnown
from .observing.parts import PARTS
from .state import State

_MOST = 8  # things that are named; there may be hundreds


def lacking(state: State) -> tuple[str, ...]:
    """What is not known, a sentence without its full stop each: what it is, and why.

    A project of which nothing could be read is named once, and so is what many projects lack.
    """
    names = state.names
    parts = list(state.not_known)
    wanted = {part.kind for part in PARTS if not state.sections.isdisjoint(part.sections)}
    wanted -= {part.kind for part in parts if part.is_whole}
    found: list[str] = []
    by_project: dict[str, list[NotKnown]] = {}
    for part in parts:
        if part.project_id is not None and part.is_lost:
            by_project.setdefault(part.project_id, []).append(part)
    silent: dict[str, list[str]] = {}
    for id, lost in by_project.items():
        refused = [part for part in lost if part.kind in wanted]
        if len(wanted) > 1 and {part.kind for part in refused} == wanted:
            reasons = "; ".join(dict.fromkeys(part.reason for part in refused))
            silent.setdefault(reasons, []).append(names.get(id, id))
            parts = [part for part in parts if part.project_id != id]
    for reasons, projects in silent.items():
        it = "it" if len(projects) == 1 else "them"
        found.append(f"{listed(sorted(projects))}: nothing of {it} could be read ({reasons})")
    by_reason: dict[str, list[NotKnown]] = {}
    for part in parts:
        by_reason.setdefault(part.reason, []).append(part)
    found += [f"{listed(list(_kinds(of, names)))}: {why}" for why, of in by_reason.items()]
    return tuple(found)


def _kinds(parts: Sequence[NotKnown], names: Mapping[str, str]) -> Iterator[str]:
    """What some parts are: each kind once, with the projects that it is of."""
    of_kind: dict[str, list[str]] = {}
    for part in parts:
        what = attrs.evolve(part, project_id=None).what({})
        ids = of_kind.setdefault(what, [])
        if part.project_id is not None:
            ids.append(names.get(part.project_id, part.project_id))
    for what, labels in of_kind.items():
        yield f"{what} ({listed(sorted(set(labels)))})" if labels else what


def listed(parts: Sequence[str]) -> str:
    """Parts as words, and of many how many more there are; all of them are in `State.not_known`."""
    if (rest := len(parts) - _MOST) > 1:
        return f"{', '.join(parts[:_MOST])} and {rest} more"
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last
