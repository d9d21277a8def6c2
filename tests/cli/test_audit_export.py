"""`audit-logs export`, and `audit-logs tail --to`: what they say, and what they refuse."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
from collections.abc import Mapping
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from openai_admin.cli.alone import alone
from openai_admin.emulator import Emulator
from openai_admin.resources.audit_logs.event_types import is_tenant_scoped
from tests.audit.delivery.web import Posted, server
from tests.cli.conftest import CLI, invoke
from tests.cli.processes import COMMAND, environment

SECRET = "a-token-that-nobody-may-see"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, emulator: Emulator) -> CLI:
    """Runs command lines on an organization that is made at once."""
    monkeypatch.setenv("OPENAI_BASE_URL", emulator.base_url)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", emulator.admin_key)
    return invoke


def listed(emulator: Emulator) -> list[str]:
    """The ids of the log's events, oldest first."""
    events = [event for event in emulator.store.audit_logs if not is_tenant_scoped(event["type"])]
    return [event["id"] for event in sorted(events, key=lambda each: each["effective_at"])]


@pytest.mark.parametrize("format", [None, "ndjson", "raw", "ocsf", "ecs"])
async def test_an_export_is_a_line_of_json_for_each_event(
    format: str | None, cli: CLI, demo: Emulator
) -> None:
    outcome = await cli(
        "audit-logs", "export", "--since", "2y", *(("--format", format) if format else ())
    )
    assert outcome.code == 0
    events = [json.loads(line) for line in outcome.out.splitlines()]
    place = {"ocsf": ("metadata", "uid"), "ecs": ("event", "id")}.get(format or "", ("id",))
    assert [reduce(getitem, place, event) for event in events] == listed(demo)
    assert outcome.err == f"{len(events):,} events were delivered to standard output.\n"


async def test_a_month_of_some_types_goes_into_a_file(
    cli: CLI, demo: Emulator, tmp_path: Path
) -> None:
    file = tmp_path / "audit.ndjson"
    arguments = ("audit-logs", "export", "--month", "last-month", "--to", f"file:{file}")
    outcome = await cli(*arguments, "--event-types", "project.archived,login.succeeded")
    assert outcome.code == 0
    types = {json.loads(line)["type"] for line in file.read_text().splitlines()}
    assert types <= {"project.archived", "login.succeeded"}
    assert types
    assert file.stat().st_mode & 0o777 == 0o600


