"""The organization as code as a part of a client's tree, so that both clients have it."""

from __future__ import annotations

from collections.abc import Collection

from .._declare.decorators import composed
from .._declare.resource import Async, Mode, Resource
from .._forks import importing
from .._tree import AdminResources
from .observing.forecast import OnProgress
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
                groups. By default all.
            projects: the projects to read, by name or id; by default all that are not archived.
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
