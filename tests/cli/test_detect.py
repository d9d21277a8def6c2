"""`detect`: its forms, its exit codes, and what it says beside."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from openai_admin.audit.detections import registry
from openai_admin.audit.detections.watching import Watch
from openai_admin.cli.detect_forms import post
from openai_admin.cli.webhook import Webhook
from openai_admin.emulator import Emulator, Status
from tests.audit.detections.examples import EXAMPLES, event
from tests.cli.conftest import CLI
from tests.cli.processes import COMMAND, environment
from tests.cli.webhooks import SECRET, receiver, says

ACTOR = {
    "type": "session",
    "session": {
        "user": {"id": "user-1", "email": "jo@acme.example"},
        "ip_address": "203.0.113.7",
        "ip_address_details": {"country": "NL", "city": "Delft", "asn": "64500"},
    },
}


@pytest.fixture
def log(demo: Emulator, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The demo organization with two archived projects of its own kind, looked at by examples."""
    monkeypatch.setattr(registry, "DETECTIONS", EXAMPLES[:1])
    for number, hours in ((1, 30), (2, 20)):
        at = demo.store.now() - hours * 3600
        payload = {"id": f"proj_{number}"}
        demo.store.audit("project.archived", payload, actor=ACTOR, effective_at=at)
    return ["detect", "--since", "2d"]


async def test_what_is_found_is_a_list_with_exit_code_3(cli: CLI, log: list[str]) -> None:
    outcome = await cli(*log)
    assert outcome.code == 3
    first, second = json.loads(outcome.out)
    assert first["detection"] == "project_archived"
    assert (first["about"], second["about"]) == ("proj_1", "proj_2")
    assert first["who"] == "jo@acme.example"
    assert first["where"] == "203.0.113.7 (Delft, NL, AS64500)"
    assert first["evidence"][0]["type"] == "project.archived"
    looked, *_, last = outcome.err.splitlines()
    assert looked.startswith("Looked at ")
    assert " of the 30 days before." in looked
    assert last == "Found 2 things to look at, of severity high."


async def test_nothing_found_is_an_empty_list(cli: CLI, log: list[str]) -> None:
    outcome = await cli("detect", "--since", "1h", "--history", "1d")
    assert outcome.code == 0
    assert outcome.json == []
    assert "Nothing was found." in outcome.err


async def test_a_table_says_what_to_do_once(cli: CLI, log: list[str]) -> None:
    outcome = await cli(*log, "--format", "table")
    assert outcome.code == 3
    lines = outcome.out.splitlines()
    assert lines[0].startswith("HIGH      ")
    assert lines[0].endswith("  project_archived")
    assert lines[1] == "          The project proj_1 was archived."
    assert lines[2] == "          by jo@acme.example from 203.0.113.7 (Delft, NL, AS64500)"
    assert outcome.out.count("Ask who archived it; unarchive it.") == 1
    assert "ATT&CK: T1485 Data Destruction" in outcome.out


async def test_lines_and_ocsf_and_markdown(cli: CLI, log: list[str]) -> None:
    lines = (await cli(*log, "--format", "ndjson")).out.splitlines()
    assert [json.loads(line)["about"] for line in lines] == ["proj_1", "proj_2"]
    ocsf = [json.loads(line) for line in (await cli(*log, "--format", "ocsf")).out.splitlines()]
    assert [each["finding_info"]["uid"] for each in ocsf] == [
        json.loads(line)["id"] for line in lines
    ]
    page = (await cli(*log, "--format", "markdown")).out
    assert page.startswith("# Found 2 things to look at, of severity high.")


async def test_what_is_less_bad_is_left_out(cli: CLI, log: list[str]) -> None:
    outcome = await cli(*log, "--min-severity", "critical")
    assert outcome.code == 0
    assert outcome.json == []
    assert outcome.err.splitlines()[-1] == (
        "Nothing as severe as asked for was found; 2 less severe things are not told."
    )