async def test_what_a_receiver_refuses_is_in_a_file_and_the_exit_code_says_so(
    cli: CLI, demo: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ADMIN_RECEIVER_TOKEN", SECRET)
    refused = listed(demo)[3]
    came: list[str] = []

    def judge(posted: Posted) -> web.Response:
        ids = [json.loads(line)["id"] for line in posted.body.splitlines()]
        if refused in ids:
            return web.Response(status=422, text=f"not this, {posted.headers['Authorization']}")
        came.extend(ids)
        return web.Response(status=204)

    dead = tmp_path / "dead.ndjson"
    async with server(judge) as (address, _):
        outcome = await cli(
            *("audit-logs", "export", "--since", "2y", "--to", f"{address}/x?secret=1"),
            *("--dead-letters", str(dead)),
        )
    assert outcome.code == 1
    assert sorted(came) == sorted(set(listed(demo)) - {refused})
    (letter,) = map(json.loads, dead.read_text().splitlines())
    assert (letter["id"], letter["event"]["id"]) == (refused, refused)
    assert letter["reason"] == "it answered 422: not this, Bearer …"
    told = outcome.err.splitlines()
    assert told[0] == (
        f"The event {refused} was refused and is in {dead} with the reason: it answered 422: not"
        " this, Bearer …."
    )
    assert told[-1] == (
        f"{len(came):,} events were delivered to the receiver {address}; 1 event was refused, with"
        f" the reason in {dead}."
    )
    assert SECRET not in outcome.err + dead.read_text()
    assert "secret=1" not in outcome.err + dead.read_text()


async def test_a_wrong_token_ends_it_in_a_sentence(
    cli: CLI, demo: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ADMIN_RECEIVER_TOKEN", SECRET)
    file = tmp_path / "position.json"
    body = '{"text":"Invalid token","code":4}'
    async with server(lambda _: web.Response(status=403, text=body)) as (address, _):
        outcome = await cli(
            *("audit-logs", "tail", "--since", "30d", "--to", address, "--hec"),
            *("--position", str(file)),
        )
    assert outcome.code == 1
    assert outcome.err.splitlines()[-1] == (
        f"The delivery has stopped, for the receiver {address} answered 403: {body}; the token is"
        " not valid, or may not do this."
    )
    assert json.loads(file.read_text())["seen"] == {}
    assert SECRET not in outcome.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--to", "siem.example.com"), "--to must be stdout, file:PATH, or an address like"),
        (("--to", "http://siem.example.com"), "--to must be https: plain http would show"),
        (("--to", "https://a:b@siem.example.com"), "--to has a login in the address"),
        (("--to", "file:x", "--rotate", "weekly"), "--rotate must be size:100MB, daily or hourly"),
        (("--to", "file:x", "--hec"), "--hec is for --to URL."),
        (("--to", "https://x", "--rotate", "daily"), "--rotate is for --to file:PATH."),
        (("--to", "https://x", "--hec-ack"), "--hec-ack is for --hec."),
        (("--to", "https://x", "--hec", "--bulk", "y"), "Pass --hec or --bulk, not both."),
        (("--to", ""), "--to is empty: pass a value, or leave it out."),
        (("--to", "https://x", "--bulk", ""), "--bulk is empty: pass a value, or leave it out."),
        (("--to", "https://x", "--hec", "--index", ""), "--index is empty: pass a value"),
        (("--to", "https://x", "--token-header", ""), "--token-header is empty: pass a value"),
        (("--to", "https://x", "--dead-letters", ""), "--dead-letters is empty: pass a value"),
        (("--to", "file:x", "--keep", "3"), "--keep is for earlier files, of which there are none"),
        (("--to", "file:x", "--gzip"), "--gzip is for earlier files, of which there are none"),
        (("--to", "file:x", "--receiver-timeout", "5"), "--receiver-timeout is for --to URL."),
        (("--to", "stdout", "--batch-seconds", "inf"), "--batch-seconds must be 0 or more, and"),
        (("--to", "stdout", "--heartbeat-file", "/nowhere/h"), "/nowhere/h cannot be written"),
        (("--to", "stdout", "--dead-letters", "/nowhere/d"), "/nowhere/d cannot be written"),
        (("--gzip",), "--gzip is for --to file:PATH or --to URL."),
        (("--to", "https://x", "--token-header", "a b"), "--token-header must be like"),
        (("--to", "file:"), "--to must name a file, as file:audit.ndjson."),
        (("--to", "file:/nowhere/x"), "/nowhere/x cannot be written: there is no folder /nowhere"),
    ],
)
@pytest.mark.parametrize("command", ["export", "tail"])
async def test_what_cannot_be_is_told_before_anything_is_sent(
    command: str, arguments: tuple[str, ...], told: str, quick: CLI, emulator: Emulator
) -> None:
    if command == "tail" and "--to" not in arguments:
        told = "--gzip needs --to."
    outcome = await quick("audit-logs", command, *arguments)
    assert outcome.code == 2
    assert outcome.err.startswith(told)
    assert not emulator.requests


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--heartbeat", "5"), "--heartbeat needs --to."),
        (("--dead-letters", "x"), "--dead-letters needs --to."),
        (("--batch-bytes", "2MB"), "--batch-bytes needs --to."),
        (("--batch-events", "5"), "--batch-events needs --to."),
        (("--batch-seconds", "0"), "--batch-seconds needs --to."),
        (("--receiver-timeout", "5"), "--receiver-timeout needs --to."),
        (("--to", "stdout", "--format", "csv"), "Events are delivered as ndjson, raw, ocsf, ecs"),
        (("--format", "ocsf", "--columns", "id"), "--columns is not for events that are delivered"),
        (("--late", "-1"), "Invalid value for '--late'"),
    ],
)
async def test_a_tail_says_what_does_not_go_together(
    arguments: tuple[str, ...], told: str, quick: CLI, emulator: Emulator
) -> None:
    outcome = await quick("audit-logs", "tail", *arguments)
    assert outcome.code == 2
    assert outcome.err.startswith(told)
    assert not emulator.requests


@pytest.mark.parametrize("command", ["export", "tail"])
async def test_two_processes_never_write_to_one_file(
    command: str, quick: CLI, emulator: Emulator, tmp_path: Path
) -> None:
    file = tmp_path / "audit.ndjson"
    with alone(file, "held"):
        outcome = await quick("audit-logs", command, "--to", f"file:{file}")
    assert outcome.code == 1
    assert outcome.err == (
        f"Another process writes to {file}: end that one, or name another file.\n"
    )


def _env(demo: Emulator, folder: Path, **more: str) -> Mapping[str, str]:
    return environment(
        {
            "OPENAI_BASE_URL": demo.base_url,
            "OPENAI_ADMIN_KEY": demo.admin_key,
            "XDG_CONFIG_HOME": str(folder),
            **more,
        }
    )


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, -signal.SIGTERM), (signal.SIGINT, 130)]
)
async def test_a_tail_in_ocsf_ends_in_order_and_leaves_a_position(
    number: signal.Signals, code: int, demo: Emulator, tmp_path: Path
) -> None:
    position, beat = tmp_path / "position.json", tmp_path / "beat.json"
    process = await asyncio.create_subprocess_exec(
        *(*COMMAND, "audit-logs", "tail", "--since", "2y", "--format", "ocsf"),
        *("--position", str(position), "--heartbeat-file", str(beat)),
        env=_env(demo, tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    wanted = listed(demo)
    found = [json.loads(await process.stdout.readline())["metadata"]["uid"] for _ in wanted]
    process.send_signal(number)
    rest, told = await process.communicate()
    assert found == wanted
    assert rest == b""
    assert process.returncode == code
    assert b"Traceback" not in told
    saved = position.read_text().splitlines()
    seen: dict[str, Any] = {}
    for line in saved:
        seen |= json.loads(line)["seen"]
    assert wanted[-1] in seen
    assert not beat.exists()


async def test_a_reader_who_goes_away_ends_it_quietly(demo: Emulator, tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(*COMMAND, "audit-logs", "export", "--since", "2y", "--batch-events", "5"),
        env=_env(demo, tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    await process.stdout.readline()
    process.stdout._transport.close()  # type: ignore[attr-defined]
    assert process.stderr is not None
    told = await process.stderr.read()
    assert await process.wait() in (0, 141)
    assert b"Traceback" not in told
