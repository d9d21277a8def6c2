"""What each type of event is about: what was done, to what kind of thing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

import attrs

from ..resources.audit_logs import EVENT_TYPES

Action = Literal[
    "create",
    "read",
    "update",
    "delete",
    "assign",
    "revoke",
    "enable",
    "disable",
    "login",
    "logout",
    "other",
]
"""What was done, in one word."""

Area = Literal["account", "authentication", "user_access", "group", "entity", "api"]
"""What part of a SIEM's schema a kind of thing belongs to; ``api`` is what is nothing else."""


@attrs.frozen
class Noun:
    """A kind of thing that events are about.

    Attributes:
        area: the part of a SIEM's schema it belongs to.
        name: what it is called in a sentence, as ``API key``.
    """

    area: Area
    name: str


@attrs.frozen
class Verb:
    """What was done to a thing.

    Attributes:
        action: in one word.
        done: in a sentence, before what it was done to.
    """

    action: Action
    done: str


@attrs.frozen
class EventKind:
    """What a type of event is about.

    Attributes:
        type: the type, as ``api_key.created``.
        noun: what it is about, as ``api_key``: the type without its verb and ``tenant.``.
        verb: the type's last word, as ``created``; empty for a type of one word.
        action: what was done.
        is_known: whether the API describes the type.
        area: the part of a SIEM's schema it belongs to.
        name: what it is about in a sentence, as ``API key``.
        done: what was done in a sentence, as ``created``; ``None`` for a verb not known.
        outcome: ``failure`` for what was tried in vain, ``success`` for all else that the API
            describes; ``None`` where only the type's name is known.
    """

    type: str
    noun: str
    verb: str
    action: Action
    is_known: bool
    area: Area
    name: str
    done: str | None
    outcome: Literal["success", "failure"] | None

    @property
    def caption(self) -> str:
        """The name as it begins a sentence, as ``API key`` or ``Rate limit``."""
        return self.name[:1].upper() + self.name[1:]


_KEY = Noun("entity", "API key")
_CERTIFICATE = Noun("entity", "certificate")
_GROUP = Noun("group", "group")
_LOGIN = Noun("authentication", "login")
_PROVIDER = Noun("entity", "workload identity provider")
_MAPPING = Noun("entity", "workload identity mapping")
_RESOURCE = Noun("entity", "resource")
_ROLE = Noun("entity", "role")
_ROLE_ASSIGNMENT = Noun("user_access", "role assignment")
_SERVICE_ACCOUNT = Noun("account", "service account")
_USER = Noun("account", "user")

NOUNS: Mapping[str, Noun] = {
    "admin_api_key": Noun("entity", "admin API key"),
    "ads_account.onboarding": Noun("api", "ads account onboarding"),
    "api_key": _KEY,
    "api_organization_invite": Noun("entity", "API organization invite"),
    "billing.alerts": Noun("entity", "billing alerts"),
    "billing.info": Noun("entity", "billing information"),
    "billing.overage_limit": Noun("entity", "overage limit"),
    "certificate": _CERTIFICATE,
    "certificates": attrs.evolve(_CERTIFICATE, name="certificates"),
    "chatgpt_access_token": Noun("entity", "ChatGPT access token"),
    "chatgpt_workspace_invite": Noun("entity", "ChatGPT workspace invite"),
    "checkpoint.permission": Noun("entity", "checkpoint permission"),
    "custom_role": Noun("entity", "custom role"),
    "domains": Noun("entity", "domains"),
    "external_key": Noun("entity", "external key"),
    "external_storage": Noun("entity", "external storage"),
    "group": _GROUP,
    "group.member": Noun("group", "group member"),
    "invite": Noun("entity", "invite"),
    "ip_allowlist": Noun("entity", "IP allowlist"),
    "ip_allowlist.config": Noun("entity", "IP allowlists"),
    "login": _LOGIN,
    "logout": attrs.evolve(_LOGIN, name="logout"),
    "membership": Noun("account", "membership"),
    "metadata": Noun("entity", "tenant metadata"),
    "microsoft_entra_mapping": Noun("entity", "Microsoft Entra mapping"),
    "migration": Noun("api", "migration"),
    "migration_rollout.status": Noun("api", "migration rollout status"),
    "migration_rollout.tier": Noun("api", "migration rollout tier"),
    "organization": Noun("entity", "organization"),
    "policy": Noun("entity", "policy"),
    "principal_authentication_policy": Noun("api", "principal authentication policy"),
    "product_access_policy": Noun("entity", "product access policy"),
    "project": Noun("entity", "project"),
    "project_api_key": Noun("entity", "project API key"),
    "rate_limit": Noun("entity", "rate limit"),
    "resource": _RESOURCE,
    "resource_access": Noun("user_access", "resource access"),
    "resource_role_assignment": Noun("user_access", "resource role assignment"),
    "resource_share_grant": Noun("entity", "resource share grant"),
    "role": _ROLE,
    "role.assignment": _ROLE_ASSIGNMENT,
    "role.metadata": Noun("entity", "role metadata"),
    "role_assignment": _ROLE_ASSIGNMENT,
    "scim": Noun("entity", "SCIM provisioning"),
    "scim.deletion": Noun("entity", "deletion of SCIM provisioning"),
    "scim.directory": Noun("entity", "SCIM directory"),
    "scim.setup": Noun("entity", "setup of SCIM provisioning"),
    "service_account": _SERVICE_ACCOUNT,
    "service_account.token": Noun("entity", "service account token"),
    "session_policy": Noun("entity", "session policy"),
    "session_revocation": Noun("authentication", "revocation of sessions"),
    "sso": Noun("entity", "single sign-on"),
    "sso_connection": Noun("entity", "SSO connection"),
    "sso_connection.setup": Noun("entity", "setup of an SSO connection"),
    "third_party_app_policy": Noun("entity", "third-party app policy"),
    "trusted_access.application": Noun("api", "trusted access application"),
    "trusted_access.business_verification": Noun("api", "business verification"),
    "tunnel": Noun("entity", "tunnel"),
    "usage_limit.group": Noun("entity", "usage limit of a group"),
    "usage_limit.increase_request": Noun("entity", "request to raise a usage limit"),
    "usage_limit.user": Noun("entity", "usage limit of a user"),
    "usage_limit.workspace": Noun("entity", "usage limit of a workspace"),
    "user": _USER,
    "workload_identity.access_token": Noun("authentication", "workload identity access token"),
    "workload_identity.binding": Noun("entity", "workload identity binding"),
    "workload_identity.mapping": _MAPPING,
    "workload_identity.principal": Noun("account", "workload identity principal"),
    "workload_identity.provider": _PROVIDER,
    "workload_identity_provider": _PROVIDER,
    "workload_identity_provider_mapping": _MAPPING,
    "workspace_invite_email_settings": Noun("entity", "settings of workspace invite emails"),
}
"""Every kind of thing in the API's types of events, without ``tenant.``."""

