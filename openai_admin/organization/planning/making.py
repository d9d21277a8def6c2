"""The plan of a whole file: each section in turn, what they refer to before them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..document.model import Document
from ..state import State
from .certificates import certificates, deleted_certificates, project_certificates
from .context import InProject, Planning
from .data_retention import data_retention, project_data_retention
from .external_keys import external_keys, removed_external_keys
from .external_storage import external_storage
from .federation_rules import federation_rules
from .identity_providers import identity_providers
from .model import Plan
from .project_settings import hosted_tools, models, service_tiers
from .rate_limits import rate_limits
from .service_accounts import service_accounts
from .spend_alerts import project_spend_alerts, spend_alerts
from .spend_limits import project_spend_limit, spend_limit

OF_ORGANIZATION: tuple[Callable[[Planning], None], ...] = (
    spend_limit,
    spend_alerts,
    data_retention,
    certificates,
    external_keys,
)
"""What plans the sections of the organization; each after those that it refers to."""

OF_PROJECT: tuple[Callable[[Planning, InProject], None], ...] = (
    service_accounts,
    rate_limits,
    project_spend_limit,
    project_spend_alerts,
    models,
    hosted_tools,
    service_tiers,
    project_certificates,
    external_storage,
    project_data_retention,
)
"""What plans the sections of one project, likewise."""

AFTERWARDS: tuple[Callable[[Planning], None], ...] = (
    identity_providers,
    federation_rules,
    deleted_certificates,
    removed_external_keys,
)
"""What plans the sections of the organization that refer to what is in projects."""


def plan(document: Document, state: State, *, projects: Iterable[str] | None = None) -> Plan:
    """What would make an organization as a file says; nothing is read or sent.

    Args:
        document: the file, with the defaults laid under every project.
        state: what there is; the sections that it was read for are planned.
        projects: the labels, names or ids of the projects that are planned alone.
    """
    planning = Planning(document, state, projects=projects)
    for section in OF_ORGANIZATION:
        section(planning)
    for project in planning.projects:
        for part in OF_PROJECT:
            part(planning, project)
    for section in AFTERWARDS:
        section(planning)
    return Plan(
        organization=document.organization,
        made_at=state.read_at,
        steps=tuple(draft.step for draft in planning.drafts.values()),
        impossible=planning.prevented,
        untouched=planning.left,
        not_known=state.not_known,
    )
