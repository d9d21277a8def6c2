"""The demo organization: a company of forty people and thirteen months of usage.

It is made from the store's seed and clock alone, so it is the same on every machine. Each module
fills the tables of one family; `populate` calls them in the order in which they need each other.
`growth` makes the same company as large as it is asked for.
"""

from __future__ import annotations

from random import Random

import attrs

from ..archive import empty
from ..store import Store
from .access import add_access
from .audit import add_audit_log
from .certificates import add_certificates
from .clouds import add_clouds
from .expected_findings import Anomaly, ExpectedFindings, Incident
from .groups import add_groups
from .growth import add_what_people_share, crowd, plans
from .incidents import tell_of_incidents
from .invites import add_invites
from .journal import Journal
from .keys import Fate, Key, add_admin_keys, add_keys, replace_keys, rotated_key, set_last_used
from .people import add_people
from .projects import add_projects
from .rate_limits import add_rate_limits
from .settings import add_settings
from .size import LARGE, Size
from .spend import add_spend
from .streams import add_meter, plan_anomaly

__all__ = ["LARGE", "Anomaly", "ExpectedFindings", "Incident", "Size", "populate"]


def populate(store: Store, size: Size | None = None) -> ExpectedFindings:
    """Fill an empty store with the demo organization, and return what there is to find in it.

    With a `size` it is that much larger, its own projects, people and keys being the same.
    """
    store.organization = {**store.organization, "name": "Northwind Robotics"}
    people = add_people(store)
    own = projects = add_projects(store, people)
    keys = (*add_keys(store, own, people), rotated_key(store, own))
    came, everybody = None, people
    if size is not None:
        came = crowd(store, size, people)
        everybody = people.with_(came)
        joined = add_projects(store, came, plans(size))
        add_what_people_share(store, joined, came)
        projects, keys = (*own, *joined), (*keys, *add_keys(store, joined, came))
    later = Random(f"{store.seed}/later")
    with store.apart(later):
        keys, newer = replace_keys(store, keys)
    anomaly = plan_anomaly(store, own)
    set_last_used(store, add_meter(store, projects, (*keys, *newer), anomaly))
    stale_admin_keys = add_admin_keys(store, people)
    add_groups(store, own, people)
    add_spend(store, projects)
    add_clouds(store, own)
    add_settings(store, own)
    expected = ExpectedFindings(
        anomaly=anomaly,
        stale_keys=_ids(keys, "stale"),
        never_used_keys=_ids(keys, "never used"),
        keys_of_former_members=_ids(keys, "owner left"),
        former_members=tuple(user["id"] for user in everybody.former),
        deleted_keys=_ids(keys, "deleted"),
        stale_admin_keys=stale_admin_keys,
        non_expiring_admin_keys=(),  # there are more of them later
        inactive_owners=(people.owners[2]["id"],),
        pending_invites=add_invites(store, own, people),
        near_limit=add_rate_limits(store, own),
        ending_certificates=add_certificates(store, own),
    )

    def add_later(journal: Journal) -> None:
        nonlocal expected
        with store.apart(later):
            add_access(journal, newer)
        with store.apart(Random(f"{store.seed}/incidents")):
            told = tell_of_incidents(journal)
        expected = attrs.evolve(
            expected,
            incidents=tuple(sorted(told.incidents, key=lambda incident: incident.at)),
            near_misses=tuple(told.near_misses),
            told_apart=tuple(told.events),
        )

    events = size.events if size else 0
    add_audit_log(store, projects, keys, people, came, later=add_later, events=events)
    for project in projects:
        if project.plan.archived is not None:
            empty(store, project.id)
    lasting = [key["id"] for key in store.admin_api_keys if key["expires_at"] is None]
    return attrs.evolve(expected, non_expiring_admin_keys=tuple(lasting))


def _ids(keys: tuple[Key, ...], fate: Fate) -> tuple[str, ...]:
    return tuple(key.id for key in keys if key.fate == fate)
