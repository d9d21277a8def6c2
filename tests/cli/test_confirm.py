"""Secrets, requests that are only shown, and what is refused where nobody can be asked."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from openai_admin._declare.dates import TIME_HELP
from openai_admin.cli.errors import CommandError
from openai_admin.cli.secrets import SecretOutput
from openai_admin.emulator import Emulator
from tests.cli.conftest import CLI

CREATE_KEY = ("admin-api-keys", "create", "--name", "rotation")


async def test_a_secret_is_not_made_where_it_cannot_be_shown(cli: CLI, demo: Emulator) -> None:
    outcome = await cli(*CREATE_KEY)
    assert outcome.code == 2
    assert "pass --secret-file FILE" in outcome.err
    assert not demo.requests


async def test_a_secret_goes_to_a_file_of_ones_own(cli: CLI, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    outcome = await cli(*CREATE_KEY, "--secret-file", str(path), "-vv")
    secret = path.read_text().strip()
    assert secret.startswith("sk-admin-")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert secret not in outcome.out + outcome.err
    assert outcome.json["value"] == f"sk-admin-…{secret[-4:]}"


def test_a_secret_that_cannot_be_written_is_not_passed_over(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with pytest.raises(CommandError, match="It is not shown again") as caught:
        SecretOutput(tmp_path / "secret", writing).give("sk-admin-canary")
    os.close(writing)
    assert "canary" not in str(caught.value)


async def test_a_secret_within_another_thing(cli: CLI, tmp_path: Path) -> None:
    project = (await cli("projects", "list")).json[1]["id"]
    path = tmp_path / "secret"
    outcome = await cli("projects", "service-accounts", "create", project, "--name", "bot",
                        "--secret-file", str(path), "--format", "table")  # fmt: skip
    assert outcome.code == 0
    secret = path.read_text().strip()
    assert secret.startswith("sk-")
    assert secret not in outcome.out + outcome.err


async def test_a_file_for_a_secret_is_never_replaced(
    cli: CLI, demo: Emulator, tmp_path: Path
) -> None:
    path = tmp_path / "secret"
    path.write_text("mine")
    outcome = await cli(*CREATE_KEY, "--secret-file", str(path))
    assert (outcome.code, path.read_text()) == (2, "mine")
    assert outcome.err == f"{path} exists; --secret-file creates a new file.\n"
    assert not demo.requests


async def test_without_a_secret_there_is_no_file(cli: CLI, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    outcome = await cli("projects", "service-accounts", "create", "proj_none", "--name", "bot",
                        "--secret-file", str(path))  # fmt: skip
    assert outcome.code == 1
    assert not path.exists()


async def test_destroying_needs_a_terminal_or_a_yes(cli: CLI, demo: Emulator) -> None:
    project = (await cli("projects", "create", "--name", "Old")).json["id"]
    demo.requests.clear()
    refused = await cli("projects", "archive", project)
    assert refused.code == 2
    assert refused.err == (
        "There is no terminal to ask on before 'projects archive', which cannot be undone: pass"
        " --yes if you mean it.\n"
    )
    assert not demo.requests
    assert (await cli("projects", "archive", project, "--yes")).json["status"] == "archived"


async def test_a_dry_run_shows_the_request_and_sends_nothing(
    cli: CLI, demo: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_ADMIN_KEY")  # it needs no key either
    outcome = await cli("invites", "create", "--email", "a@example.com", "--role", "reader",
                        "--projects", "id=proj_x,role=owner", "--dry-run")  # fmt: skip
    first, _, body = outcome.out.partition("\n")
    assert first == f"POST {demo.base_url}/organization/invites"
    assert json.loads(body) == {
        "email": "a@example.com",
        "role": "reader",
        "projects": [{"id": "proj_x", "role": "owner"}],
    }
    destroyed = await cli("projects", "archive", "proj_x", "--dry-run")
    assert destroyed.out == f"POST {demo.base_url}/organization/projects/proj_x/archive\n"
    assert not demo.requests


@pytest.mark.parametrize(
    ("line", "code", "sentence"),
    [
        (["projects", "lst"], 2,
         "No such command 'lst'. Did you mean 'list'? (see 'openai-admin projects --help')."),
        (["projects", "retrieve"], 2,
         "Missing argument 'PROJECT_ID' (see 'openai-admin projects retrieve --help')."),
        (["projects", "create"], 2,
         "Missing option '--name' (see 'openai-admin projects create --help')."),
        (["projects", "list", "--xyz"], 2,
         "No such option: --xyz (see 'openai-admin projects list --help')."),
        (["projects", "list", "--all", "--limit", "3"], 2, "Pass --all or --limit, not both."),
        (["users", "list", "--limit", "x"], 2,
         "Invalid value for '--limit': it must be a valid integer (see 'openai-admin users list --help')."),  # noqa: E501
        (["projects", "list", "--demo", "--base-url", "http://127.0.0.1:1/v1"], 2,
         "Pass --demo or --base-url, not both."),
        (["projects", "retrieve", ".."], 2, "PROJECT_ID must be an id, not '..'."),
        (["invites", "create", "--email", "a@b.c", "--role", "ownr"], 2,
         "--role must be 'owner' or 'reader', not 'ownr'; did you mean 'owner'?"),
        (["projects", "rate-limits", "update", "p", "r", "--max-requests-per-1-minute", "many"], 2,
         "--max-requests-per-1-minute must be a whole number, not 'many'."),
        (["projects", "list", "--format", "xml"], 2, None),
        (["projects", "list", "--limit", "0"], 2, None),
        (["projects", "list", "--profile", "none"], 2, None),
        (["costs", "--width", "1h"], 2,
         "costs come by day only: --width '1d', not '1h'."),
        (["costs", "--since", "soon"], 2,
         f"--since is not a valid time: 'soon' (write {TIME_HELP})."),
        (["costs", "--until", "soon"], 2,
         f"--until is not a valid time: 'soon' (write {TIME_HELP})."),
        (["costs", "--start-time=last-mont"], 2,
         "--start-time is not a valid time: 'last-mont'; did you mean 'last-month'?"),
        (["costs", "--month", "2026-10", "--since", "7d"], 2,
         "Pass --month, or --since and --until, not both."),
        (["--demo", "login"], 2, "No such option: --demo (see 'openai-admin login --help')."),
        (["projects", "users", "create", "proj_1", "--role", "member"], 2,
         "Name the user to add: pass --user-id or --email."),
        (["external-keys", "create", "--type", "aws", "--name", "x", "--purpose", "ekm"], 2,
         "An external key of type 'aws' needs --external-id, --kms-arn, --role-arn."),
        (["audit-logs", "tail", "--position", "/"], 2,
         "--position must name a file, not a folder or a device: /."),
        (["audit-logs", "tail", "--poll", "0"], 2,
         "--poll must be a number of seconds above 0, not 0.0."),
        (["projects", "list", "-o", "list.foo"], 2,
         "--out: the ending '.foo' does not stand for a format: it must be '.json', '.ndjson', '.jsonl', '.csv', '.parquet', '.xlsx' or '.txt', or pass --format."),  # noqa: E501
        (["invites", "create", "--email", "a@b.c", "--role", "reader", "--projects", "id=5,rol=x"],
         2, "--projects[0] has no field 'rol'; it takes 'id' or 'role'; did you mean 'role'?"),
        (["costs", "--start-time", "2026-11-02", "--end-time", "2026-11-01"], 2,
         "--end-time must be after --start-time: 2026-11-01T00:00Z is not after 2026-11-02T00:00Z."),  # noqa: E501
        (["usage", "completions", "--group-by", "modle"], 2, None),
        (["projects", "retrieve", "proj_none"], 1, None),
        (["projects", "list", "--base-url", "http://example.com"], 2,
         "--base-url must be https: plain http would show the key to the network (example.com)."),
        (["login", "--base-url", "http://example.com"], 2,
         "--base-url must be https: plain http would show the key to the network (example.com)."),
        (["login", "--organization", "a b"], 2,
         "--organization must be an id like 'org-abc', not 'a b'."),
        (["emulator", "--fault", "nonsense"], 2, None),
        (["emulator", "--burst", "key_abc:ten"], 2,
         "The burst 'key_abc:ten' must be KEY[:FACTOR[:MINUTES]] with whole numbers of 1 or more, as key_abc:10:15."),  # noqa: E501
        (["emulator", "--burst", "key_abc"], 2,
         "The key 'key_abc' has no usage that could burst: give the id of a project's key that is in use."),  # noqa: E501
    ],
)  # fmt: skip
async def test_an_error_is_one_sentence(
    cli: CLI, line: list[str], code: int, sentence: str | None
) -> None:
    outcome = await cli(*line)
    assert outcome.code == code
    assert outcome.out == ""
    assert outcome.err.count("\n") == 1
    assert outcome.err.endswith((".\n", "?\n"))
    if sentence is not None:
        assert outcome.err == f"{sentence}\n"


async def test_a_wrong_key(cli: CLI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-admin-wrong-wrong-wrong-wrong")
    outcome = await cli("projects", "list")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("401: ")
    assert "openai-admin login" in outcome.err
    assert "wrong-wrong" not in outcome.err


async def test_an_address_is_called_by_where_it_comes_from(
    cli: CLI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://example.com")
    for line in (["projects", "list"], ["projects", "list", "--dry-run"], ["login"]):
        outcome = await cli(*line)
        assert outcome.code == 2
        assert outcome.err.startswith("OPENAI_BASE_URL must be https: ")


async def test_an_unknown_toolset_is_refused_before_a_key_is_asked_for(
    cli: CLI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_ADMIN_KEY")
    outcome = await cli("mcp", "--toolset", "bogus")
    assert outcome.code == 2
    assert outcome.err == (
        "--toolset must be 'assistant', 'seed', 'all' or 'insight', not 'bogus'.\n"
    )


async def test_no_key_at_all(cli: CLI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_ADMIN_KEY")
    outcome = await cli("projects", "list")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == (
        "There is no admin key: set OPENAI_ADMIN_KEY, store one with 'openai-admin login',"
        " or try --demo.\n"
    )


async def test_a_limit_cut_by_half_is_asked_about(cli: CLI, demo: Emulator) -> None:
    line = ["spend-limit", "update", "--currency", "USD", "--interval", "month"]
    assert (await cli(*line, "--threshold-amount", "100000000")).code == 0  # more than before
    assert (await cli(*line, "--threshold-amount", "90000000")).code == 0  # nothing to ask
    refused = await cli(*line, "--threshold-amount", "40000000")
    assert refused.code == 2
    assert refused.err == (
        "The spend limit falls from $900,000.00 to $400,000.00 a month, and was $1,000,000.00"
        " within the last hour. There is no terminal to ask on before 'spend-limit update': pass"
        " --yes if you mean it.\n"
    )
    assert demo.requests[-1].method == "GET"
