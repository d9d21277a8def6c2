"""Which keys need attention: unused, forgotten, never to expire, or of people who left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import attrs

from .._wire.portable import Portable
from ..directory.not_known import NotKnown
from ..errors import InvalidInputError
from ..resources.admin_api_keys import AdminAPIKey
from ..resources.projects.api_keys import ProjectAPIKey
from ..resources.users.model import OrganizationUser
from .defaults import NEVER_USED_DAYS, STALE_DAYS
from .periods import utc
from .text import count

EXPIRY = "expiry dates of admin keys"
ADMIN_KEY_USE = "last uses of admin keys"
KEY_USE = "last uses of keys of projects"

ProjectKeys = Mapping[str, Sequence[ProjectAPIKey]]
"""The keys of each project, by the project's id."""


@attrs.frozen(kw_only=True)
class KeyFinding(Portable):
    """A key that somebody should look at.

    Attributes:
        key_id: the key's id.
        name: the key's name.
        project_id: its project; ``None`` for an admin key.
        owner_id: the person or service account that has it.
        owner_name: their name.
        created_at: when it was created; ``None`` where the API does not say.
        last_used_at: when it was last used, as the API says; ``None`` if it never was, or where
            `idle_days` is not known either, if the API does not say.
        idle_days: whole days since it was last used, or created if it never was; ``None`` where
            that is not known.
    """

    key_id: str
    name: str | None
    project_id: str | None
    owner_id: str | None
    owner_name: str | None
    created_at: datetime | None
    last_used_at: datetime | None
    idle_days: int | None


def stale_keys(
    keys: ProjectKeys, *, now: datetime, days: int = STALE_DAYS
) -> tuple[KeyFinding, ...]:
    """Project keys that were used once and not for more than so many days, idle longest first.

    Keys that have expired do no harm and are left out. List the keys with
    ``owner_project_access="any"``, or the API leaves out some that still work.
    """
    limit = _days_ago(now, days)
    return _found(
        _project_key(project_id, key, now)
        for project_id, key in _working(keys, now)
        if key.last_used_at is not None and key.last_used_at < limit
    )


def never_used_keys(
    keys: ProjectKeys, *, now: datetime, days: int = NEVER_USED_DAYS
) -> tuple[KeyFinding, ...]:
    """Project keys older than so many days that no request was ever made with, oldest first."""
    limit = _days_ago(now, days)
    return _found(
        _project_key(project_id, key, now)
        for project_id, key in _working(keys, now)
        if _never_used(key) and _before(key.created_at, limit)
    )


def keys_of_former_members(
    keys: ProjectKeys, members: Iterable[OrganizationUser], *, now: datetime
) -> tuple[KeyFinding, ...]:
    """Personal keys that still work although their owner has left the organization.

    The API leaves them out of its listing unless asked with ``owner_project_access="any"``. Keys
    of service accounts, which belong to nobody, are never among them. A stale key of somebody who
    left is both.
    """
    present = {user.id for user in members}
    return _found(
        _project_key(project_id, key, now)
        for project_id, key in _working(keys, now)
        if key.owner is not None and key.owner.user is not None and key.owner.user.id not in present
    )


def admin_keys_among(
    listed: Iterable[AdminAPIKey], project_keys: ProjectKeys, *, are_all: bool = False
) -> tuple[list[AdminAPIKey], list[AdminAPIKey]]:
    """The admin keys among those that the API lists as such, and those that may be a project's.

    Args:
        listed: what the API lists as admin keys.
        project_keys: the keys of projects.
        are_all: whether these are of all projects, so that any other key is an admin key.
    """
    ids = {key.id for keys in project_keys.values() for key in keys}
    kinds = [(key.is_admin_key(ids, are_all=are_all), key) for key in listed]
    return [key for kind, key in kinds if kind], [key for kind, key in kinds if kind is None]


def may_be_project_keys(number: int) -> str:
    """What is not known of keys that may be a project's, among what could not be looked at."""
    return f"{count(number, 'key')} listed as admin keys that may be a project's"


