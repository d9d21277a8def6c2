"""When a plan removes so much that it may be a mistake: it is refused unless that is forced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..document.model import NONE, Document
from ..state import State
from .lockout import Losses
from .losses import Loss, lasting
from .model import Exceeded, Step
from .standing import Standing
from .wording import counted, listed

MOST = 30
"""More than so many percent of a kind…"""
LEAST = 3
"""…and at least so many are a threshold."""

OWNERS = "owners"
"""What is forced where somebody owns less, of the organization or of a project."""

OWN_KEY = "own_key"
"""What is forced where the key in use may stop managing the organization, and whose it is is not
known."""

MUTUAL_TLS = "mutual_tls"
"""What is forced where callers without a client certificate may be refused from now on."""

_ARCHIVE = "projects.archive"
_MEMBER_GONE = "users.delete"
_NAMES: Mapping[str, tuple[str, str | None]] = {
    "people": ("person", "people"),
    "people.roles": ("role of people", "roles of people"),
    "groups": ("group", None),
    "groups.members": ("member of groups", "members of groups"),
    "groups.roles": ("role of groups", "roles of groups"),
    "roles": ("role", None),
    "projects.members": ("member of projects", "members of projects"),
    "projects.groups": ("group of projects", "groups of projects"),
    "projects.roles": ("role of projects", "roles of projects"),
    "projects.service_accounts": ("service account", None),
    "projects.spend_limit": ("spend limit of projects", "spend limits of projects"),
    "projects.models": ("list of models", "lists of models"),
    "projects.spend_alerts": ("spend alert of projects", "spend alerts of projects"),
    "projects.certificates": ("certificate of projects", "certificates of projects"),
    "projects.external_storage": ("bucket", None),
    "settings.spend_limit": ("spend limit", None),
    "settings.spend_alerts": ("spend alert", None),
    "certificates": ("certificate", None),
    "identity_providers": ("identity provider", None),
    "identity_providers.rules": ("federation rule", None),
    "external_keys": ("external key", None),
}
_OF_MEMBERS = {
    "projects.users.roles.delete": ("role of members of projects", "roles of members of projects"),
    "projects.groups.roles.delete": ("role of groups in projects", "roles of groups in projects"),
}

KINDS = (OWNERS, OWN_KEY, MUTUAL_TLS, "projects", *_NAMES)
"""What can be forced."""


def exceeded(
    steps: Iterable[Step], losses: Losses, state: State, standing: Standing
) -> Iterator[Exceeded]:
    """The thresholds that a plan passes.

    Args:
        steps: its steps.
        losses: what each takes of ownership.
        state: what there is.
        standing: who holds what of it.
    """
    steps = list(steps)
    yield from _owners(lasting(steps, losses, standing), state, standing)
    archived = [step.subject for step in steps if step.operation == _ARCHIVE]
    if archived:
        reason = (
            f"{counted(len(archived), 'project')} would be archived, which cannot be undone: "
            f"{listed(archived)}."
        )
        yield Exceeded(kind="projects", reason=reason)
    refusing = [*_first_certificates(steps, state.document, standing)]
    if refusing:
        reason = (
            f"Calls without a client certificate may be refused at once, this key's among them:"
            f" the first certificate would become active in {listed(refusing)}."
        )
        yield Exceeded(kind=MUTUAL_TLS, reason=reason)
    removed: dict[tuple[str, str], int] = {}
    for step in steps:
        if step.action == "remove" and step.operation != _ARCHIVE:
            kind = (step.section, step.operation if step.operation in _OF_MEMBERS else "")
            removed[kind] = removed.get(kind, 0) + _weight(step)
    for (section, part), number in removed.items():
        total = max(number, _total(state.document, section, part))
        one, many = _OF_MEMBERS.get(part) or _NAMES[section]
        if not _is_much(number, total) and section == "people":  # invites are not to hide members
            number = sum(step.operation == _MEMBER_GONE for step in steps)
            there = (state.document.people or {}).values()
            total = max(number, sum(person.id is not None for person in there))
            one, many = "member", "members"
        if _is_much(number, total):
            reason = f"{number:,} of {counted(total, one, many)} would be removed."
            yield Exceeded(kind=section, reason=reason)


def _is_much(number: int, total: int) -> bool:
    return number >= LEAST and 100 * number > MOST * total


def _first_certificates(
    steps: Iterable[Step], there: Document, standing: Standing
) -> Iterator[str]:
    """Where a certificate becomes active and none is: the organization, and projects by label."""
    found: dict[str, None] = {}
    for step in steps:
        project_id = step.arguments.get("project_id")
        if step.operation == "certificates.activate":
            if not any(each.active for each in (there.certificates or {}).values()):
                found["the organization"] = None
        elif step.operation == "projects.certificates.activate" and isinstance(project_id, str):
            project = standing.projects.get(project_id)
            if project is None or not project.certificates:
                found[step.project or project_id] = None
    yield from found


def _owners(losses: Iterable[Loss], state: State, standing: Standing) -> Iterator[Exceeded]:
    found = dict.fromkeys((each.who, each.project_id) for each in losses if each.is_sure)
    perhaps = dict.fromkeys((each.who, each.project_id) for each in losses if not each.is_sure)
    sure = _places(found, standing)
    maybe = _places((each for each in perhaps if each not in found), standing)
    said = []
    if sure:
        said.append(f"{counted(len(sure), 'ownership')} would be taken away: {listed(sure)}.")
    if maybe:
        said.append(f"Whether ownership would be taken away is not known: {listed(maybe)}.")
    if said:
        yield Exceeded(kind=OWNERS, reason=" ".join(said))
    theirs = dict.fromkeys(who for who, project_id in (*found, *perhaps) if project_id is None)
    if theirs and state.acting_user is None:
        reason = (
            "Whose admin key is in use is not known. It would manage nothing any more if it is one"
            f" of: {listed([*theirs])}."
        )
        yield Exceeded(kind=OWN_KEY, reason=reason)


def _places(owned: Iterable[tuple[str, str | None]], standing: Standing) -> list[str]:
    return [
        f"{who} of {'the organization' if id is None else standing.labels.get(id, id)}"
        for who, id in owned
    ]


def _weight(step: Step) -> int:
    """How many things a step removes: one call takes certificates from a project by the list."""
    lists = [len(each) for each in step.arguments.values() if isinstance(each, list | tuple)]
    return max([1, *lists])


def _total(there: Document, section: str, operation: str) -> int:
    """How many things there are of a section."""
    if operation in _OF_MEMBERS:
        field = section.partition(".")[2]
        parts = (getattr(project, field) or {} for project in (there.projects or {}).values())
        return sum(len(each.roles or ()) for part in parts for each in part.values())
    first, _, field = section.partition(".")
    whole = getattr(there, first)
    if whole is None or not field:
        return len(whole or ())
    things: Iterable[Any] = [whole] if first == "settings" else whole.values()
    return sum(_count(getattr(each, field)) for each in things)


def _count(value: Any) -> int:
    """How many things a part has; what there is at most once is one, or not there."""
    if isinstance(value, Mapping | tuple):
        return len(value)
    return 0 if value in (None, NONE) else 1
