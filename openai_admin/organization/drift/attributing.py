"""By whom something was changed and when, as far as the audit log says."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from contextlib import aclosing
from datetime import datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

import anyio.to_thread
import attrs

from ..._declare.resource import Async
from ..._tree import AdminResources
from ..._wire.codec import to_dict
from ...directory.not_known import NotKnown
from ...directory.reading import PAGE, Reads
from ...errors import APIError
from ...insights.recorded import texts_in
from .traces import Wanted

if TYPE_CHECKING:
    from ...resources.audit_logs import AuditLog

K = TypeVar("K", bound=Hashable)

MOST = 2_000
"""Events that are looked at, the newest; what lies before stays not known."""

_LOG = "the audit log"
_SURE = timedelta(seconds=2)  # the server's time is known to about a second


@attrs.frozen
class Attributed:
    """What the audit log says.

    Attributes:
        events: the newest event of each thing, where there is one.
        not_known: why it does not say more.
    """

    events: Mapping[Any, AuditLog]
    not_known: tuple[NotKnown, ...] = ()


async def attributed(
    client: AdminResources[Async], wanted: Mapping[K, Wanted], since: datetime, until: datetime
) -> Attributed:
    """Look in the audit log for what happened: only the types that matter, and no further back than
    until all is found.

    Args:
        client: an asynchronous client.
        wanted: what is looked for.
        since: the earliest moment.
        until: the latest one.

    Raises:
        AuthenticationError: the key is wrong.
    """
    if not wanted:
        return Attributed({})
    await anyio.to_thread.run_sync(attrgetter("audit_logs"), client)  # it has many models
    traces = [each.trace for each in wanted.values()]
    types: Any = sorted({type for each in traces for type in (*each.types, *each.named_by)})
    search = _Search(dict(wanted))
    reads = Reads(client._caller)
    reads.begin(_LOG)
    seen = unread = 0
    listed = client.audit_logs.list(
        limit=PAGE,
        effective_at={"gte": since, "lte": until + _SURE},
        event_types=types,
    )
    try:
        async with aclosing(listed.pages()) as pages:
            async for page in pages:
                reads.answered()
                # In a worker: where much has drifted, it takes longer than the loop may be held.
                await anyio.to_thread.run_sync(search.look_at, page.data, abandon_on_cancel=True)
                seen += len(page.data)
                unread += len(page.unreadable)
                if not search.left or seen >= MOST:
                    break
    except APIError as error:
        await reads.refuse(_LOG, error)
    else:
        if seen < MOST and not unread:
            search.end()
    if search.left and unread:
        reads.unread[_LOG] += unread
    lost = [*reads.not_known]
    if search.left and seen >= MOST:
        lost.append(NotKnown(kind=_LOG, reason=f"only its newest {seen:,} events were looked at"))
    return Attributed(search.found, tuple(lost))


@attrs.define
class _Search:
    """A search from the newest event to older ones.

    Attributes:
        left: what was not found yet.
        found: what was.
    """

    left: dict[Any, Wanted]
    found: dict[Any, AuditLog] = attrs.field(factory=dict)
    _gone: dict[str, AuditLog] = attrs.field(factory=dict)
    _by_type: dict[str, list[Any]] = attrs.field(factory=dict)
    _perhaps: dict[Any, tuple[AuditLog, Mapping[str, Any]]] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        for key, wanted in self.left.items():
            for type in {*wanted.trace.types, *wanted.trace.named_by}:
                self._by_type.setdefault(type, []).append(key)

    def look_at(self, events: Iterable[AuditLog]) -> None:
        """Look at some events, which are older than those before."""
        for event in events:
            payload = to_dict(event.payload, mode="read")
            texts = frozenset(texts_in(payload))
            for key in self._by_type.get(str(event.type), ()):
                wanted = self.left.get(key)
                if wanted is None or not _is_of(event, texts, wanted):
                    continue
                if wanted.name is not None:
                    self._settle(key, self._named(event, texts, wanted), is_last=False)
                elif event.type in wanted.trace.types and wanted.ids <= texts:
                    self._tell(key, event, payload, wanted)
            id = getattr(event.payload, "id", None)
            if isinstance(id, str) and (event.type or "").endswith(("deleted", "removed")):
                self._gone.setdefault(id, event)

    def end(self) -> None:
        """Say that there are no older events."""
        for key, (event, _) in self._perhaps.items():
            self._settle(key, event)

    def _tell(self, key: Any, event: AuditLog, payload: Any, wanted: Wanted) -> None:
        """Look at an event that may be the one.

        Where events tell a setting as a whole, also what was not changed of it, it is the oldest
        of those that tell the same, after one that tells something else.
        """
        told = wanted.told(payload)
        if told is None:
            return
        newer = self._perhaps.get(key)
        if not wanted.trace.is_whole:
            self._settle(key, event if wanted.is_all(told) else None)
        elif newer is None or newer[1] == told:
            self._perhaps[key] = event, told
        else:
            self._settle(key, newer[0] if wanted.is_all_since(told) else None)

    def _settle(self, key: Any, event: AuditLog | None, *, is_last: bool = True) -> None:
        """Keep which event it is; ``None`` where it is not known, and no older one tells more."""
        if event is not None:
            self.found[key] = event
        if event is not None or is_last:
            self.left.pop(key, None)

    def _named(self, event: AuditLog, texts: frozenset[str], wanted: Wanted) -> AuditLog | None:
        """The event by which something went, where this one tells that it was called so."""
        if event.type not in wanted.trace.named_by or wanted.name not in texts:
            return None
        id = getattr(event.payload, "id", None)
        gone = event if event.type in wanted.trace.types else self._gone.get(str(id))
        return gone if gone is not None and gone.type in wanted.trace.types else None


def _is_of(event: AuditLog, texts: frozenset[str], wanted: Wanted) -> bool:
    """Whether an event is of the place where something is looked for."""
    place = None if event.project is None else event.project.id
    return wanted.project_id in ("", place) or wanted.project_id in texts
