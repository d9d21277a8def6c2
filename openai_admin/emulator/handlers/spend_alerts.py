"""Spend alerts of the organization."""

from __future__ import annotations

from ...resources.spend_alerts import SpendAlerts
from ..routing import emulates
from ..spend import create_alert, delete_alert, list_alerts, retrieve_alert, update_alert

emulates(SpendAlerts.list)(list_alerts)
emulates(SpendAlerts.create)(create_alert)
emulates(SpendAlerts.retrieve)(retrieve_alert)
emulates(SpendAlerts.update)(update_alert)
emulates(SpendAlerts.delete)(delete_alert)
