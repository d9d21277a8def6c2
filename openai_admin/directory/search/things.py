"""Things of each kind as a search sees them: what they are known by, and what is told of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import attrs

from .hits import Field, Hit, HitKind, Match
from .matching import Names

_FIELDS: tuple[tuple[Field, str], ...] = (
    ("id", "id"),
    ("name", "name"),
    ("address", "email"),
    ("redacted value", "redacted_value"),
)
KEYS = frozenset[HitKind]({"key", "admin_key"})
"""The kinds that have a redacted value, and an owner."""


@attrs.frozen
class Thing:
    """A thing that was read.

    Attributes:
        kind: what it is.
        model: it as the API tells it.
        project: the project that it is in, if it is known to be in one.
        status: what is particular about it, where its model does not say so.
    """

    kind: HitKind
    model: Any
    project: Any = None
    status: str | None = None

    @property
    def names(self) -> Names:
        """What it is known by."""
        found = [(field, getattr(self.model, name, None)) for field, name in _FIELDS]
        if self.kind in KEYS:
            holder = _holder(self.model)
            found += [("owner", getattr(holder, name, None)) for name in ("id", "email")]
        return [(field, text) for field, text in found if isinstance(text, str) and text]

    def hit(self, match: Match, field: Field, now: datetime) -> Hit:
        """It as a hit.

        Args:
            match: how well it matches.
            field: by what.
            now: the time that it is compared with.
        """
        holder = _holder(self.model)
        return Hit(
            kind=self.kind,
            id=self.model.id,
            name=self._text("name"),
            email=self._text("email"),
            redacted_value=self.redacted_value,
            project_id=getattr(self.project, "id", None),
            project=getattr(self.project, "name", None),
            status=self.status or self._status(now),
            owner=_called(holder),
            owner_id=getattr(holder, "id", None),
            last_used=self._last_used(),
            match=match,
            field=field,
        )

    @property
    def redacted_value(self) -> str | None:
        """Of a key, its first and last characters; ``None`` where it shows none."""
        return self._text("redacted_value")

    def _text(self, name: str) -> str | None:
        text = getattr(self.model, name, None)
        return text if isinstance(text, str) and text else None

    def _status(self, now: datetime) -> str | None:
        model = self.model
        if self.kind == "project":
            return self._text("status")
        if self.kind == "invite":
            ended = _expired(model.expires_at, now) if model.status == "pending" else None
            return ended or self._text("status")
        if self.kind == "certificate":
            active = {True: "active", False: "inactive"}.get(model.active)
            return _expired(model.expires_at, now) or active
        if self.kind in KEYS:
            if ended := _expired(model.expires_at, now):
                return ended
            if getattr(model, "owner_project_access", None) == "inactive":
                return "its owner has no access to the project"
        account = getattr(model, "user", None)
        if getattr(account, "banned", None):
            return "banned"
        if getattr(account, "enabled", None) is False:
            return "disabled"
        if getattr(model, "is_scim_managed", None):
            return "managed by the identity provider"
        if self.kind == "role" and model.predefined_role:
            return "predefined"
        return None

    def _last_used(self) -> datetime | Literal["never"] | None:
        name = "last_used_at" if self.kind in KEYS else "api_key_last_used_at"
        if not hasattr(self.model, name) or self.model.is_unknown(name):
            return None
        return getattr(self.model, name) or "never"


def _holder(model: Any) -> Any:
    """Who has a key; ``None`` where the API does not say."""
    owner = getattr(model, "owner", None)
    return getattr(owner, "holder", owner)


def _called(holder: Any) -> str | None:
    names = (getattr(holder, name, None) for name in ("name", "email", "id"))
    return next((name for name in names if isinstance(name, str) and name), None)


def _expired(at: datetime | None, now: datetime) -> str | None:
    return "expired" if at is not None and at <= now else None
