"""What stands in the file, as a person writes it; also how what there is, is described.

Names refer to names: a project's member is an address of `people`, a role is the name of one. A key
of a mapping is the *label* of a thing, by which the rest of the file refers to it: its name, or,
where names are not unique, whatever is, with `name` and `id` beside it.

``None`` is what does not stand in the file: it is not managed. What can be absent in the
organization is managed as absent with the text ``none``.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, Literal

import attrs

from ..._wire.portable import Portable
from ..sections import PRUNABLE

ALL = "all"
"""What `prune` says for every section."""

VERSION = 1
"""The version of the file; any other is refused."""

NONE: Final = "none"
"""What stands where there is to be nothing: no spend limit, no list of models."""

Absent = Literal["none"]


@attrs.frozen(kw_only=True)
class Named(Portable):
    """What has a name, and perhaps needs more than that to be told from others.

    Attributes:
        id: its id, which pins it: the thing keeps being this one when its name changes.
        name: its name, where the label is another.
    """

    id: str | None = None
    name: str | None = None


@attrs.frozen(kw_only=True)
class Person(Portable):
    """A member of the organization, or somebody who is invited; the label is the address.

    Attributes:
        id: the user's id; of somebody without an address it is the label as well.
        role: ``owner`` or ``reader``.
        roles: the names of the organization's roles that are assigned besides.
    """

    id: str | None = None
    role: str | None = None
    roles: tuple[str, ...] | None = None


@attrs.frozen(kw_only=True)
class Group(Named):
    """A group of people.

    Attributes:
        members: addresses.
        roles: the names of the organization's roles that are assigned to it.
    """

    members: tuple[str, ...] | None = None
    roles: tuple[str, ...] | None = None


@attrs.frozen(kw_only=True)
class Role(Named):
    """A role of the organization or of a project; OpenAI's own do not stand in the file.

    Attributes:
        description: what it is for.
        permissions: what it grants.
    """

    description: str | None = None
    permissions: tuple[str, ...] | None = None


@attrs.frozen(kw_only=True)
class Member(Portable):
    """A person's membership of a project. In the file a text alone is the `role`.

    Attributes:
        role: ``owner``, ``member`` or ``viewer``.
        roles: the names of the project's roles that are assigned besides.
    """

    role: str | None = None
    roles: tuple[str, ...] | None = None


@attrs.frozen(kw_only=True)
class ProjectGroup(Portable):
    """What a group may do in a project. In the file a text or a list alone is the `roles`.

    Attributes:
        roles: the names of roles: OpenAI's ``owner``, ``member``, ``viewer``, or the project's.
    """

    roles: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class ServiceAccount(Named):
    """A service account; it is made without a key. In the file a text alone is the `role`.

    Attributes:
        role: ``member`` or ``owner``.
    """

    role: str | None = None


@attrs.frozen(kw_only=True)
class RateLimit(Portable):
    """The limits of a model in a project; the label is the model. What is ``None`` is not managed.

    Attributes:
        id: the limit's id.
        max_requests_per_1_minute: requests a minute.
        max_tokens_per_1_minute: tokens a minute.
        max_images_per_1_minute: images a minute.
        max_audio_megabytes_per_1_minute: megabytes of audio a minute.
        max_requests_per_1_day: requests a day.
        batch_1_day_max_input_tokens: input tokens of batches a day.
    """

    id: str | None = None
    max_requests_per_1_minute: int | None = None
    max_tokens_per_1_minute: int | None = None
    max_images_per_1_minute: int | None = None
    max_audio_megabytes_per_1_minute: int | None = None
    max_requests_per_1_day: int | None = None
    batch_1_day_max_input_tokens: int | None = None


@attrs.frozen(kw_only=True)
class SpendAlert(Portable):
    """An e-mail at an amount of spend in a month.

    Attributes:
        id: the alert's id.
        amount: US dollars, to the cent.
        emails: who is told.
        subject_prefix: what the subject begins with.
    """

    id: str | None = None
    amount: Decimal
    emails: tuple[str, ...] = ()
    subject_prefix: str | None = None


@attrs.frozen(kw_only=True)
class Models(Portable):
    """Which models a project may use.

    Attributes:
        mode: ``allow_list`` or ``deny_list``.
        models: the models of the list; it may be empty, but must be there.
    """

    mode: str
    models: tuple[str, ...]


@attrs.frozen(kw_only=True)
class ServiceTiers(Portable):
    """The service tiers of a project.

    Attributes:
        default: ``standard``, ``fast`` or ``scale``.
        enabled: ``all``, or some of ``flex``, ``fast``, ``ultrafast``.
    """

    default: str | None = None
    enabled: Literal["all"] | tuple[str, ...] | None = None


@attrs.frozen(kw_only=True)
class ExternalStorage(Portable):
    """A bucket of the customer's.

    Attributes:
        id: its id.
        provider: ``type`` and what it asks for, in the API's words.
    """

    id: str | None = None
    provider: Mapping[str, Any]


@attrs.frozen(kw_only=True)
class Project(Named):
    """A project; also what `defaults` says of every project.

    Attributes:
        archived: whether it is to be archived, which cannot be undone.
        residency: where data stays, in the API's words; only at its creation.
        geography: likewise, for the newer setting.
        external_key: the label of one of `external_keys`, or ``none``.
        members: people by address.
        groups: groups by label.
        roles: the project's own roles.
        service_accounts: by label.
        rate_limits: by model.
        spend_limit: US dollars a month, or ``none``.
        spend_alerts: in the order of amounts.
        models: which models may be used, or ``none`` for all.
        hosted_tools: whether each of ``code_interpreter``, ``file_search``, ``image_generation``,
            ``mcp`` and ``web_search`` may be used.
        service_tiers: the tiers.
        data_retention: the API's words, such as ``organization_default``.
        certificates: the labels of those that are active in the project.
        external_storage: the customer's buckets.
    """

    archived: bool | None = None
    residency: str | None = None
    geography: str | None = None
    external_key: str | None = None
    members: Mapping[str, Member] | None = None
    groups: Mapping[str, ProjectGroup] | None = None
    roles: Mapping[str, Role] | None = None
    service_accounts: Mapping[str, ServiceAccount] | None = None
    rate_limits: Mapping[str, RateLimit] | None = None
    spend_limit: Decimal | Absent | None = None
    spend_alerts: tuple[SpendAlert, ...] | None = None
    models: Models | Absent | None = None
    hosted_tools: Mapping[str, bool] | None = None
    service_tiers: ServiceTiers | None = None
    data_retention: str | None = None
    certificates: tuple[str, ...] | None = None
    external_storage: tuple[ExternalStorage, ...] | None = None


@attrs.frozen(kw_only=True)
class Settings(Portable):
    """What is set for the whole organization.

    Attributes:
        spend_limit: US dollars a month, or ``none``.
        spend_alerts: in the order of amounts.
        data_retention: the API's words, such as ``zero_data_retention``.
    """

    spend_limit: Decimal | Absent | None = None
    spend_alerts: tuple[SpendAlert, ...] | None = None
    data_retention: str | None = None


@attrs.frozen(kw_only=True)
class Certificate(Named):
    """A certificate authority's certificate, for mutual TLS.

    Attributes:
        file: a PEM file, relative to the file that names it.
        content: what is in that file; ``None`` where the API did not say, or no file is named.
        active: whether it is active in the organization.
    """

    file: str | None = None
    content: str | None = attrs.field(default=None, repr=False)
    active: bool | None = None


@attrs.frozen(kw_only=True)
class FederationRule(Named):
    """Who of an identity provider may act as a service account.

    Attributes:
        project: the label of a project.
        service_account: the label of one of its service accounts.
        attributes: the claims that a token must have.
        permissions: ``service_account_default``, or scopes.
        description: what it is for.
        enabled: whether it holds.
    """

    project: str
    service_account: str
    attributes: Mapping[str, str | bool | int | float]
    permissions: Literal["service_account_default"] | tuple[str, ...] | None = None
    description: str | None = None
    enabled: bool | None = None


@attrs.frozen(kw_only=True)
class IdentityProvider(Named):
    """A provider of workload identities.

    Attributes:
        issuer: who issues the tokens.
        audience: whom they are for.
        description: what it is for.
        enabled: whether it is used.
        transformations: an expression by attribute.
        discovery_url: where the keys are found; the issuer's own place where that is ``None``.
        jwks: keys that were uploaded instead.
        rules: the federation rules.
    """

    issuer: str
    audience: str
    description: str | None = None
    enabled: bool | None = None
    transformations: Mapping[str, str] | None = None
    discovery_url: str | None = None
    jwks: Mapping[str, Any] | None = None
    rules: Mapping[str, FederationRule] | None = None


@attrs.frozen(kw_only=True)
class ExternalKey(Named):
    """A key of the customer's own key management.

    Attributes:
        type: ``aws``, ``gcp``, ``azure`` or ``oci``.
        purpose: ``ekm`` or ``psp_decryption``.
        details: what the type asks for besides, in the API's words.
    """

    type: str
    purpose: str | None = None
    details: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Protected(Portable):
    """What stays as it is, with what it has and those who have it, by label.

    Attributes:
        people: addresses.
        groups: groups.
        roles: roles of the organization; where it has none of a name, those of projects.
        projects: projects, with everything in them and whoever has access.
        service_accounts: service accounts, in every project.
    """

    people: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    service_accounts: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Document(Portable):
    """The whole file, or what there is in an organization.

    Attributes:
        version: the file's version.
        organization: the organization's id; a plan for another is refused.
        prune: the sections of which what is not in the file is removed; ``all`` is every one.
        protect: what stays as it is.
        defaults: what holds for each project of `projects` that says nothing else.
        people: by address.
        groups: by label.
        roles: the organization's own roles, by label.
        projects: by label.
        settings: of the whole organization.
        certificates: by label.
        identity_providers: by label.
        external_keys: by label.
    """

    version: int = VERSION
    organization: str | None = None
    prune: tuple[str, ...] = ()
    protect: Protected = Protected()
    defaults: Project | None = None
    people: Mapping[str, Person] | None = None
    groups: Mapping[str, Group] | None = None
    roles: Mapping[str, Role] | None = None
    projects: Mapping[str, Project] | None = None
    settings: Settings | None = None
    certificates: Mapping[str, Certificate] | None = None
    identity_providers: Mapping[str, IdentityProvider] | None = None
    external_keys: Mapping[str, ExternalKey] | None = None

    def prunes(self, section: str) -> bool:
        """Whether what is not in the file is removed from a section."""
        return section in PRUNABLE and not {ALL, section}.isdisjoint(self.prune)
