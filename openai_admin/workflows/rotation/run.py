"""A rotation carried out: `state` says what comes next, and it is done here, step by step."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs

from ..._transport.session import Caller
from ...errors import RotationError, SinkError
from ..journal import Entry, Journal
from ..sinks.sink import Sink, check, name_of
from . import making
from .abandoning import abandon, check_abandon
from .accounts import Account
from .beginning import chosen, terms
from .finishing import Waiting, finish, waiting
from .journal import JOURNALS, journal_path
from .kept import open_rotations, was_made
from .keys import Key, Listed, in_words
from .model import Rotation, RotationState, Wishes
from .recovered import entries_of, recovered, refuse_second
from .relisted import relisted
from .results import result
from .standing import standing, told
from .state import State, Step, Terms, begun, fingerprint, next_step, states
from .work import Work, key_of, spoken

_MOST_KEYS = 5  # that one run makes; more are lost only where something is wrong
_FINISHED = (
    "This was finished already, at {when}; nothing was done. To begin another one, pass --again."
)
_STEPS: Mapping[Step, Callable[[Work], Awaitable[None]]] = {
    "create": making.create,
    "reconcile": making.reconcile,
    "put": making.put,
    "take": making.take,
    "confirm": making.confirm,
    "discard": making.discard,
    "begin anew": making.begin_anew,
}


@attrs.frozen(kw_only=True)
class Place:
    """Which rotation is meant: what a journal must be of.

    Attributes:
        caller: sends the calls.
        account: what has the keys.
        sink: where the new one goes.
        written: how that was written, which may tell more than its name.
        address: the base address.
        organization: the organization that requests name.
        lag: seconds for which the API may not show what was just created.
    """

    caller: Caller
    account: Account
    sink: Sink
    written: str
    address: str
    organization: str | None = None
    lag: float = 10.0

    @property
    def sink_name(self) -> str:
        """What the sink is called."""
        return name_of(self.sink)

    def journal(self, wishes: Wishes) -> Path:
        """Where its journal is."""
        if wishes.journal is not None:
            return wishes.journal
        return journal_path(
            wishes.journals,
            address=self.address,
            organization=self.organization,
            kind=self.account.kind,
            project=self.account.place.get("project", ""),
            account=self.account.place.get("account", ""),
            sink=self.written,
        )

    async def listed(
        self, past: Sequence[State], held: str | None, wishes: Wishes, listed: Listed | None = None
    ) -> Listed:
        """The keys, where a listing may lag; see `relisted`."""
        return await relisted(
            self.caller, self.account, past, held, lag=self.lag, test=wishes.test, listed=listed
        )

    def check(self, of: Terms, path: Path) -> None:
        """Refuse a journal of something else.

        Raises:
            RotationError: it is one.
        """
        place = self.account.place
        for what, wanted, found in (
            ("kind", self.account.kind, of.kind),
            ("address", self.address, of.address),
            ("organization", self.organization, of.organization),
            ("project", place.get("project"), of.project),
            ("service account", place.get("account"), of.account),
            ("sink", self.sink_name, of.sink),
        ):
            if wanted != found:
                raise _other(path, f"its {what} is {found or 'none'}, not {wanted or 'none'}")
        if fingerprint(self.written, of.rotation) != of.sink_mark:
            raise _other(path, f"its {of.sink} was written with other arguments")


def _other(path: Path, why: str) -> RotationError:
    return RotationError(
        f"The journal {path} is of another rotation: {why}. Name another file with --journal."
    )


async def rotate(place: Place, wishes: Wishes) -> Rotation:
    """Begin a rotation, or go on with the one that was begun.

    Raises:
        InvalidInputError: which key is to be replaced cannot be told.
        RotationError: it did not come to its end; the message says what is so now.
        SinkError: the sink cannot be read or written; no key was made.
        APIError: the API refused, or cannot be reached.
        OSError: the journal cannot be read or written.
    """
    path = place.journal(wishes)
    if wishes.plan:
        entries = JOURNALS.read(path)
        work = await _work(place, wishes, entries, path, None)
        if wishes.abandon:
            await check_abandon(work)
        with told(work):
            wait = await _waiting(work, wishes)
            stands: RotationState = "planned" if wait is None else "overlap"
            return await result(work, wishes, wait, path, stands)
    with JOURNALS.opened(path) as journal:
        work = await _work(place, wishes, journal.entries, path, journal)
        if wishes.abandon:
            await check_abandon(work)
        with told(work):
            wait = await _waiting(work, wishes)
        if wait is None:
            if wishes.agree is not None:
                with told(work):
                    planned = await result(work, wishes, None, path, "planned")
                await wishes.agree(planned)
            with _told_if_cut_off(work), told(work):
                wait = await _done(work, wishes)
        under_way: RotationState = "unsettled" if wait is None else "overlap"
        return await result(work, wishes, wait, path, work.state.ended or under_way)


async def _work(
    place: Place, wishes: Wishes, entries: Sequence[Entry], path: Path, journal: Journal | None
) -> Work:
    """The rotation that the journal has open, or a new one."""
    past = states(entries, path)
    for state in past:
        place.check(state.terms, path)
    try:
        held = await check(place.sink)
    except SinkError as error:
        stands = standing(past[-1], place.sink_name) if past else None
        if stands is None:
            raise
        raise RotationError(f"{spoken(error)}. {stands}") from error
    holds: str | None = None
    if past and past[-1].is_open:
        state = past[-1]
        notes = [*_unheeded(state.terms, wishes)]
    else:
        state, notes, holds = await _new(place, wishes, held, path, journal, past)
    return Work(
        caller=place.caller,
        account=place.account,
        sink=place.sink,
        sink_name=place.sink_name,
        journal=journal,
        state=state,
        lag=place.lag,
        test=wishes.test,
        held=held,
        holds=holds,
        notes=notes,
        past=[each for each in past if each.terms.rotation != state.terms.rotation],
        refuse_second=lambda listed: _refuse_second(
            place, wishes, listed, [*past, state], listed.find(state.terms.old or "")
        ),
    )


def _unheeded(of: Terms, wishes: Wishes) -> Iterator[str]:
    """That a rotation goes on as it was begun, where now something else is asked for."""
    for name, asked, begun_with in (
        ("scopes", wishes.scopes, of.scopes),
        ("lifetime", wishes.expires_in_seconds, of.expires_in_seconds),
    ):
        if asked is not None and asked != begun_with:
            yield f"The new key's {name} stays as it was when this rotation began."


async def _new(
    place: Place,
    wishes: Wishes,
    held: str | None,
    path: Path,
    journal: Journal | None,
    past: Sequence[State],
) -> tuple[State, list[str], str]:
    """A new rotation, or the one that the keys show, whose journal is written anew.

    Returns:
        it, what to know of it, and what its sink holds, in words.
    """
    listed = await place.listed(past, held, wishes)
    under_way = recovered(listed, place.account, wishes, held)
    old: Key | None
    new: Key | None = None
    if under_way is not None:
        old, new = under_way
    elif wishes.abandon:
        raise RotationError(f"There is no rotation to abandon: {path} has none that is open.")
    else:
        old = chosen(listed, place.account, wishes, held, is_ours=was_made(path, held))
        _refuse_second(place, wishes, listed, past, old)
    of, notes = terms(
        old,
        listed,
        place.account,
        wishes,
        new=new,
        held=held,
        client_key=await key_of(place.caller),
        address=place.address,
        organization=place.organization,
        sink=place.sink_name,
        written=place.written,
    )
    holds = in_words(listed, held, whose=place.account.whose)
    if new is None:
        return State(terms=of), [*notes, *_early(place, old, of, wishes)], holds
    entries = entries_of(of, new, held or "", place.caller.server_now() or datetime.now(UTC))
    if journal is not None:
        for entry in entries:
            journal.append(entry)
    return states(entries, path)[-1], notes, holds


def _refuse_second(
    place: Place, wishes: Wishes, listed: Listed, known: Sequence[State], old: Key | None
) -> None:
    """Refuse to replace a key for which there is another one already; see `refuse_second`."""
    set_elsewhere = [state for _, state in open_rotations(wishes.journals) if state.new]
    marks = [state.terms.mark for state in (*known, *set_elsewhere)]
    refuse_second(listed, old, place.account, wishes, marks)


def _early(place: Place, old: Key | None, of: Terms, wishes: Wishes) -> Iterator[str]:
    """That the old key stops working before the overlap has ended."""
    if old is None or old.expires_at is None or wishes.finish:
        return
    now = place.caller.server_now() or datetime.now(UTC)
    if old.expires_at < now + timedelta(seconds=of.overlap):
        when = f"{old.expires_at:%Y-%m-%d %H:%M} UTC"
        yield f"The old key {old.id} expires at {when}, before the overlap has ended."


async def _waiting(work: Work, wishes: Wishes) -> Waiting | None:
    """What is waited for, where the rest is not due; ``None`` where there is something to do."""
    if wishes.abandon or work.state.set_number is None:
        return None
    wait = await waiting(work, wishes)
    return None if wait.is_due else wait


async def _done(work: Work, wishes: Wishes) -> Waiting | None:
    """Do all that can be done now.

    Returns:
        what is waited for; ``None`` at the end.
    """
    if wishes.abandon:
        await abandon(work)
        return None
    if not work.state.is_open:
        work.log(**begun(work.state.terms))
    most = work.state.attempted + _MOST_KEYS
    while (step := next_step(work.state, await work.seen())) != "finish":
        if step == "create" and work.state.attempted >= most:
            raise RotationError(
                f"{_MOST_KEYS} keys were made and lost one after another: look at what keeps"
                " answers from coming, and run the same command again."
            )
        await _STEPS[step](work)
    if (wait := await _waiting(work, wishes)) is None:
        await finish(work)
    return wait


@contextmanager
def _told_if_cut_off(work: Work) -> Iterator[None]:
    try:
        yield
    except asyncio.CancelledError as cancellation:
        cancellation.add_note(
            f"The rotation for {work.account.whose} was cut off: run the same command again to go"
            " on with it."
        )
        raise


def ended(place: Place, state: State, path: Path) -> Rotation:
    """What there is to know of a rotation that was finished before."""
    when = f"{state.ended_at:%Y-%m-%d %H:%M} UTC" if state.ended_at else "before"
    return Rotation(
        id=state.terms.rotation,
        kind=state.terms.kind,
        project=state.terms.project,
        account=state.terms.account,
        whose=place.account.whose,
        sink=place.sink_name,
        state="finished",
        old_key=state.terms.old,
        new_key=state.new.key if state.new else None,
        notes=(_FINISHED.format(when=when),),
        journal=str(path),
    )
