"""A secret in the system keyring."""

from __future__ import annotations

from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.backends.null import Keyring as ForgetfulKeyring
from keyring.errors import KeyringLocked

from openai_admin import SinkError
from openai_admin.workflows.sinks.keyring import KeyringSink
from openai_admin.workflows.sinks.sink import check

OLD, NEW = "sk-old-1", "sk-new-2"


class _Memory(KeyringBackend):
    """A keyring of this process."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entries = {("https://app", "key"): OLD}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password


class _Odd(_Memory):
    """One that is lost while it stores, and tells with what; errors are its own."""

    def set_password(self, service: str, username: str, password: str) -> None:
        super().set_password(service, username, password)
        raise OSError(f"The bus went away with {password}")


class _Lost(_Memory):
    """One that is lost once it has stored."""

    is_lost = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.is_lost:
            raise RuntimeError
        return super().get_password(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.is_lost = True


class _Locked(_Memory):
    """One that its user did not unlock."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("Failed to unlock the collection!")


@pytest.fixture(autouse=True)
def _own_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


async def test_the_entry_is_replaced() -> None:
    keyring.set_keyring(_Memory())
    sink = KeyringSink("https://app", "key")
    assert await check(sink) == OLD
    await sink.put(NEW)
    assert await sink.get() == NEW
    assert await KeyringSink("https://app", "other").get() is None
    assert str(sink) == "keyring:https://app/key"


@pytest.mark.parametrize(
    ("backend", "why"),
    [
        (NoKeyring, "there is none, such as GNOME Keyring or KWallet."),
        (_Locked, "Failed to unlock the collection!"),
    ],
)
async def test_one_that_does_not_work(backend: type[KeyringBackend], why: str) -> None:
    keyring.set_keyring(backend())
    with pytest.raises(SinkError) as caught:
        await check(KeyringSink("app", "key"))
    assert str(caught.value) == f"keyring:app/key: The system keyring does not work: {why}"


async def test_one_that_keeps_nothing() -> None:
    keyring.set_keyring(ForgetfulKeyring())  # type: ignore[no-untyped-call]
    with pytest.raises(SinkError, match="accepted the secret but did not keep it"):
        await KeyringSink("app", "key").put(NEW)


@pytest.mark.parametrize(
    ("backend", "why", "in_doubt"),
    [(_Odd, "The bus went away with …", False), (_Lost, "RuntimeError", True)],
)
async def test_one_with_errors_of_its_own(
    backend: type[KeyringBackend], why: str, in_doubt: bool
) -> None:
    keyring.set_keyring(backend())
    with pytest.raises(SinkError) as caught:
        await KeyringSink("app", "key").put(NEW)
    assert str(caught.value) == f"keyring:app/key: The system keyring does not work: {why}"
    assert caught.value.in_doubt == in_doubt
