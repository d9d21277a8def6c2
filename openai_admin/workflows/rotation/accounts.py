"""What has keys: a service account, or whoever has an admin key; both alike to a rotation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import attrs

from ..._declare.resource import Async
from ..._transport.session import Caller
from ..._tree import AdminResources
from ...errors import NotFoundError
from ...resources.admin_api_keys import YEAR, AdminAPIKey
from ...resources.projects.api_keys import ProjectAPIKey
from .keys import Key, Listed
from .state import Kind
from .trial import answered, models, projects

_PAGE = 100


@attrs.frozen(kw_only=True)
class Made:
    """A key that was just made.

    Attributes:
        id: its id.
        secret: the key itself.
        owner: the id of whoever has it, where the answer says so.
    """

    id: str
    secret: str = attrs.field(repr=False)
    owner: str | None = None


class Gone(Exception):  # noqa: N818 - it is not an error
    """There is no key to delete, or it is not shown yet."""


class Account(Protocol):
    """What has keys.

    Attributes:
        kind: which kind of keys.
        whose: what the account is called.
        noun: what one of the keys is called, with its article.
        place: the project's and the account's id.
        base: what the names of new keys begin with where no key is replaced.
    """

    @property
    def kind(self) -> Kind: ...
    @property
    def whose(self) -> str: ...
    @property
    def noun(self) -> str: ...
    @property
    def place(self) -> Mapping[str, str]: ...
    @property
    def base(self) -> str: ...

    def called_with(self, secret: str) -> Account:
        """The same, called with another key where that can be: an admin key."""
        ...

    async def listed(self) -> Listed:
        """The keys that the account has, and those of others beside them.

        Raises:
            APIError: they cannot be read.
        """
        ...

    async def create(
        self, *, name: str, scopes: Sequence[str] | None, expires_in_seconds: int | None
    ) -> Made:
        """Make a key.

        Raises:
            OutcomeUnknownError: it may have been made.
            APIError: it was not.
        """
        ...

    async def delete(self, id: str) -> bool | None:
        """Delete a key.

        Returns:
            what the API says of it: whether it is deleted; ``None`` where it says nothing.

        Raises:
            Gone: there is none, or it is not shown yet.
            APIError: it may be there still.
        """
        ...

    async def has(self, id: str) -> bool:
        """Whether a key is shown when it is asked for by its id.

        Raises:
            APIError: that cannot be found out.
        """
        ...

    async def accepts(self, secret: str, path: str | None) -> None:
        """Call the API with a key once, cheaply.

        Args:
            secret: the key.
            path: what to ask for, in place of what any key of this kind may list.

        Raises:
            APIError: as the API answers.
        """
        ...


class ServiceAccount:
    """A service account of a project."""

    kind: Kind = "service_account"
    noun = "a key"

    def __init__(self, caller: Caller, *, project: str, account: str, name: str) -> None:
        self._caller = caller
        self._client = AdminResources[Async](caller)
        self._project, self._account = project, account
        self.whose = f"the service account {name}"
        self.place = {"project": project, "account": account}
        self.base = name

    def called_with(self, secret: str) -> ServiceAccount:
        """Itself: its keys cannot call the Admin API."""
        return self

    async def listed(self) -> Listed:
        """The keys of its project."""
        return self.among(*await project_keys(self._caller, self._project))

    def among(self, keys: Sequence[ProjectAPIKey], unreadable: int) -> Listed:
        """The keys of its project, with what is its own.

        Args:
            keys: the keys as they are listed.
            unreadable: how many could not be read.
        """
        return Listed(keys=tuple(map(self._key, keys)), unreadable=unreadable)

    def _key(self, key: ProjectAPIKey) -> Key:
        owner = key.owner
        holder = owner.holder if owner is not None else None
        is_own: bool | None = None
        if owner is not None and owner.type == "user":
            is_own = False
        elif holder is not None and holder.id:
            is_own = holder.id == self._account
        return Key(
            **_common(key),
            owner=holder.id if holder is not None else None,
            is_own=is_own,
        )

    async def create(
        self, *, name: str, scopes: Sequence[str] | None, expires_in_seconds: int | None
    ) -> Made:
        """Make a further key of the account."""
        given: dict[str, Any] = {"name": name}
        if scopes is not None:
            given["scopes"] = scopes
        if expires_in_seconds is not None:
            given["expires_in_seconds"] = expires_in_seconds
        keys = self._client.projects.service_accounts.api_keys
        made = await keys.create(self._project, self._account, **given)
        return Made(id=made.id, secret=made.value)

    async def delete(self, id: str) -> bool | None:
        """Delete a key of the project."""
        try:
            return (await self._client.projects.api_keys.delete(self._project, id)).deleted
        except NotFoundError as error:
            raise _gone(error) from error

    async def has(self, id: str) -> bool:
        """Whether the project shows a key."""
        try:
            await self._client.projects.api_keys.retrieve(self._project, id)
        except NotFoundError as error:
            return _is_not_shown(error)
        return True

    async def accepts(self, secret: str, path: str | None) -> None:
        """List the models with a key, or ask for something else."""
        caller = self._caller.with_key(secret)
        await (models(caller) if path is None else answered(caller, path))


class AdminKeys:
    """The admin keys of an organization."""

    kind: Kind = "admin_key"
    noun = "an admin key"
    whose = "the organization"
    place: Mapping[str, str] = {}
    base = "admin"

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._client = AdminResources[Async](caller)

    def called_with(self, secret: str) -> AdminKeys:
        """The same, called with another admin key."""
        return AdminKeys(self._caller.with_key(secret))

    async def listed(self) -> Listed:
        """The organization's admin keys, among which the API lists keys of projects."""
        keys: list[Key] = []
        unreadable = 0
        async for page in self._client.admin_api_keys.list(limit=_PAGE).pages():
            keys += [_admin_key(key) for key in page.data]
            unreadable += len(page.unreadable)
        return Listed(keys=tuple(keys), unreadable=unreadable)

    async def create(
        self, *, name: str, scopes: Sequence[str] | None, expires_in_seconds: int | None
    ) -> Made:
        """Make an admin key for the caller."""
        given: dict[str, Any] = {}
        if expires_in_seconds is not None:
            given["expires_in_seconds"] = min(expires_in_seconds, YEAR)
        made = await self._client.admin_api_keys.create(name=name, **given)
        return Made(id=made.id, secret=made.value, owner=made.owner.id if made.owner else None)

    async def delete(self, id: str) -> bool | None:
        """Delete an admin key."""
        try:
            return (await self._client.admin_api_keys.delete(id)).deleted
        except NotFoundError as error:
            raise _gone(error) from error

    async def has(self, id: str) -> bool:
        """Whether the organization shows an admin key."""
        try:
            await self._client.admin_api_keys.retrieve(id)
        except NotFoundError as error:
            return _is_not_shown(error)
        return True

    async def accepts(self, secret: str, path: str | None) -> None:
        """List a project with a key, or ask for something else."""
        caller = self._caller.with_key(secret)
        await (projects(caller) if path is None else answered(caller, path))