_EXCEPTIONS: Mapping[str, Noun] = {
    "role.bound_to_resource": attrs.evolve(_ROLE, area="user_access"),
    "role.unbound_from_resource": attrs.evolve(_ROLE, area="user_access"),
    "tenant.user.looked_up": attrs.evolve(_USER, area="api"),
}
"""Types that belong elsewhere than what else is done to the same kind of thing."""

VERBS: Mapping[str, Verb] = {
    "accepted": Verb("other", "accepted"),
    "activated": Verb("enable", "activated"),
    "added": Verb("create", "added"),
    "archived": Verb("disable", "archived"),
    "attached": Verb("assign", "attached"),
    "bound_to_resource": Verb("assign", "bound to a resource"),
    "completed": Verb("other", "completed"),
    "created": Verb("create", "created"),
    "deactivated": Verb("disable", "deactivated"),
    "declined": Verb("other", "declined"),
    "deleted": Verb("delete", "deleted"),
    "detached": Verb("revoke", "detached"),
    "disabled": Verb("disable", "disabled"),
    "enabled": Verb("enable", "enabled"),
    "invited": Verb("other", "invited"),
    "issued": Verb("create", "issued"),
    "looked_up": Verb("read", "looked up"),
    "migrated": Verb("other", "migrated"),
    "provisioned": Verb("create", "provisioned"),
    "redemption": Verb("other", "redeemed"),
    "registered": Verb("create", "registered"),
    "removed": Verb("delete", "removed"),
    "requested": Verb("other", "requested"),
    "resolved": Verb("other", "resolved"),
    "revoked": Verb("revoke", "revoked"),
    "sent": Verb("create", "sent"),
    "started": Verb("other", "started"),
    "submitted": Verb("other", "submitted"),
    "unbound_from_resource": Verb("revoke", "unbound from a resource"),
    "updated": Verb("update", "updated"),
    "upserted": Verb("update", "created or updated"),
}
"""Every verb of the API's types of events, but those of logins."""

_OF_ACCESS: Mapping[Action, Action] = {"create": "assign", "delete": "revoke"}
"""What making and deleting an assignment does to somebody's access."""

_KNOWN = frozenset[str](EVENT_TYPES)


@lru_cache(maxsize=1024)  # a few hundred types, each looked up for every event
def kind_of(type: str) -> EventKind:
    """What a type is about, by its words where the API does not describe it.

    A type not known whose thing is known belongs where that thing does; any other is ``api``.
    """
    noun, _, verb = type.removeprefix("tenant.").rpartition(".")
    if not noun:
        noun, verb = verb, ""
    thing = _EXCEPTIONS.get(type) or NOUNS.get(noun) or Noun("api", noun.replace("_", " "))
    doing = VERBS.get(verb)
    action = doing.action if doing is not None else "other"
    if thing.area == "user_access":
        action = _OF_ACCESS.get(action, action)
    elif noun in ("login", "logout"):
        action = "login" if noun == "login" else "logout"
    is_known = type in _KNOWN
    return EventKind(
        type=type,
        noun=noun,
        verb=verb,
        action=action,
        is_known=is_known,
        area=thing.area,
        name=thing.name,
        done=doing.done if doing is not None else None,
        outcome=_outcome(verb, is_known=is_known),
    )


def _outcome(verb: str, *, is_known: bool) -> Literal["success", "failure"] | None:
    if verb == "failed":
        return "failure"
    return "success" if is_known or verb == "succeeded" else None
