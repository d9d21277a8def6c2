"""Workload identity providers: OIDC issuers whose tokens replace service account keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypedDict

import attrs

from ..._declare.arguments import Ruled, compile_rule
from ..._declare.decorators import delete, get, listing, post
from ..._declare.effect import Effect, when_passed
from ..._declare.pagination import Paging
from ..._declare.resource import Mode, Resource, part
from ..._wire.models import Entity, Page
from ..._wire.types import read
from ..._wire.unions import tagged
from ...errors import InvalidInputError
from ..common import Deleted, Limit, Name, Order
from ..variants import by_type

if TYPE_CHECKING:
    from .federation_rules import FederationRules

# The members of private and symmetric keys (RFC 7518, section 6).
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


_mapping = compile_rule(read(Mapping[str, Any]))


def _public_keys(value: Any, where: str, strict: bool) -> Any:
    """Reject private and symmetric keys, which are a mistake, even unchecked."""
    jwks = _mapping(value, where, strict)
    keys = jwks.get("keys")
    for key in keys if isinstance(keys, list) else ():
        if isinstance(key, Mapping) and not _PRIVATE_MEMBERS.isdisjoint(key):
            raise InvalidInputError(f"{where} holds a private key; pass the public keys alone.")
    return jwks


PublicKeySet = Annotated[Mapping[str, Any], Ruled(_public_keys)]
"""A JSON Web Key Set (RFC 7517) of public keys."""


class AttributeTransformationParam(TypedDict):
    """How one attribute is derived from a token's claims.

    Attributes:
        attribute: the attribute's name, which federation rules match.
        expression: what computes its value.
    """

    attribute: Name
    expression: Name


class DiscoveryVerificationParam(TypedDict):
    """The issuer's keys are fetched.

    Attributes:
        type: `discovery`.
        discovery_url: the address of the discovery document; `None` for the issuer's usual one.
    """

    type: Literal["discovery"]
    discovery_url: str | None


class UploadedJwksVerificationParam(TypedDict):
    """The issuer's public keys are given.

    Attributes:
        type: `uploaded_jwks`.
        jwks: the JSON Web Key Set (RFC 7517).
    """

    type: Literal["uploaded_jwks"]
    jwks: PublicKeySet


VerificationParam = Annotated[
    DiscoveryVerificationParam | UploadedJwksVerificationParam,
    by_type(DiscoveryVerificationParam, UploadedJwksVerificationParam),
]
"""Where the keys come from with which tokens are verified."""


@attrs.frozen(kw_only=True)
class AttributeTransformation(Entity):
    """How one attribute is derived from a token's claims.

    Attributes:
        attribute: the attribute's name, which federation rules match.
        expression: what computes its value.
    """

    attribute: str | None = None
    expression: str | None = None


@tagged("type", "discovery")
@attrs.frozen(kw_only=True)
class DiscoveryVerification(Entity):
    """The issuer's keys are fetched.

    Attributes:
        type: ``discovery``.
        discovery_url: the address of the discovery document; ``None`` for the issuer's usual one.
    """

    discovery_url: str | None = None
    type: str | None = "discovery"


@tagged("type", "uploaded_jwks")
@attrs.frozen(kw_only=True)
class UploadedJwksVerification(Entity):
    """The issuer's keys were given.

    Attributes:
        type: ``uploaded_jwks``.
        jwks: the JSON Web Key Set (RFC 7517).
    """

    jwks: dict[str, Any] | None = None
    type: str | None = "uploaded_jwks"


@attrs.frozen(kw_only=True)
class WorkloadIdentityProvider(Entity):
    """An OIDC issuer that the organization trusts.

    Attributes:
        id: its id.
        created_at: when it was registered.
        updated_at: when it was last changed.
        name: the name it was given.
        description: what it is for.
        type: the kind of provider, ``oidc``.
        issuer: the ``iss`` of its tokens.
        audience: the ``aud`` that its tokens must have.
        enabled: whether its tokens are accepted.
        attribute_transformations: how attributes are derived from a token's claims.
        verification: where the keys come from with which tokens are verified; a plain mapping
            for a way this version does not know.
    """

    id: str
    created_at: datetime | None = None
    name: str | None = None
    issuer: str | None = None
    audience: str | None = None
    enabled: bool | None = None
    updated_at: datetime | None = None
    description: str | None = None
    type: Literal["oidc"] | str | None = "oidc"
    attribute_transformations: list[AttributeTransformation] | None = attrs.field(factory=list)
    verification: DiscoveryVerification | UploadedJwksVerification | dict[str, Any] | None = None
    object: str | None = "organization.workload_identity_provider"


class WorkloadIdentityProviders(Resource[Mode], name="workload_identity_providers"):
    """Trust OIDC issuers, so that workloads sign in as service accounts without a stored key."""

    @part
    def federation_rules(self) -> type[FederationRules[Mode]]:
        """The rules that say which tokens of a provider stand for which service account."""
        from .federation_rules import FederationRules

        return FederationRules

    @listing("/organization/workload_identity_providers", paging=Paging.LAST_ITEM)
    def list(
        self, *, limit: Limit = None, after: str | None = None, order: Order | None = None
    ) -> Page[WorkloadIdentityProvider]:
        """List the workload identity providers."""
        ...

    @post("/organization/workload_identity_providers", Effect.ADDS)
    def create(
        self,
        *,
        name: Name,
        type: Literal["oidc"],
        issuer: Name,
        audience: Name,
        description: str = ...,
        enabled: bool = ...,
        attribute_transformations: Iterable[AttributeTransformationParam] = ...,
        verification: VerificationParam = ...,
    ) -> WorkloadIdentityProvider:
        """Register an OIDC issuer; federation rules then say what its tokens may be used for.

        Args:
            name: a name to recognize it by.
            type: the kind of provider, `oidc`.
            issuer: the `iss` of its tokens, an address.
            audience: the `aud` that its tokens must have.
            description: what it is for.
            enabled: whether its tokens are accepted.
            attribute_transformations: how attributes are derived from a token's claims, each an
                `attribute` and its `expression`.
            verification: where the issuer's keys come from: `{"type": "discovery",
                "discovery_url": …}` or `{"type": "uploaded_jwks", "jwks": …}` with public keys.
        """
        ...

    @get("/organization/workload_identity_providers/{workload_identity_provider_id}")
    def retrieve(self, workload_identity_provider_id: str) -> WorkloadIdentityProvider:
        """Retrieve a workload identity provider.

        Args:
            workload_identity_provider_id: the provider's id.
        """
        ...

    @post(
        "/organization/workload_identity_providers/{workload_identity_provider_id}",
        Effect.OVERWRITES,
        grants=when_passed("issuer", "audience", "enabled", "verification"),
    )
    def update(
        self,
        workload_identity_provider_id: str,
        *,
        name: Name = ...,
        issuer: Name = ...,
        audience: Name = ...,
        description: str | None = ...,
        enabled: bool = ...,
        attribute_transformations: Iterable[AttributeTransformationParam] = ...,
        verification: VerificationParam = ...,
    ) -> WorkloadIdentityProvider:
        """Change a workload identity provider; what is not passed is unchanged.

        Args:
            workload_identity_provider_id: the provider's id.
            name: a name to recognize it by.
            issuer: the `iss` of its tokens, an address.
            audience: the `aud` that its tokens must have.
            description: what it is for; `None` for none.
            enabled: whether its tokens are accepted.
            attribute_transformations: all transformations, replacing those there are.
            verification: where the issuer's keys come from: `{"type": "discovery",
                "discovery_url": …}` or `{"type": "uploaded_jwks", "jwks": …}` with public keys.
        """
        ...

    @delete("/organization/workload_identity_providers/{workload_identity_provider_id}")
    def delete(self, workload_identity_provider_id: str) -> Deleted:
        """Delete a workload identity provider that has no federation rules left.

        Args:
            workload_identity_provider_id: the provider's id.
        """
        ...
