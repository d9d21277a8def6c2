"""The plan of a whole file: each section in turn, what they refer to before them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs

from ..._declare.operation import OPERATIONS
from ...errors import InvalidInputError
from ..document.model import Document
from ..state import State
from .assignments import plan_groups_roles, plan_people_roles
from .certificates import plan_certificates, plan_deleted_certificates, plan_project_certificates
from .context import InProject, Planning
from .data_retention import plan_data_retention, plan_project_data_retention
from .external_keys import plan_external_keys, plan_removed_external_keys
from .external_storage import plan_external_storage
from .federation_rules import plan_federation_rules
from .grants import Grants
from .groups import plan_group_members, plan_groups
from .identity_providers import plan_identity_providers
from .lockout import keep_owners
from .losses import losses
from .members import plan_members
from .model import From, Plan, Step
from .needed import Needed
from .order import ordered
from .people import plan_people
from .placing import Where
from .power import Powers
from .project_groups import plan_project_groups
from .project_settings import plan_hosted_tools, plan_models, plan_service_tiers
from .projects import plan_projects
from .protecting import refuse_unknown
from .rate_limits import plan_rate_limits
from .roles import plan_roles
from .service_accounts import plan_service_accounts
from .spend_alerts import plan_project_spend_alerts, plan_spend_alerts
from .spend_limits import plan_project_spend_limit, plan_spend_limit
from .thresholds import exceeded

OF_ORGANIZATION: tuple[Callable[[Planning], None], ...] = (
    plan_roles,
    plan_groups,
    plan_certificates,
    plan_external_keys,
    plan_projects,
    plan_people,
    plan_group_members,
    plan_groups_roles,
    plan_people_roles,
    plan_spend_limit,
    plan_spend_alerts,
    plan_data_retention,
)
"""What plans the sections of the organization; each after those that it refers to."""

OF_PROJECT: tuple[Callable[[Planning, InProject], None], ...] = (
    lambda planning, project: plan_roles(planning, project),
    plan_project_groups,
    plan_members,
    plan_service_accounts,
    plan_rate_limits,
    plan_project_spend_limit,
    plan_project_spend_alerts,
    plan_models,
    plan_hosted_tools,
    plan_service_tiers,
    plan_project_certificates,
    plan_external_storage,
    plan_project_data_retention,
)
"""What plans the sections of one project, likewise."""

AFTERWARDS: tuple[Callable[[Planning], None], ...] = (
    plan_identity_providers,
    plan_federation_rules,
    plan_deleted_certificates,
    plan_removed_external_keys,
)
"""What plans the sections of the organization that refer to what is in projects."""


def plan(
    document: Document,
    state: State,
    *,
    projects: Iterable[str] | None = None,
    where: Where | None = None,
) -> Plan:
    """What would make an organization as a file says; nothing is read or sent.

    Args:
        document: the file, with the defaults laid under every project.
        state: what there is; the sections that it was read for are planned.
        projects: the labels, names or ids of the projects that are planned alone.
        where: tells where something stands in the file that was read.
    """
    return plan_and_needed(document, state, projects=projects, where=where)[0]


def plan_and_needed(
    document: Document,
    state: State,
    *,
    projects: Iterable[str] | None = None,
    where: Where | None = None,
) -> tuple[Plan, Needed]:
    """Likewise, and what must be known to tell what its steps take away.

    What of that is not known counts against them.
    """
    planning = Planning(document, state, projects=projects, where=where)
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
    powers = Powers(planning, Grants(planning))
    steps = ordered(planning.drafts.values(), document.projects or ())
    for step in steps:
        _refuse_invalid(planning, step)
    made = Plan(
        organization=document.organization,
        made_at=state.read_at,
        steps=tuple(_told(step, powers) for step in steps),
        impossible=planning.prevented,
        exceeded=tuple(exceeded(steps, lost, state, standing)),
        untouched=planning.left,
        not_known=state.not_known,
    )
    return made, planning.needed


def _refuse_invalid(planning: Planning, step: Step) -> None:
    """Say of a step that the API would not take what the file has, by the operation's own rules."""
    try:
        OPERATIONS[step.operation].prepare(_with_ids(step.arguments))
    except InvalidInputError as exc:
        planning.impossible(step.section, step.subject, str(exc), project=step.project)


def _with_ids(value: Any) -> Any:
    """Arguments in which what other steps make is there already."""
    if isinstance(value, From):
        return value.step
    if isinstance(value, Mapping):
        return {name: _with_ids(each) for name, each in value.items()}
    return [_with_ids(each) for each in value] if isinstance(value, list | tuple) else value


def _told(step: Step, powers: Powers) -> Step:
    """A step with what its operation says of it."""
    power, grants = powers.of(step)
    is_final = OPERATIONS[step.operation].final
    return attrs.evolve(step, power=power, grants=grants, is_final=is_final)
