"""Identity providers with their federation rules, as the file says them."""

from __future__ import annotations

from typing import Any, Literal

import attrs

from ...resources.workload_identity_providers import (
    DiscoveryVerification,
    UploadedJwksVerification,
    WorkloadIdentityProvider,
)
from ...resources.workload_identity_providers.federation_rules import (
    FederationRule as ListedRule,
)
from ...resources.workload_identity_providers.federation_rules import (
    RestrictedPermissions,
    ServiceAccountDefaultPermissions,
)
from ..document import model
from . import parts
from .answers import Answers
from .gaps import Gaps
from .labels import in_order, labels_of
from .names import Names
from .people import other_name


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
        where = of.verification
        return model.IdentityProvider(
            id=of.id,
            name=other_name(of.name, label),
            issuer=of.issuer,
            audience=of.audience,
            description=of.description,
            enabled=of.enabled,
            transformations=None
            if of.attribute_transformations is None
            else in_order(
                {
                    one.attribute: one.expression
                    for one in of.attribute_transformations
                    if one.attribute is not None and one.expression is not None
                }
            ),
            discovery_url=where.discovery_url if isinstance(where, DiscoveryVerification) else None,
            jwks=where.jwks if isinstance(where, UploadedJwksVerification) else None,
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
        permissions = _permissions(of.permissions)
        is_odd = of.permissions is not None and permissions is None
        if not of.project_id or not of.service_account_id or is_odd:
            reason = f"the API does not say in words that are known what the rule {of.id} permits"
            self.gaps.lack("federation rules", reason, provider_id)
            return None
        return model.FederationRule(
            id=of.id,
            name=other_name(of.name, label),
            project=self.names.project(of.project_id),
            service_account=self._account(of.project_id, of.service_account_id),
            attributes=in_order(of.attribute_matchers or {}),
            permissions=permissions,
            description=of.description,
            enabled=of.enabled,
        )

    def _account(self, project_id: str, id: str) -> str:
        """The label of a service account; its id where the project's are not known."""
        listed = self.answers.part(parts.ACCOUNTS, project_id)
        return labels_of(listed or self.answers.accounts.get(project_id)).get(id, id)


def _permissions(told: Any) -> Literal["service_account_default"] | tuple[str, ...] | None:
    if isinstance(told, ServiceAccountDefaultPermissions):
        return "service_account_default"
    if isinstance(told, RestrictedPermissions) and told.scopes is not None:
        return tuple(sorted(set(told.scopes)))
    return None
