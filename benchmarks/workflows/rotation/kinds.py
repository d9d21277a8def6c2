"""What is rotated: a service account's key, several, another's admin key, and one's own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal, Protocol

import attrs

Caller = Literal["another", "held", "old"]
"""The key that a command runs with: one that is not rotated; what the sink holds, as whoever has it
who reads it there; or always the old one, as a shell has it that was started before.
"""
Post = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]
"""Creates something under a path of the API, and gives the answer."""


@attrs.frozen
class Key:
    """A key that there is before the rotation.

    Attributes:
        id: the key's.
        secret: its value.
        place: the arguments that say whose it is.
        account: the name of whose it is, of one of several.
    """

    id: str
    secret: str = attrs.field(repr=False)
    place: tuple[str, ...] = ()
    account: str | None = None


class Kind(Protocol):
    """A kind of key."""

    name: str
    variable: str
    """The variable that programs take such a key from."""
    probe: str
    """A path that such a key may read."""
    caller: Caller

    async def prepare(self, post: Post) -> Sequence[Key]:
        """Make the key to rotate, or several, and others that must stay."""
        ...

    def command(self, key: Key, *, is_known: bool) -> Sequence[str]:
        """The command that rotates what was prepared.

        Args:
            key: the first of the keys.
            is_known: whether its sink can say which one it holds.
        """
        ...


class ServiceAccount:
    """One of the three keys of a service account, which is one of several."""

    name = "service account"
    variable = "OPENAI_API_KEY"
    probe = "/models"
    caller: Caller = "another"

    async def prepare(self, post: Post) -> Sequence[Key]:
        """Two projects with two accounts each, of which the first has two keys more."""
        keys = []
        for project_name in ("Shop", "Search"):
            project = await post("/organization/projects", {"name": project_name})
            accounts = f"/organization/projects/{project['id']}/service_accounts"
            for account_name in ("deploy", "worker"):
                account = await post(accounts, {"name": account_name})
                for number in range(2):
                    key = await post(f"{accounts}/{account['id']}/api_keys", {"name": f"k{number}"})
                    place = (account["id"], "--project", project["id"])
                    keys.append(Key(key["id"], key["value"], place))
        return keys[:1]

    def command(self, key: Key, *, is_known: bool) -> Sequence[str]:
        named = () if is_known else ("--key", key.id)
        return "rotate", "service-account", *key.place, *named


class ServiceAccounts:
    """The keys of all service accounts of a project, each in a place of its own."""

    name = "three service accounts"
    variable = "OPENAI_API_KEY"
    probe = "/models"
    caller: Caller = "another"

    async def prepare(self, post: Post) -> Sequence[Key]:
        """Two projects with three accounts each, of which those of the first are rotated."""
        keys = []
        for project_name in ("Shop", "Search"):
            project = await post("/organization/projects", {"name": project_name})
            accounts = f"/organization/projects/{project['id']}/service_accounts"
            for name in ("deploy", "worker", "nightly"):
                account = await post(accounts, {"name": name})
                made = account["api_key"]
                keys.append(Key(made["id"], made["value"], ("--project", project["id"]), name))
        return keys[:3]

    def command(self, key: Key, *, is_known: bool) -> Sequence[str]:
        return "rotate", "service-account", "--all", *key.place


class AdminKey:
    """One of several admin keys."""

    name = "admin key"
    variable = "OPENAI_ADMIN_KEY"
    probe = "/organization/admin_api_keys?limit=1"
    caller: Caller = "another"

    async def prepare(self, post: Post) -> Sequence[Key]:
        keys = [await post("/organization/admin_api_keys", {"name": n}) for n in ("ci", "bi")]
        return [Key(keys[0]["id"], keys[0]["value"])]

    def command(self, key: Key, *, is_known: bool) -> Sequence[str]:
        return "rotate", "admin-key", key.id


class OwnAdminKey(AdminKey):
    """The admin key that the command runs with."""

    name = "own admin key"
    caller: Caller = "held"


class KeptAdminKey(AdminKey):
    """The admin key that the command runs with, from an environment that nobody changes."""

    name = "own admin key, kept"
    caller: Caller = "old"


KINDS: tuple[Kind, ...] = (ServiceAccount(), AdminKey(), OwnAdminKey(), KeptAdminKey())
