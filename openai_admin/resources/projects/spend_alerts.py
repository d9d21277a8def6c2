"""Spend alerts of a project: mail when its costs of a month reach a threshold."""

from __future__ import annotations

import attrs

from ..._declare.decorators import delete, get, listing, post
from ..._declare.effect import Effect
from ..._declare.pagination import Paging
from ..._declare.resource import Mode, Resource
from ..._wire.models import Page
from ..common import Deleted, Order
from ..spend import (
    AlertCents,
    AlertsPerPage,
    Currency,
    Interval,
    NotificationChannelParam,
    SpendAlert,
)


@attrs.frozen(kw_only=True)
class ProjectSpendAlert(SpendAlert):
    """An alert on what one project spends in a month; thresholds in US cents.

    Attributes:
        object: ``project.spend_alert``.
    """

    object: str | None = "project.spend_alert"


class ProjectSpendAlerts(Resource[Mode], name="projects.spend_alerts"):
    """Alerts on a project's monthly spend; thresholds are in US cents."""

    @listing("/organization/projects/{project_id}/spend_alerts", paging=Paging.LAST_ID)
    def list(
        self,
        project_id: str,
        *,
        limit: AlertsPerPage = None,
        after: str | None = None,
        before: str | None = None,
        order: Order | None = None,
    ) -> Page[ProjectSpendAlert]:
        """List a project's spend alerts, the oldest first unless `order` says otherwise.

        Args:
            limit: alerts on one page, 0 to 100; the API's default is 20.
        """
        ...

    @post("/organization/projects/{project_id}/spend_alerts", Effect.ADDS)
    def create(
        self,
        project_id: str,
        *,
        threshold_amount: AlertCents,
        currency: Currency,
        interval: Interval,
        notification_channel: NotificationChannelParam,
    ) -> ProjectSpendAlert:
        """Create an alert on a project's monthly spend, in US cents.

        Args:
            threshold_amount: the threshold in whole US cents; 50000 is 500 dollars.
            currency: the threshold's currency, `USD`.
            interval: the time over which spend is added up, `month`.
            notification_channel: who is notified: `type` (`email`), `recipients` (addresses) and
                perhaps a `subject_prefix`.

        Raises:
            BadRequestError: the project is archived.
        """
        ...

    @get("/organization/projects/{project_id}/spend_alerts/{alert_id}")
    def retrieve(self, project_id: str, alert_id: str) -> ProjectSpendAlert:
        """Retrieve a spend alert of a project.

        Args:
            alert_id: the alert's id.
        """
        ...

    @post("/organization/projects/{project_id}/spend_alerts/{alert_id}", Effect.OVERWRITES)
    def update(
        self,
        project_id: str,
        alert_id: str,
        *,
        threshold_amount: AlertCents,
        currency: Currency,
        interval: Interval,
        notification_channel: NotificationChannelParam,
    ) -> ProjectSpendAlert:
        """Replace all settings of a spend alert of a project.

        Args:
            alert_id: the alert's id.
            threshold_amount: the threshold in whole US cents; 50000 is 500 dollars.
            currency: the threshold's currency, `USD`.
            interval: the time over which spend is added up, `month`.
            notification_channel: who is notified: `type` (`email`), `recipients` (addresses) and
                perhaps a `subject_prefix`.

        Raises:
            BadRequestError: the project is archived.
        """
        ...

    @delete("/organization/projects/{project_id}/spend_alerts/{alert_id}")
    def delete(self, project_id: str, alert_id: str) -> Deleted:
        """Delete a spend alert of a project.

        Args:
            alert_id: the alert's id.

        Raises:
            BadRequestError: the project is archived.
        """
        ...
