"""The organization's spend limit: requests are refused once a month's costs exceed it."""

from __future__ import annotations

import attrs

from .._declare.decorators import delete, get, post
from .._declare.effect import Effect
from .._declare.resource import Mode, Resource
from .common import Deleted
from .spend import Currency, Interval, LimitCents, SpendLimit


@attrs.frozen(kw_only=True)
class OrganizationSpendLimit(SpendLimit):
    """The limit on what the whole organization spends in a month; thresholds in US cents.

    Attributes:
        object: ``organization.spend_limit``.
    """

    object: str | None = "organization.spend_limit"


class SpendLimits(Resource[Mode], name="spend_limit"):
    """The hard limit on the organization's monthly spend, in US cents; there is at most one."""

    @get("/organization/spend_limit")
    def retrieve(self) -> OrganizationSpendLimit:
        """Retrieve the organization's spend limit.

        Raises:
            NotFoundError: no limit is set.
        """
        ...

    @post("/organization/spend_limit", Effect.OVERWRITES)
    def update(
        self, *, threshold_amount: LimitCents, currency: Currency, interval: Interval
    ) -> OrganizationSpendLimit:
        """Set the organization's monthly spend limit in US cents, whether or not there is one.

        Args:
            threshold_amount: the limit in whole US cents, 1 or more; 50000 is 500 dollars.
            currency: the limit's currency, `USD`.
            interval: the time over which spend is added up, `month`.
        """
        ...

    @delete("/organization/spend_limit")
    def delete(self) -> Deleted:
        """Delete the organization's spend limit: spend is unlimited from then on."""
        ...