async def test_what_is_accepted_is_counted_and_listed_when_asked_for(
    cli: CLI, log: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "detect.toml"
    until = datetime.now(UTC).date() + timedelta(days=1)
    file.write_text(
        '[[exceptions]]\ndetection = "project_archived"\nproject = "proj_1"\n'
        f'reason = "Migration"\nuntil = {until}\n'
        '[[exceptions]]\ndetection = "project_archived"\nproject = "proj_9"\n'
        'reason = "Old"\nuntil = 2020-01-01\n'
    )
    outcome = await cli(*log, "--config", str(file))
    assert outcome.code == 3
    assert [each["about"] for each in json.loads(outcome.out)] == ["proj_2"]
    assert "1 finding is accepted by exceptions: --show-accepted lists them." in outcome.err
    assert "The exception “Old” ended on 2020-01-01: it covers nothing later." in outcome.err
    shown = json.loads((await cli(*log, "--config", str(file), "--show-accepted")).out)
    assert [each["accepted"] for each in shown] == [f"Migration (until {until})", None]


async def test_with_everything_accepted_there_is_nothing_to_tell(
    cli: CLI, log: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "detect.toml"
    until = datetime.now(UTC).date() + timedelta(days=1)
    file.write_text(
        '[[exceptions]]\ndetection = "project_archived"\nnetwork = "203.0.113.0/24"\n'
        f'reason = "Office"\nuntil = {until}\n'
    )
    outcome = await cli(*log, "--config", str(file))
    assert outcome.code == 0
    assert outcome.json == []
    assert "2 findings are accepted" in outcome.err


async def test_something_not_known_is_exit_code_1_and_found_outranks_it(
    cli: CLI, log: list[str], demo: Emulator
) -> None:
    demo.faults.add(Status(match="roles.list", status=403))
    outcome = await cli("detect", "--since", "1h")
    assert outcome.code == 1
    assert "Not known: roles: " in outcome.err
    allowed = await cli("detect", "--since", "1h", "--allow-missing")
    assert allowed.code == 0
    outcome = await cli(*log)
    assert outcome.code == 3
    assert "Not known: roles: " in outcome.err


@pytest.mark.parametrize("status", [403, 404])
async def test_a_log_that_is_refused_is_one_sentence_and_exit_code_1(
    status: int, cli: CLI, log: list[str], demo: Emulator
) -> None:
    demo.faults.add(Status(match="audit_logs.list", status=status))
    outcome = await cli(*log)
    assert outcome.code == 1
    assert outcome.out == ""
    assert "The audit log must be switched on in the organization's settings" in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--only", ","), "--only names no detection: leave it out for all of them."),
        (("--only", "project_archivd"), "did you mean 'project_archived'?"),
        (("--since", "soon"), "--since is not a valid time: 'soon'"),
        (("--since", "1d", "--until", "3d"), "--since must be before --until"),
        (("--history", "long"), "'long' is not a number of days, as 30d"),
        (("--config", "/nowhere"), "/nowhere cannot be read"),
        (("--position", "x"), "--position and --poll are for --follow"),
        (("--follow", "--until", "now"), "--follow has no end: leave out --until"),
        (("--follow", "--format", "markdown"), "--format markdown is a page"),
        (("--follow", "--poll", "0"), "--poll must be a number of seconds above 0"),
        (("--webhook",), "--webhook needs OPENAI_ADMIN_WEBHOOK_URL"),
    ],
)
async def test_wrong_use_is_told_before_anything_is_sent(
    arguments: tuple[str, ...], told: str, cli: CLI, log: list[str], demo: Emulator
) -> None:
    outcome = await cli("detect", *arguments)
    assert outcome.code == 2
    assert told in outcome.err
    assert not demo.requests


async def test_the_detections_are_listed_without_a_key(
    cli: CLI, log: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "DETECTIONS", EXAMPLES)
    outcome = await cli("detect", "--list")
    assert [each["detection"] for each in outcome.json] == ["project_archived", "busy"]
    assert outcome.json[1]["thresholds"] == {"events": 3, "share": 0.5}
    table = await cli("detect", "--list", "--format", "table")
    assert "HIGH      project_archived: Project archived" in table.out
    assert "events = 3, share = 0.5" in table.out


