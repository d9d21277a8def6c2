"""Identity providers with their federation rules, as the file says them."""

from __future__ import annotations

from typing import Any, Literal

import attrs

from ..._wire.models import as_told
from ...resources.workload_identity_providers import (
    DiscoveryVerification,
    UploadedJwksVerification,
    WorkloadIdentityProvider,
)
from ...resources.workload_identity_providers.federation_rules import (
    FederationRule as ListedRule,
)
from ...resources.workload_identity_providers.federation_rules import (
    MatcherValue,
    RestrictedPermissions,
    ServiceAccountDefaultPermissions,
)
from ..document import model
from . import parts
from .answers import Answers
from .gaps import Gaps
from .labels import in_order, labels_of
from .names import Names
from .told import Told

_RULES = "identity_providers.rules"


@attrs.frozen
class Identity:
    """Makes the identity providers of what came.

    Attributes:
        answers: what came.
        names: what everything is called.
        gaps: is told what cannot be said.
    """

    answers: Answers
    names: Names
    gaps: Gaps

    def providers(self) -> dict[str, model.IdentityProvider] | None:
        """The providers by label; ``None`` where they are not known."""
        listed = self.answers.providers
        if listed is None:
            return None
        labels = labels_of(listed)
        made = {labels[one.id]: self._provider(one, labels[one.id]) for one in listed}
        return in_order({label: one for label, one in made.items() if one is not None})

    def _provider(self, of: WorkloadIdentityProvider, label: str) -> model.IdentityProvider | None:
        if of.issuer is None or of.audience is None:
            reason = f"the API does not say who issues tokens of {of.id}, or for whom"
            self.gaps.lack("identity providers", reason)
            return None
        told = Told(of, self.gaps, "identity_providers", f"the provider {label}", (of.id,))
        address, keys = _verification(of, told)
        return model.IdentityProvider(
            id=of.id,
            name=told.name(label),
            issuer=of.issuer,
            audience=of.audience,
            description=told.nullable("description"),
            enabled=told.field("enabled"),
            transformations=_transformations(told),
            discovery_url=address,
            jwks=keys,
            rules=self._rules(of.id),
        )

    def _rules(self, provider_id: str) -> dict[str, model.FederationRule] | None:
        listed = self.answers.rules.get(provider_id)
        if listed is None:
            return None
        labels = labels_of(listed)
        made = {labels[rule.id]: self._rule(rule, labels[rule.id], provider_id) for rule in listed}
        return in_order({label: rule for label, rule in made.items() if rule is not None})

    def _rule(self, of: ListedRule, label: str, provider_id: str) -> model.FederationRule | None:
        attributes, permissions = _matchers(of), _permissions(of.permissions)
        if (
            not (of.project_id and of.service_account_id)
            or attributes is None
            or permissions is None
        ):
            reason = f"the API does not say in words that are known what the rule {of.id} permits"
            self.gaps.lack("federation rules", reason, provider_id)
            return None
        told = Told(of, self.gaps, _RULES, f"the rule {label}", (of.id,), provider_id)
        return model.FederationRule(
            id=of.id,
            name=told.name(label),
            project=self.names.project(of.project_id),
            service_account=self._account(of.project_id, of.service_account_id),
            attributes=in_order(attributes),
            permissions=permissions,
            description=told.nullable("description"),
            enabled=told.field("enabled"),
        )

    def _account(self, project_id: str, id: str) -> str:
        """The label of a service account; its id where the project's are not known."""
        listed = self.answers.part(parts.ACCOUNTS, project_id)
        return labels_of(listed or self.answers.accounts.get(project_id)).get(id, id)


def _permissions(told: Any) -> Literal["service_account_default"] | tuple[str, ...] | None:
    if isinstance(told, ServiceAccountDefaultPermissions):
        return "service_account_default"
    scopes = as_told(told, "scopes") if isinstance(told, RestrictedPermissions) else None
    return None if scopes is None else tuple(sorted(set(scopes)))


def _matchers(of: ListedRule) -> dict[str, Any] | None:
    found: dict[str, Any] | None = as_told(of, "attribute_matchers")
    is_known = all(isinstance(value, MatcherValue) for value in (found or {}).values())
    return found if is_known else None


def _transformations(told: Told) -> dict[str, str] | None:
    listed = told.field("attribute_transformations", "transformations")
    if listed is None:
        return None
    if any(None in (one.attribute, one.expression) for one in listed):
        told.lack("transformations")
        return None
    return in_order({one.attribute: one.expression for one in listed})


def _verification(of: WorkloadIdentityProvider, told: Told) -> tuple[str | None, Any]:
    """Where the keys come from: the address, or the keys themselves."""
    where = of.verification
    if isinstance(where, UploadedJwksVerification) and where.jwks is not None:
        return None, where.jwks
    if isinstance(where, DiscoveryVerification) and not where.is_unread("discovery_url"):
        return where.discovery_url, None
    told.lack("discovery_url", "jwks")
    return None, None
