"""Workflows as a part of a client's tree, so that both clients have them."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import cast

from .._declare.decorators import composed
from .._declare.resource import Async, Mode, Resource
from .._forks import importing
from .._transport.session import Caller
from .._tree import AdminResources
from .offboarding.model import OffboardingPlan, OffboardingResult
from .rotation.model import Rotated, Rotation
from .sinks.sink import Sink


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
            leave_ownerless: whether such projects may be left without an owner, and those of which
                that cannot be told.
            myself: whether the person may be the one whose admin key is used.
            allow_unknown_owners: whether to go on where the members of the organization could not
                all be read, so that it is not known whether another owner stays.

        Raises:
            InvalidInputError: nobody, or more than one, is called so, which lists the candidates;
                or `transfer_to` cannot take over.
            PeopleNotKnownError: somebody is not found, and the API refused a part of what had to
                be looked through.
            AuthenticationError: the key is wrong. What it may not read is in the plan's
                `not_known`.
            APIConnectionError: the API cannot be reached at all.
        """
        with importing():
            from .offboarding.preparing import Asked, prepare

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
        result's `left`. Cut off at any moment, the same call finishes the work: a journal below the
        user's state folder has what was held before and what was done. Once nothing is left, the
        same call says when it was finished (see `OffboardingPlan.finished_at`).

        Args:
            person: who leaves, by id, address or name; or a plan, which is carried out as it is,
                and has taken the other arguments already; that an owner of the organization stays
                is looked up again.
            transfer_to: who becomes the owner of projects that would have none.
            leave_ownerless: whether such projects may be left without an owner.
            myself: whether the person may be the one whose admin key is used. That key is then
                deleted last of all.
            allow_unknown_owners: whether to go on where it is not known that another owner stays.
            evidence: a file that records what was held before, each step and what is left, as
                Markdown (``.md``) or JSON (``.json``), which only its owner can read. It is
                written after each step, and gone on with; it has what earlier runs did without it,
                too.

        Raises:
            InvalidInputError: nobody, or more than one, is called so; something must be decided
                first (see `OffboardingPlan.undecided`); the person is the last owner; or the
                evidence is of somebody else. Nothing was changed.
            PeopleNotKnownError: somebody is not found, and not everything could be looked through.
            AuthenticationError: the key is wrong.
            APIConnectionError: the API cannot be reached at all.
            OffboardingError: another process offboards the same person, or no journal can be kept.
                Nothing was changed.
            ConfigurationError: where journals belong is not known: platformdirs is not installed,
                and the environment variable XDG_STATE_HOME not set.
            OSError: the journal or the evidence cannot be written.
        """
        with importing():
            from .offboarding.preparing import Asked, prepare, resumed
            from .offboarding.run import run_all, works

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
        (result,) = await run_all(works(client, prepared))
        return result

    @composed
    async def rotate_service_account(
        self: Workflows[Async],
        /,
        account: str,
        *,
        project: str,
        to: str | Sink,
        overlap: float | None = None,
        until_unused: bool | None = None,
        finish: bool = False,
        abandon: bool = False,
        plan: bool = False,
        key: str | None = None,
        replace: bool = False,
        scopes: Iterable[str] | None = None,
        expires_in_seconds: int | None = None,
        older_than: float | None = None,
        test: str | None = None,
        again: bool = False,
        journal: str | PathLike[str] | None = None,
    ) -> Rotation:
        """Replace the key of a service account without a moment in which none works.

        A new key is made, tested and put in its place; the old one is deleted by a later call with
        the same arguments, after the overlap. It may be cut off anywhere: the same call goes on.

        Args:
            account: the service account, by id or name.
            project: its project, by id or name.
            to: where the new key goes, as ``file:.env``, ``command:gh secret set NAME``, or an
                object with the methods of `Sink`.
            overlap: seconds for which both keys work, at least; by default a day.
            until_unused: whether the old key must also not have been used for that long.
            finish: delete the old key at once, in the same call or a later one, whatever `overlap`
                and `until_unused` say.
            abandon: delete the new key instead and keep the old one.
            plan: only say what would be done.
            key: the key to replace, by id or name, or ``none``; by default the one that `to` holds,
                else the only one that there is.
            replace: overwrite what `to` holds even if it is not a key of this account.
            scopes: what the new key may do; by default what the old one may, where the API shows
                that, else everything.
            expires_in_seconds: after how many seconds the new key stops working; by default as
                long as the old one was to work.
            older_than: seconds; where the key was made later, nothing is done.
            test: the path that is asked for with the new key to test it, where there is no
                ``/models``, as behind some gateways; or ``none`` not to test it, and then whether
                the API accepts it is not known.
            again: begin another rotation where the last one into the same place is finished and the
                place holds its key; else nothing is done.
            journal: the file that has what is needed to go on; by default one below the user's
                state folder.

        Raises:
            InvalidInputError: there is no such account, or several; or which key is to be replaced
                cannot be told.
            RotationError: it did not come to its end; the message says which keys there are.
            SinkError: the new key cannot be put there; none was made.
            APIError: the API refused, or cannot be reached.
        """
        with importing():
            from .rotation.starting import service_account, wishes_of

        return await service_account(
            cast("Caller", self._caller),
            account,
            project=project,
            to=to,
            wishes=wishes_of(
                overlap=overlap,
                until_unused=until_unused,
                finish=finish,
                abandon=abandon,
                plan=plan,
                key=key,
                replace=replace,
                scopes=scopes,
                expires_in_seconds=expires_in_seconds,
                older_than=older_than,
                test=test,
                again=again,
                journal=journal,
            ),
        )

    @composed
    async def rotate_service_accounts(
        self: Workflows[Async],
        /,
        *,
        to: str,
        project: str | None = None,
        older_than: float | None = None,
        overlap: float | None = None,
        until_unused: bool | None = None,
        finish: bool = False,
        plan: bool = False,
        replace: bool = False,
        test: str | None = None,
        again: bool = False,
    ) -> list[Rotated]:
        """Replace the keys of many service accounts likewise, one after the other.

        One that fails does not keep the others from being rotated: what came of each is in the
        result. Accounts without a key are left alone. Names are put into `to` as they are; where
        one cannot be, its account fails. Where a place has no key yet, there must be an overlap.

        Args:
            to: where the new keys go, as ``file:secrets/{project}-{account}.env``; there are
                ``{project_id}`` and ``{account_id}`` as well.
            project: their project, by id or name; by default all active ones.
            older_than: seconds; keys that were made later are left alone.
            overlap: seconds for which both keys work, at least; by default a day.
            until_unused: whether the old keys must also not have been used for that long.
            finish: delete the old keys at once, in the same call or a later one, whatever `overlap`
                and `until_unused` say.
            plan: only say what would be done.
            replace: overwrite what a place holds even if it is not a key of its account.
            test: see `rotate_service_account`.
            again: likewise.

        Raises:
            InvalidInputError: a placeholder is unknown, two accounts have the same place, or there
                is no such project.
            APIError: the projects cannot be listed.
        """
        with importing():
            from .rotation.several import All, service_accounts
            from .rotation.starting import wishes_of

        wishes = wishes_of(
            journal=None,
            overlap=overlap,
            until_unused=until_unused,
            finish=finish,
            plan=plan,
            replace=replace,
            older_than=older_than,
            test=test,
            again=again,
        )
        every = All(template=to, wishes=wishes)
        return await service_accounts(cast("Caller", self._caller), project, every)

    @composed
    async def rotate_admin_key(
        self: Workflows[Async],
        /,
        key: str,
        *,
        to: str | Sink,
        overlap: float | None = None,
        until_unused: bool | None = None,
        finish: bool = False,
        abandon: bool = False,
        plan: bool = False,
        replace: bool = False,
        expires_in_seconds: int | None = None,
        change_owner: bool = False,
        older_than: float | None = None,
        test: str | None = None,
        again: bool = False,
        journal: str | PathLike[str] | None = None,
    ) -> Rotation:
        """Replace an admin key likewise, even the one that this client calls with.

        The API makes admin keys for the caller, with what the caller's key may do.

        Args:
            key: the key to replace, by id, name or the end of its value.
            to: where the new key goes; see `rotate_service_account`, as for the others.
            overlap: seconds for which both keys work, at least; by default a day.
            until_unused: whether the old key must also not have been used for that long.
            finish: delete the old key at once, in the same call or a later one, whatever `overlap`
                and `until_unused` say.
            abandon: delete the new key instead and keep the old one.
            plan: only say what would be done.
            replace: overwrite what `to` holds even if it is not an admin key.
            expires_in_seconds: after how many seconds the new key stops working; by default as
                long as the old one was to work.
            change_owner: replace a key of somebody else by one of the caller's.
            older_than: seconds; where the key was made later, nothing is done.
            test: the path that is asked for with the new key to test it, by default that of the
                projects; or ``none``.
            again: see `rotate_service_account`.
            journal: the file that has what is needed to go on.

        Raises:
            InvalidInputError: there is no such key, several, or it belongs to somebody else.
            RotationError: it did not come to its end; the message says which keys there are.
            SinkError: the new key cannot be put there; none was made.
            APIError: the API refused, or cannot be reached.
        """
        with importing():
            from .rotation.starting import admin_key, wishes_of

        return await admin_key(
            cast("Caller", self._caller),
            key,
            to=to,
            wishes=wishes_of(
                overlap=overlap,
                until_unused=until_unused,
                finish=finish,
                abandon=abandon,
                plan=plan,
                replace=replace,
                expires_in_seconds=expires_in_seconds,
                change_owner=change_owner,
                older_than=older_than,
                test=test,
                again=again,
                journal=journal,
            ),
        )
