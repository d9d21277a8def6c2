"""A key typed where a name belongs: recognized where keys are meant, and never shown."""

from __future__ import annotations

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin._text.secrets import secret_in, without_secrets
from openai_admin.emulator import Emulator
from tests.cli.conftest import invoke

_BODY = "abcDEF0123456789" * 8
_SECRET = f"sk-svcacct-{_BODY}"
_ADMIN = f"sk-admin-{_BODY}"


@pytest.mark.parametrize("quotes", ["'", '"', ""])
def test_a_key_in_a_text_is_shortened(quotes: str) -> None:
    text = f"no key has the name {quotes}{_SECRET}{quotes}."
    assert without_secrets(text) == f"no key has the name {quotes}sk-svcacct-…6789{quotes}."
    assert secret_in(f"OPENAI_API_KEY={_ADMIN}") == _ADMIN


@pytest.mark.parametrize("name", ["sk-admin-keys-of-the-team", "sk-0123456789012345", "sk-", "a"])
def test_a_name_is_not_taken_for_a_key(name: str) -> None:
    assert (secret_in(name), without_secrets(name)) == (None, name)


@pytest.fixture
def _environment(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", emulator.base_url)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", emulator.admin_key)


_ACCOUNT = "rotate service-account ci --project Shop --plan --to"


@pytest.mark.usefixtures("_environment")
async def test_a_key_that_was_typed_is_not_repeated(emulator: Emulator) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        project = await client.projects.create(name="Shop")
        await client.projects.service_accounts.create(project.id, name="ci")
    for line in (
        f"{_SECRET}",
        f"rotate service-account {_SECRET} --project Shop --to file:x --plan",
        f"rotate service-account ci --project {_SECRET} --to file:x --plan",
        f"{_ACCOUNT} file:x --key {_SECRET}",
        f"{_ACCOUNT} file:x --overlap {_SECRET}",
        f"{_ACCOUNT} file:x {_SECRET}",
        f"{_ACCOUNT} file:{_SECRET}",
        f"{_ACCOUNT} keyring:app/{_SECRET}",
        f"rotate admin-key {_ADMIN} --to file:x --plan",
        f"offboard {_SECRET} --plan",
        f"access of {_SECRET}",
        f"projects api-keys delete Shop {_SECRET} --yes",
    ):
        outcome = await invoke(*line.split())
        assert outcome.code == 2, line
        is_told = outcome.err.startswith(("A place must", "This is a key's secret"))
        assert is_told or "…6789" in outcome.err, outcome.err
        assert _BODY[:12] not in outcome.err + outcome.out


@pytest.mark.usefixtures("_environment")
async def test_a_key_is_found_by_its_value(emulator: Emulator) -> None:
    value = emulator.add_key(name="nightly")
    found = await invoke("admin-api-keys", "retrieve", value, "--format", "json")
    assert found.json["name"] == "nightly"
    planned = await invoke("rotate", "admin-key", value, "--to", "file:x", "--plan")
    assert f"Delete the old key {found.json['id']}" in planned.err
    for outcome in (found, planned):
        assert value not in outcome.out + outcome.err
