"""Stored connections: login, profiles, the configuration file, the keyring."""

from __future__ import annotations

import asyncio
import stat
import tomllib
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.backends.null import Keyring as ForgetfulKeyring

from openai_admin.cli.config import find_connection
from openai_admin.cli.config_file import config_path
from openai_admin.emulator import Emulator, Status
from openai_admin.errors import ConfigurationError

from .conftest import CLI
from .processes import Terminal


class MemoryKeyring(KeyringBackend):
    """A keyring of this process."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.passwords: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.passwords.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.passwords[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.passwords[service, username]


@pytest.fixture(autouse=True)
def _no_system_keyring() -> Any:
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]
    yield
    keyring.set_keyring(before)


@pytest.fixture
def no_key(monkeypatch: pytest.MonkeyPatch, cli: CLI) -> CLI:
    monkeypatch.delenv("OPENAI_ADMIN_KEY")
    monkeypatch.delenv("OPENAI_BASE_URL")
    return cli


def stored() -> dict[str, Any]:
    profiles: dict[str, Any] = tomllib.loads(config_path().read_text())["profiles"]
    return profiles


def write(text: str) -> None:
    """Write the configuration file, for its owner alone."""
    config_path().parent.mkdir(parents=True)
    config_path().write_text(text)
    config_path().chmod(0o600)


async def test_a_key_is_tried_and_stored(no_key: CLI, demo: Emulator) -> None:
    outcome = await no_key("login", "--base-url", demo.base_url, stdin=f"{demo.admin_key}\n")
    assert (outcome.code, outcome.out) == (0, "")
    assert demo.admin_key not in outcome.err
    assert stored() == {"default": {"admin_key": demo.admin_key, "base_url": demo.base_url}}
    assert stat.S_IMODE(config_path().stat().st_mode) == 0o600
    assert f"It belongs to the organization {demo.store.organization['id']}." in outcome.err
    assert "refuses" not in outcome.err
    assert {r.method for r in demo.requests} == {"GET"}
    assert (await no_key("projects", "list")).json


async def test_profiles_beside_one_another(no_key: CLI, demo: Emulator) -> None:
    config_path().parent.mkdir(parents=True)
    config_path().write_text(
        '# mine\n[profiles.work]\nadmin_key = "sk-admin-old"\n\n[other]\na = 1\n'
    )
    config_path().chmod(0o600)
    line = ["login", "--base-url", demo.base_url, "--profile"]
    assert (await no_key(*line, "work", stdin=demo.admin_key)).code == 0
    assert (await no_key(*line, "home", stdin=demo.admin_key)).code == 0
    assert set(stored()) == {"work", "home"}
    address = f'base_url = "{demo.base_url}"\n'
    assert config_path().read_text() == (
        f'# mine\n[profiles.work]\nadmin_key = "{demo.admin_key}"\n{address}\n[other]\na = 1\n'
        f'\n[profiles.home]\nadmin_key = "{demo.admin_key}"\n{address}'
    )
    assert (await no_key("projects", "list", "--profile", "work")).json
    unknown = await no_key("projects", "list", "--profile", "hom")
    assert unknown.code == 2
    assert "there are 'work' or 'home'; did you mean 'home'?" in unknown.err


async def test_a_wrong_key_is_not_stored(no_key: CLI, demo: Emulator) -> None:
    line = ["login", "--base-url", demo.base_url]
    wrong = await no_key(*line, stdin="sk-admin-wrongwrongwrongwrong\n")
    assert wrong.code == 1
    assert wrong.err.startswith("401: ")
    assert wrong.err.endswith("; the key was not stored.\n")
    other = await no_key(*line, stdin="sk-proj-abc\n")
    assert other.code == 2
    nothing = await no_key(*line, stdin="")
    assert (nothing.code, nothing.err) == (2, "No key came on standard input.\n")
    assert not config_path().exists()


async def test_a_restricted_key_is_stored_with_a_word(no_key: CLI, demo: Emulator) -> None:
    key = demo.add_key(scopes=["api.usage.read"])
    outcome = await no_key("login", "--base-url", demo.base_url, stdin=key)
    assert outcome.code == 0
    said = outcome.err.splitlines()[-1]
    assert said.startswith("It is valid, but the API refuses it these: projects, users, ")
    assert "rate limits (the key lacks api.management.read)" in said
    assert "audit log (the key lacks api.audit_logs.read)" in said
    assert "costs" not in said
    assert stored()["default"]["admin_key"] == key


async def test_a_file_that_others_can_read_is_refused(no_key: CLI, demo: Emulator) -> None:
    await no_key("login", "--base-url", demo.base_url, stdin=demo.admin_key)
    config_path().chmod(0o640)
    refused = await no_key("projects", "list")
    assert refused.code == 2
    assert refused.err == (
        f"{config_path()} can be read by others (mode 0640): run 'chmod 600 {config_path()}'.\n"
    )
    again = await no_key("login", "--base-url", demo.base_url, stdin=demo.admin_key)
    assert (again.code, again.err) == (2, refused.err)


async def test_a_setting_that_is_not_text(no_key: CLI) -> None:
    write("[profiles.default]\nadmin_key = 1")
    outcome = await no_key("projects", "list")
    assert (outcome.code, outcome.err) == (2, "admin_key of profile 'default' must be text.\n")


async def test_the_keyring(no_key: CLI, demo: Emulator) -> None:
    memory = MemoryKeyring()
    keyring.set_keyring(memory)
    line = ["login", "--base-url", demo.base_url]
    assert (await no_key(*line, stdin=demo.admin_key)).code == 0
    assert memory.passwords == {("openai-admin", "default"): demo.admin_key}
    assert demo.admin_key not in config_path().read_text()
    assert (await no_key("projects", "list")).json
    memory.passwords.clear()
    assert (await no_key("projects", "list")).code == 2


async def test_a_keyring_that_does_not_work(no_key: CLI, demo: Emulator) -> None:
    line = ["login", "--base-url", demo.base_url, "--keyring"]
    outcome = await no_key(*line, stdin=demo.admin_key)
    assert outcome.code == 2
    assert outcome.err.startswith("The system keyring does not work: ")


async def test_a_keyring_that_keeps_nothing(no_key: CLI, demo: Emulator) -> None:
    line = ["login", "--base-url", demo.base_url]
    assert (await no_key(*line, stdin=demo.admin_key)).code == 0
    before = config_path().read_bytes()
    keyring.set_keyring(ForgetfulKeyring())  # type: ignore[no-untyped-call]
    refused = await no_key(*line, "--keyring", stdin=demo.admin_key)
    assert refused.code == 2
    assert refused.err == (
        "The system keyring accepted the key but did not keep it, so nothing was stored:"
        " 'openai-admin login --no-keyring' stores it in a file.\n"
    )
    assert config_path().read_bytes() == before
    assert (await no_key("projects", "list")).json


async def test_a_server_that_does_not_answer(no_key: CLI) -> None:
    nobody = "http://127.0.0.1:9/v1"  # the port of a service that throws everything away
    outcome = await no_key("login", "--base-url", nobody, stdin="sk-admin-abcdefghijklmnop")
    assert outcome.code == 1
    assert outcome.err.startswith(
        "Whether the key is valid is not known, and it was not stored: Could not connect"
    )
    assert not config_path().exists()


async def test_a_key_of_which_only_refusals_are_known(no_key: CLI, demo: Emulator) -> None:
    line = ["login", "--base-url", demo.base_url]
    everything = Status(status=403, body={"error": {"message": "Your IP is not allowed"}})
    demo.faults.add(everything)
    outcome = await no_key(*line, stdin=demo.admin_key)
    assert outcome.code == 1
    assert outcome.err == (
        "Whether the key is valid is not known, and it was not stored: Your IP is not allowed.\n"
    )
    assert not config_path().exists()
    demo.faults.clear()
    demo.faults.add(Status(match="projects.list", status=401, body={"error": "Not for you"}))
    one = await no_key(*line, stdin=demo.admin_key)
    assert one.code == 0
    assert "It is valid, but the API refuses it these: projects, rate limits (Not for" in one.err


async def test_the_profiles_are_listed_without_their_keys(no_key: CLI, demo: Emulator) -> None:
    nothing = await no_key("profiles", "list", "--format", "table")
    assert (nothing.code, nothing.err) == (0, "There is nothing to list.\n")
    write(
        '[profiles.work]\nadmin_key = "sk-admin-work"\norganization = "org-1"\n'
        '[profiles.home]\nkey = "keyring"\nbase_url = "https://example.com/v1"\n'
        "[profiles.odd]\n"
    )
    listed = (await no_key("profiles", "list")).json
    assert [
        [row[field] for field in ("name", "key", "base_url", "organization")] for row in listed
    ] == [
        ["work", "file", None, "org-1"],
        ["home", "keyring", "https://example.com/v1", None],
        ["odd", None, None, None],
    ]
    table = await no_key("profiles", "list", "--format", "table")
    assert "home" in table.out
    assert "proxy" not in table.out
    assert "sk-admin" not in table.out


async def test_logging_out_removes_the_key_from_the_file(no_key: CLI, demo: Emulator) -> None:
    write(
        '# mine\n[profiles.work]\nadmin_key = "sk-admin-work"\n\n'
        '[profiles.home]\nadmin_key = "sk-admin-home"\n\n[other]\na = 1\n'
    )
    outcome = await no_key("logout", "--profile", "work")
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err == (f"The profile work and its key are removed from {config_path()}.\n")
    assert set(stored()) == {"home"}
    assert "sk-admin-work" not in config_path().read_text()
    assert (await no_key("logout", "--profile", "home")).code == 0
    assert tomllib.loads(config_path().read_text()) == {"other": {"a": 1}}
    assert stat.S_IMODE(config_path().stat().st_mode) == 0o600
    again = await no_key("logout", "--profile", "home")
    assert (again.code, "there are none yet" in again.err) == (2, True)


async def test_logging_out_removes_the_key_from_the_keyring(no_key: CLI, demo: Emulator) -> None:
    memory = MemoryKeyring()
    keyring.set_keyring(memory)
    assert (await no_key("login", "--base-url", demo.base_url, stdin=demo.admin_key)).code == 0
    outcome = await no_key("logout")
    assert outcome.code == 0
    assert outcome.err.endswith(f"removed from {config_path()} and the system keyring.\n")
    assert memory.passwords == {}
    assert "profiles" not in tomllib.loads(config_path().read_text())


async def test_logging_out_where_the_keyring_has_lost_the_key(no_key: CLI) -> None:
    keyring.set_keyring(MemoryKeyring())
    write('[profiles.default]\nkey = "keyring"\n')
    assert (await no_key("logout")).code == 0
    assert "profiles" not in tomllib.loads(config_path().read_text())


async def test_logging_out_where_the_keyring_does_not_work(no_key: CLI) -> None:
    write('[profiles.default]\nkey = "keyring"\n')
    outcome = await no_key("logout")
    assert outcome.code == 2
    assert outcome.err.startswith("The system keyring does not work: ")
    assert set(stored()) == {"default"}


async def test_the_environment_goes_before_the_default_profile(
    cli: CLI, demo: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cli("login", "--base-url", demo.base_url, stdin=demo.admin_key)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-admin-environment")
    assert find_connection(None).admin_key == "sk-admin-environment"
    assert find_connection("default").admin_key == demo.admin_key
    assert demo.admin_key not in repr(find_connection("default"))


def test_a_profile_without_a_key() -> None:
    write('[profiles.default]\nbase_url = "https://example.com"\n')
    with pytest.raises(ConfigurationError, match="has no key"):
        find_connection(None)


async def test_the_key_is_not_shown_while_it_is_typed(demo: Emulator, tmp_path: Path) -> None:
    def run() -> str:
        env = {
            "XDG_CONFIG_HOME": str(tmp_path),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        }
        with Terminal("login", "--base-url", demo.base_url, env=env) as terminal:
            terminal.wait_for("Admin key")
            terminal.wait_for_hidden_input()
            terminal.enter(f"{demo.admin_key}\n")
            assert terminal.code() == 0, terminal.screen
            return terminal.screen

    def enter_nothing() -> str:
        with Terminal("login", env={"XDG_CONFIG_HOME": str(tmp_path)}) as terminal:
            terminal.wait_for("Admin key")
            terminal.wait_for_hidden_input()
            terminal.enter("\n")
            assert terminal.code() == 2
            return terminal.screen

    assert "No key came from the terminal." in await asyncio.to_thread(enter_nothing)
    screen = await asyncio.to_thread(run)
    assert demo.admin_key not in screen
    assert demo.admin_key in (tmp_path / "openai-admin" / "config.toml").read_text()
