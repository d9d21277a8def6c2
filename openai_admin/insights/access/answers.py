"""The shape of the answers: who has which permission where, and by which path."""

from __future__ import annotations

from typing import Literal

import attrs

from ..._wire.portable import Portable

PrincipalKind = Literal["user", "service_account", "api_key", "admin_api_key"]
"""Who can have permissions."""

Reason = Literal[
    "unnamed", "undefined", "permissions", "unowned", "absent", "blocked", "left", "kind"
]
"""Why it is not known what somebody may do; `rules` says when each is."""


@attrs.frozen(kw_only=True, order=True)
class Principal(Portable):
    """A person, a service account, a key of a project or an admin key.

    Attributes:
        kind: what it is.
        id: its id.
    """

    kind: PrincipalKind
    id: str


@attrs.frozen(order=True)
class Step(Portable):
    """A step of a path.

    Attributes:
        kind: ``user`` or ``service_account`` (the owner of a key), ``membership`` (its role),
            ``group``, or ``role``; another where the API names another source of a role.
        id: the owner's, the group's or the role's id; the role's name for a membership.
        project_id: the project that a membership or a role is of; ``None`` in the organization.
    """

    kind: str
    id: str
    project_id: str | None = None


Path = tuple[Step, ...]
"""How somebody has a permission; the last step is the role that grants it."""


@attrs.frozen(kw_only=True)
class Grant(Portable):
    """A permission that somebody has.

    Attributes:
        principal: who.
        permission: what, as the role states it: it may contain a ``*``.
        project_id: where; ``None`` in the organization and in every project.
        paths: why, each of which suffices; in order.
    """

    principal: Principal
    permission: str
    project_id: str | None
    paths: tuple[Path, ...]


@attrs.frozen(kw_only=True)
class Unknown(Portable):
    """Something that somebody may have, and nobody can say what it allows.

    Attributes:
        principal: who.
        project_id: where; ``None`` in the organization and in every project.
        reason: why it is not known.
        path: how far it is known, up to the role that is not; empty where nothing is.
    """

    principal: Principal
    project_id: str | None
    reason: Reason
    path: Path


@attrs.frozen(kw_only=True)
class Evaluated(Portable):
    """What follows from facts.

    Attributes:
        grants: the permissions, one for each principal, permission and place, in order.
        unknown: what is not known, in order.
    """

    grants: tuple[Grant, ...]
    unknown: tuple[Unknown, ...]
