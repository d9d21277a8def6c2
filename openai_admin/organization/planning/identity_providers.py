"""Providers of workload identities: registered, changed, deleted with the rules that they have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..document.model import NONE, IdentityProvider
from .comparing import changed, compare_things
from .context import Planning
from .federation_rules import SECTION as RULES
from .federation_rules import remove_rule
from .matching import Pair
from .model import FieldChange, From

_SECTION = "identity_providers"
_PLAIN = ("issuer", "audience", "description", "enabled")
_FIELDS = (*_PLAIN, "transformations", "discovery_url", "jwks")


def plan_identity_providers(planning: Planning) -> None:
    """Plan the identity providers; their rules are planned after the projects' accounts."""

    def create(pair: Pair[IdentityProvider], notes: list[str]) -> From | None:
        changes = _changes(planning, pair)
        if changes is None:
            return None
        return planning.add(
            _SECTION,
            "create",
            pair.label,
            "workload_identity_providers.create",
            {"type": "oidc", **_arguments(changes)},
            changes=changes,
            notes=notes,
        )

    def change(pair: Pair[IdentityProvider]) -> None:
        changes = _changes(planning, pair)
        if not changes or pair.there is None or pair.there.id is None:
            return
        planning.add(
            _SECTION,
            "change",
            pair.label,
            "workload_identity_providers.update",
            {"workload_identity_provider_id": pair.there.id, **_arguments(changes)},
            changes=changes,
        )

    def remove(pair: Pair[IdentityProvider]) -> None:
        there = pair.there
        if there is None or there.id is None:
            return
        if there.rules is None:
            reason = "its federation rules, which go first, could not be read"
            planning.untouched(_SECTION, pair.label, "not_known", reason)
            return
        needs = [
            remove_rule(planning, pair.label, there.id, Pair(label=label, there=rule))
            for label, rule in there.rules.items()
        ]
        if None in needs:  # one that is kept keeps its provider
            reason = f"it has a federation rule that stays; see `{RULES}`"
            planning.untouched(_SECTION, pair.label, "protected", reason)
            return
        planning.add(
            _SECTION,
            "remove",
            pair.label,
            "workload_identity_providers.delete",
            {"workload_identity_provider_id": there.id},
            changes=[FieldChange(field="issuer", old=there.issuer)],
            needs=needs,
            gone=there.id,
        )

    compare_things(
        planning, "identity_providers", _SECTION, create=create, change=change, remove=remove
    )


def _changes(planning: Planning, pair: Pair[IdentityProvider]) -> list[FieldChange] | None:
    """What differs of a provider; ``None`` where what is wanted is not possible."""
    wanted, there = pair.wanted, pair.there
    if wanted is None:
        return None
    if wanted.jwks is not None and wanted.discovery_url not in (None, NONE):
        reason = "Either `discovery_url` or `jwks` says where the keys come from, not both."
        planning.impossible(_SECTION, pair.label, reason)
        return None
    changes = changed(there, wanted, _FIELDS)
    if there is not None and there.jwks is not None and wanted.discovery_url == NONE:
        # There is no address now either: what changes is that keys are looked for.
        changes.append(FieldChange(field="jwks", old=there.jwks))
    if pair.name != pair.old_name:
        changes.insert(0, FieldChange(field="name", old=pair.old_name, new=pair.name))
    return changes


def _arguments(changes: list[FieldChange]) -> Mapping[str, Any]:
    """The arguments that make changes."""
    arguments: dict[str, Any] = {}
    for change in changes:
        match change.field:
            case "transformations":
                arguments["attribute_transformations"] = [
                    {"attribute": name, "expression": expression}
                    for name, expression in change.new.items()
                ]
            case "jwks" if change.new is not None:
                arguments["verification"] = {"type": "uploaded_jwks", "jwks": change.new}
            case "discovery_url" | "jwks":
                arguments["verification"] = {"type": "discovery", "discovery_url": change.new}
            case field:
                arguments[field] = change.new
    return arguments
