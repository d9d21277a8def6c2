"""The plan of a whole file: each section in turn, what they refer to before them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import attrs

from ..._declare.operation import OPERATIONS
from ..document.model import Document
from ..state import State
from .assignments import plan_groups_roles, plan_people_roles
from .certificates import certificates, deleted_certificates, project_certificates
from .context import InProject, Planning
from .data_retention import data_retention, project_data_retention
from .external_keys import external_keys, removed_external_keys
from .external_storage import external_storage
from .federation_rules import federation_rules
from .groups import plan_group_members, plan_groups
from .identity_providers import identity_providers
from .lockout import keep_owners
from .losses import losses
from .members import plan_members
from .model import Plan, Step
from .order import ordered
from .people import plan_people
from .power import Powers
from .project_groups import plan_project_groups
from .project_settings import hosted_tools, models, service_tiers
from .projects import plan_projects
from .protecting import refuse_unknown
from .rate_limits import rate_limits
from .roles import plan_roles
from .service_accounts import service_accounts
from .spend_alerts import project_spend_alerts, spend_alerts
from .spend_limits import project_spend_limit, spend_limit
from .thresholds import exceeded

OF_ORGANIZATION: tuple[Callable[[Planning], None], ...] = (
    spend_limit,
    spend_alerts,
    data_retention,
    certificates,
    external_keys,
    plan_roles,
    plan_groups,
    plan_projects,
    plan_people,
    plan_people_roles,
    plan_group_members,
    plan_groups_roles,
)
"""What plans the sections of the organization; each after those that it refers to."""

OF_PROJECT: tuple[Callable[[Planning, InProject], None], ...] = (
    lambda planning, project: plan_roles(planning, project),
    plan_members,
    plan_project_groups,
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
    refuse_unknown(planning)
    for section in OF_ORGANIZATION:
        section(planning)
    for project in planning.projects:
        for part in OF_PROJECT:
            part(planning, project)
    for section in AFTERWARDS:
        section(planning)
    standing = planning.standing
    lost = {
        id: found
        for id, draft in planning.drafts.items()
        if (found := tuple(losses(draft.step, standing)))
    }
    keep_owners(planning, lost)
    powers = Powers(planning)
    steps = ordered(planning.drafts.values(), document.projects or ())
    return Plan(
        organization=document.organization,
        made_at=state.read_at,
        steps=tuple(_told(step, powers) for step in steps),
        impossible=planning.prevented,
        exceeded=tuple(exceeded(steps, lost, state, standing)),
        untouched=planning.left,
        not_known=state.not_known,
    )


def _told(step: Step, powers: Powers) -> Step:
    """A step with what its operation says of it."""
    return attrs.evolve(step, power=powers.of(step), is_final=OPERATIONS[step.operation].final)
