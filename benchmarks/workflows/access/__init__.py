"""Who can do what, held to an independent policy in Rego (`tests/data/access.rego`)."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from openai_admin.insights.access.facts import Facts
from openai_admin.insights.access.rules import evaluate
from openai_admin.insights.access.written import read, write
from tests.insights.access_policy import Answers, Policy, evaluated
from tests.insights.random_facts import PERMISSIONS, random_facts

from .mutants import Mutant, mutants

DESCRIPTION = "who can do what, as an independent policy has it, in 1,000 organizations"
_COUNT = 1000
_KNOWN = 150
"""On how many of the random facts a changed evaluation is tried."""
_SHOWN = 5


@attrs.define
class _Tally:
    name: str
    tried: int = 0
    agreeing: int = 0
    grants: int = 0
    unknown: int = 0
    wrong: list[str] = attrs.field(factory=list)

    def add(self, seed: int, exported: Mapping[str, Any], policy: Policy) -> Answers:
        """Compare the answers about exported facts, and return the policy's."""
        theirs = policy.answers(exported)
        differing = evaluated(evaluate(read(exported))).differing(theirs)
        self.tried += 1
        self.agreeing += not differing
        self.grants += len(theirs.grants)
        self.unknown += len(theirs.unknown)
        self.wrong += [f"{self.name} {seed}: {line}" for line in differing[:_SHOWN]]
        return theirs


def measure(sample: int | None) -> list[str]:
    """Compare, print; where they differ."""
    policy = Policy()
    count = sample or _COUNT
    print(f"{'':<22}{'tried':>8}{'agree':>8}{'grants':>10}{'not known':>11}{'seconds':>9}")
    wrong, known = _facts(policy, count)
    wrong += _mutants(policy, known[:_KNOWN])
    return wrong


def _facts(policy: Policy, count: int) -> tuple[list[str], list[tuple[Facts, Answers]]]:
    tally, begin = _Tally("facts at random"), time.perf_counter()
    known = []
    for seed in range(count):
        facts = random_facts(seed)
        known.append((facts, tally.add(seed, write(facts), policy)))
    _show(tally, time.perf_counter() - begin)
    return tally.wrong, known


def _show(tally: _Tally, seconds: float) -> None:
    counts = f"{tally.tried:>8,}{tally.agreeing:>8,}{tally.grants:>10,}{tally.unknown:>11,}"
    print(f"{tally.name:<22}{counts}{seconds:>9.1f}", flush=True)


def _mutants(policy: Policy, known: Iterable[tuple[Facts, Answers]]) -> list[str]:
    """Change the evaluation, one thing at a time; those changes that nothing notices are shown."""
    answering = policy.answering(PERMISSIONS, PERMISSIONS)
    tried = noticed = 0
    unnoticed = []
    for mutant in mutants():
        tried += 1
        if _notices(mutant, known, answering):
            noticed += 1
        else:
            unnoticed.append(f"  line {mutant.line}: {mutant.before} → {mutant.after}")
    print(f"of {tried} changes of the evaluation {noticed} are noticed; not these:")
    print("\n".join(unnoticed))
    return []


def _notices(
    mutant: Mutant, known: Iterable[tuple[Facts, Answers]], answering: set[tuple[str, str]]
) -> bool:
    """Whether a changed evaluation gives other answers than the policy, or fails."""
    try:
        return _answering(mutant) != answering or any(
            evaluated(mutant.evaluate(facts)).differing(theirs) for facts, theirs in known
        )
    except Exception:  # noqa: BLE001 - whatever a change breaks
        return True


def _answering(mutant: Mutant) -> set[tuple[str, str]]:
    return {(h, a) for h in PERMISSIONS for a in PERMISSIONS if mutant.covers(h, a)}
