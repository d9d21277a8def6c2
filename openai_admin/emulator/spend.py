"""Spend alerts and limits, of the organization and of its projects: handlers of both scopes."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

import attrs

from ..resources.spend import NotificationChannelParam
from .listing import Limit, after_last_id, page
from .metering.shape import DAY
from .objects import check_members
from .replies import EmulatedError, invalid
from .routing import Call
from .rules import active_project, integer_of, name_of
from .store import Store
from .table import Record, Table, public

MAX_CENTS = 2**53 - 1
"""The largest threshold: beyond it JSON numbers are no longer exact everywhere."""

_ALERTS_PER_PAGE = Limit(default=20, maximum=100, minimum=0)
_ADDRESS = re.compile(r"[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+")


@attrs.frozen
class _Scope:
    """The organization, or one project of it, as the path of a call names it."""

    store: Store
    project: Record | None

    @classmethod
    def read(cls, call: Call) -> _Scope:
        """The scope of a call that changes nothing."""
        id = call.path.get("project_id")
        return cls(call.store, None if id is None else call.store.projects.get(id))

    @classmethod
    def changed(cls, call: Call) -> _Scope:
        """The scope of a change, which an archived project refuses."""
        return cls(call.store, active_project(call) if "project_id" in call.path else None)

    @property
    def name(self) -> str:
        return "organization" if self.project is None else "project"

    @property
    def alerts(self) -> Table:
        if self.project is None:
            return self.store.spend_alerts
        return self.store.project_spend_alerts[self.project["id"]]

    @property
    def limit_key(self) -> tuple[str, ...]:
        return ("spend_limit",) if self.project is None else ("spend_limit", self.project["id"])

    def limit(self) -> Record:
        """What is stored of the limit, or the API's 404."""
        limit = self.store.settings.get(self.limit_key)
        if limit is None:
            whose = "The organization" if self.project is None else f"Project {self.project['id']}"
            raise EmulatedError(404, f"{whose} has no spend limit.", code="not_found")
        return limit

    def audit(self, call: Call, changes: Record) -> None:
        """Record a change as one of the organization or the project.

        The API has no event types of its own for alerts and limits.
        """
        id = self.store.organization["id"] if self.project is None else self.project["id"]
        event = {"id": id, "changes_requested": changes}
        call.audit(f"{self.name}.updated", event, project=self.project)


def list_alerts(call: Call) -> Record:
    """The alerts of the scope."""
    return after_last_id(page(call.query, _Scope.read(call).alerts, limit=_ALERTS_PER_PAGE))


def create_alert(call: Call) -> Record:
    """Add an alert."""
    scope = _Scope.changed(call)
    alert = add_alert(call.store, scope.project, _alert_settings(call))
    scope.audit(call, {"spend_alert": public(alert)})
    return public(alert)


def retrieve_alert(call: Call) -> Record:
    """One alert."""
    return public(_Scope.read(call).alerts.get(call.path["alert_id"]))


def update_alert(call: Call) -> Record:
    """Replace the settings of an alert."""
    scope = _Scope.changed(call)
    id = scope.alerts.get(call.path["alert_id"])["id"]
    alert = scope.alerts.update(id, _alert_settings(call))
    scope.audit(call, {"spend_alert": public(alert)})
    return public(alert)


def delete_alert(call: Call) -> Record:
    """Remove an alert."""
    scope = _Scope.changed(call)
    id = scope.alerts.remove(call.path["alert_id"])["id"]
    answer = {"object": f"{scope.name}.spend_alert.deleted", "id": id, "deleted": True}
    scope.audit(call, {"spend_alert": answer})
    return answer


def retrieve_limit(call: Call) -> Record:
    """The limit, with what it does at present."""
    scope = _Scope.read(call)
    return _with_enforcement(scope, scope.limit())


def update_limit(call: Call) -> Record:
    """Set the limit, whether or not there is one."""
    scope = _Scope.changed(call)
    amount = integer_of(call.body, "threshold_amount", minimum=1, maximum=MAX_CENTS)
    limit = set_limit(call.store, scope.project, amount)
    scope.audit(call, {"spend_limit": limit})
    return _with_enforcement(scope, limit)


def delete_limit(call: Call) -> Record:
    """Remove the limit."""
    scope = _Scope.changed(call)
    scope.limit()
    del call.store.settings[scope.limit_key]
    scope.audit(call, {"spend_limit": None})
    return {"object": f"{scope.name}.spend_limit.deleted", "deleted": True}


def add_alert(store: Store, project: Record | None, settings: Record) -> Record:
    """Add an alert with these settings to the organization or a project."""
    scope = _Scope(store, project)
    id = store.new_id("spend_alert")
    return scope.alerts.add({"object": f"{scope.name}.spend_alert", "id": id, **settings})


def set_limit(store: Store, project: Record | None, cents: int | None) -> Record:
    """Set the monthly limit of the organization or a project."""
    scope = _Scope(store, project)
    limit = {
        "object": f"{scope.name}.spend_limit",
        "threshold_amount": cents,
        "currency": "USD",
        "interval": "month",
    }
    store.settings[scope.limit_key] = limit
    return limit


def alert_settings(cents: int | None, recipients: list[str], prefix: str | None = None) -> Record:
    """The settings of a monthly alert by e-mail."""
    return {
        "threshold_amount": cents,
        "currency": "USD",
        "interval": "month",
        "notification_channel": {
            "type": "email",
            "recipients": recipients,
            "subject_prefix": prefix,
        },
    }


def spent_this_month(store: Store, project_id: str | None = None) -> Decimal:
    """What the organization or a project has spent since the month began (UTC), in dollars."""
    if store.meter is None:
        return Decimal(0)
    now = store.now()
    begin = datetime.fromtimestamp(now, UTC).replace(day=1, hour=0, minute=0, second=0)
    days = range(int(begin.timestamp()) // DAY, now // DAY + 1)
    filters = {} if project_id is None else {"project_id": [project_id]}
    rows = store.meter.costs(days, filters=filters, now=now)
    return sum((row["amount"]["value"] for day in rows for row in day), Decimal(0))


def _with_enforcement(scope: _Scope, limit: Record) -> Record:
    id = None if scope.project is None else scope.project["id"]
    over = spent_this_month(scope.store, id) * 100 >= limit["threshold_amount"]
    return {**limit, "enforcement": {"status": "enforcing" if over else "inactive"}}


def _alert_settings(call: Call) -> Record:
    amount = integer_of(call.body, "threshold_amount", minimum=0, maximum=MAX_CENTS)
    channel = call.body["notification_channel"]
    check_members("notification_channel", channel, NotificationChannelParam)
    if not channel["recipients"]:
        raise invalid("notification_channel.recipients", "expected at least one e-mail address.")
    for index, recipient in enumerate(channel["recipients"]):
        if not _ADDRESS.fullmatch(recipient):
            param = f"notification_channel.recipients[{index}]"
            raise invalid(param, "expected an e-mail address.")
    prefix = name_of(channel, "subject_prefix") if channel.get("subject_prefix") else None
    return alert_settings(amount, channel["recipients"], prefix)
