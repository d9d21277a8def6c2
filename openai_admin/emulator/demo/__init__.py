"""The demo organization: a company of forty people and thirteen months of usage.

It is made from the store's seed and clock alone, so it is the same on every machine. Each module
fills the tables of one family; `populate` calls them in the order in which they need each other.
"""

from __future__ import annotations

from ..archive import empty
from ..store import Store
from .audit import add_audit_log
from .certificates import add_certificates
from .clouds import add_clouds
from .expected_findings import Anomaly, ExpectedFindings
from .groups import add_groups
from .invites import add_invites
from .keys import Fate, Key, add_admin_keys, add_keys, set_last_used
from .people import add_people
from .projects import add_projects
from .rate_limits import add_rate_limits
from .settings import add_settings
from .spend import add_spend
from .streams import add_meter, plan_anomaly

__all__ = ["Anomaly", "ExpectedFindings", "populate"]


def populate(store: Store) -> ExpectedFindings:
    """Fill an empty store with the demo organization, and return what there is to find in it."""
    store.organization = {**store.organization, "name": "Northwind Robotics"}
    people = add_people(store)
    projects = add_projects(store, people)
    keys = add_keys(store, projects, people)
    anomaly = plan_anomaly(store, projects)
    set_last_used(store, add_meter(store, projects, keys, anomaly))
    stale_admin_keys = add_admin_keys(store, people)
    add_groups(store, projects, people)
    add_spend(store, projects)
    add_clouds(store, projects)
    add_settings(store, projects)
    expected = ExpectedFindings(
        anomaly=anomaly,
        stale_keys=_ids(keys, "stale"),
        never_used_keys=_ids(keys, "never used"),
        keys_of_former_members=_ids(keys, "owner left"),
        former_members=tuple(user["id"] for user in people.former),
        deleted_keys=_ids(keys, "deleted"),
        stale_admin_keys=stale_admin_keys,
        inactive_owners=(people.owners[2]["id"],),
        pending_invites=add_invites(store, projects, people),
        near_limit=add_rate_limits(store, projects),
        ending_certificates=add_certificates(store, projects),
    )
    add_audit_log(store, projects, keys, people)
    for project in projects:
        if project.plan.archived is not None:
            empty(store, project.id)
    return expected


def _ids(keys: tuple[Key, ...], fate: Fate) -> tuple[str, ...]:
    return tuple(key.id for key in keys if key.fate == fate)
