"""From what a person names to what is rotated: accounts, admin keys, sinks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import Any

import attrs

from ..._declare.arguments import shown
from ..._declare.resource import Async
from ..._text.durations import duration
from ..._text.secrets import secret_in
from ..._transport.session import Caller
from ..._tree import AdminResources
from ...directory.find import with_ids
from ...directory.lookup import label
from ...errors import APIStatusError, InvalidInputError, NotFoundError
from ...resources.admin_api_keys import YEAR
from ..sinks.forms import sink_of
from ..sinks.sink import Sink, check, guarded, name_of
from .accounts import Account, AdminKeys, ServiceAccount
from .beginning import chosen
from .kept import last_of, past_of, was_made
from .keys import NONE, UnknownKeyError, named, one_named
from .model import Rotation, Wishes
from .recovered import recovered
from .repeated import finished, names, too_young, with_left_over
from .run import Place, ended, rotate
from .state import State
from .vanished import vanished

_PLACEHOLDER = re.compile(r"(?<!\$)\{(?:project|account|key)(?:_id)?\}")  # of `several`
_RETRIEVE = "projects.service_accounts.retrieve"
_LONGEST_OVERLAP = 1_000_000_000  # s
_TEST = re.compile(r"none|(/[A-Za-z0-9_.~%:@-]+)+(\?[!-~]*)?")
_WRITTEN = {"project_id": "project", "service_account_id": "account"}


def wishes_of(
    *, journal: str | PathLike[str] | None, scopes: Iterable[str] | None = None, **wishes: Any
) -> Wishes:
    """How a rotation is to be done, of the arguments of a method."""
    return Wishes(
        journal=None if journal is None else Path(journal),
        scopes=None if scopes is None else tuple(scopes),
        **wishes,
    )


def checked(to: str | Sink, wishes: Wishes) -> tuple[Sink, str]:
    """The sink, and how it was written.

    Raises:
        InvalidInputError: it names none, or a wish is out of range or contradicts another.
    """
    check_wishes(wishes)
    if isinstance(to, str) and (left := _PLACEHOLDER.search(to)):
        raise InvalidInputError(
            f"to: {left[0]} is for several keys at once: pass --all, or a name."
        )
    sink = sink_of(to) if isinstance(to, str) else guarded(to)
    # A command's name leaves out its arguments; any other sink's is the same for the same place.
    is_command = isinstance(to, str) and to.startswith("command:")
    return sink, str(to) if is_command else name_of(sink)


def check_wishes(wishes: Wishes) -> None:
    """Refuse wishes that are out of range or contradict each other.

    Raises:
        InvalidInputError: some do.
    """
    for name, written in (
        ("scopes", ",".join(wishes.scopes or ())),
        ("test", wishes.test or ""),
        ("journal", str(wishes.journal or "")),
    ):
        if secret_in(written):  # they are sent, or stand in the journal and in messages
            raise InvalidInputError(f"{name} has the secret of a key in it, which is not used.")
    overlap = wishes.overlap
    is_number = isinstance(overlap, int | float)
    if overlap is not None and not (is_number and 0 <= overlap <= _LONGEST_OVERLAP):
        raise InvalidInputError(
            f"overlap must be seconds, from 0 to {_LONGEST_OVERLAP} (11574 days), not"
            f" {shown(overlap)}."
        )
    if wishes.finish and wishes.abandon:
        raise InvalidInputError("Pass finish or abandon, not both.")
    if wishes.expires_in_seconds is not None and wishes.expires_in_seconds < 1:
        raise InvalidInputError("expires_in_seconds must be 1 or more.")
    if wishes.key is not None and not wishes.key.strip():
        raise InvalidInputError("Name the key to replace: an empty text names none.")
    if wishes.test is not None and not _TEST.fullmatch(wishes.test):
        raise InvalidInputError(
            "A test must be a path behind the base address, as /models, or none, not"
            f" {shown(wishes.test)}."
        )
    wishes.check_lifetime(wishes.expires_in_seconds)


def check_admin_wishes(wishes: Wishes) -> None:
    """Refuse wishes that cannot be had for an admin key.

    Raises:
        InvalidInputError: its lifetime is too long.
    """
    seconds = wishes.expires_in_seconds
    if seconds is not None and seconds > YEAR:
        raise InvalidInputError(
            f"An admin key may work for at most {duration(YEAR)}, not {duration(seconds)}."
        )


async def service_account(
    caller: Caller, account: str, *, project: str, to: str | Sink, wishes: Wishes
) -> Rotation:
    """Rotate a service account's key; see `Workflows.rotate_service_account`."""
    sink, written = checked(to, wishes)
    try:
        found = await named_account(caller, account, project)
    except (InvalidInputError, APIStatusError):
        gone = await vanished(caller, account, sink=name_of(sink), written=written, wishes=wishes)
        if gone is None:
            raise
        return gone
    place = place_of(caller, found, sink, written)
    return await _rotated(place, wishes)