async def project_keys(caller: Caller, project: str) -> tuple[list[ProjectAPIKey], int]:
    """All keys of a project, and how many could not be read."""
    keys: list[ProjectAPIKey] = []
    unreadable = 0
    listing = AdminResources[Async](caller).projects.api_keys.list(
        project, limit=_PAGE, owner_project_access="any"
    )
    async for page in listing.pages():
        keys += page.data
        unreadable += len(page.unreadable)
    return keys, unreadable


def _gone(error: NotFoundError) -> Exception:
    """That there is no such key; a gateway's 404 says nothing about it."""
    return Gone() if error.is_from_api else error


def _is_not_shown(error: NotFoundError) -> bool:
    """``False``: that a key is not shown; a gateway's 404 is raised on."""
    if error.is_from_api:
        return False
    raise error


def _common(key: ProjectAPIKey | AdminAPIKey) -> dict[str, Any]:
    told = key.extra.get("scopes")
    known = isinstance(told, list) and all(isinstance(scope, str) for scope in told)
    return {
        "id": key.id,
        "name": key.name,
        "redacted": key.redacted_value,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
        "is_use_known": not key.is_unknown("last_used_at"),
        "scopes": tuple(told) if known and isinstance(told, list) else None,
    }


def _admin_key(key: AdminAPIKey) -> Key:
    owner = key.owner.id if key.owner is not None else None
    return Key(**_common(key), owner=owner, is_own=key.is_admin_key())
