"""One organization: pulled, changed by hand, brought back, and compared."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Self

import attrs
import openai

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.rate_limits import rate_limits_of
from openai_admin.organization.document.model import ALL
from openai_admin.organization.observing.needs import with_inner
from openai_admin.organization.planning.model import Plan
from openai_admin.organization.sections import SECTIONS
from openai_admin.organization.state import State
from tests.furnished import furnished
from tests.organizations import FEW, Size
from tests.snapshots import Snapshot, changes, listed, settings, stored

from .by_hand import ByHand
from .files import unpinned, without, without_roles
from .owned import OWNED
from .sameness import named, told
from .ways import Way, way_of
from .wire import unshown

_NO_SUCH = re.compile(r"(?:has|with) the id '([^']+)'")
_LEFT_OUT = re.compile(
    r"is not a member of the organization|and the section `projects` was left out"
    r"|There is no (such certificate|(certificate|service account|external key|role|group) ')"
)
_MOST_ROUNDS = 4
"""How often people accept their invites and the file is applied again."""


@attrs.define
class Tally:
    """What was tried, and what did not hold."""

    organizations: int = 0
    by_hand: Counter[str] = attrs.field(factory=Counter)
    refused: int = 0
    """Changes by hand that the API refused."""
    steps: int = 0
    removals: int = 0
    forced: int = 0
    """Plans for which something had to be forced."""
    archived: int = 0
    """Things that could not come back, which the plan said."""
    unpinned: int = 0
    """Pins of what was removed by hand, which the plan named and a person took away."""
    lacking: int = 0
    """Files with some sections that needed what was gone outside of them, which the plan said."""
    kept: int = 0
    """Organizations compared as a whole: everything came back."""
    wrong: list[str] = attrs.field(factory=list)


class Trial:
    """An organization of a seed, and both clients.

    Args:
        seed: decides everything.
        way: how the file is made and applied.
        tally: is told what was done, and what does not hold.
        size: of the organization.
        emulator: where it is, if it was made already.
    """

    def __init__(
        self,
        seed: int,
        way: Way,
        tally: Tally,
        *,
        size: Size = FEW,
        emulator: Emulator | None = None,
    ) -> None:
        self.seed = seed
        self.way = way
        self.tally = tally
        self.random = Random(f"drift/{seed}")
        self.emulator = emulator or furnished(seed, size=size)

    async def __aenter__(self) -> Self:
        await self.emulator.start()
        emulator = self.emulator
        self.client = AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url)
        self.official = openai.AsyncOpenAI(
            api_key="unused", admin_api_key=emulator.admin_key, base_url=emulator.base_url
        )
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name, "org.yaml")
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.client.close()
        await self.official.close()
        await self.emulator.stop()
        self.folder.cleanup()

    async def run(self, count: int) -> None:
        """Pull, change so many things by hand, bring them back, compare."""
        way, tally = self.way, self.tally
        pulled = await self.client.organization.pull(only=way.only, pins=way.pins)
        if pulled.not_known:
            self.wrong(f"not known: {pulled.not_known}")
        self.document = attrs.evolve(pulled.document, prune=way.prune)
        self.state = pulled.state
        self.keep_certificates()
        self.write(self.state)
        if (plan := await self.planned()).steps or plan.impossible:
            self.wrong(f"there is something to do after pull: {_shown(plan)}")
        before = await self.told()

        by_hand = ByHand(
            self.emulator,
            self.official,
            self.random,
            archives=way.archives,
            keeps_default=not way.pins,
        )
        await by_hand.change(count)
        tally.by_hand.update(by_hand.done)
        tally.refused += by_hand.refused
        drifted = self.kept()
        gone = self.archived_at_hand(by_hand.archived, pulled.state)
        if gone is None:
            return
        await self.bring_back()
        tally.organizations += 1
        after = await self.told()
        self.compare(before, after, without=gone)
        self.compare_unmanaged(drifted)

    def keep_certificates(self) -> None:
        """Put the PEM files beside the file, as whoever manages certificates has them."""
        from openai_admin.emulator.certificates import content

        kept = {}
        for label, certificate in (self.document.certificates or {}).items():
            id = (self.state.document.certificates or {})[label].id
            path = Path(self.folder.name, f"{id}.pem")
            path.write_text(content(self.emulator.store.certificates.get(str(id))))
            kept[label] = attrs.evolve(certificate, file=path.name)
        if self.document.certificates is not None:
            self.document = attrs.evolve(self.document, certificates=kept)

    def write(self, state: State) -> None:
        """Write the file as a person keeps it."""
        from openai_admin.organization.document.writing import text_of

        self.path.write_text(text_of(self.document, known=state.document), encoding="utf-8")

    def archived_at_hand(self, archived: Collection[str], state: State) -> set[str] | None:
        """Take what was archived out of the file, as the plan is to ask for."""
        gone = set(archived)
        projects = state.document.projects or {}
        labels = {label for label, each in projects.items() if each.id in gone}
        if labels and self.document.projects is not None:
            self.tally.archived += len(labels)
            self.document = without(self.document, labels)
            self.write(state)
        return gone

    async def planned(self) -> Plan:
        """The plan for the file, or for one of its projects."""
        projects = None
        if self.way.is_alone and self.document.projects:
            projects = [min(self.document.projects)]
        only = self.way.only if self.way.is_strict else None
        return await self.client.organization.plan(self.path, only=only, projects=projects)

    async def bring_back(self) -> None:
        """Apply the file until there is nothing left to do, with invites accepted in between."""
        emulator = self.emulator
        for number in range(_MOST_ROUNDS):
            plan = await self.planned()
            self.check(plan)
            if not plan.steps and not plan.impossible:
                return
            if gone := self.pinned_to_nothing(plan):
                self.unpin(gone)
                plan = await self.planned()
                self.check(plan)
            if self.lacks_what_is_left_out(plan):
                self.tally.lacking += 1
                return
            if plan.impossible:
                self.wrong(f"impossible: {[each.reason for each in plan.impossible]}")
                return
            self.tally.steps += len(plan.steps)
            self.tally.removals += plan.counts["remove"]
            self.tally.forced += bool(plan.exceeded)
            emulator.requests.clear()
            force = [each.kind for each in plan.exceeded]
            applied = await self.client.organization.apply(plan, force=force)
            for request in unshown(emulator.requests, [plan]):
                self.wrong(f"not in the plan: {request}")
            for step in applied.left:
                self.wrong(f"{step.outcome}: {step.step.operation} {step.reason}")
            if applied.left:
                return
            again = await self.planned()
            if again.steps and not _waits(again, plan):
                self.wrong(f"round {number}: something is left to do: {_shown(again)}")
                return
            self.accept()
        self.wrong("it does not come to an end")

    def pinned_to_nothing(self, plan: Plan) -> set[str]:
        """The ids that the plan says nothing has any more."""
        told = [_NO_SUCH.search(each.reason) for each in plan.impossible]
        return {match[1] for match in told if match is not None}

    def lacks_what_is_left_out(self, plan: Plan) -> bool:
        """Whether a file that has only some sections needs what is gone, and the plan says so."""
        return self.way.only is not None and any(
            _LEFT_OUT.search(each.reason) for each in plan.impossible
        )

    def unpin(self, ids: Collection[str]) -> None:
        """Take the pins of what was removed out of the file, so that it is made anew."""
        self.tally.unpinned += len(ids)
        self.document = unpinned(self.document, ids)
        self.write(self.state)

    def check(self, plan: Plan) -> None:
        """Hold a plan against what is asked for."""
        document = self.document
        for step in plan.steps:
            if step.action == "remove" and not document.prunes(step.section):
                # What cannot be changed is removed and made anew.
                again = any(
                    (other.section, other.subject, other.action)
                    == (step.section, step.subject, "create")
                    for other in plan.steps
                )
                if not again and not _is_absent(step.operation):
                    self.wrong(f"removed without prune: {step.operation} {step.subject}")
            if self.way.only is not None and step.section not in self.sections:
                self.wrong(f"a section that is not in the file: {step.operation} {step.subject}")
            if step.operation.endswith(("delete", "archive")) and step.action == "create":
                self.wrong(f"a removal that is shown as a creation: {step.operation}")

    @property
    def sections(self) -> frozenset[str]:
        """The sections that are managed."""
        if self.way.only is None:
            return frozenset(SECTIONS)
        only = with_inner(self.way.only)
        of = () if self.way.is_strict else (each.partition(".")[0] for each in only)
        return frozenset((*only, *(each for each in of if each in SECTIONS)))

    def accept(self) -> None:
        """Let everybody whom the file has accept their invite."""
        wanted = {address.casefold() for address in self.document.people or {}}
        members = {user["email"].casefold() for user in self.emulator.store.users}
        for invite in [*self.emulator.store.invites]:
            address = invite["email"].casefold()
            is_open = (
                invite["status"] == "pending"
                and invite["expires_at"] > self.emulator.store.now()
                and address not in members
            )
            if is_open and address in wanted and address in self.were:
                self.emulator.accept_invite(invite["id"])

    async def told(self) -> Snapshot:
        """All that the official client is told."""
        found = {**await listed(self.official), **await settings(self.official)}
        if not hasattr(self, "were"):
            self.were = {
                record["email"].casefold()
                for entry, record in found.items()
                if entry[0] == "users" and record.get("email")
            }
        return found

    def kept(self) -> Snapshot:
        """All that the emulator keeps."""
        store = self.emulator.store
        for project in store.projects:
            if project["status"] == "active":
                rate_limits_of(store, project["id"])
        found = dict(stored(self.emulator))
        for entry in [entry for entry in found if entry[0] == "accepted key"]:
            credential = store.keys.find(entry[1])
            if credential is None:  # it has ended
                del found[entry]
            else:
                found[entry] = {"project_id": credential.project_id}
        return found

    def compare(self, before: Snapshot, after: Snapshot, *, without: Collection[str]) -> None:
        """Hold what there is against what there was."""
        unmanaged = without_roles(self.document)
        whole = self.way.prune == (ALL,) and self.way.only is None and not self.way.is_alone
        leave: Any = {"without": without, "unmanaged": unmanaged, "whole": whole}
        was, is_ = named(before, **leave), named(after, **leave)
        if whole:
            missing, besides = was - is_, is_ - was
            for text in told("missing", missing):
                self.wrong(text)
            for text in told("besides", besides):
                self.wrong(text)
            self.tally.kept += 1
        elif self.way.only is None and not self.way.is_alone:
            for text in told("missing", was - is_):
                self.wrong(text)

    def compare_unmanaged(self, drifted: Snapshot) -> None:
        """Nothing but what is managed, and what belongs to it, is another than after the drift."""
        kinds = {kind for section in self.sections for kind in OWNED[section]}
        differing = changes(drifted, self.kept())
        gone = {entry[-1] for entry in differing.removed if entry[0] != "accepted key"}
        gone |= {
            entry[-1]
            for entry, (_, now) in differing.changed.items()
            if entry[0] == "projects" and now["status"] == "archived"
        }
        new = {entry[-1] for entry in differing.added if _kind(entry) in kinds}
        for entry in differing.added:
            if _kind(entry) not in kinds and new.isdisjoint(entry[:-1]):
                self.wrong(f"added in what is not managed: {entry}")
        for entry, record in differing.removed.items():
            of = entry if entry[0] == "accepted key" else entry[:-1]
            is_with = not gone.isdisjoint([*of, *_references(record)])
            if _kind(entry) not in kinds and not is_with:
                self.wrong(f"removed from what is not managed: {entry}")
        for entry, (was, now) in differing.changed.items():
            if _kind(entry) not in kinds:
                self.wrong(f"changed in what is not managed: {entry}: {was} -> {now}")

    def wrong(self, what: str) -> None:
        self.tally.wrong.append(f"seed {self.seed} ({self.way}): {what}")


def _kind(entry: tuple[str, ...]) -> str:
    if entry[0] != "settings":
        return entry[0]
    return f"{entry[1]} of a project" if len(entry) > 2 else entry[1]


def _references(record: Mapping[str, object]) -> list[str]:
    return [value for value in record.values() if isinstance(value, str)]


def _is_absent(operation: str) -> bool:
    """Whether a removal is how a value becomes absent, or how a thing is changed."""
    return operation.endswith(("spend_limit.delete", "model_permissions.delete", "deactivate"))


def _waits(again: Plan, plan: Plan) -> bool:
    """Whether what is left is what a project that was just made did not have before."""
    made = any(step.operation == "projects.create" for step in plan.steps)
    return made and all(step.section == "projects.rate_limits" for step in again.steps)


def _shown(plan: Plan) -> list[str]:
    steps = [f"{step.operation} {step.subject} in {step.project}" for step in plan.steps]
    return [*steps[:4], *(each.reason for each in plan.impossible[:4])]


async def tried(seed: int, tally: Tally, *, count: int = 14, size: Size = FEW) -> None:
    """Try one organization."""
    async with Trial(seed, way_of(seed), tally, size=size) as trial:
        try:
            await trial.run(count)
        except Exception as error:
            if isinstance(error, asyncio.CancelledError):
                raise
            trial.wrong(f"{type(error).__name__}: {error}")
