"""Workflows as a part of a client's tree, so that both clients have them."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from typing import cast

from .._declare.decorators import composed
from .._declare.resource import Async, Mode, Resource
from .._forks import importing
from .._transport.session import Caller
from .rotation.model import Rotation
from .sinks.sink import Sink


class Workflows(Resource[Mode], name="workflows"):
    """Jobs of many steps, which can be cut off at any moment and go on when called again."""

    @composed
    async def rotate_service_account(
        self: Workflows[Async],
        /,
        account: str,
        *,
        project: str,
        to: str | Sink,
        overlap: float | None = None,
        until_unused: bool | None = None,
        finish: bool = False,
        abandon: bool = False,
        plan: bool = False,
        key: str | None = None,
        scopes: Iterable[str] | None = None,
        expires_in_seconds: int | None = None,
        journal: str | PathLike[str] | None = None,
    ) -> Rotation:
        """Replace the key of a service account without a moment in which none works.

        A new key is made, tested and put in its place; the old one is deleted by a later call with
        the same arguments, after the overlap. It may be cut off anywhere: the same call goes on.

        Args:
            account: the service account, by id or name.
            project: its project, by id or name.
            to: where the new key goes, as ``file:.env``, ``command:gh secret set NAME``, or an
                object with the methods of `Sink`.
            overlap: seconds for which both keys work, at least; by default a day.
            until_unused: whether the old key must also not have been used for that long.
            finish: delete the old key at once, in the same call or a later one.
            abandon: delete the new key instead and keep the old one.
            plan: only say what would be done.
            key: the key to replace, by id or name, or ``none``; by default the one that `to` holds,
                else the only one that there is.
            scopes: what the new key may do; by default what the old one may, where the API shows
                that, else everything.
            expires_in_seconds: after how many seconds the new key stops working; by default as
                long as the old one was to work.
            journal: the file that has what is needed to go on; by default one below the user's
                state folder.

        Raises:
            InvalidInputError: there is no such account, or several; or which key is to be replaced
                cannot be told.
            RotationError: it did not come to its end; the message says which keys there are.
            SinkError: the new key cannot be put there; none was made.
            APIError: the API refused, or cannot be reached.
        """
        with importing():
            from .rotation.starting import service_account, wishes_of

        return await service_account(
            cast("Caller", self._caller),
            account,
            project=project,
            to=to,
            wishes=wishes_of(
                overlap=overlap,
                until_unused=until_unused,
                finish=finish,
                abandon=abandon,
                plan=plan,
                key=key,
                scopes=scopes,
                expires_in_seconds=expires_in_seconds,
                journal=journal,
            ),
        )

    @composed
    async def rotate_admin_key(
        self: Workflows[Async],
        /,
        key: str,
        *,
        to: str | Sink,
        overlap: float | None = None,
        until_unused: bool | None = None,
        finish: bool = False,
        abandon: bool = False,
        plan: bool = False,
        expires_in_seconds: int | None = None,
        change_owner: bool = False,
        journal: str | PathLike[str] | None = None,
    ) -> Rotation:
        """Replace an admin key likewise, even the one that this client calls with.

        The API makes admin keys for the caller, with what the caller's key may do.

        Args:
            key: the key to replace, by id, name or the end of its value.
            to: where the new key goes; see `rotate_service_account`, as for the others.
            overlap: seconds for which both keys work, at least; by default a day.
            until_unused: whether the old key must also not have been used for that long.
            finish: delete the old key at once, in the same call or a later one.
            abandon: delete the new key instead and keep the old one.
            plan: only say what would be done.
            expires_in_seconds: after how many seconds the new key stops working; by default as
                long as the old one was to work.
            change_owner: replace a key of somebody else by one of the caller's.
            journal: the file that has what is needed to go on.

        Raises:
            InvalidInputError: there is no such key, several, or it belongs to somebody else.
            RotationError: it did not come to its end; the message says which keys there are.
            SinkError: the new key cannot be put there; none was made.
            APIError: the API refused, or cannot be reached.
        """
        with importing():
            from .rotation.starting import admin_key, wishes_of

        return await admin_key(
            cast("Caller", self._caller),
            key,
            to=to,
            wishes=wishes_of(
                overlap=overlap,
                until_unused=until_unused,
                finish=finish,
                abandon=abandon,
                plan=plan,
                expires_in_seconds=expires_in_seconds,
                change_owner=change_owner,
                journal=journal,
            ),
        )
