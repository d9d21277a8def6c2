"""Who calls: the keys that the emulator accepts, and what each may do."""

from __future__ import annotations

from typing import Any, Literal

import attrs

from .replies import (
    missing_key,
    missing_scope,
    unauthorized,
    wrong_organization,
    wrong_project,
)

READ_SCOPES = frozenset(
    {"api.audit_logs.read", "api.management.read", "api.mtls.read", "api.usage.read"}
)
WRITE_SCOPES = frozenset({"api.management.write", "api.mtls.write"})
MODELS_SCOPE = "api.model.read"
"""What `GET /models` asks of a project's key; no admin key has it."""
_READS_EVERYTHING = "api.all.read"


@attrs.frozen(kw_only=True)
class Credential:
    """A key that somebody may call with: its secret value, its owner, and its limits."""

    id: str
    value: str = attrs.field(repr=False)
    owner: dict[str, Any]
    """`{"id", "email"}` of a user, or `{"id"}` of a service account."""
    owner_type: Literal["user", "service_account"] = "user"
    project_id: str | None = None
    """The project whose key it is; None for an admin key."""
    scopes: frozenset[str] | None = None
    """What a restricted key may do; None for everything."""
    expires_at: int | None = None

    @property
    def admin(self) -> bool:
        """Whether it is an admin key; of the Admin API any other key gets 403."""
        return self.project_id is None

    @property
    def actor(self) -> dict[str, Any]:
        """The caller as audit log events name it."""
        return {
            "type": "api_key",
            "api_key": {"id": self.id, "type": self.owner_type, self.owner_type: self.owner},
        }

    def expired(self, now: int) -> bool:
        """Whether it has ended by this time, in Unix seconds."""
        return self.expires_at is not None and self.expires_at <= now

    def may(self, scope: str) -> bool:
        """Whether it may do what asks for this scope."""
        if self.admin == (scope == MODELS_SCOPE):
            return False
        if self.scopes is None or scope in self.scopes:
            return True
        return scope.endswith(".read") and _READS_EVERYTHING in self.scopes


class Keyring:
    """The keys in force, by secret value and by id."""

    def __init__(self) -> None:
        self._by_value: dict[str, Credential] = {}
        self._by_id: dict[str, Credential] = {}

    def grant(self, credential: Credential) -> None:
        """Accept calls with this key from now on."""
        self.revoke(credential.id)
        self._by_value[credential.value] = credential
        self._by_id[credential.id] = credential

    def revoke(self, id: str) -> None:
        """Refuse the key with this id from now on; an id without a key is not an error."""
        credential = self._by_id.pop(id, None)
        if credential is not None:
            del self._by_value[credential.value]

    def change(self, id: str, **changes: Any) -> None:
        """Change fields of a key's credential; an id without a key is not an error."""
        credential = self._by_id.get(id)
        if credential is not None:
            self.grant(attrs.evolve(credential, **changes))

    def of(self, value: str) -> Credential | None:
        """The credential of the key with this value, None if there is none."""
        return self._by_value.get(value)

    def find(self, id: str) -> Credential | None:
        """The credential of the key with this id, None if there is none."""
        return self._by_id.get(id)

    def authenticate(self, authorization: str | None, *, now: int) -> Credential:
        """The key named by an `Authorization` header, or the API's 401."""
        scheme, _, value = (authorization or "").partition(" ")
        value = value.strip()
        if scheme.lower() != "bearer" or not value:
            raise missing_key()
        credential = self._by_value.get(value)
        if credential is None or credential.expired(now):
            raise unauthorized(value)
        return credential

    def copy(self) -> Keyring:
        """A separate keyring with the same keys."""
        twin = Keyring()
        twin._by_value = self._by_value.copy()
        twin._by_id = self._by_id.copy()
        return twin


def required_scope(name: str, method: str) -> str:
    """The scope that an operation asks of a key, from its name and its HTTP method."""
    if name.startswith("models."):
        return MODELS_SCOPE
    if name.startswith("usage."):
        return "api.usage.read"
    if name.startswith("audit_logs."):
        return "api.audit_logs.read"
    family = "mtls" if "certificates" in name.split(".") else "management"
    return f"api.{family}.read" if method == "GET" else f"api.{family}.write"


def authorize(
    credential: Credential,
    scope: str,
    organization: str | None,
    own: str,
    project: str | None = None,
) -> None:
    """Refuse with the API's 401 or 403 what this key may not do.

    `organization` is the `OpenAI-Organization` header if there was one, `own` the id that it
    must then be; `project` is the `OpenAI-Project` header, which must be that of a project's key.
    """
    if organization is not None and organization != own:
        raise wrong_organization()
    if project is not None and credential.project_id not in (None, project):
        raise wrong_project()
    if not credential.may(scope):
        raise missing_scope(scope)
