"""What spend alerts and spend limits share, of the organization and of its projects.

Thresholds are whole US cents: ``50_000`` is 500 dollars. Costs (`usage.costs`) are in dollars.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Literal, TypedDict

import attrs
from annotated_types import Ge, Le

from .._wire.models import Entity

AlertCents = Annotated[int, Ge(0)]
"""An alert's threshold in whole US cents: 0 or more, by the API's description."""

LimitCents = Annotated[int, Ge(1)]
"""A limit's threshold in whole US cents: 1 or more, by the API's description."""

AlertsPerPage = Annotated[int | None, Ge(0), Le(100)]
"""Alerts on one page: 0 to 100, by the API's description."""

Currency = Literal["USD"]
"""The one currency of thresholds."""

Interval = Literal["month"]
"""The one interval over which spend is added up: a calendar month."""


class _Recipients(TypedDict):
    """The part of a channel that is needed; private, since `NotificationChannelParam` has it."""

    type: Literal["email"]
    recipients: Iterable[str]


class NotificationChannelParam(_Recipients, total=False):
    """Who is notified when an alert's threshold is reached.

    Attributes:
        type: `email`.
        recipients: e-mail addresses.
        subject_prefix: what the subject of each mail begins with.
    """

    subject_prefix: str | None


@attrs.frozen(kw_only=True)
class NotificationChannel(Entity):
    """Who is notified when an alert's threshold is reached.

    Attributes:
        type: how they are notified: by e-mail.
        recipients: their e-mail addresses.
        subject_prefix: what the subject of each mail begins with.
    """

    type: Literal["email"] | str | None = "email"
    recipients: list[str] | None = attrs.field(factory=list)
    subject_prefix: str | None = None


@attrs.frozen(kw_only=True)
class Threshold(Entity):
    """An amount of money within an interval.

    Attributes:
        threshold_amount: the amount, in whole US cents.
        currency: the amount's currency, ``USD``.
        interval: the time over which spend is added up, a calendar ``month``.
    """

    threshold_amount: int | None = None
    currency: Currency | str | None = "USD"
    interval: Interval | str | None = "month"

    @property
    def threshold_dollars(self) -> Decimal | None:
        """The threshold in dollars, the unit of costs; ``None`` where it is not known."""
        if self.threshold_amount is None:
            return None
        return Decimal(self.threshold_amount).scaleb(-2)


@attrs.frozen(kw_only=True)
class SpendAlert(Threshold):
    """A threshold of monthly spend at which people are notified. Nothing is stopped.

    Attributes:
        id: its id.
        threshold_amount: the threshold, in whole US cents.
        currency: the threshold's currency, ``USD``.
        interval: the time over which spend is added up, a calendar ``month``.
        notification_channel: who is notified, and how.
    """

    id: str
    notification_channel: NotificationChannel | None = None


@attrs.frozen(kw_only=True)
class Enforcement(Entity):
    """Whether a limit stops requests at present.

    Attributes:
        status: ``enforcing`` once this month's spend has reached the limit, else ``inactive``.
    """

    status: Literal["inactive", "enforcing"] | str | None = None


@attrs.frozen(kw_only=True)
class SpendLimit(Threshold):
    """A threshold of monthly spend above which requests are refused.

    Attributes:
        threshold_amount: the limit, in whole US cents.
        currency: the limit's currency, ``USD``.
        interval: the time over which spend is added up, a calendar ``month``.
        enforcement: whether it stops requests at present.
    """

    enforcement: Enforcement | None = None
