"""Workflows as a part of a client's tree, so that both clients have them."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from .._declare.decorators import composed
from .._declare.resource import Async, Mode, Resource
from .._forks import importing
from .._tree import AdminResources
from .offboarding.model import OffboardingPlan, OffboardingResult


class Workflows(Resource[Mode], name="workflows"):
    """Jobs of many steps, which can be cut off at any moment and go on when called again."""

    @composed
    async def plan_offboarding(
        self: Workflows[Async],
        /,
        person: str,
        *,
        transfer_to: str | None = None,
        leave_ownerless: bool = False,
        myself: bool = False,
        allow_unknown_owners: bool = False,
    ) -> OffboardingPlan:
        """Find out what a person holds, and in which order it would be taken away.

        Nothing is changed. It takes about ten requests, two for each project and one for each
        group.

        Args:
            person: who leaves, by id, address or name; somebody who is not a member any more and
                left keys or invites behind, too.
            transfer_to: who becomes the owner of projects that would have none, likewise; a member
                of the organization.
            leave_ownerless: whether such projects may be left without an owner.
            myself: whether the person may be the one whose admin key is used.
            allow_unknown_owners: whether to go on where the members of the organization could not
                all be read, so that it is not known whether another owner stays.

        Raises:
            InvalidInputError: nobody, or more than one, is called so, which lists the candidates;
                or `transfer_to` cannot take over.
            AuthenticationError: the key is wrong. What it may not read is in the plan's
                `not_known`.
            APIConnectionError: the API cannot be reached at all.
        """
        with importing():
            from .offboarding.run import Asked, prepare

        prepared = await prepare(
            AdminResources[Async](self._caller),
            Asked(
                people=(person,),
                transfer_to=transfer_to,
                leave_ownerless=leave_ownerless,
                myself=myself,
                allow_unknown_owners=allow_unknown_owners,
            ),
        )
        return prepared.plans[0]

    @composed
    async def offboard(
        self: Workflows[Async],
        /,
        person: str | OffboardingPlan,
        *,
        transfer_to: str | None = None,
        leave_ownerless: bool = False,
        myself: bool = False,
        allow_unknown_owners: bool = False,
        evidence: str | PathLike[str] | None = None,
    ) -> OffboardingResult:
        """Take away everything that a person holds: keys first, the membership last.

        What is gone already counts as done, what the API refuses costs itself and is in the
        result's `left`. Cut off at any moment, the same call finishes the work; with the same
        `evidence` the record then has the whole of it.

        Args:
            person: who leaves, by id, address or name; or a plan, which is carried out as it is,
                and has taken the other arguments already.
            transfer_to: who becomes the owner of projects that would have none.
            leave_ownerless: whether such projects may be left without an owner.
            myself: whether the person may be the one whose admin key is used. That key is then
                deleted last of all.
            allow_unknown_owners: whether to go on where it is not known that another owner stays.
            evidence: a file that records what was held before, each step and what is left, as
                Markdown (``.md``) or JSON (``.json``), which only its owner can read. It is
                written after each step, and gone on with.

        Raises:
            InvalidInputError: nobody, or more than one, is called so; something must be decided
                first (see `OffboardingPlan.undecided`); the person is the last owner; or the
                evidence is of somebody else. Nothing was changed.
            AuthenticationError: the key is wrong.
            APIConnectionError: the API cannot be reached at all.
            OSError: the evidence cannot be written.
        """
        with importing():
            from .offboarding.run import Asked, Offboarding, prepare, resumed

        client = AdminResources[Async](self._caller)
        path = None if evidence is None else Path(evidence)
        if isinstance(person, OffboardingPlan):
            prepared = await resumed(client, person, path)
        else:
            prepared = await prepare(
                client,
                Asked(
                    people=(person,),
                    transfer_to=transfer_to,
                    leave_ownerless=leave_ownerless,
                    myself=myself,
                    allow_unknown_owners=allow_unknown_owners,
                    evidence=path,
                ),
            )
        (plan,) = prepared.plans
        return await Offboarding(client=client, plan=plan, path=path, record=prepared.record).run()
