"""Names for what findings mention: looked up once it is known what that is."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import attrs

from ..._declare.resource import Async
from ..._tree import AdminResources
from ...directory.lookup import NameLookup, Wanted
from ..event import AuditEvent
from .directory import Known
from .model import Directory, Finding

# What stands in brackets has its name before it.
_ID = re.compile(r"(?<![\w(-])(?:user-|proj_|key_|svc_acct_|group_|role[-_])[\w-]+")


async def named(
    client: AdminResources[Async], known: Known, findings: Iterable[Finding]
) -> tuple[Directory, tuple[str, ...]]:
    """What is known of the organization, with the names of what findings mention.

    Listings are read only as far as names are missing, those of projects only of the projects that
    events name.

    Returns:
        the directory, and what could not be named, a sentence each.

    Raises:
        AuthenticationError: the key is wrong.
    """
    directory = known.directory
    lookup = NameLookup(client._caller, directory.names)
    # Where people could not be read, that is told, and it is not tried again.
    lookup.learn("people", known.users or ())
    events = [event for finding in findings for event in finding.evidence]
    lookup.names.update(_told(events))
    await lookup.find(_wanted(events))
    found = attrs.evolve(
        directory,
        names={**lookup.names},
        emails={**lookup.emails, **directory.emails},
        key_owners={**lookup.owners, **directory.key_owners},
    )
    return found, tuple(map(str, lookup.unknown()))


def _told(events: Iterable[AuditEvent]) -> Iterator[tuple[str, str]]:
    """Names that events tell themselves."""
    for event in events:
        if event.project_id is not None and event.project_name is not None:
            yield event.project_id, event.project_name
        if event.actor.user_id is not None and event.actor.email is not None:
            yield event.actor.user_id, event.actor.email


def _wanted(events: Iterable[AuditEvent]) -> Wanted:
    projects: set[str] = set()
    users: defaultdict[str, set[str]] = defaultdict(set)
    keys: defaultdict[str, set[str]] = defaultdict(set)
    for event in events:
        project = event.project_id
        if project is None:
            continue  # elsewhere each project would have to be asked
        projects.add(project)
        if event.actor.service_account_id is not None:
            users[event.actor.service_account_id].add(project)
        if event.actor.key_id is not None:
            keys[event.actor.key_id].add(project)
    return Wanted(projects=projects, users=users, keys=keys)


def with_names(finding: Finding, names: Mapping[str, str]) -> Finding:
    """A finding whose summary has names beside ids that it has alone."""

    def name(found: re.Match[str]) -> str:
        id = found[0]
        called = names.get(id, id)
        return id if called == id or called in finding.summary else f"{called} ({id})"

    return attrs.evolve(finding, summary=_ID.sub(name, finding.summary))
