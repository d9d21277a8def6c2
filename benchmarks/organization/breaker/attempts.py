"""Attempts at one organization: an edited file is applied without force, and then with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from random import Random
from typing import Any

import attrs

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.errors import InvalidInputError
from openai_admin.organization.document.defaults import settled
from openai_admin.organization.document.model import ALL, Document, Protected
from tests.furnished import furnished
from tests.organizations import FEW
from tests.snapshots import Snapshot, changes, stored

from .edits import EDITS
from .judge import exceeded, owners
from .kept import facts, touched

_ATTEMPTS = 10
_MOST_EDITS = 3


@attrs.define
class Tally:
    """What was tried, and what got past."""

    attempts: int = 0
    impossible: int = 0
    exceeded: int = 0
    harmless: int = 0
    protected: int = 0
    kinds: Counter[str] = attrs.field(factory=Counter)
    """The thresholds that were passed."""
    wrong: list[str] = attrs.field(factory=list)


async def tried(seed: int, tally: Tally, *, attempts: int = _ATTEMPTS) -> None:
    """Try so often to get past the thresholds of one organization."""
    random = Random(f"breaker/{seed}")
    async with furnished(seed, size=FEW) as emulator:
        stored(emulator)
        key, address = emulator.admin_key, emulator.base_url
        async with AsyncOpenAIAdmin(key, base_url=address) as client:
            pins = random.random() < 0.5
            pulled = await client.organization.pull(pins=pins)
            whole = settled(attrs.evolve(pulled.document, prune=(ALL,)))
            start = emulator.snapshot()
            for number in range(attempts):
                emulator.restore(start)
                attempt = _Attempt(emulator, client, random, tally, f"seed {seed}, {number}")
                try:
                    await attempt.run(whole, pulled.state.document)
                except Exception as error:  # noqa: BLE001 - one attempt costs itself
                    attempt.wrong(f"{type(error).__name__}: {error}")


class _Attempt:
    def __init__(
        self, emulator: Emulator, client: AsyncOpenAIAdmin, random: Random, tally: Tally, name: str
    ) -> None:
        self.emulator = emulator
        self.client = client
        self.random = random
        self.tally = tally
        self.name = name

    async def run(self, whole: Document, there: Document) -> None:
        random, tally, emulator = self.random, self.tally, self.emulator
        names = random.choices([*EDITS], k=random.randint(1, _MOST_EDITS))
        document = whole
        for name in names:
            document = EDITS[name](document, random)
        kept: Mapping[str, str] = {}
        if random.random() < 0.6:
            document, kept = _protecting(document, there, random)
            tally.protected += 1
        self.name += f" ({', '.join(names)}; protect {dict(kept)})"
        tally.attempts += 1
        before, owned, had = stored(emulator), owners(emulator), facts(emulator)
        emulator.requests.clear()
        plan = await self.client.organization.plan(document)
        kinds = [each.kind for each in plan.exceeded]
        if plan.impossible or kinds:
            await self.refused(document, before, kinds)
        if plan.impossible:
            tally.impossible += 1
            return
        if not kinds:
            tally.harmless += 1
        else:
            tally.exceeded += 1
            tally.kinds.update(kinds)
            for left in kinds:  # any one that is not forced is enough
                force = [kind for kind in kinds if kind != left]
                await self.refused(document, before, force, is_forced=True)
        await self.client.organization.apply(plan, force=kinds)
        after = stored(emulator)
        passed = exceeded(before, after, owned, owners(emulator))
        for kind, why in passed.items():
            if kind not in kinds:
                self.wrong(f"{kind}: {why}, and the plan has {kinds}")
        for what in touched(before, after, had, facts(emulator), kept):
            self.wrong(f"protected, and touched: {what}")

    async def refused(
        self,
        document: Document,
        before: Snapshot,
        force: Collection[str],
        *,
        is_forced: bool = False,
    ) -> None:
        """Applying it without all that must be forced changes nothing."""
        try:
            await self.client.organization.apply(document, force=force if is_forced else ())
        except InvalidInputError:
            pass
        else:
            self.wrong(f"applied with {force if is_forced else 'no'} force")
        written = [r for r in self.emulator.requests if r.method != "GET"]
        if written or changes(before, stored(self.emulator)):
            self.wrong(f"refused, and changed: {written[:3]}")

    def wrong(self, what: str) -> None:
        self.tally.wrong.append(f"{self.name}: {what}")


def _protecting(
    document: Document, there: Document, random: Random
) -> tuple[Document, Mapping[str, str]]:
    """A file that protects something, said in one of the ways that name it; and the ids by kind."""
    said: dict[str, tuple[str, ...]] = {}
    ids: dict[str, str] = {}
    for kind in random.sample(("people", "groups", "roles", "projects"), random.randint(1, 2)):
        things: Mapping[str, Any] = getattr(there, kind) or {}
        choices = {label: each for label, each in things.items() if each.id is not None}
        if not choices:
            continue
        label = random.choice([*choices])
        thing = choices[label]
        ways = [label, thing.id]
        if kind == "people":
            ways += [label.upper(), label.title()]
        elif random.random() < 0.4:  # a pin under another label, which renames it
            document, new = _relabelled(document, kind, label, thing.id)
            ways.append(new)
        said[kind] = (random.choice(ways),)
        ids[kind] = thing.id
    return attrs.evolve(document, protect=Protected(**said)), ids


def _relabelled(document: Document, kind: str, label: str, id: str) -> tuple[Document, str]:
    """A file in which something has another label, and is pinned; and the label."""
    new = f"New {label}"
    things: Mapping[str, Any] = getattr(document, kind) or {}
    if label not in things:
        return document, label
    pinned = attrs.evolve(things[label], id=id, name=None)
    changed: dict[str, Any] = {
        kind: {new if n == label else n: pinned if n == label else t for n, t in things.items()}
    }
    return attrs.evolve(document, **changed), new
