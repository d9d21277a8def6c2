"""Federation rules: which tokens of an identity provider may act as which service account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import attrs

from ..._declare.arguments import shown
from ..document.model import NONE, FederationRule, IdentityProvider, Project
from .comparing import compare_things
from .context import Id, InProject, Place, Planning
from .matching import Pair
from .model import FieldChange, From

SECTION = "identity_providers.rules"
_PROVIDERS: Literal["identity_providers"] = "identity_providers"
_OPERATIONS = "workload_identity_providers.federation_rules."


@attrs.frozen(kw_only=True)
class _Target:
    """Whom a rule lets act as: what cannot be changed of it."""

    project: Id | None
    account: Id | None


def plan_federation_rules(planning: Planning) -> None:
    """Plan the federation rules of all identity providers."""
    if planning.wanted.identity_providers is None or not planning.is_planned(SECTION):
        return
    for pair in planning.things(_PROVIDERS).pairs:
        id = planning.id_of(_PROVIDERS, pair)
        if pair.wanted is None or pair.wanted.rules is None or id is None:
            continue
        is_new = pair.there is None
        there = attrs.evolve(pair.wanted, rules={}) if pair.there is None else pair.there
        _plan(
            planning,
            Place(
                label=pair.label,
                id=id,
                wanted=pair.wanted,
                there=there,
                is_new=is_new,
                section=_PROVIDERS,
            ),
        )


def remove_rule(
    planning: Planning, provider: str, provider_id: Id, pair: Pair[FederationRule]
) -> From | None:
    """Add the step that deletes a rule.

    Args:
        planning: the plan in the making.
        provider: the label of its provider.
        provider_id: its provider's id.
        pair: the rule.
    """
    there = pair.there
    if there is None or there.id is None:
        return None
    return planning.add(
        SECTION,
        "remove",
        pair.label,
        _OPERATIONS + "delete",
        {
            "workload_identity_provider_id": provider_id,
            "workload_identity_federation_rule_id": there.id,
        },
        part=provider,
        changes=[
            FieldChange(field="project", old=there.project),
            FieldChange(field="service_account", old=there.service_account),
        ],
        # Before accounts are removed, since rules go with the account that they stand for.
        timing="lessen",
        gone=there.id,
        touches=_touched(planning, there),
    )


def _plan(planning: Planning, place: Place[IdentityProvider]) -> None:
    def create(pair: Pair[FederationRule], notes: list[str]) -> From | None:
        target = _wanted_target(planning, pair)
        return None if target is None else _create(planning, place, pair, target, notes=notes)

    def change(pair: Pair[FederationRule]) -> None:
        target = _wanted_target(planning, pair)
        if target is None or pair.there is None:
            return
        if target != _target_there(planning, pair.there):
            removed = remove_rule(planning, place.label, place.id, pair)
            if removed is not None:
                note = "A rule cannot be given to another service account: it is made anew."
                _create(planning, place, pair, target, notes=[note], needs=[removed])
        else:
            _change(planning, place, pair)

    def remove(pair: Pair[FederationRule]) -> None:
        remove_rule(planning, place.label, place.id, pair)

    compare_things(
        planning, "rules", SECTION, create=create, change=change, remove=remove, place=place
    )


def _create(
    planning: Planning,
    place: Place[IdentityProvider],
    pair: Pair[FederationRule],
    target: _Target,
    *,
    notes: list[str],
    needs: list[From] | None = None,
) -> From | None:
    if pair.wanted is None:
        return None
    if not pair.wanted.attributes:
        _refuse_for_all(planning, place, pair, pair.wanted)
        return None
    changes = _changes(pair.wanted, None)
    return planning.add(
        SECTION,
        "create",
        pair.label,
        _OPERATIONS + "create",
        {
            "workload_identity_provider_id": place.id,
            "project_id": target.project,
            "service_account_id": target.account,
            "name": pair.name,
            **_arguments([each for each in changes if each.new is not None]),
        },
        part=place.label,
        changes=[
            FieldChange(field="name", new=pair.name),
            FieldChange(field="project", new=pair.wanted.project),
            FieldChange(field="service_account", new=pair.wanted.service_account),
            *changes,
        ],
        needs=needs or (),
        notes=notes,
    )


def _change(planning: Planning, place: Place[IdentityProvider], pair: Pair[FederationRule]) -> None:
    wanted, there = pair.wanted, pair.there
    if wanted is None or there is None:
        return
    changes = _changes(wanted, there)
    if not wanted.attributes and any(each.field == "attributes" for each in changes):
        _refuse_for_all(planning, place, pair, wanted)
        return
    if pair.name != pair.old_name:
        changes.insert(0, FieldChange(field="name", old=pair.old_name, new=pair.name))
    if changes:
        planning.add(
            SECTION,
            "change",
            pair.label,
            _OPERATIONS + "update",
            {
                "workload_identity_provider_id": place.id,
                "workload_identity_federation_rule_id": there.id,
                **_arguments(changes),
            },
            part=place.label,
            changes=changes,
            touches=_touched(planning, there),
        )


def _refuse_for_all(
    planning: Planning,
    place: Place[IdentityProvider],
    pair: Pair[FederationRule],
    rule: FederationRule,
) -> None:
    """Refuse to let everybody in; a rule that does so already stays as it is."""
    reason = (
        f"Without `attributes`, every token of {place.wanted.issuer} could be used as the service"
        f" account {shown(rule.service_account)}: name at least one that a token must have."
    )
    planning.impossible(SECTION, pair.label, reason, named="attributes")


def _wanted_target(planning: Planning, pair: Pair[FederationRule]) -> _Target | None:
    """What a rule of the file is to stand for; ``None`` where that is not possible, which is said.

    A service account may be one that the plan makes.
    """
    rule = pair.wanted
    if rule is None or not planning.is_known(SECTION, planning.there.projects):
        return None
    if rule.project in _archived(planning):
        reason = f"The project {shown(rule.project)} is archived by the file: take the rule out."
        planning.impossible(SECTION, pair.label, reason, named=rule.project)
        return None
    project = planning.reference("projects", rule.project, section=SECTION, subject=pair.label)
    if project is None:
        return None
    place = _place_of(planning, project)
    if place is None:
        return None
    if place.there.service_accounts is None:
        reason = f"the service accounts of {place.label} could not be read"
        planning.untouched(SECTION, pair.label, "not_known", reason)
        return None
    account = planning.reference(
        "service_accounts", rule.service_account, section=SECTION, subject=pair.label, place=place
    )
    return None if account is None else _Target(project=project, account=account)


def _archived(planning: Planning) -> set[str]:
    """What projects may be called that the file archives."""
    found = {label for label, p in (planning.wanted.projects or {}).items() if p.archived}
    for pair in planning.things("projects").pairs:
        if pair.wanted is not None and pair.wanted.archived and pair.there is not None:
            found |= {each for each in (pair.label, pair.name, pair.there.id) if each is not None}
    return found


def rules_for(planning: Planning, project: str, account: str | None = None) -> list[str]:
    """The labels of the rules, as they are, that stand for accounts of a project.

    Args:
        planning: the plan in the making.
        project: the project's label.
        account: what the state calls the one account that is meant.
    """
    projects = planning.things("projects").there
    return [
        label
        for provider in (planning.there.identity_providers or {}).values()
        for label, rule in (provider.rules or {}).items()
        if account in (None, rule.service_account)
        and rule.project in projects
        and projects[rule.project].label == project
    ]


def _place_of(planning: Planning, id: Id) -> InProject | None:
    """A project by its id: as it is planned, else as it is."""
    planned = next((each for each in planning.projects if each.id == id), None)
    if planned is not None:
        return planned
    return next(
        (
            Place(label=pair.label, id=id, wanted=Project(), there=pair.there)
            for pair in planning.things("projects").pairs
            if pair.there is not None and pair.there.id == id
        ),
        None,
    )


def _target_there(planning: Planning, rule: FederationRule) -> _Target:
    """What a rule stands for, by ids; labels where what there is has no such thing any more."""
    project = (planning.there.projects or {}).get(rule.project)
    account = (project.service_accounts or {}).get(rule.service_account) if project else None
    return _Target(
        project=(project and project.id) or rule.project,
        account=(account and account.id) or rule.service_account,
    )


def _touched(planning: Planning, rule: FederationRule) -> Mapping[str, Any]:
    target = _target_there(planning, rule)
    return {"project_id": target.project, "service_account_id": target.account}


def _changes(wanted: FederationRule, there: FederationRule | None) -> list[FieldChange]:
    changes = []
    for field in ("attributes", "permissions", "description", "enabled"):
        new, old = getattr(wanted, field), getattr(there, field, None)
        if new is None or _plain(new) == _plain(old):
            continue
        changes.append(FieldChange(field=field, old=old, new=None if new == NONE else new))
    return changes


def _plain(value: Any) -> Any:
    """A value to be compared: scopes in any order; yes is not 1."""
    if isinstance(value, tuple):
        return frozenset(value)
    if isinstance(value, Mapping):
        return {name: (isinstance(each, bool), each) for name, each in value.items()}
    return None if value == NONE else value


def _arguments(changes: list[FieldChange]) -> Mapping[str, Any]:
    """The arguments that make changes."""
    arguments: dict[str, Any] = {}
    for change in changes:
        match change.field:
            case "attributes":
                arguments["attribute_matchers"] = {**change.new}
            case "permissions" if isinstance(change.new, str):
                arguments["permissions"] = {"type": change.new}
            case "permissions":
                arguments["permissions"] = {"type": "restricted", "scopes": [*change.new]}
            case field:
                arguments[field] = change.new
    return arguments
