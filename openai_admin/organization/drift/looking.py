"""Drift: the plan read the other way, with who did it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Literal

import attrs

from ..._declare.resource import Async
from ..._text.visible import visible
from ..._tree import AdminResources
from ..._wire.codec import to_dict
from ...errors import InvalidInputError
from ...insights.recorded import actor_of
from ..document.model import Document, Protected
from ..observing.forecast import OnProgress
from ..planning.model import Action, FieldChange, Impossible, Plan, Step
from ..planning.placing import Where
from ..planning.steps import makers_in
from ..preparing import Prepared, prepare
from ..state import State
from .attributing import attributed
from .model import DAYS, Drift, Drifted
from .traces import Wanted, of_archived, shown_in, wanted_of
from .wording import named, told

if TYPE_CHECKING:
    from ...resources.audit_logs import AuditLog

# What waits for an invite is nothing that differs: who is not invited yet is missing already.
_NOT_LEFT = ("not_known", "invited")
_ARCHIVE = "projects.archive"
_SWITCHES = ("certificates.activate", "certificates.deactivate")
_KINDS: Mapping[Action, Literal["added", "removed", "changed"]] = {
    "create": "removed",
    "change": "changed",
    "remove": "added",
}


async def drift(
    client: AdminResources[Async],
    document: Document,
    *,
    only: Collection[str] | None = None,
    projects: str | Collection[str] | None = None,
    days: int = DAYS,
    where: Where | None = None,
    on_progress: OnProgress | None = None,
) -> Drift:
    """Find out what is not as a file says, and who changed it.

    What the file protects is looked at like everything else. The audit log is asked only where
    something is found.

    Args:
        client: an asynchronous client.
        document: what the file says.
        only: the sections that are looked at alone, of those that the file has.
        projects: the projects that are looked at alone, by label, name or id.
        days: how many days the audit log is looked back, 1 or more.
        where: tells where something stands in the file.
        on_progress: is told how far the reading is.

    Raises:
        InvalidInputError: there is no such section or project, the file is of another organization,
            or the days are out of range.
        AuthenticationError: the key is wrong.
        APIConnectionError: the API cannot be reached at all.
    """
    if days < 1:
        raise InvalidInputError(f"days must be 1 or more, not {days}.")
    unprotected = attrs.evolve(document, protect=Protected())
    prepared = await prepare(
        client, unprotected, only=only, projects=projects, where=where, on_progress=on_progress
    )
    plan, state = prepared.plan, prepared.state
    found = [*_found(prepared, document)]
    wanted = {each.id: each.wanted for each in found if each.wanted is not None}
    if not found:
        return _drift(plan, state)
    until = state.read_at or datetime.now(UTC)
    since = until - timedelta(days=days)
    log = await attributed(client, wanted, since, until)
    drifted = []
    for each in found:
        event = log.events.get(each.id)
        made = each.made(event)
        if event is not None:
            made = attrs.evolve(made, actor=actor_of(event), changed_at=event.effective_at)
        drifted.append(made)
    return attrs.evolve(
        _drift(plan, state), since=since, found=tuple(drifted), log_not_known=log.not_known
    )


def _drift(plan: Plan, state: State) -> Drift:
    names = state.names
    ids = {part.project_id for part in plan.not_known if part.project_id is not None}
    return Drift(
        organization=state.document.organization,
        looked_at=state.read_at,
        left=tuple(each for each in plan.untouched if each.kind not in _NOT_LEFT),
        not_known=plan.not_known,
        unclear=tuple(each for each in plan.untouched if each.kind == "not_known"),
        names={id: names[id] for id in ids if id in names},
    )


@attrs.frozen(kw_only=True)
class _Found:
    """Something that is not as the file says, before it is known who did it.

    Attributes:
        id: what it is called.
        wanted: what to look for in the audit log; ``None`` where no event could be told from
            others.
        made: makes it, knowing the event that recorded it, where there is one.
    """

    id: str
    wanted: Wanted | None
    made: partial[Drifted]


def _found(prepared: Prepared, document: Document) -> Iterator[_Found]:
    plan, state = prepared.plan, prepared.state
    for step in plan.steps:
        if not _is_said(step):
            yield from _of_step(step, document)
    for number, each in enumerate(plan.impossible):
        archived = _archived(each, document, state)
        yield _Found(
            id=f"impossible/{number}",
            wanted=None if archived is None else of_archived(archived),
            made=partial(_of_impossible, each, archived, f"impossible/{number}"),
        )


def _is_said(step: Step) -> bool:
    """Whether another step says it already.

    What needs a thing that is missing is missing with it: what is in a project, the members of a
    group, the second call that makes something. An invite is withdrawn only to be sent again.
    """
    if step.section == "people":
        return step.action == "change" and step.operation == "invites.delete"
    return next(makers_in(step.arguments), None) is not None


def _of_step(step: Step, document: Document) -> Iterator[_Found]:
    """What a step would take back; each field of its own, as each may have had its own author."""
    changes = tuple(
        FieldChange(field=each.field, old=each.new, new=each.old) for each in step.changes
    )
    is_of_certificates = step.operation.endswith(_SWITCHES)
    if len(changes) < 2 or not (is_of_certificates or step.action == "change"):
        change = changes[0] if changes and step.action == "change" else None
        wanted = wanted_of(step, change)
        yield _Found(
            id=step.id, wanted=wanted, made=partial(_made, step.id, step, changes, document)
        )
        return
    for change in changes:
        id = f"{step.id}/{change.field}"
        of = attrs.evolve(step, subject=change.field) if is_of_certificates else step
        made = partial(_made, id, of, (change,), document)
        yield _Found(id=id, wanted=wanted_of(step, change), made=made)


def _made(
    id: str,
    step: Step,
    changes: tuple[FieldChange, ...],
    document: Document,
    event: AuditLog | None,
) -> Drifted:
    kind = _KINDS[step.action]
    if step.operation == _ARCHIVE:
        is_in_file = step.subject in (document.projects or {})
        changes = () if is_in_file else (FieldChange(field="name", new=step.subject),)
        kind = "changed" if is_in_file else kind
    shown = None if event is None else shown_in(to_dict(event.payload, mode="read"), changes)
    return Drifted(
        id=id,
        section=step.section,
        kind=kind,
        subject=step.subject,
        project=step.project,
        changes=changes,
        text=visible(told(step, changes, shown=shown)),
    )


def _of_impossible(
    impossible: Impossible, archived: str | None, id: str, event: AuditLog | None
) -> Drifted:
    name = named(impossible.section, impossible.subject, impossible.project)
    if archived is not None:
        text = f"{name} {'is' if event is None else 'was'} archived, which cannot be undone"
    else:
        text = f"{name}: {impossible.reason.rstrip('.')}"
        text += f" ({impossible.where})" if impossible.where else ""
    return Drifted(
        id=id,
        section=impossible.section,
        kind="other" if archived is None else "removed",
        subject=impossible.subject,
        project=impossible.project,
        text=visible(text),
    )


def _archived(impossible: Impossible, document: Document, state: State) -> str | None:
    """The id of the archived project that the file wants, where it is that."""
    project = (document.projects or {}).get(impossible.subject)
    if impossible.section != "projects" or project is None:
        return None
    if project.id is not None:
        return project.id if project.id in state.archived else None
    name = project.name or impossible.subject
    ids = [id for id, label in state.archived.items() if label == name]
    return ids[0] if len(ids) == 1 else None
