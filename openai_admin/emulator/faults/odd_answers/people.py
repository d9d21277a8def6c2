"""Users, projects and invites."""

from __future__ import annotations

from .answer import JSON, OddAnswer, dropping, nulling, of_items, renaming

_USERS = "users.list users.retrieve"
_PROJECTS = "projects.list projects.retrieve"
_INVITES = "invites.list invites.retrieve"
_OUTER = ("object", "created", "is_default", "is_scim_managed", "is_service_account", "role")
_FLAT = dropping("user", "created")


def _nested(user: JSON) -> JSON:
    """A user whose id, name and address stand in an object of their own, and only there."""
    inner = {"object": "user", **{name: user.get(name) for name in ("id", "email", "name")}}
    return {**{k: v for k, v in user.items() if k in _OUTER}, "user": inner}


PEOPLE: tuple[OddAnswer, ...] = (
    of_items(
        _USERS,
        "nested",
        "A user's id, name and address stand in user alone; there is no added_at.",
        _nested,
    ),
    of_items(_USERS, "flat", "A user has no nested user, and no created.", _FLAT),
    of_items(
        _USERS,
        "user_nulls",
        "A user's name, email, role and added_at are null.",
        lambda user: _FLAT(nulling("name", "email", "role", "added_at")(user)),
    ),
    of_items(
        _USERS,
        "user_absent",
        "A user has an id and the time of joining, and nothing else.",
        lambda user: {k: v for k, v in user.items() if k in ("object", "id", "added_at")},
    ),
    of_items(
        _PROJECTS,
        "title",
        "A project has title and created in place of name and created_at.",
        renaming(name="title", created_at="created"),
    ),
    of_items(
        _INVITES,
        "invited_at",
        "An invite has invited_at in place of created_at.",
        renaming(created_at="invited_at"),
    ),
    of_items(_INVITES, "email_null", "An invite's email is null.", nulling("email")),
    of_items(_INVITES, "email_absent", "An invite has no email.", dropping("email")),
    of_items(
        _INVITES,
        "invite_nulls",
        "An invite's expires_at and projects are null.",
        nulling("expires_at", "projects"),
    ),
)
