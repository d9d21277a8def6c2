"""Who can do what by `tests/data/access.rego`, and how that differs from this package's answers."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs
from regopy import Interpreter

from openai_admin.insights.access.answers import Evaluated, Step

POLICY = Path(__file__).parent.parent / "data" / "access.rego"

Steps = tuple[tuple[str, str, str | None], ...]
"""A path."""
Right = tuple[str, str, str, str | None]
"""A principal's kind and id, a permission, and a place."""


@attrs.frozen
class Answers:
    """Who can do what and why, and what is not known, in any order."""

    grants: Mapping[Right, frozenset[Steps]]
    unknown: frozenset[tuple[str, str, str | None, str, Steps]]

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
        found = self._asked(facts, "grants", "unknown")
        grants: dict[Right, set[Steps]] = defaultdict(set)
        for kind, id, permission, place, path in found["grants"]:
            grants[kind, id, permission, place].add(_steps(path))
        unknown = {
            (kind, id, place, reason, _steps(path))
            for kind, id, place, reason, path in found["unknown"]
        }
        return Answers(
            {right: frozenset(paths) for right, paths in grants.items()}, frozenset(unknown)
        )

    def answering(self, held: Iterable[str], asked: Iterable[str]) -> set[tuple[str, str]]:
        """Which of the held permissions answer which of those that are asked for."""
        found = self._asked({"held": sorted(held), "asked": sorted(asked)}, "answering")
        return {(mine, question) for mine, question in found["answering"]}

    def _asked(self, document: Mapping[str, Any], *names: str) -> dict[str, list[Any]]:
        """Some of its rules, evaluated together over a document."""
        self._interpreter.set_input(document)
        output = self._interpreter.query("; ".join(f"{n} = data.access.{n}" for n in names))
        if not output.ok():
            raise ValueError(f"The policy failed: {output}")
        bindings: dict[str, list[Any]] = json.loads(str(output))["bindings"]
        return bindings


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