async def named_account(caller: Caller, account: str, project: str) -> ServiceAccount:
    """The service account that is named.

    Raises:
        InvalidInputError: there is no such project or account, or there are several.
    """
    client = AdminResources[Async](caller)
    arguments = {"project_id": project, "service_account_id": account}
    ids, _, _ = await with_ids(client, _RETRIEVE, arguments, _WRITTEN.__getitem__)
    try:
        known = await client.projects.service_accounts.retrieve(**ids)
    except NotFoundError as error:
        raise InvalidInputError(
            f"There is no service account {shown(account)} in the project {shown(project)}:"
            f" {error.message}"
        ) from error
    id = known.id
    return ServiceAccount(
        caller, project=ids["project_id"], account=id, name=label(known) or known.name or id
    )


async def admin_key(caller: Caller, key: str, *, to: str | Sink, wishes: Wishes) -> Rotation:
    """Rotate an admin key; see `Workflows.rotate_admin_key`."""
    if wishes.scopes is not None:
        raise InvalidInputError("An admin key cannot be made with other scopes than its maker's.")
    wishes = attrs.evolve(wishes, key=key)
    check_admin_wishes(wishes)
    sink, written = checked(to, wishes)
    place = place_of(caller, AdminKeys(caller), sink, written)
    return await _rotated(place, wishes)


async def _rotated(place: Place, wishes: Wishes) -> Rotation:
    """Rotate, unless that was done before, or the key is too young."""
    path = place.journal(wishes)
    last = last_of(path)
    if last is not None and last.is_open:
        await _check_open(place, wishes.key, last, path)
    elif last is not None and last.ended == "finished" and last.terms.old == wishes.key is not None:
        place.check(last.terms, path)
        return await _over(place, last, path)
    elif (done := await _not_now(place, wishes)) is not None:
        return done
    try:
        return await rotate(place, wishes)
    except UnknownKeyError:  # its name, or the end of its value, went with it
        last = last_of(path)
        if last is None or last.ended != "finished" or not names(wishes.key or "", last):
            raise
        return await _over(place, last, path)


async def _over(place: Place, last: State, path: Path) -> Rotation:
    """What there is to know of a finished rotation, with what has appeared since that was in doubt.

    Raises:
        APIError: that cannot be looked up.
    """
    if not (last.absent or last.unseen):
        return ended(place, last, path)
    return with_left_over(ended(place, last, path), last, await place.account.listed())


async def _check_open(place: Place, key: str | None, last: State, path: Path) -> None:
    """Refuse another key than that of the rotation that is not finished.

    Raises:
        InvalidInputError: one is named.
    """
    if key is None or key == NONE or names(key, last) or await _is_of(place, key, last):
        return
    place.check(last.terms, path)
    raise InvalidInputError(
        f"{path} has the rotation of {last.terms.old} into {place.sink_name}, which is not"
        f" finished; {named(key)} is another key: finish that rotation first, or name another"
        " sink or journal."
    )


async def _is_of(place: Place, key: str, state: State) -> bool:
    """Whether a text names the old or the new key of a rotation, by what is listed."""
    try:
        id = one_named(await place.account.listed(), key, whose=place.account.whose).id
    except InvalidInputError:
        return False
    return id in (state.terms.old, state.new.key if state.new else None)


async def _not_now(place: Place, wishes: Wishes) -> Rotation | None:
    """What there is to say where no rotation is under way, and none is to begin now."""
    if wishes.abandon:
        return None
    path = place.journal(wishes)
    if wishes.older_than is None and (wishes.again or last_of(path) is None):
        return None
    held = await check(place.sink)
    past = past_of(path)
    listed = await place.listed(past, held, wishes)
    if (done := finished(place, wishes, listed, held)) is not None:
        return done
    if wishes.older_than is None or recovered(listed, place.account, wishes, held) is not None:
        return None
    old = chosen(listed, place.account, wishes, held, is_ours=was_made(path, held))
    why = "Nothing to do: it has no key." if old is None else too_young(old, place, wishes)
    if why is None:
        return None
    skipped = Rotation(
        kind=place.account.kind,
        project=place.account.place.get("project"),
        account=place.account.place.get("account"),
        whose=place.account.whose,
        sink=place.sink_name,
        state="skipped",
        old_key=old.id if old is not None else None,
        notes=(why,),
        journal=str(path),
    )
    return with_left_over(skipped, past[-1], listed) if past else skipped


def place_of(caller: Caller, account: Account, sink: Sink, written: str) -> Place:
    """Which rotation is meant."""
    return Place(
        caller=caller,
        account=account,
        sink=sink,
        written=written,
        address=caller.session.base_url,
        organization=caller.options.headers.organization,
    )
