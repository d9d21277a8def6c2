"""The question of which keys need attention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import attrs
from annotated_types import Interval
from typing_extensions import Doc

from ..._transport.tasks import each
from ...client import AsyncOpenAIAdmin
from ...directory.reading import PAGE, Reads
from ...insights import (
    NEVER_USED_DAYS,
    STALE_DAYS,
    KeyFinding,
    keys_of_former_members,
    never_used_keys,
    non_expiring_admin_keys,
    stale_admin_keys,
)
from ...insights import stale_keys as find_stale_keys
from ...insights.findings import FINDINGS, Finding
from ...insights.findings import days as over
from ...insights.keys import admin_keys_among, may_be_project_keys, unjudged_keys
from ...insights.text import count
from ...resources.projects import Project
from ...resources.projects.api_keys import ProjectAPIKey
from ..progress import say
from ..tool import Answer
from ..values import iso
from .question import AtMost, Detail, question
from .rows import facts, said
from .short import cut, unknown

IdleDays = Annotated[
    int, Interval(ge=1, le=3650), Doc("Days without use after which a key counts as stale.")
]
TrialDays = Annotated[
    int,
    Interval(ge=1, le=3650),
    Doc("Days within which a new key should be used for the first time."),
]

KINDS: Mapping[str, Finding[KeyFinding]] = {
    "of_former_members": FINDINGS["keys_of_former_members"],
    "stale_admin": FINDINGS["stale_admin_keys"],
    "stale": FINDINGS["stale_keys"],
    "never_used": FINDINGS["never_used_keys"],
    "non_expiring_admin": FINDINGS["non_expiring_admin_keys"],
}
"""The findings by their fields in the answer, the most urgent first."""


@attrs.frozen(kw_only=True)
class Key:
    """A key that needs attention.

    Attributes:
        why: the reasons, as counts names them.
        key_id: its id.
        name: its name.
        project: none for an admin key.
        project_id: that project's id.
        owner: who has it, if known.
        owner_id: their id.
        last_used_on: the day, if it was used.
        idle_days: since then, or since it was created.
        created_on: the day.
    """

    why: list[str]
    key_id: str
    name: str | None = None
    project: str | None = None
    project_id: str | None = None
    owner: str | None = None
    owner_id: str | None = None
    last_used_on: str | None = None
    idle_days: int | None = None
    created_on: str | None = None


@attrs.frozen(kw_only=True)
class Counts:
    """How many keys there are for each reason; null where that is not known.

    Attributes:
        of_former_members: their owner has left.
        stale_admin: admin keys unused for long.
        stale: unused for long.
        never_used: not once.
        non_expiring_admin: admin keys for ever.
    """

    of_former_members: int | None
    stale_admin: int | None
    stale: int | None
    never_used: int | None
    non_expiring_admin: int | None


@attrs.frozen(kw_only=True)
class KeyReview:
    """The keys that need attention; null where that is not known.

    Attributes:
        counts: how many, by reason; a key may have several.
        keys: the most urgent first.
        keys_looked_at: how many.
        projects_looked_at: likewise.
        not_known: what could not be looked at, and why.
    """

    counts: Counts
    keys: list[Key] | None
    keys_looked_at: int | None
    projects_looked_at: int | None
    not_known: list[str]


@question(KeyReview, toolsets=("assistant", "insight"))
async def stale_keys(
    client: AsyncOpenAIAdmin,
    *,
    days: IdleDays = STALE_DAYS,
    trial_days: TrialDays = NEVER_USED_DAYS,
    limit: AtMost = None,
    detail: Detail = "concise",
) -> Answer:
    """Which API keys should be looked at: not used for long, never used, of people who left; admin
    keys too, and those that never expire. Example: days 180. It takes a request for each project.
    """
    now = datetime.now(UTC)
    reads = Reads(client._caller)
    say("fetching projects and people")
    projects = await reads.all("projects", client.projects.list(limit=PAGE))
    reads.without("projects", ["keys of projects"])
    users = await reads.all("people", client.users.list(limit=PAGE))
    listed = await reads.all("admin keys", client.admin_api_keys.list(limit=PAGE))
    reads.check()
    keys = await _keys_of(client, projects, reads)
    unread, not_known = reads.unread, reads.not_known
    kinds = ("projects", "keys of projects")
    are_all = all(part.kind not in kinds for part in not_known) and not any(map(unread.get, kinds))
    admin_keys, undecided = admin_keys_among(listed, keys, are_all=are_all)
    reads.add(unjudged_keys(admin_keys, keys))
    not_known = reads.not_known
    refused = {kind for kind, finding in KINDS.items() if finding.basis.refused(not_known)}
    if unread["people"]:  # whoever owns a key may be among them
        refused.add("of_former_members")
    found: dict[str, Sequence[KeyFinding]] = {
        "of_former_members": ()
        if "of_former_members" in refused
        else keys_of_former_members(keys, users, now=now),
        "stale_admin": stale_admin_keys(
            listed,
            now=now,
            days=days,
            never_used_days=trial_days,
            project_keys=keys,
            are_all=are_all,
        ),
        "stale": find_stale_keys(keys, now=now, days=days),
        "never_used": never_used_keys(keys, now=now, days=trial_days),
        "non_expiring_admin": non_expiring_admin_keys(
            listed, now=now, project_keys=keys, are_all=are_all
        ),
    }
    names = {project.id: project.name for project in projects if project.name is not None}
    rows = _rows({k: of for k, of in found.items() if k not in refused}, names, detail)
    shown, notes = cut(rows, limit, "keys", detail, "ask for more days, or find each by its name")
    no_projects, no_keys = "stale" in refused, refused.issuperset({"stale", "stale_admin"})
    others = [f"{may_be_project_keys(len(undecided))}."] if undecided else []
    answer = KeyReview(
        counts=Counts(**{k: None if k in refused else len(of) for k, of in found.items()}),
        keys=None if no_keys else shown,
        keys_looked_at=None if no_keys else sum(map(len, keys.values())) + len(admin_keys),
        projects_looked_at=None if no_projects else len(keys),
        not_known=unknown(not_known, names, unread, others),
    )
    thresholds: dict[str, dict[str, Any]] = {
        "stale": {"days": over(days)},
        "never_used": {"days": over(trial_days)},
        "stale_admin": {"days": over(days), "trial": over(trial_days)},
    }
    told = [said(KINDS[k], len(of), reads, **thresholds.get(k, {})) for k, of in found.items()]
    if answer.keys_looked_at is not None:
        of = "the organization" if no_projects else count(len(keys), "project")
        told.append(f"Looked at {count(answer.keys_looked_at, 'key')} of {of}.")
    return Answer(facts(answer), " ".join(told), notes=notes)


def _rows(
    found: Mapping[str, Sequence[KeyFinding]], names: Mapping[str, str], detail: str
) -> list[Key]:
    """Each key once with its reasons: those that matter more first, idle longest first."""
    whys: dict[str, list[str]] = {}
    keys: dict[str, KeyFinding] = {}
    for why, of in found.items():
        for key in of:
            whys.setdefault(key.key_id, []).append(why)
            keys.setdefault(key.key_id, key)
    return [
        Key(
            why=whys[id],
            key_id=id,
            name=key.name,
            project=None if key.project_id is None else names.get(key.project_id),
            project_id=key.project_id,
            owner=key.owner_name or key.owner_id,
            owner_id=key.owner_id if detail == "detailed" else None,
            last_used_on=_day(key.last_used_at),
            idle_days=key.idle_days,
            created_on=_day(key.created_at) if detail == "detailed" else None,
        )
        for id, key in keys.items()
    ]


def _day(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment.astimezone(UTC).date())


async def _keys_of(
    client: AsyncOpenAIAdmin, projects: Sequence[Project], reads: Reads
) -> dict[str, list[ProjectAPIKey]]:
    """The keys of each project for which the API does not refuse them."""
    keys: dict[str, list[ProjectAPIKey]] = {}

    async def fetch(project_id: str) -> None:
        listed = await reads.listing(
            "keys of projects",
            client.projects.api_keys.list(project_id, limit=PAGE, owner_project_access="any"),
            project_id=project_id,
        )
        if listed is None:
            return
        keys[project_id] = listed
        say(f"fetched the keys of {len(keys)} of {count(len(projects), 'project')}")

    await each([project.id for project in projects], fetch)
    return keys


QUESTIONS = (stale_keys,)
