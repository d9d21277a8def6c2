"""How a rotation begins: which key it replaces, and what the new one will be like."""

from __future__ import annotations

import secrets

from ..._declare.arguments import shown
from ...errors import InvalidInputError
from ...resources.admin_api_keys import YEAR
from .accounts import Account
from .keys import NONE, Key, Listed, base_name, check_own, replaced_key
from .model import DAY, Wishes
from .state import Terms, fingerprint

WILL_BELONG = "The new key will belong to"
_LONGEST_NAME = 60  # characters of a name that go into the next one's


def chosen(
    listed: Listed, account: Account, wishes: Wishes, held: str | None, *, is_ours: bool
) -> Key | None:
    """The key to replace.

    Args:
        listed: the keys.
        account: what has them.
        wishes: what was asked for.
        held: the secret that the sink holds.
        is_ours: whether an earlier rotation into the same sink made it.

    Raises:
        InvalidInputError: which one it is cannot be told, or the sink holds something else.
    """
    may_replace = wishes.replace or is_ours
    if held and not may_replace:
        check_own(listed, held, whose=account.whose)
    if may_replace and not any(key.may_be(held or "") for key in listed.own):
        held = None  # what is overwritten says nothing of the key to replace
    old = replaced_key(listed, held=held, named=wishes.key, whose=account.whose)
    if wishes.key in (None, NONE) or old is None or held is None:
        return old
    in_sink = [key for key in listed.own if key.may_be(held)]
    if in_sink and old not in in_sink:
        raise InvalidInputError(
            f"The sink holds {in_sink[0]}, not {old}: name the key that it holds, or another sink."
        )
    return old


def terms(
    old: Key | None,
    listed: Listed,
    account: Account,
    wishes: Wishes,
    *,
    new: Key | None = None,
    held: str | None,
    client_key: str | None,
    address: str,
    organization: str | None,
    sink: str,
    written: str,
) -> tuple[Terms, list[str]]:
    """What the rotation is of, and what to know of it.

    Args:
        old: the key to replace.
        listed: all keys.
        account: what has them.
        wishes: what was asked for.
        new: the key that replaces it, where it is there already and its journal is not.
        held: the secret that the sink holds.
        client_key: the key that the calls are made with.
        address: the base address.
        organization: the organization that requests name.
        sink: what the sink is called.
        written: how it was written.

    Raises:
        InvalidInputError: the new key would have another owner than the old one, or not outlive
            the overlap.
    """
    notes: list[str] = []
    if new is not None and new.origin is not None:
        rotation, scopes, expires = new.origin.rotation, new.scopes, new.lifetime
        notes.append(
            f"This rotation's journal was not there: it is gone on with by the names of {old} and"
            f" {new}, and its overlap counts from when the latter was made."
        )
    else:
        rotation = secrets.token_hex(5)
        scopes, expires = _as_before(old, account, wishes, notes)
        if account.kind == "admin_key" and old is not None:
            notes += _owners(old, listed, client_key, may_change=wishes.change_owner)
    if wishes.key == NONE and held is not None:
        notes.append(f"The key in {sink} is replaced there only: it stays valid.")
    made = Terms(
        rotation=rotation,
        kind=account.kind,
        address=address,
        organization=organization,
        project=account.place.get("project"),
        account=account.place.get("account"),
        sink=sink,
        sink_mark=fingerprint(written, rotation),
        name=(base_name(old.name) if old and old.name else account.base)[:_LONGEST_NAME],
        old=old.id if old else None,
        old_name=old.name if old else None,
        old_created=old.created_at.isoformat() if old and old.created_at else None,
        old_used=old.last_used_at.isoformat() if old and old.last_used_at else None,
        old_held=None if held is None or new is not None else fingerprint(held, rotation),
        named=None if wishes.key is None else fingerprint(wishes.key, rotation),
        overlap=DAY if wishes.overlap is None else wishes.overlap,
        until_unused=bool(wishes.until_unused),
        scopes=scopes,
        expires_in_seconds=expires,
        owner=old.owner if old else None,
        may_change_owner=wishes.change_owner,
    )
    return made, notes


def _as_before(
    old: Key | None, account: Account, wishes: Wishes, notes: list[str]
) -> tuple[tuple[str, ...] | None, int | None]:
    """The scopes and the lifetime of the new key: as asked for, else as the old one's.

    Raises:
        InvalidInputError: it would not outlive the overlap.
    """
    scopes, expires = wishes.scopes, wishes.expires_in_seconds
    if scopes is None and old is not None and account.kind == "service_account":
        scopes = old.scopes
        if scopes is None:
            notes.append(
                "What the old key may do is not shown by the API; the new one may do everything its"
                " account may, unless --scopes says otherwise."
            )
    if expires is None and old is not None and old.expires_at is not None:
        expires = old.lifetime
        if expires is None:
            notes.append(
                "For how long the old key was to work is not known; the new one does not expire,"
                " unless --expires-in says otherwise."
            )
        elif account.kind == "admin_key":
            expires = min(expires, YEAR)
        wishes.check_lifetime(expires, whose="The new key, which lives as long as the old one,")
    return scopes, expires


def _owners(old: Key, listed: Listed, client_key: str | None, *, may_change: bool) -> list[str]:
    """What to know of the new admin key's owner, who is the owner of the key that makes it."""
    mine = [key for key in listed.own if client_key is not None and key.may_be(client_key)]
    caller = mine[0].owner if len(mine) == 1 else None
    if caller is None or old.owner is None:
        unknown = "whether that is the old key's owner is not known before the new key is made"
        return [f"The API makes admin keys for the caller; {unknown}."]
    if caller == old.owner:
        return []
    if not may_change:
        raise InvalidInputError(
            f"{old} belongs to {shown(old.owner)}, and the API makes admin keys for the caller,"
            f" {shown(caller)}: have its owner rotate it, or pass --change-owner."
        )
    return [f"{WILL_BELONG} {caller}, the old one belongs to {old.owner}."]
