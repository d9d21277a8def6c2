"""Federation rules: which tokens of a provider stand for which service account."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, TypedDict

import attrs

from ..._declare.arguments import Ruled
from ..._declare.decorators import delete, get, listing, post
from ..._declare.effect import Effect, always, when_passed
from ..._declare.pagination import Paging
from ..._declare.resource import Mode, Resource
from ..._wire.models import Entity, Page
from ..._wire.unions import tagged
from ...errors import InvalidInputError
from ..common import Deleted, Limit, Name, Order
from ..variants import by_type

MatcherValue = str | bool | int | float
"""What an attribute may be compared with."""


def _matchers(value: Any, where: str, strict: bool) -> Any:
    if not isinstance(value, Mapping):
        raise InvalidInputError(
            f"{where} must be a mapping of attributes to values, not {type(value).__name__}."
        )
    for name, wanted in value.items():
        if not isinstance(name, str) or (strict and not name):
            raise InvalidInputError(f"{where} must name its attributes, not {name!r}.")
        if strict and not isinstance(wanted, str | bool | int | float):
            raise InvalidInputError(
                f"{where}.{name} must be text, a number, True or False,"
                f" not {type(wanted).__name__}."
            )
        if isinstance(wanted, float) and not math.isfinite(wanted):
            raise InvalidInputError(f"{where}.{name} must be a finite number, not {wanted!r}.")
    return dict(value)


AttributeMatchers = Annotated[Mapping[str, MatcherValue], Ruled(_matchers)]
"""Attributes of a token, each with the value that it must have."""


class ServiceAccountDefaultPermissionsParam(TypedDict):
    """All that the service account may do.

    Attributes:
        type: `service_account_default`.
    """

    type: Literal["service_account_default"]


class RestrictedPermissionsParam(TypedDict):
    """Some scopes of what the service account may do.

    Attributes:
        type: `restricted`.
        scopes: the scopes.
    """

    type: Literal["restricted"]
    scopes: Iterable[Name]


PermissionsParam = Annotated[
    ServiceAccountDefaultPermissionsParam | RestrictedPermissionsParam,
    by_type(ServiceAccountDefaultPermissionsParam, RestrictedPermissionsParam),
]
"""What a token that a rule matches may be used for."""


@tagged("type", "service_account_default")
@attrs.frozen(kw_only=True)
class ServiceAccountDefaultPermissions(Entity):
    """All that the service account may do.

    Attributes:
        type: ``service_account_default``.
    """

    type: str | None = "service_account_default"


@tagged("type", "restricted")
@attrs.frozen(kw_only=True)
class RestrictedPermissions(Entity):
    """Some scopes of what the service account may do.

    Attributes:
        type: ``restricted``.
        scopes: the scopes.
    """

    scopes: list[str] | None = attrs.field(factory=list)
    type: str | None = "restricted"


@attrs.frozen(kw_only=True)
class FederationRule(Entity):
    """A rule by which tokens of a provider stand for a service account of a project.

    Attributes:
        id: its id.
        created_at: when it was created.
        updated_at: when it was last changed.
        name: the name it was given.
        description: what it is for.
        workload_identity_provider_id: the provider whose tokens it matches.
        attribute_matchers: attributes of a token, each with the value that it must have.
        project_id: the service account's project.
        service_account_id: the service account that a matching token stands for.
        permissions: what such a token may do; a plain mapping for a kind this version does not
            know.
        enabled: whether it is in force.
    """

    id: str
    created_at: datetime | None = None
    workload_identity_provider_id: str | None = None
    project_id: str | None = None
    service_account_id: str | None = None
    enabled: bool | None = None
    updated_at: datetime | None = None
    name: str | None = None
    description: str | None = None
    attribute_matchers: dict[str, Any] | None = attrs.field(factory=dict)
    permissions: (
        ServiceAccountDefaultPermissions | RestrictedPermissions | dict[str, Any] | None
    ) = None
    object: str | None = "organization.workload_identity_federation_rule"


class FederationRules(Resource[Mode], name="workload_identity_providers.federation_rules"):
    """Say which tokens of a workload identity provider stand for which service account."""

    @listing(
        "/organization/workload_identity_providers/{workload_identity_provider_id}/federation_rules",
        paging=Paging.LAST_ITEM,
    )
    def list(
        self,
        workload_identity_provider_id: str,
        *,
        limit: Limit = None,
        after: str | None = None,
        order: Order | None = None,
        service_account_id: Name | None = None,
    ) -> Page[FederationRule]:
        """List the federation rules of a provider.

        Args:
            workload_identity_provider_id: the provider's id.
            service_account_id: only rules for this service account.
        """
        ...

    @post(
        "/organization/workload_identity_providers/{workload_identity_provider_id}/federation_rules",
        Effect.ADDS,
        grants=always,
    )
    def create(
        self,
        workload_identity_provider_id: str,
        *,
        attribute_matchers: AttributeMatchers,
        project_id: Name,
        service_account_id: Name,
        name: Name = ...,
        description: str = ...,
        enabled: bool = ...,
        permissions: PermissionsParam = ...,
    ) -> FederationRule:
        """Let tokens of a provider stand for a service account of a project.

        Args:
            workload_identity_provider_id: the provider's id.
            attribute_matchers: attributes of a token, each with the value that it must have.
            project_id: the service account's project.
            service_account_id: the existing service account.
            name: a name to recognize it by.
            description: what it is for.
            enabled: whether it is in force.
            permissions: `{"type": "service_account_default"}` for all that the service account
                may do, or `{"type": "restricted", "scopes": […]}`.
        """
        ...

    @get(
        "/organization/workload_identity_providers/{workload_identity_provider_id}"
        "/federation_rules/{workload_identity_federation_rule_id}"
    )
    def retrieve(
        self, workload_identity_provider_id: str, workload_identity_federation_rule_id: str
    ) -> FederationRule:
        """Retrieve a federation rule.

        Args:
            workload_identity_provider_id: the provider's id.
            workload_identity_federation_rule_id: the rule's id.
        """
        ...

    @post(
        "/organization/workload_identity_providers/{workload_identity_provider_id}/federation_rules/{workload_identity_federation_rule_id}",
        Effect.OVERWRITES,
        grants=when_passed("attribute_matchers", "permissions", "enabled"),
    )
    def update(
        self,
        workload_identity_provider_id: str,
        workload_identity_federation_rule_id: str,
        *,
        attribute_matchers: AttributeMatchers = ...,
        name: str | None = ...,
        description: str | None = ...,
        enabled: bool = ...,
        permissions: PermissionsParam = ...,
    ) -> FederationRule:
        """Change a federation rule; what is not passed is unchanged.

        Args:
            workload_identity_provider_id: the provider's id.
            workload_identity_federation_rule_id: the rule's id.
            attribute_matchers: all matchers, replacing those there are.
            name: a name to recognize it by; `None` for none.
            description: what it is for; `None` for none.
            enabled: whether it is in force.
            permissions: `{"type": "service_account_default"}` for all that the service account
                may do, or `{"type": "restricted", "scopes": […]}`.
        """
        ...

    @delete(
        "/organization/workload_identity_providers/{workload_identity_provider_id}"
        "/federation_rules/{workload_identity_federation_rule_id}"
    )
    def delete(
        self, workload_identity_provider_id: str, workload_identity_federation_rule_id: str
    ) -> Deleted:
        """Delete a federation rule; the tokens it matched are refused from then on.

        Args:
            workload_identity_provider_id: the provider's id.
            workload_identity_federation_rule_id: the rule's id.
        """
        ...
