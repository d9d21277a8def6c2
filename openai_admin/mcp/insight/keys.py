"""The question which keys should go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

import attrs
from typing_extensions import Doc

from ..._declare.arguments import Range
from ..._declare.pagination import AsyncPager
from ..._transport.tasks import TaskGroup
from ..._wire.codec import to_dict
from ...client import AsyncOpenAIAdmin
from ...errors import PermissionDeniedError
from ...insights import KeyFinding, keys_of_former_members, never_used_keys, stale_admin_keys
from ...insights import stale_keys as find_stale_keys
from ...resources.projects import Project
from ...resources.projects.api_keys import ProjectAPIKey
from ..progress import say
from ..texts import counted, quoted
from ..tool import Answer
from .question import Most, question

IdleDays = Annotated[
    int, Range(1, 3650), Doc("Days without use after which a key counts as stale.")
]
TrialDays = Annotated[
    int, Range(1, 3650), Doc("Days that a key is given to be used for the first time.")
]


@attrs.frozen(kw_only=True)
class Key:
    """A key that somebody should look at; the project is missing for an admin key."""

    key_id: str
    name: str | None
    project_id: str | None
    project_name: str | None
    owner_id: str | None
    owner_name: str | None
    created_on: str
    last_used_on: str | None
    idle_days: int


@attrs.frozen(kw_only=True)
class Keys:
    """Some keys, and how many there are in all."""

    count: int
    keys: list[Key]


@attrs.frozen(kw_only=True)
class KeyReview:
    """The keys that should go, by why.

    Attributes:
        stale: used once, but not for long.
        never_used: older than the days of trial, without a single use.
        of_former_members: still working though their owner has left the organization.
        stale_admin: admin keys not used for long, or never.
        keys_looked_at: how many there are.
        projects_looked_at: of how many projects.
        not_looked_at: what the server's key may not read.
    """

    stale: Keys
    never_used: Keys
    of_former_members: Keys
    stale_admin: Keys
    keys_looked_at: int
    projects_looked_at: int
    not_looked_at: list[str]


@question(KeyReview)
async def stale_keys(
    client: AsyncOpenAIAdmin, *, days: IdleDays = 90, trial_days: TrialDays = 30, limit: Most = 25
) -> Answer:
    """Which API keys should go: not used for long, never used, of people who left; admin keys
    too. Keys of archived projects no longer work and are not looked at. It takes a request for
    each project.
    """
    now = datetime.now(UTC)
    missing: list[str] = []
    say("fetching projects and people")
    projects = [project async for project in client.projects.list(limit=100)]
    users = [user async for user in client.users.list(limit=100)]
    admin_keys = await allowed("admin keys", client.admin_api_keys.list(limit=100), missing)
    keys = await _keys_of(client, projects)
    names = {project.id: project.name for project in projects}

    def some(found: Sequence[KeyFinding]) -> Keys:
        return Keys(count=len(found), keys=[_key(key, names) for key in found[:limit]])

    answer = KeyReview(
        stale=some(find_stale_keys(keys, now=now, days=days)),
        never_used=some(never_used_keys(keys, now=now, days=trial_days)),
        of_former_members=some(keys_of_former_members(keys, users, now=now)),
        stale_admin=some(
            stale_admin_keys(admin_keys, now=now, days=days, never_used_days=trial_days)
        ),
        keys_looked_at=sum(map(len, keys.values())) + len(admin_keys),
        projects_looked_at=len(projects),
        not_looked_at=missing,
    )
    return Answer(to_dict(answer), _summary(answer, days), "\n".join(_lines(answer)))


async def allowed(what: str, pager: AsyncPager[Any], missing: list[str]) -> list[Any]:
    """All items of a list, or none where the server's key may not read it, which is noted."""
    try:
        return [item async for item in pager]
    except PermissionDeniedError:
        missing.append(what)
        return []


async def _keys_of(
    client: AsyncOpenAIAdmin, projects: Sequence[Project]
) -> dict[str, list[ProjectAPIKey]]:
    keys: dict[str, list[ProjectAPIKey]] = {}

    async def fetch(project_id: str) -> None:
        listed = client.projects.api_keys.list(project_id, limit=100, owner_project_access="any")
        keys[project_id] = [key async for key in listed]
        say(f"fetched the keys of {len(keys)} of {counted(len(projects), 'project')}")

    async with TaskGroup() as work:
        for project in projects:
            work.start(partial(fetch, project.id))
    return keys


def _key(found: KeyFinding, names: dict[str, str | None]) -> Key:
    return Key(
        key_id=found.key_id,
        name=found.name,
        project_id=found.project_id,
        project_name=names.get(found.project_id or ""),
        owner_id=found.owner_id,
        owner_name=found.owner_name,
        created_on=found.created_at.date().isoformat(),
        last_used_on=None if found.last_used_at is None else found.last_used_at.date().isoformat(),
        idle_days=found.idle_days,
    )


def _summary(answer: KeyReview, days: int) -> str:
    parts = [
        f"{counted(answer.stale.count, 'key')} not used for over {days} days",
        f"{answer.never_used.count} never used",
        f"{answer.of_former_members.count} of people who left",
        f"{counted(answer.stale_admin.count, 'admin key')} not in use",
    ]
    looked = f"{counted(answer.keys_looked_at, 'key')} of"
    looked += f" {counted(answer.projects_looked_at, 'project')} were looked at."
    missing = f" Not looked at: {', '.join(answer.not_looked_at)}." if answer.not_looked_at else ""
    return f"{'; '.join(parts)}. {looked}{missing}"


def _lines(answer: KeyReview) -> Iterable[str]:
    for why, keys in (
        ("stale", answer.stale),
        ("never used", answer.never_used),
        ("owner left", answer.of_former_members),
        ("admin key", answer.stale_admin),
    ):
        for key in keys.keys[:5]:
            place = "" if key.project_name is None else f" of {quoted(key.project_name)}"
            yield f"{why}: {quoted(key.name or key.key_id)}{place}, idle for {key.idle_days} days"
