"""Who can do what by `tests/data/access.rego`, and how that differs from this package's answers."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

import attrs
from regopy import Interpreter

from openai_admin.directory.permissions import OWNER
from openai_admin.insights.access.answers import Evaluated, Principal, Step
from openai_admin.insights.access.holdings import Answer
from openai_admin.insights.access.questions import Access
from openai_admin.insights.access.wording import KINDS

POLICY = Path(__file__).parent.parent / "data" / "access.rego"

PATTERNS = ("api.*", "*.read", "*", "api.nobody.has", "api_usage_read")
"""What is asked besides the permissions that somebody has."""

Steps = tuple[tuple[str, str, str | None], ...]
"""A path."""
Right = tuple[str, str, str, str | None]
"""A principal's kind and id, a permission, and a place."""


@attrs.frozen
class Answers:
    """Who can do what and why, and what is not known, in any order."""

    grants: Mapping[Right, frozenset[Steps]]
    unknown: frozenset[tuple[str, str, str | None, str, Steps]]
    answering: frozenset[tuple[str, str]] = frozenset()
    """Permissions with those that they answer a question for."""
    owners: frozenset[tuple[str, str, str | None, Steps]] = frozenset()
    """Who owns the organization or a project, where, and by which path."""

    def differing(self, other: Answers) -> list[str]:
        """What one of the two says and the other does not, a line for each."""
        rights = self.grants.keys() | other.grants.keys()
        found = [
            f"{right}: {sorted(map(str, mine))} here, {sorted(map(str, theirs))} there"
            for right in rights
            if (mine := self.grants.get(right, ())) != (theirs := other.grants.get(right, ()))
        ]
        found += [f"not known here alone: {entry}" for entry in self.unknown - other.unknown]
        found += [f"not known there alone: {entry}" for entry in other.unknown - self.unknown]
        return found


class Policy:
    """The policy, as the Rego interpreter has it."""

    def __init__(self) -> None:
        self._interpreter = Interpreter()
        self._interpreter.add_module("access", POLICY.read_text("utf-8"))

    def answers(self, facts: Mapping[str, Any]) -> Answers:
        """What it says about facts that were exported as JSON."""
        self._interpreter.set_input({**facts, "asked": PATTERNS})
        # Together, as each query is compiled anew.
        names = ("grants", "unknown", "answering", "holding_ownership")
        output = self._interpreter.query("; ".join(f"{n} = data.access.{n}" for n in names))
        if not output.ok():
            raise ValueError(f"The policy failed: {output}")
        found = json.loads(str(output))["bindings"]
        grants: dict[Right, set[Steps]] = defaultdict(set)
        for kind, id, permission, place, path in found["grants"]:
            grants[kind, id, permission, place].add(_steps(path))
        return Answers(
            {right: frozenset(paths) for right, paths in grants.items()},
            frozenset(
                (kind, id, place, reason, _steps(path))
                for kind, id, place, reason, path in found["unknown"]
            ),
            frozenset((mine, asked) for mine, asked in found["answering"]),
            frozenset(
                (kind, id, place, _steps(path))
                for kind, id, place, path in found["holding_ownership"]
            ),
        )


def evaluated(found: Evaluated) -> Answers:
    """What this package says, in the same form."""
    grants: dict[Right, frozenset[Steps]] = {
        (g.principal.kind, g.principal.id, g.permission, g.project_id): frozenset(
            tuple(map(_step, path)) for path in g.paths
        )
        for g in found.grants
    }
    unknown = {
        (u.principal.kind, u.principal.id, u.project_id, u.reason, tuple(map(_step, u.path)))
        for u in found.unknown
    }
    return Answers(grants, frozenset(unknown))


def _step(step: Step) -> tuple[str, str, str | None]:
    return step.kind, step.id, step.project_id


def _steps(path: list[list[Any]]) -> Steps:
    return tuple((kind, id, place) for kind, id, place in path)


def asked(access: Access, theirs: Answers) -> list[str]:
    """Where the answers to questions are others than the policy's.

    Asked is who can have each permission that anybody has and each of `PATTERNS`, everywhere and
    in each project, who owns the organization and each project, and what each person, service
    account and key may do.
    """
    held = {permission for _, _, permission, _ in theirs.grants}
    questions = held | set(PATTERNS)
    places = [None, *(project.id for project in access.facts.projects)]
    found = []
    for question, place in product(sorted(questions), places):
        ours = _shown(access.who_can(question, place))
        expected: _Shown = {
            (right, paths)
            for right, paths in theirs.grants.items()
            if (right[2], question) in theirs.answering and _counts(right[3], place)
        }
        expected |= {
            ((kind, id, None, where), frozenset({path}))
            for kind, id, where, _, path in theirs.unknown
            if _counts(where, place)
        }
        if ours != expected:
            found.append(f"who can {question} in {place}: {sorted(map(str, ours ^ expected))}")
    for place in places:
        owning = {
            (_SHOWN_AS[holding.kind], holding.id, holding.project_id, tuple(map(_step, path)))
            for holding in access.who_can(OWNER, place).holdings
            if holding.permission is not None
            for path in holding.paths
        }
        wanted = {owner for owner in theirs.owners if owner[2] in (None, place)}
        if owning != wanted:
            found.append(f"who owns {place}: {sorted(map(str, owning ^ wanted))}")
    return found + [
        f"what {principal} may: {sorted(map(str, ours ^ expected))}"
        for principal in access.things
        if (ours := _shown(access.of(principal.id))) != (expected := _of(theirs, principal))
    ]


_SHOWN_AS: dict[str, str] = {shown: kind for kind, shown in KINDS.items()}
_Shown = set[tuple[tuple[str, str, str | None, str | None], frozenset[Steps]]]


def _counts(project_id: str | None, place: str | None) -> bool:
    """Whether what is granted there counts in a place that is asked for."""
    return place is None or project_id is None or project_id == place


def _shown(answer: Answer) -> _Shown:
    """An answer in the policy's form; what is not known has no permission."""
    return {
        (
            (_SHOWN_AS[holding.kind], holding.id, holding.permission, holding.project_id),
            frozenset(tuple(map(_step, path)) for path in holding.paths),
        )
        for holding in answer.holdings
    }


def _of(theirs: Answers, principal: Principal) -> _Shown:
    who = (principal.kind, principal.id)
    found: _Shown = {(r, paths) for r, paths in theirs.grants.items() if r[:2] == who}
    found |= {
        ((kind, id, None, where), frozenset({path}))
        for kind, id, where, _, path in theirs.unknown
        if (kind, id) == who
    }
    return found
