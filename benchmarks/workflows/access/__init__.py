"""Who can do what, held to an independent policy in Rego (`tests/data/access.rego`)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import attrs

from openai_admin import AsyncOpenAIAdmin
from openai_admin.insights.access.facts import Facts
from openai_admin.insights.access.questions import Access
from openai_admin.insights.access.written import write
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
_PART, _PROCESSES = 50, 2


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

    def add(self, seed: int, access: Access, policy: Policy) -> None:
        """Compare the answers about what access exports."""
        exported = access.to_dict()
        theirs, again = policy.answers(exported), Access.from_json(exported)
        differing = evaluated(again.evaluated).differing(theirs) + asked(again, theirs)
        self.tried += 1
        self.agreeing += not differing
        self.grants += len(theirs.grants)
        self.paths += sum(map(len, theirs.grants.values()))
        self.unknown += len(theirs.unknown)
        self.wrong += [f"{self.name} {seed}: {line}" for line in differing[:_SHOWN]]

    def with_(self, other: _Tally) -> _Tally:
        """Both together."""
        return _Tally(
            self.name,
            self.tried + other.tried,
            self.agreeing + other.agreeing,
            self.grants + other.grants,
            self.paths + other.paths,
            self.unknown + other.unknown,
            self.wrong + other.wrong,
        )


def measure(sample: int | None) -> list[str]:
    """Compare, print; where they differ."""
    print(
        f"{'':<22}{'tried':>8}{'agree':>8}{'grants':>10}{'paths':>10}{'not known':>11}"
        f"{'seconds':>9}"
    )
    wrong = []
    for compared in (_organizations, _facts):
        tally, begin = _Tally(""), time.perf_counter()
        for part in _apart(compared, range(sample or _COUNT)):
            tally = part.with_(tally)
        counts = f"{tally.tried:>8,}{tally.agreeing:>8,}{tally.grants:>10,}{tally.paths:>10,}"
        seconds = time.perf_counter() - begin
        print(f"{tally.name:<22}{counts}{tally.unknown:>11,}{seconds:>9.1f}", flush=True)
        wrong += tally.wrong
    _mutants()
    return wrong


def _apart(compared: Callable[[range], _Tally], seeds: range) -> Iterator[_Tally]:
    """Compare in processes of their own: rego-cpp keeps some megabytes for each evaluation."""
    parts = [seeds[at : at + _PART] for at in range(0, len(seeds), _PART)]
    with ProcessPoolExecutor(
        _PROCESSES, mp_context=get_context("spawn"), max_tasks_per_child=1
    ) as pool:
        yield from pool.map(compared, parts)


def _organizations(seeds: range) -> _Tally:
    return asyncio.run(_compared_organizations(seeds))


async def _compared_organizations(seeds: range) -> _Tally:
    policy, tally = Policy(), _Tally("organizations")
    for seed in seeds:
        async with (
            organization(seed, size=FEW) as emulator,
            AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client,
        ):
            access = await client.insights.access()
        tally.add(seed, access, policy)
        if lacks := held(emulator.store) - read(access.facts):
            tally.wrong.append(f"organization {seed}: {lacks} were not read")
    return tally


def _facts(seeds: range) -> _Tally:
    policy, tally = Policy(), _Tally("facts at random")
    for seed in seeds:
        tally.add(seed, Access(random_facts(seed)), policy)
    return tally


def _mutants() -> None:
    """Change the evaluation, one thing at a time; those changes that nothing notices are shown."""
    policy = Policy()
    known = [(facts, policy.answers(write(facts))) for facts in map(random_facts, range(_KNOWN))]
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
