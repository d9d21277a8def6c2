"""What is rotated: a service account's key, another's admin key, and one's own."""

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
    """

    id: str
    secret: str = attrs.field(repr=False)
    place: tuple[str, ...] = ()


class Kind(Protocol):
    """A kind of key."""

    name: str
    variable: str
    """The variable that programs take such a key from."""
    probe: str
    """A path that such a key may read."""
    caller: Caller

    async def prepare(self, post: Post) -> Key:
        """Make the key to rotate, and others that must stay."""
        ...

    def command(self, key: Key, *, is_known: bool) -> Sequence[str]:
        """The command that rotates it; `is_known` where the sink can say which one it is."""
        ...


class ServiceAccount:
    """One of the three keys of a service account, which is one of several."""

    name = "service account"
    variable = "OPENAI_API_KEY"
    probe = "/models"
    caller: Caller = "another"

    async def prepare(self, post: Post) -> Key:
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
        return keys[0]

    def command(self, key: Key, *, is_known: bool) -> Sequence[str]:
        named = () if is_known else ("--key", key.id)
        return "rotate", "service-account", *key.place, *named


class AdminKey:
    """One of several admin keys."""

    name = "admin key"
    variable = "OPENAI_ADMIN_KEY"
    probe = "/organization/admin_api_keys?limit=1"
    caller: Caller = "another"

    async def prepare(self, post: Post) -> Key:
        keys = [await post("/organization/admin_api_keys", {"name": n}) for n in ("ci", "bi")]
        return Key(keys[0]["id"], keys[0]["value"])

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