@pytest.mark.parametrize(("form", "ok"), [(None, "ok"), ("json", "")])
async def test_what_is_found_is_posted(
    form: str | None, ok: str, cli: CLI, log: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with receiver(says(200, ok)) as (address, got):
        monkeypatch.setenv("OPENAI_ADMIN_WEBHOOK_URL", address)
        outcome = await cli(*log, "--webhook", *(("--format", form) if form else ()))
        quiet = await cli("detect", "--since", "1h", "--webhook")
    assert outcome.code == 3
    assert quiet.code == 0
    (message,) = got
    if form is None:
        assert message["text"] == "Found 2 things to look at, of severity high."
        assert "blocks" in message
    else:
        assert [each["about"] for each in message["findings"]] == ["proj_1", "proj_2"]


@pytest.mark.parametrize("form", [None, "json", "ocsf"])
async def test_a_text_that_is_no_unicode_keeps_no_message_back(
    form: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (finding,) = Watch(EXAMPLES).feed(event(target="p\ud800"))
    async with receiver(says(200, "ok")) as (address, got):
        monkeypatch.setenv("OPENAI_ADMIN_WEBHOOK_URL", address)
        told = Webhook.of_environment()
        assert await post(told, "Found 1.", [finding], {}, form) is None
    assert "The project p? was archived." in json.dumps(got)


async def test_a_webhook_that_refuses_is_told_without_its_address(
    cli: CLI, log: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with receiver(says(500)) as (address, _):
        monkeypatch.setenv("OPENAI_ADMIN_WEBHOOK_URL", address)
        outcome = await cli(*log, "--webhook")
    assert outcome.code == 3
    assert "The webhook refused the message: it answered 500." in outcome.err
    assert SECRET not in outcome.err + outcome.out


@pytest.mark.parametrize("closed", [True, False])
async def test_standard_output_that_is_closed_is_an_error_and_no_traceback(
    closed: bool, demo: Emulator, tmp_path: Path
) -> None:
    owner(demo)
    reader, writer = os.pipe()
    os.close(reader)
    script = 'exec "$@" >&-' if closed else 'exec "$@"'
    process = await asyncio.create_subprocess_exec(
        *("sh", "-c", script, "sh", *COMMAND, "detect", "--since", "1d"),
        env=_env(demo, tmp_path),
        stdout=writer,
        stderr=subprocess.PIPE,
    )
    os.close(writer)
    _, err = await process.communicate()
    assert process.returncode == (1 if closed else 141)
    assert b"Traceback" not in err


def owner(demo: Emulator) -> None:
    """Somebody is made an owner, which the detections find."""
    payload = {"id": "user-9", "changes_requested": {"role": "owner"}}
    demo.store.audit("user.updated", payload, actor=ACTOR)


def _env(demo: Emulator, tmp_path: Path) -> dict[str, str]:
    return environment(
        {
            "OPENAI_BASE_URL": demo.base_url,
            "OPENAI_ADMIN_KEY": demo.admin_key,
            "XDG_CONFIG_HOME": str(tmp_path),
        }
    )


async def following(demo: Emulator, tmp_path: Path, *arguments: str, **env: str) -> Any:
    """`detect --follow` in a process of its own, once it watches."""
    process = await asyncio.create_subprocess_exec(
        *(*COMMAND, "detect", "--follow", "--poll", "0.05", "--only", "owner_granted", *arguments),
        env=_env(demo, tmp_path) | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    line = await process.stderr.readline()
    assert line.startswith(b"Watching the audit log with 1 detection; learned from "), line
    return process


async def test_what_happens_is_told_and_after_a_kill_told_once(
    demo: Emulator, tmp_path: Path
) -> None:
    import signal

    file = tmp_path / "position.json"
    arguments = ("--position", str(file), "--format", "json")
    first = await following(demo, tmp_path, *arguments)
    owner(demo)
    found = json.loads(await first.stdout.readline())
    assert (found["detection"], found["about"]) == ("owner_granted", "user-9")
    told = tmp_path / "position.json.findings"
    async with asyncio.timeout(30):
        while not (told.exists() and found["id"] in told.read_text()):
            await asyncio.sleep(0.01)
    first.kill()
    await first.communicate()

    payload = {"id": "user-8", "changes_requested": {"role": "owner"}}
    demo.store.audit("user.updated", payload, actor=ACTOR)  # while nobody looks
    second = await following(demo, tmp_path, *arguments)
    after = json.loads(await second.stdout.readline())
    assert after["about"] == "user-8"
    second.send_signal(signal.SIGINT)
    out, err = await second.communicate()
    assert out == b""
    assert second.returncode == 130
    assert b"Traceback" not in err


async def test_a_finding_is_kept_as_told_once_the_webhook_has_it(
    demo: Emulator, tmp_path: Path
) -> None:
    answers = iter([503, 200])

    async def answer(request: Any) -> Any:
        from aiohttp import web

        return web.Response(status=next(answers), text="ok")

    async with receiver(answer) as (address, got):
        process = await following(
            demo, tmp_path, "--webhook", "--format", "table", OPENAI_ADMIN_WEBHOOK_URL=address
        )
        owner(demo)
        line = await process.stdout.readline()
        assert line.startswith(b"HIGH ")
        async with asyncio.timeout(30):
            while len(got) < 2:
                await asyncio.sleep(0.01)
        process.terminate()
        await process.communicate()
    first, second = got
    assert first == second
    assert "an owner of the organization" in first["text"]


async def test_a_second_follower_of_a_position_is_told(demo: Emulator, tmp_path: Path) -> None:
    file = tmp_path / "position.json"
    first = await following(demo, tmp_path, "--position", str(file))
    process = await asyncio.create_subprocess_exec(
        *(*COMMAND, "detect", "--follow", "--position", str(file)),
        env=_env(demo, tmp_path),
        stderr=subprocess.PIPE,
    )
    _, err = await process.communicate()
    assert process.returncode == 1
    assert err.decode().startswith(f"Another detect follows with {file}: end that one")
    first.terminate()
    await first.communicate()
