"""The organization as code as a part of a client's tree, so that both clients have it."""

from __future__ import annotations

from collections.abc import Collection

from .._declare.decorators import composed
from .._declare.resource import Async, Mode, Resource
from .._forks import importing
from .._tree import AdminResources
from ..insights.access.forecast import OnForecast
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
        on_forecast: OnForecast | None = None,
    ) -> State:
        """Read what there is in the organization, as a file would say it.

        Nothing is changed. What the API refuses is in the result's `not_known`, and the rest
        stands.

        Args:
            sections: the sections to read, as ``projects.members``, with what they refer to; by
                default all.
            projects: the projects to read into, by name or id; by default all that are not
                archived.
            on_forecast: receives how many requests are about to be sent, before they are.

        Raises:
            InvalidInputError: there is no such section or project.
            AuthenticationError: the key is wrong.
            APIConnectionError: the API cannot be reached at all.
        """
        with importing():
            from .observing.observe import observe

        return await observe(
            AdminResources[Async](self._caller),
            sections=sections,
            projects=projects,
            on_forecast=on_forecast,
        )
