"""Limits and alerts of spend in dollars, as the file says them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from ..._wire.models import as_told
from ...resources.spend import SpendAlert, SpendLimit, Threshold
from ..document import model
from .gaps import Gaps


def limit(
    found: Sequence[SpendLimit] | None, kind: str, gaps: Gaps, of: str | None = None
) -> Decimal | model.Absent | None:
    """A spend limit; ``None`` where it is not known.

    Args:
        found: the limit, in a list that is empty where there is none.
        kind: what it is, in words.
        gaps: is told where it cannot be said in dollars.
        of: the id of the project that it is of.
    """
    if found is None:
        return None
    if not found:
        return model.NONE
    dollars = _dollars(found[0])
    if dollars is None:
        gaps.lack(kind, "the limit is not a number of US dollars a month", of)
    return dollars


def alerts(
    found: Iterable[SpendAlert] | None, kind: str, gaps: Gaps, of: str | None = None
) -> tuple[model.SpendAlert, ...] | None:
    """Spend alerts in the order of amounts; ``None`` where they are not known."""
    if found is None:
        return None
    made: list[model.SpendAlert] = []
    for alert in found:
        dollars, channel = _dollars(alert), alert.notification_channel
        emails = None if channel is None else as_told(channel, "recipients")
        if (
            dollars is None
            or channel is None
            or emails is None
            or as_told(channel, "type") != "email"
            or (channel.subject_prefix is None and channel.is_unread("subject_prefix"))
        ):
            gaps.lack(kind, f"the alert {alert.id} is not an e-mail at US dollars a month", of)
            continue
        made.append(
            model.SpendAlert(
                id=alert.id,
                amount=dollars,
                emails=tuple(sorted(set(emails))),
                subject_prefix=channel.subject_prefix,
            )
        )
    return tuple(sorted(made, key=_order))


def _order(alert: model.SpendAlert) -> tuple[Decimal, tuple[str, ...], str, str]:
    return alert.amount, alert.emails, alert.subject_prefix or "", alert.id or ""


def _dollars(threshold: Threshold) -> Decimal | None:
    """A threshold in dollars, without digits that say nothing; ``None`` where it is not that."""
    dollars = threshold.threshold_dollars
    currency = as_told(threshold, "currency") or ""
    is_usual = currency.upper() == "USD" and as_told(threshold, "interval") == "month"
    if dollars is None or not is_usual:
        return None
    return dollars.to_integral_value() if dollars == dollars.to_integral_value() else dollars