def unjudged_keys(
    admin_keys: Iterable[AdminAPIKey], project_keys: ProjectKeys
) -> Iterator[NotKnown]:
    """What is not known of keys whose last use or end came and could not be read.

    Args:
        admin_keys: the admin keys.
        project_keys: the keys of projects.
    """
    admin = list(admin_keys)
    of_projects = [key for keys in project_keys.values() for key in keys]
    for kind, keys, field in (
        (EXPIRY, admin, "expires_at"),
        (ADMIN_KEY_USE, admin, "last_used_at"),
        (KEY_USE, of_projects, "last_used_at"),
    ):
        if number := sum(key.is_unread(field) for key in keys):
            yield NotKnown(kind=kind, reason=f"{number:,} of them could not be read")


def stale_admin_keys(
    keys: Iterable[AdminAPIKey],
    *,
    now: datetime,
    days: int = STALE_DAYS,
    never_used_days: int = NEVER_USED_DAYS,
    project_keys: ProjectKeys | None = None,
    are_all: bool = False,
) -> tuple[KeyFinding, ...]:
    """Admin keys not used for more than so many days, idle longest first.

    One that was never used at all is found when it is older than `never_used_days`. Keys of
    projects, which the API has listed among them, are not found, nor what may be one, which is
    none where `project_keys` are those of all projects (`are_all`).
    """
    limit, trial = _days_ago(now, days), _days_ago(now, never_used_days)
    return _found(
        _admin_key(key, now)
        for key in admin_keys_among(keys, project_keys or {}, are_all=are_all)[0]
        if not _expired(key, now)
        and _before(*((key.created_at, trial) if _never_used(key) else (key.last_used_at, limit)))
    )


def non_expiring_admin_keys(
    keys: Iterable[AdminAPIKey],
    *,
    now: datetime,
    project_keys: ProjectKeys | None = None,
    are_all: bool = False,
) -> tuple[KeyFinding, ...]:
    """Admin keys that work until somebody deletes them, the oldest first.

    A key whose end cannot be read is not found, nor are keys of projects, as of
    `stale_admin_keys`.
    """
    found = [
        _admin_key(key, now)
        for key in admin_keys_among(keys, project_keys or {}, are_all=are_all)[0]
        if key.expires_at is None and not key.is_unread("expires_at")
    ]
    return tuple(sorted(found, key=lambda f: (f.created_at or utc(now), f.key_id)))


def _working(keys: ProjectKeys, now: datetime) -> Iterator[tuple[str, ProjectAPIKey]]:
    for project_id, listed in keys.items():
        for key in listed:
            if not _expired(key, now):
                yield project_id, key


def _expired(key: ProjectAPIKey | AdminAPIKey, now: datetime) -> bool:
    return key.expires_at is not None and key.expires_at <= now


def _project_key(project_id: str, key: ProjectAPIKey, now: datetime) -> KeyFinding:
    owner = key.owner.holder if key.owner is not None else None
    return KeyFinding(
        key_id=key.id,
        name=key.name,
        project_id=project_id,
        owner_id=None if owner is None else owner.id,
        owner_name=None if owner is None else owner.name,
        created_at=key.created_at,
        last_used_at=key.last_used_at,
        idle_days=_idle_days(key, now),
    )


def _admin_key(key: AdminAPIKey, now: datetime) -> KeyFinding:
    return KeyFinding(
        key_id=key.id,
        name=key.name,
        project_id=None,
        owner_id=None if key.owner is None else key.owner.id,
        owner_name=None if key.owner is None else key.owner.name,
        created_at=key.created_at,
        last_used_at=key.last_used_at,
        idle_days=_idle_days(key, now),
    )


def _never_used(key: ProjectAPIKey | AdminAPIKey) -> bool:
    return key.last_used_at is None and not key.is_unknown("last_used_at")


def _idle_days(key: ProjectAPIKey | AdminAPIKey, now: datetime) -> int | None:
    since = key.created_at if _never_used(key) else key.last_used_at
    return None if since is None else max(0, (now - since).days)


def _before(moment: datetime | None, limit: datetime) -> bool:
    """Whether something was before a limit; what is not known was not."""
    return moment is not None and moment < limit


def _found(findings: Iterator[KeyFinding]) -> tuple[KeyFinding, ...]:
    return tuple(sorted(findings, key=lambda f: (-(f.idle_days or 0), f.key_id)))


def _days_ago(now: datetime, days: int) -> datetime:
    if days < 0:
        raise InvalidInputError(f"days must be at least 0, not {days}.")
    return utc(now) - timedelta(days=days)
