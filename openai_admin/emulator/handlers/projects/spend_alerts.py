"""Spend alerts of a project."""

from __future__ import annotations

from ....resources.projects.spend_alerts import ProjectSpendAlerts
from ...routing import emulates
from ...spend import create_alert, delete_alert, list_alerts, retrieve_alert, update_alert

emulates(ProjectSpendAlerts.list)(list_alerts)
emulates(ProjectSpendAlerts.create)(create_alert)
emulates(ProjectSpendAlerts.retrieve)(retrieve_alert)
emulates(ProjectSpendAlerts.update)(update_alert)
emulates(ProjectSpendAlerts.delete)(delete_alert)
