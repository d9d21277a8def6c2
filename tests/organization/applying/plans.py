"""Plans by hand, and the organization that they are applied to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import attrs

from openai_admin import AsyncOpenAIAdmin
from openai_admin._declare.effect import Effect
from openai_admin._declare.operation import OPERATIONS
from openai_admin._declare.resource import Async
from openai_admin._tree import AdminResources
from openai_admin.emulator import Emulator
from openai_admin.emulator.demo.people import new_user
from openai_admin.organization.applying.model import Applied
from openai_admin.organization.applying.run import apply
from openai_admin.organization.applying.sending import Patience
from openai_admin.organization.planning.model import Action, FieldChange, From, Plan, Step
from openai_admin.resources import load

HASTY = Patience(unseen=(0.0, 0.0, 0.0), removed=(0.0,), lost=0.0)
"""Looks again at once."""

load()


def step(
    id: str,
    operation: str,
    arguments: dict[str, Any] | None = None,
    *,
    needs: Iterable[str] = (),
    was: str | None = None,
    **fields: Any,
) -> Step:
    """A step, whose action is what its operation does.

    Args:
        id: its name, which is its subject as well.
        operation: its operation.
        arguments: its arguments.
        needs: the steps that it needs.
        was: the role that somebody had.
        fields: other fields.
    """
    actions: dict[Effect, Action] = {Effect.ADDS: "create", Effect.REMOVES: "remove"}
    changes = (FieldChange(field="role", old=was),) if was is not None else ()
    return Step(
        id=id,
        section=operation.rpartition(".")[0],
        action=actions.get(OPERATIONS[operation].effect, "change"),
        subject=id,
        operation=operation,
        arguments=arguments or {},
        needs=tuple(needs),
        changes=changes,
        **fields,
    )


def plan(*steps: Step, **fields: Any) -> Plan:
    """A plan that was just made, of steps in their order."""
    return Plan(steps=steps, **({"made_at": datetime.now(UTC)} | fields))


def of(step: str) -> From:
    """What another step makes."""
    return From(step=step)


@attrs.frozen(kw_only=True)
class Org:
    """An organization with two owners, a reader and a project.

    Attributes:
        emulator: serves it.
        client: a client without retries.
        olivia: its first owner, whose key is used.
        lea: another owner.
        max: a reader.
        project: a project that Olivia owns and Max is a member of.
    """

    emulator: Emulator
    client: AsyncOpenAIAdmin
    olivia: str
    lea: str
    max: str
    project: str

    async def apply(
        self, made: Plan, client: AsyncOpenAIAdmin | None = None, **how: Any
    ) -> Applied:
        """Apply a plan without pauses."""
        tree = AdminResources[Async]((client or self.client)._caller)
        return await apply(tree, made, **({"patience": HASTY} | how))

    def sent(self, method: str = "") -> list[str]:
        """The requests so far, but those that only read, as ``POST /organization/groups``."""
        sent = [f"{r.method} {r.path.removeprefix('/v1')}" for r in self.emulator.requests]
        return [each for each in sent if each.startswith(method) and not each.startswith("GET")]


async def made(emulator: Emulator, client: AsyncOpenAIAdmin) -> Org:
    """Fill an empty organization."""
    store = emulator.store
    olivia = store.first_owner()["id"]
    lea, max_ = (
        store.users.add(
            new_user(store, name, role, 1_700_000_000, address=f"{name[:3].lower()}@example.com")
        )["id"]
        for name, role in (("Lea Roth", "owner"), ("Max Muster", "reader"))
    )
    project = (await client.projects.create(name="Search")).id
    await client.projects.users.create(project, user_id=olivia, role="owner")
    await client.projects.users.create(project, user_id=max_, role="member")
    emulator.requests.clear()
    return Org(emulator=emulator, client=client, olivia=olivia, lea=lea, max=max_, project=project)


def outcomes(applied: Applied) -> dict[str, str]:
    """The outcomes of steps by id."""
    return {each.step.id: each.outcome for each in applied.steps}


def reasons(applied: Applied) -> dict[str, str]:
    """The reasons of steps that have one, by id."""
    return {each.step.id: each.reason for each in applied.steps if each.reason is not None}
