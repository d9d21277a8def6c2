"""Settings of the organization and its projects.

Near misses: an allow list that gets an office more or becomes narrower, a certificate that is
replaced (the new one active before the old one is not), a directory that is set up, a spend limit
that is lowered, alerts, titles and descriptions, federation rules for one repository each.
"""

from __future__ import annotations

from ..log import DAY, HOUR, JSON
from ..organization import Organization


def tell_of_settings(made: Organization) -> None:
    """What is changed now and then."""
    _titles(made)
    _allow_lists(made)
    _certificates(made)
    _budgets(made)
    _federation(made)


def _titles(made: Organization) -> None:
    random, log = made.random, made.log
    for at in made.times(0.5):
        changes: JSON = random.choice(
            (
                {"description": "What we do"},
                {"threads_ui_visibility": "OWNERS"},
                {"usage_dashboard_visibility": "ANY_ROLE"},
                {"api_call_logging": "enabled_per_call"},
            )
        )
        payload: JSON = {"id": made.id, "changes_requested": changes}
        log.note(at, "organization.updated", payload, by=made.at(made.owner(at), at))
    for at in made.times(1.0):
        project = random.choice(made.projects)
        payload = {"id": project["id"], "changes_requested": {"title": project["name"] + " 2"}}
        log.note(at, "project.updated", payload, by=made.program(at), project=project)
    for at in made.times(0.02):
        project = random.choice(made.projects)
        changes = {"data_retention": {"type": "zero_data_retention"}}
        payload = {"id": project["id"], "changes_requested": changes}
        by = made.at(made.owner(at), at)
        log.note(at, "project.updated", payload, by=by, project=project)
    for at in made.times(0.1):
        for delay, type in ((0, "tenant.scim.setup.started"), (HOUR, "scim.enabled")):
            by = made.at(made.owner(at), at + delay)
            log.note(at + delay, type, {"id": made.id}, by=by)


def _allow_lists(made: Organization) -> None:
    random, log = made.random, made.log
    ips = ["203.0.113.0/24"]
    named = {"id": "ipallow-1", "name": "Offices"}
    at = float(made.working(1))
    log.note(at, "ip_allowlist.created", {**named, "allowed_ips": list(ips)}, by=_owner(made, at))
    payload: JSON = {"configs": [named]}
    log.note(at + 60, "ip_allowlist.config.activated", payload, by=_owner(made, at + 60))
    for at in made.times(0.5, first=3):
        if random.random() < 0.3 and len(ips) > 1:
            ips.pop()
        else:
            ips.append(f"198.51.{random.randrange(256)}.0/{random.choice((24, 28, 32))}")
        payload = {"id": "ipallow-1", "allowed_ips": list(ips)}
        log.note(at, "ip_allowlist.updated", payload, by=_owner(made, at))


def _certificates(made: Organization) -> None:
    """Each is replaced before it ends: the next is active a day before the last is not."""
    random, log = made.random, made.log
    scopes: tuple[JSON | None, ...] = (None, made.projects[0], made.projects[1])
    for scope in scopes:
        old = {"id": made.new_id("cert_"), "name": "egress"}
        if random.random() < 0.6:
            at = float(made.working(2))
            by = _owner(made, at)
            log.note(at, "certificate.created", old, by=by, project=scope)
            payload = {"certificates": [old]}
            log.note(at + 60, "certificates.activated", payload, by=by, project=scope)
        if random.random() < 0.4:
            at = float(made.working(random.randrange(5, made.days - 3)))
            new, by = {"id": made.new_id("cert_"), "name": "egress-2"}, _owner(made, at)
            log.note(at, "certificate.created", new, by=by, project=scope)
            payload = {"certificates": [new]}
            log.note(at + 300, "certificates.activated", payload, by=by, project=scope)
            payload = {"certificates": [old]}
            later = at + random.choice((600, DAY))
            by = _owner(made, later)
            log.note(later, "certificates.deactivated", payload, by=by, project=scope)
            log.note(later + 90, "certificate.deleted", {**old, "certificate": "…"}, by=by)


def _budgets(made: Organization) -> None:
    random, log = made.random, made.log
    for number, (id, cents) in enumerate(made.budgets.items()):
        at = float(made.start + 3 * HOUR + number * 60)
        tell_of_budget(made, at, id, cents, by=_owner(made, at))
    for at in made.times(0.25, first=2):
        id = random.choice(list(made.budgets))
        # Lowered, or raised a little, as budgets are.
        factor = random.choices((0.5, 0.8, 1.15), (40, 40, 20))[0]
        made.budgets[id] = int(made.budgets[id] * factor)
        tell_of_budget(made, at, id, made.budgets[id], by=_owner(made, at))
    for at in made.times(0.4):
        alert = {"id": made.new_id("alert_"), "threshold_amount": 9_000, "currency": "USD"}
        payload = {"id": made.id, "changes_requested": {"spend_alert": alert}}
        log.note(at, "organization.updated", payload, by=_owner(made, at))


def tell_of_budget(made: Organization, at: float, id: str, cents: int | None, *, by: JSON) -> str:
    """A spend limit of the organization or a project is set, or removed; the event's id."""
    limit = None
    if cents is not None:
        limit = {"interval": "month", "currency": "USD", "threshold_amount": cents}
    payload = {"id": id, "changes_requested": {"spend_limit": limit}}
    if id == made.id:
        return made.log.note(at, "organization.updated", payload, by=by)
    project = next(p for p in made.projects if p["id"] == id)
    return made.log.note(at, "project.updated", payload, by=by, project=project)


def _federation(made: Organization) -> None:
    random, log = made.random, made.log
    for at in made.times(0.4):
        project = random.choice(made.projects)
        repository = f"acme/{project['name']}"
        matchers = {"repository": repository, "sub": f"repo:{repository}:ref:refs/heads/main"}
        data = {
            "name": random.choice(("CI", "CI * all branches", "Deploy")),
            "attribute_matchers": matchers,
            "project_id": project["id"],
            "service_account_id": made.new_id("svc_acct_"),
        }
        payload = {"id": made.new_id("map_"), "identity_provider_id": "idp_1", "data": data}
        type = "workload_identity_provider_mapping.created"
        log.note(at, type, payload, by=made.program(at), project=project)


def _owner(made: Organization, at: float) -> JSON:
    return made.at(made.owner(at), at)
