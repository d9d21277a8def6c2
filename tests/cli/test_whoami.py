"""``whoami`` and ``--expect-organization``: whose organization the key is of, in every form."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from openai_admin.emulator import Emulator
from tests.directory.api import API, Said, lacks, refusal, serving

from .conftest import CLI, invoke

KEY = "sk-admin-canary0123456789abcdWXYZ"
PROJECT = {"object": "organization.project", "id": "proj_1", "name": "One", "status": "active"}


@pytest.fixture
async def api() -> AsyncIterator[API]:
    """A server that says of each path what a test wants, and has a project."""
    async with serving() as api:
        api.said["/organization/projects"] = Said(body={"data": [PROJECT], "has_more": False})
        yield api


@pytest.fixture
def api_cli(monkeypatch: pytest.MonkeyPatch, api: API) -> CLI:
    """Runs command lines on that server."""
    monkeypatch.setenv("OPENAI_BASE_URL", api.url)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", KEY)
    return invoke


def _id(demo: Emulator) -> str:
    id: str = demo.store.organization["id"]
    return id


def _states(table: str) -> dict[str, str]:
    """The state of each part, by what the table's lines begin with."""
    states = ("not known", "refused", "known")
    rows = table.split("\n\n")[1].splitlines()[1:]
    return {row[: row.index("  ")]: next(s for s in states if f"  {s}  " in row) for row in rows}


async def test_a_key_that_may_read_everything(cli: CLI, demo: Emulator) -> None:
    found = (await cli("whoami")).json
    assert found["organization"] == _id(demo)
    assert found["address"] == demo.base_url
    assert {part["state"] for part in found["parts"]} == {"known"}
    table = await cli("whoami", "--format", "table")
    assert table.code == 0
    assert set(_states(table.out).values()) == {"known"}
    assert table.out.startswith(f"organization    {_id(demo)}\naddress         {demo.base_url}\n")
    assert demo.admin_key not in table.out + table.err


async def test_a_refused_part_is_known(
    cli: CLI, demo: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ADMIN_KEY", demo.add_key(scopes=["api.usage.read"]))
    monkeypatch.setenv("COLUMNS", "200")
    outcome = await cli("whoami", "--format", "table")
    assert (outcome.code, outcome.err) == (0, "")
    states = _states(outcome.out)
    assert {part for part, state in states.items() if state == "known"} == {"usage", "costs"}
    assert {*states.values()} == {"known", "refused"}
    assert outcome.out.count("the key lacks api.management.read\n") == len(states) - 4
    assert outcome.out.count("the key lacks api.audit_logs.read\n") == 1
    assert outcome.out.count("the key lacks api.mtls.read\n") == 1


async def test_what_is_not_known_is_a_failure(api_cli: CLI, api: API) -> None:
    api.headers = {"openai-organization": "org-1"}
    api.said["/organization/roles"] = refusal("The server had an error.", status=500)
    outcome = await api_cli("whoami", "--format", "table")
    assert outcome.code == 1
    assert outcome.err == "Not known: roles.\n"
    states = _states(outcome.out)
    assert [part for part, state in states.items() if state != "known"] == ["roles"]


async def test_a_key_that_is_refused_everywhere_may_be_no_valid_one(api_cli: CLI, api: API) -> None:
    api.headers = {"openai-organization": "org-1"}
    api.otherwise = api.said["/organization/projects"] = refusal("Forbidden here.", status=403)
    outcome = await api_cli("whoami", "--format", "table")
    assert outcome.code == 1
    assert outcome.err == "Whether the key is valid is not known: Forbidden here.\n"
    assert {*_states(outcome.out).values()} == {"refused"}


async def test_an_organization_that_is_not_known_is_a_failure(api_cli: CLI) -> None:
    outcome = await api_cli("whoami", "--format", "table")
    assert (outcome.code, outcome.err) == (1, "Not known: organization.\n")
    assert outcome.out.startswith("organization    not known\n")


async def test_the_name_and_the_id_of_an_organization(api_cli: CLI, api: API) -> None:
    api.headers = {"openai-organization": "acme"}
    row = {"organization_id": "org-1", "amount": {"value": "1", "currency": "usd"}}
    bucket = {"start_time": 0, "end_time": 86400, "results": [row]}
    api.said["/organization/costs"] = Said(body={"data": [bucket], "has_more": False})
    outcome = await api_cli("whoami", "--format", "table")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("organization    org-1 (acme)\n")


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (timedelta(days=6, hours=3, minutes=20), "6 d 3 h ahead of this machine's"),
        (timedelta(days=-6, hours=-3, minutes=-20), "6 d 3 h behind this machine's"),
        (timedelta(days=6), "6 d ahead of this machine's"),
    ],
)
async def test_the_clocks(api_cli: CLI, api: API, ahead: timedelta, words: str) -> None:
    api.headers = {"Date": format_datetime(datetime.now(UTC) + ahead, usegmt=True)}
    outcome = await api_cli("whoami", "--format", "table")
    assert f"server's clock  {words}\n" in outcome.out


