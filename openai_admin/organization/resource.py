"""The organization as code as a part of a client's tree, so that both clients have it."""

from __future__ import annotations

from collections.abc import Collection
from os import PathLike

import anyio.to_thread

from .._declare.decorators import composed
from .._declare.resource import Async, Mode, Resource
from .._forks import importing
from .._tree import AdminResources
from .applying.model import Applied, OnStep
from .document.model import Document
from .drift.model import DAYS, Drift
from .observing.forecast import OnProgress
from .planning.model import Plan
from .pulled import Pulled
from .state import State


class Organization(Resource[Mode], name="organization"):
    """The organization as code: what there is as a file, and what would make it as a file says."""

    @composed
    async def observe(
        self: Organization[Async],
        /,
        *,
        sections: Collection[str] | None = None,
        projects: Collection[str] | None = None,
        on_progress: OnProgress | None = None,
    ) -> State:
        """Read what there is in the organization, as a file would say it.

        Nothing is changed. What the API refuses is in the result's `not_known`, and the rest
        stands.

        Args:
            sections: the sections to read, as ``projects.members``, with what they refer to; by
                default all.
            projects: the projects to read into, by name or id; by default all that are not
                archived.
            on_progress: receives how many requests are about to be sent, before they are, and how
                many have been.

        Raises:
            InvalidInputError: there is no such section or project.
            AuthenticationError: the key is wrong.
            APIConnectionError: the API cannot be reached at all.
        """
        with importing():
            from .observing import needs
            from .observing.observe import observe

        asked = needs.of(sections, projects)
        return await observe(AdminResources[Async](self._caller), asked, on_progress=on_progress)

    @composed
    async def pull(
        self: Organization[Async],
        /,
        *,
        only: Collection[str] | None = None,
        projects: Collection[str] | None = None,
        pins: bool = False,
        on_progress: OnProgress | None = None,
    ) -> Pulled:
        """Read the organization as the file that a person would keep.

        What is not known does not stand in the document, and is named beside it.

        Args:
            only: the sections to read; ``projects`` is everything in projects, ``groups`` all of
                groups. By default all, or ``projects`` where projects are named.
            projects: the projects to read, by name or id; by default all that are not archived.
                Where some are named, and no section, only what is in them is read.
            pins: whether everything has its id; else only what its name does not tell from others.
            on_progress: receives how many requests are about to be sent, before they are, and how
                many have been.

        Raises:
            InvalidInputError: there is no such section or project.
            AuthenticationError: the key is wrong.
            APIConnectionError: the API cannot be reached at all.
        """
        with importing():
            from .pulling import needs_of, pull

        client = AdminResources[Async](self._caller)
        return await pull(client, needs_of(only, projects), pins=pins, on_progress=on_progress)

    @composed
    async def plan(
        self: Organization[Async],
        /,
        file: str | PathLike[str] | Document,
        *,
        only: Collection[str] | None = None,
        projects: Collection[str] | None = None,
        on_progress: OnProgress | None = None,
    ) -> Plan:
        """Find out what would make the organization as a file says.

        Nothing is changed. What the file does not speak of is not looked at. The plan can be kept
        with `save_plan`, and applied later, as long as what it depends on has not changed.

        Args:
            file: the file, a folder of files, or what they say.
            only: the sections to plan, of those that the file has; ``projects`` is everything in
                projects. By default all.
            projects: the projects to plan, by label, name or id; by default all of the file.
                Where some are named, nothing of the organization is planned, such as people.
            on_progress: receives how many requests are about to be sent, before they are, and how
                many have been.

        Raises:
            DocumentError: the file has mistakes.
            InvalidInputError: there is no such section or project, or the file is of another
                organization.
            AuthenticationError: the key is wrong. What it may not read is in the plan's
                `not_known`.
            APIConnectionError: the API cannot be reached at all.
        """
        with importing():
            from .asked import read_of
            from .preparing import prepare

        client = AdminResources[Async](self._caller)
        read = await anyio.to_thread.run_sync(read_of, file, abandon_on_cancel=True)
        prepared = await prepare(
            client,
            read.document,
            only=only,
            projects=projects,
            where=read.where,
            on_progress=on_progress,
        )
        return prepared.plan

    @composed
    async def apply(
        self: Organization[Async],
        /,
        plan: str | PathLike[str] | Document | Plan,
        *,
        force: Collection[str] = (),
        log: str | PathLike[str] | None = None,
        journal: str | PathLike[str] | None = None,
        on_progress: OnProgress | None = None,
        on_step: OnStep | None = None,
    ) -> Applied:
        """Make the organization as a file or a plan says.

        A plan is applied exactly as it is, and only if what it depends on is as it was: that is
        looked at again. An error stops what depends on it, and nothing else. Cut off at any moment,
        the same call with the file, or with a new plan, goes on.

        Args:
            plan: a plan, a file that one was saved to, or the file of an organization, of which
                one is made.
            force: the kinds of thresholds that may be passed, as ``owners``; they are in the
                plan's `exceeded`.
            log: a file that gets a line of JSON for each step, before those that need it begin.
            journal: a file that notes what is made before it is, for the runs of one organization:
                what the API may not show yet is not made again. Without one, only the runs of this
                client know; after another one's wait until the result's `until`.
            on_progress: receives how many requests are about to be sent to read what there is.
            on_step: receives each step once it has ended, and how many there are; of a work that
                is cut off too, so that `Applied.part_of` says what was done.

        Raises:
            DocumentError: the file has mistakes.
            InvalidInputError: something that the file wants is impossible, a threshold is passed
                that is not forced, the plan is of another organization or was changed, or what it
                depends on has changed. Nothing was done.
            AuthenticationError: the key is wrong.
            APIConnectionError: the API cannot be reached at all.
            OSError: the log or the journal cannot be written any more; a note says what was done.
        """
        with importing():
            from .applying.checking import check_kinds
            from .applying.run import apply
            from .applying.turns import turns_of
            from .asked import plan_or_read
            from .preparing import actor_of, prepare, resume

        check_kinds(force)
        client = AdminResources[Async](self._caller)
        asked = await anyio.to_thread.run_sync(plan_or_read, plan, abandon_on_cancel=True)
        async with turns_of(client._caller).lock:  # else each would make what the other does
            if isinstance(asked, Plan):
                prepared = await resume(client, asked, on_progress=on_progress)
            else:
                prepared = await prepare(
                    client, asked.document, where=asked.where, on_progress=on_progress
                )
            actor = None if log is None else await actor_of(client, prepared.state)
            return await apply(
                client,
                prepared.plan,
                force=force,
                log=log,
                journal=journal,
                actor=actor,
                on_step=on_step,
            )

    @composed
    async def drift(
        self: Organization[Async],
        /,
        file: str | PathLike[str] | Document,
        *,
        only: Collection[str] | None = None,
        projects: Collection[str] | None = None,
        days: int = DAYS,
        on_progress: OnProgress | None = None,
    ) -> Drift:
        """Find out what is not as a file says, and who changed it.

        Nothing is changed or stored. What the file does not have is drift only in sections that
        `prune` names; what `protect` names is looked at like everything else. The audit log is
        asked only where something is found.

        Args:
            file: the file, a folder of files, or what they say.
            only: the sections to look at, of those that the file has; ``projects`` is everything
                in projects. By default all.
            projects: the projects to look at, by label, name or id; by default all of the file.
                Where some are named, nothing of the organization is looked at, such as people.
            days: how many days the audit log is looked back for who changed something, 1 or more.
            on_progress: receives how many requests are about to be sent, before they are, and how
                many have been.

        Raises:
            DocumentError: the file has mistakes.
            InvalidInputError: there is no such section or project, or the file is of another
                organization.
            AuthenticationError: the key is wrong. What it may not read is in the result's
                `not_known`.
            APIConnectionError: the API cannot be reached at all.
        """
        with importing():
            from .asked import read_of
            from .drift.looking import drift

        client = AdminResources[Async](self._caller)
        read = await anyio.to_thread.run_sync(read_of, file, abandon_on_cancel=True)
        return await drift(
            client,
            read.document,
            only=only,
            projects=projects,
            days=days,
            where=read.where,
            on_progress=on_progress,
        )
