"""Spend alerts of the organization: mail when a month's costs reach a threshold."""

from __future__ import annotations

import attrs

from .._declare.decorators import delete, get, listing, post
from .._declare.effect import Effect
from .._declare.pagination import Paging
from .._declare.resource import Mode, Resource
from .._wire.models import Page
from .common import Deleted, Order
from .spend import (
    AlertCents,
    AlertsPerPage,
    Currency,
    Interval,
    NotificationChannelParam,
    SpendAlert,
)


@attrs.frozen(kw_only=True)
class OrganizationSpendAlert(SpendAlert):
    """An alert on what the whole organization spends in a month; thresholds in US cents.

    Attributes:
        object: ``organization.spend_alert``.
    """

    object: str | None = "organization.spend_alert"


class SpendAlerts(Resource[Mode], name="spend_alerts"):
    """Alerts on the organization's monthly spend; thresholds are in US cents."""

    @listing("/organization/spend_alerts", paging=Paging.LAST_ID)
    def list(
        self,
        *,
        limit: AlertsPerPage = None,
        after: str | None = None,
        before: str | None = None,
        order: Order | None = None,
    ) -> Page[OrganizationSpendAlert]:
        """List the organization's spend alerts, the oldest first unless `order` says otherwise.

        Args:
            limit: alerts on one page, 0 to 100; the API's default is 20.
        """
        ...

    @post("/organization/spend_alerts", Effect.ADDS)
    def create(
        self,
        *,
        threshold_amount: AlertCents,
        currency: Currency,
        interval: Interval,
        notification_channel: NotificationChannelParam,
    ) -> OrganizationSpendAlert:
        """Create an alert on the organization's monthly spend, in US cents.

        Args:
            threshold_amount: the threshold in whole US cents; 50000 is 500 dollars.
            currency: the threshold's currency, `USD`.
            interval: the time over which spend is added up, `month`.
            notification_channel: who is notified: `type` (`email`), `recipients` (addresses) and
                perhaps a `subject_prefix`.
        """
        ...

    @get("/organization/spend_alerts/{alert_id}")
    def retrieve(self, alert_id: str) -> OrganizationSpendAlert:
        """Retrieve a spend alert of the organization.

        Args:
            alert_id: the alert's id.
        """
        ...

    @post("/organization/spend_alerts/{alert_id}", Effect.OVERWRITES)
    def update(
        self,
        alert_id: str,
        *,
        threshold_amount: AlertCents,
        currency: Currency,
        interval: Interval,
        notification_channel: NotificationChannelParam,
    ) -> OrganizationSpendAlert:
        """Replace all settings of a spend alert of the organization.

        Args:
            alert_id: the alert's id.
            threshold_amount: the threshold in whole US cents; 50000 is 500 dollars.
            currency: the threshold's currency, `USD`.
            interval: the time over which spend is added up, `month`.
            notification_channel: who is notified: `type` (`email`), `recipients` (addresses) and
                perhaps a `subject_prefix`.
        """
        ...

    @delete("/organization/spend_alerts/{alert_id}")
    def delete(self, alert_id: str) -> Deleted:
        """Delete a spend alert of the organization.

        Args:
            alert_id: the alert's id.
        """
        ...
