"""A project's spend limit: its requests are refused once its costs in a month exceed it."""

from __future__ import annotations

import attrs

from ..._declare.decorators import delete, get, post
from ..._declare.effect import Effect
from ..._declare.resource import Mode, Resource
from ..common import Deleted
from ..spend import Currency, Interval, LimitCents, SpendLimit


@attrs.frozen(kw_only=True)
class ProjectSpendLimit(SpendLimit):
    """The limit on what one project spends in a month; thresholds in US cents.

    Attributes:
        object: ``project.spend_limit``.
    """

    object: str | None = "project.spend_limit"


class ProjectSpendLimits(Resource[Mode], name="projects.spend_limit"):
    """The hard limit on a project's monthly spend, in US cents; there is at most one."""

    @get("/organization/projects/{project_id}/spend_limit")
    def retrieve(self, project_id: str) -> ProjectSpendLimit:
        """Retrieve a project's spend limit.

        Raises:
            NotFoundError: no limit is set.
        """
        ...

    @post("/organization/projects/{project_id}/spend_limit", Effect.OVERWRITES)
    def update(
        self,
        project_id: str,
        *,
        threshold_amount: LimitCents,
        currency: Currency,
        interval: Interval,
    ) -> ProjectSpendLimit:
        """Set a project's monthly spend limit in US cents, whether or not there is one.

        Args:
            threshold_amount: the limit in whole US cents, 1 or more; 50000 is 500 dollars.
            currency: the limit's currency, `USD`.
            interval: the time over which spend is added up, `month`.

        Raises:
            BadRequestError: the project is archived.
        """
        ...

    @delete("/organization/projects/{project_id}/spend_limit")
    def delete(self, project_id: str) -> Deleted:
        """Delete a project's spend limit; the organization's, if there is one, still holds.

        Raises:
            BadRequestError: the project is archived.
        """
        ...
