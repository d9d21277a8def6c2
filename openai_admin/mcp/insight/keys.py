"""The question of which keys need attention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import attrs
from annotated_types import Interval
from typing_extensions import Doc

from ..._transport.tasks import each
from ..._wire.codec import to_dict
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
from ...insights.unread import amounts, sentences
from ...resources.projects import Project
from ...resources.projects.api_keys import ProjectAPIKey
from ..progress import say
from ..tool import Answer
from .question import Most, question
from .rows import (
    Gap,
    Row,
    answer_schema,
    gaps,
    lines,
    not_looked_at,
    refused_words,
    rows,
    rows_schema,
    said,
)

IdleDays = Annotated[
    int, Interval(ge=1, le=3650), Doc("Days without use after which a key counts as stale.")
]
TrialDays = Annotated[
    int,
    Interval(ge=1, le=3650),
    Doc("Days within which a new key should be used for the first time."),
]

KINDS: Mapping[str, Finding[KeyFinding]] = {
    "stale": FINDINGS["stale_keys"],
    "never_used": FINDINGS["never_used_keys"],
    "of_former_members": FINDINGS["keys_of_former_members"],
    "stale_admin": FINDINGS["stale_admin_keys"],
    "non_expiring_admin": FINDINGS["non_expiring_admin_keys"],
}
"""The findings of the answer by their fields there."""


@attrs.frozen(kw_only=True)
class Keys:
    """Some keys, and how many there are in all; ``None`` where that is not known."""

    count: int | None
    keys: list[Row] | None


@attrs.frozen(kw_only=True)
class KeyReview:
    """The keys that need attention, by reason.

    Attributes:
        stale: used once, but not for a long time.
        never_used: older than the trial period, without a single use.
        of_former_members: still working though their owner has left the organization.
        stale_admin: admin keys not used for a long time, or never.
        non_expiring_admin: admin keys that work until somebody deletes them.
        keys_looked_at: how many there are; ``None`` where none could be looked at.
        projects_looked_at: of how many projects; ``None`` likewise.
        not_looked_at: what the API refuses, in words: what is based on it alone is not known.
        not_known: what of it the API refuses, in parts.
        could_not_be_read: how much came and could not be read, so that it is in no count.
    """

    stale: Keys
    never_used: Keys
    of_former_members: Keys
    stale_admin: Keys
    non_expiring_admin: Keys
    keys_looked_at: int | None
    projects_looked_at: int | None
    not_looked_at: list[str]
    not_known: list[Gap]
    could_not_be_read: list[str]


@question(
    answer_schema(KeyReview, {f"{kind}.keys": rows_schema(KINDS[kind]) for kind in KINDS}),
    toolsets=("assistant", "insight"),
)
async def stale_keys(
    client: AsyncOpenAIAdmin,
    *,
    days: IdleDays = STALE_DAYS,
    trial_days: TrialDays = NEVER_USED_DAYS,
    limit: Most = 25,
) -> Answer:
    """Which API keys need attention: not used for a long time, never used, of former members;
    admin keys too, and those that never expire. Keys of archived projects no longer work and are
    not looked at. It takes one request for each project.
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
    undecided_words = [may_be_project_keys(len(undecided))] if undecided else []
    names = {project.id: project.name for project in projects if project.name is not None}
    found = {
        "stale": find_stale_keys(keys, now=now, days=days),
        "never_used": never_used_keys(keys, now=now, days=trial_days),
        "of_former_members": ()
        if KINDS["of_former_members"].basis.refused(not_known) or unread["people"]
        else keys_of_former_members(keys, users, now=now),
        "stale_admin": stale_admin_keys(
            listed,
            now=now,
            days=days,
            never_used_days=trial_days,
            project_keys=keys,
            are_all=are_all,
        ),
        "non_expiring_admin": non_expiring_admin_keys(
            listed, now=now, project_keys=keys, are_all=are_all
        ),
    }
    refused = {kind for kind, finding in KINDS.items() if finding.basis.refused(not_known)}
    some = {
        kind: Keys(count=None, keys=None)
        if kind in refused
        else Keys(count=len(each), keys=rows(KINDS[kind], each, names, limit))
        for kind, each in found.items()
    }
    no_projects, no_keys = "stale" in refused, refused.issuperset({"stale", "stale_admin"})
    answer = KeyReview(
        **some,
        keys_looked_at=None if no_keys else sum(map(len, keys.values())) + len(admin_keys),
        projects_looked_at=None if no_projects else len(keys),
        not_looked_at=[*refused_words(not_known), *undecided_words],
        not_known=gaps(not_known),
        could_not_be_read=list(amounts(unread)),
    )
    thresholds: dict[str, dict[str, Any]] = {
        "stale": {"days": over(days)},
        "never_used": {"days": over(trial_days)},
        "of_former_members": {},
        "stale_admin": {"days": over(days), "trial": over(trial_days)},
        "non_expiring_admin": {},
    }
    told = [said(KINDS[kind], len(each), reads, **thresholds[kind]) for kind, each in found.items()]
    if answer.keys_looked_at is not None:
        of = "the organization" if no_projects else count(len(keys), "project")
        told.append(f"Looked at {count(answer.keys_looked_at, 'key')} of {of}.")
    told += sentences(unread)
    told += not_looked_at(not_known, undecided_words)
    named = [
        f"{kind.replace('_', ' ')}: {line}"
        for kind, each in found.items()
        for line in lines(KINDS[kind], each, names)
    ]
    return Answer(to_dict(answer), " ".join(told), "\n".join(named))


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
