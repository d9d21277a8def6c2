"""A rotation whose service account is gone, or whose project is: its keys went with it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from ..._declare.resource import Async
from ..._transport.session import Caller
from ..._tree import AdminResources
from ...directory.kinds import KINDS
from ...errors import NotFoundError
from .journal import JOURNALS
from .kept import last_of, open_rotations
from .model import Rotation, Wishes
from .state import State, fingerprint


async def vanished(
    caller: Caller, account: str, *, sink: str, written: str, wishes: Wishes
) -> Rotation | None:
    """End the rotation into a sink whose service account does not exist any more.

    Args:
        caller: sends the calls.
        account: the account as it was named; it is not found.
        sink: what the sink is called.
        written: how it was written.
        wishes: which journal is meant, or which folder of them.

    Returns:
        the rotation; ``None`` if none is open for that sink, or its account may be there.

    Raises:
        APIError: whether it is there cannot be found out.
        RotationError: the journal cannot be read or written.
    """
    is_id = KINDS["service_account_id"].is_id(account)
    for path, state in _open(wishes):
        of = state.terms
        is_it = (
            of.kind == "service_account"
            and of.address == caller.session.base_url
            and of.organization == caller.options.headers.organization
            and of.sink_mark == fingerprint(written, of.rotation)
            and not (is_id and account != of.account)
        )
        why = await _gone(caller, of.project or "", of.account or "") if is_it else None
        if why is not None:
            return _ended(caller, state, path, sink, why, wishes)
    return None


def _open(wishes: Wishes) -> Iterable[tuple[Path, State]]:
    if wishes.journal is None:
        return open_rotations(wishes.journals)
    last = last_of(wishes.journal)
    return [(wishes.journal, last)] if last is not None and last.is_open else []


async def _gone(caller: Caller, project: str, account: str) -> str | None:
    """What is gone, as a sentence without its end; ``None`` where nothing is."""
    projects = AdminResources[Async](caller).projects
    try:
        if (await projects.retrieve(project)).status == "archived":
            return f"The project {project} was archived"
    except NotFoundError as error:
        if error.is_from_api:
            return f"The project {project} does not exist any more"
        raise
    try:
        await projects.service_accounts.retrieve(project, account)
    except NotFoundError as error:
        if error.is_from_api:
            return f"The service account {account} does not exist any more"
        raise
    return None


def _ended(
    caller: Caller, state: State, path: Path, sink: str, why: str, wishes: Wishes
) -> Rotation:
    of, new = state.terms, state.new or state.last
    note = (
        f"{why}, and its keys went with it, so this rotation is over; {sink} may still hold a key"
        " that no longer works."
    )
    if not wishes.plan:
        at = caller.server_now() or datetime.now(UTC)
        with JOURNALS.opened(path) as journal:
            journal.append({"what": "abandoned", "why": why, "at": at.isoformat()})
    return Rotation(
        id=of.rotation,
        kind=of.kind,
        project=of.project,
        account=of.account,
        whose=f"the service account {of.account}",
        sink=sink,
        state="planned" if wishes.plan else "abandoned",
        old_key=of.old,
        new_key=new.key if new is not None else None,
        notes=(note,),
        journal=str(path),
    )
