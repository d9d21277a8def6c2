"""Who can do what, held to an independent policy in Rego (`tests/data/access.rego`)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

import attrs

from openai_admin import AsyncOpenAIAdmin
from openai_admin.insights.access.facts import Facts
from openai_admin.insights.access.questions import Access
from tests.insights.access_policy import Answers, Policy, asked, evaluated
from tests.insights.access_reading import held, read
from tests.insights.random_facts import PERMISSIONS, random_facts
from tests.organizations import FEW, organization

from .mutants import Mutant, mutants

DESCRIPTION = "who can do what, as an independent policy has it, in 1,000 organizations"
_COUNT = 1000
_KNOWN = 150
"""On how many of the random facts a changed evaluation is tried."""
_SHOWN = 5


@attrs.define
class _Tally:
    """What was compared of one kind."""

    name: str
    tried: int = 0
    agreeing: int = 0
    grants: int = 0
    paths: int = 0
    unknown: int = 0
    wrong: list[str] = attrs.field(factory=list)

    def add(self, seed: int, access: Access, policy: Policy) -> Answers:
        """Compare the answers about what access exports, and return the policy's."""
        exported = access.to_dict()
        theirs, again = policy.answers(exported), Access.from_json(exported)
        differing = evaluated(again.evaluated).differing(theirs) + asked(again, theirs)
        self.tried += 1
        self.agreeing += not differing
        self.grants += len(theirs.grants)
        self.paths += sum(map(len, theirs.grants.values()))
        self.unknown += len(theirs.unknown)
        self.wrong += [f"{self.name} {seed}: {line}" for line in differing[:_SHOWN]]
        return theirs

    def show(self, seconds: float) -> None:
        """A line of the table."""
        counts = f"{self.tried:>8,}{self.agreeing:>8,}{self.grants:>10,}{self.paths:>10,}"
        print(f"{self.name:<22}{counts}{self.unknown:>11,}{seconds:>9.1f}", flush=True)


def measure(sample: int | None) -> list[str]:
    """Compare, print; where they differ."""
    return asyncio.run(_measure(sample or _COUNT))


async def _measure(count: int) -> list[str]:
    policy = Policy()
    print(
        f"{'':<22}{'tried':>8}{'agree':>8}{'grants':>10}{'paths':>10}{'not known':>11}"
        f"{'seconds':>9}"
    )
    wrong = await _organizations(policy, count)
    more, known = _facts(policy, count)
    return [*wrong, *more, *_mutants(policy, known[:_KNOWN])]


async def _organizations(policy: Policy, count: int) -> list[str]:
    tally, begin = _Tally("organizations"), time.perf_counter()
    for seed in range(count):
        async with (
            organization(seed, size=FEW) as emulator,
            AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client,
        ):
            access = await client.insights.access()
        tally.add(seed, access, policy)
        if lacks := held(emulator.store) - read(access.facts):
            tally.wrong.append(f"organization {seed}: {lacks} were not read")
    tally.show(time.perf_counter() - begin)
    return tally.wrong


def _facts(policy: Policy, count: int) -> tuple[list[str], list[tuple[Facts, Answers]]]:
    tally, begin = _Tally("facts at random"), time.perf_counter()
    known = []
    for seed in range(count):
        facts = random_facts(seed)
        known.append((facts, tally.add(seed, Access(facts), policy)))
    tally.show(time.perf_counter() - begin)
    return tally.wrong, known


def _mutants(policy: Policy, known: Iterable[tuple[Facts, Answers]]) -> list[str]:
    """Change the evaluation, one thing at a time; those changes that nothing notices are shown."""
    answering = policy.answers({"held": PERMISSIONS}).answering
    pairs = {pair for pair in answering if pair[1] in PERMISSIONS}
    tried = noticed = 0
    unnoticed = []
    for mutant in mutants():
        tried += 1
        if _notices(mutant, known, pairs):
            noticed += 1
        else:
            unnoticed.append(f"  {mutant.place}: {mutant.before} → {mutant.after}")
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