async def test_a_wrong_key(cli: CLI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_ADMIN_KEY", KEY)
    outcome = await cli("whoami")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("401: Incorrect API key provided")


# --- --expect-organization ------------------------------------------------------------------


async def test_the_expected_organization(cli: CLI, demo: Emulator) -> None:
    expect = ["--expect-organization", _id(demo)]
    assert (await cli("whoami", *expect)).code == 0
    assert (await cli("projects", "list", *expect)).json


async def test_another_organization_is_refused_before_anything_is_done(
    cli: CLI, demo: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = f"The key belongs to {_id(demo)}, not to org-other: nothing was done.\n"
    create = ["projects", "create", "--name", "New"]
    outcome = await cli(*create, "--expect-organization", "org-other")
    assert (outcome.code, outcome.err) == (1, words)
    monkeypatch.setenv("OPENAI_ADMIN_EXPECT_ORGANIZATION", "org-other")
    assert (await cli(*create)).err == words
    assert (await cli("costs")).err == words
    assert (await cli("whoami")).code == 1
    assert {request.method for request in demo.requests} == {"GET"}
    assert (await cli(*create, "--expect-organization", _id(demo))).code == 0  # goes first


async def test_commands_of_other_forms_take_the_option_as_well(
    cli: CLI, demo: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    words = f"The key belongs to {_id(demo)}, not to org-other: nothing was done.\n"
    for command in (["report"], ["export", "out"], ["mcp"], ["usage", "completions"], ["login"]):
        outcome = await cli(*command, "--expect-organization", "org-other", stdin=demo.admin_key)
        assert (outcome.code, outcome.err) == (1, words)
    assert list(tmp_path.iterdir()) == []


async def test_the_environment_does_not_mean_the_demo(
    cli: CLI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ADMIN_EXPECT_ORGANIZATION", "org-other")
    assert (await cli("projects", "list", "--demo")).json
    assert (await cli("projects", "list", "--demo", "--expect-organization", "org-other")).code == 1


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (None, "Whether the key belongs to org-1 is not known, so nothing was done.\n"),
        (
            "acme",
            (
                "Whether the key belongs to org-1 is not known; the API calls it acme, so nothing"
                " was done.\n"
            ),
        ),
    ],
)
async def test_an_organization_that_is_not_known_is_refused(
    api_cli: CLI, api: API, header: str | None, words: str
) -> None:
    if header is not None:
        api.headers = {"openai-organization": header}
    outcome = await api_cli("users", "list", "--expect-organization", "org-1")
    assert (outcome.code, outcome.err) == (1, words)
    assert "/organization/users" not in api.asked


async def test_a_refused_read_tells_the_organization_too(api_cli: CLI, api: API) -> None:
    api.headers = {"openai-organization": "org-1"}
    api.said["/organization/projects"] = lacks("api.management.read", status=401)
    assert (await api_cli("users", "list", "--expect-organization", "org-1")).code == 0


async def test_a_wrong_key_where_an_organization_is_expected(api_cli: CLI, api: API) -> None:
    api.otherwise = refusal("Incorrect API key provided.", status=401)
    outcome = await api_cli("users", "list", "--expect-organization", "org-1")
    assert outcome.code == 1
    assert outcome.err.startswith("401: Incorrect API key provided")


# --- what went wrong, in words --------------------------------------------------------------


async def test_a_missing_scope_is_named_and_the_key_is_not_blamed(api_cli: CLI, api: API) -> None:
    api.said["/organization/users"] = lacks("api.management.read", status=401)
    outcome = await api_cli("users", "list")
    assert outcome.code == 1
    assert outcome.err.endswith(
        " (GET /organization/users). The key itself is valid, but lacks api.management.read.\n"
    )
    assert "OPENAI_ADMIN_KEY" not in outcome.err


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Said(404, b"<html>"), "404: The answer is a web page, not the API's: the base address"),
        (Said(200, b"<html>"), "The response to users.list is a web page, not JSON: a proxy or"),
        (refusal("Invalid URL (GET /organization/users)", status=404), "usually ends in /v1"),
        (
            Said(302, b"", {"Location": "https://login.example/sso?token=secret"}),
            "302: The server answered with a redirect to https://login.example, which is not",
        ),
        (
            refusal("Your limit is reached.", status=429, code="project_spend_limit_exceeded"),
            "Waiting does not help: credit or a spend limit is used up.",
        ),
    ],
)
async def test_what_no_retry_mends(api_cli: CLI, api: API, said: Said, words: str) -> None:
    api.said["/organization/users"] = said
    outcome = await api_cli("users", "list")
    assert outcome.code == 1
    assert words in outcome.err
    assert "secret" not in outcome.err
