"""`audit-logs tail`: what it writes where, beside what `test_siem` shows."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import attrs
import pytest

from openai_admin.cli.alone import alone
from openai_admin.emulator import Emulator, Status
from openai_admin.emulator.faults.fault import Exchange
from openai_admin.emulator.faults.payloads import JSONFault
from tests.cli.conftest import CLI
from tests.cli.processes import COMMAND, environment


@attrs.frozen(kw_only=True)
class WithoutIds(JSONFault):
    """No event has an id."""

    def change(self, value: dict[str, Any], exchange: Exchange) -> Any:
        for event in value["data"]:
            del event["id"]
        return value


@pytest.mark.parametrize(("format", "stream"), [("ndjson", "stdout"), ("csv", "stderr")])
async def test_what_cannot_be_read_is_in_the_feed_if_that_is_json(
    demo: Emulator, tmp_path: Path, format: str, stream: str
) -> None:
    demo.faults.add(WithoutIds(match="audit_logs.list"))
    process = await asyncio.create_subprocess_exec(
        *(*COMMAND, "audit-logs", "tail", "--since", "30d", "--format", format),
        env=environment(
            {
                "OPENAI_BASE_URL": demo.base_url,
                "OPENAI_ADMIN_KEY": demo.admin_key,
                "XDG_CONFIG_HOME": str(tmp_path),
            }
        ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    line = json.loads(await getattr(process, stream).readline())
    process.send_signal(signal.SIGINT)
    await process.communicate()
    assert line["object"] == "unreadable"
    assert line["id"] is None
    assert line["reason"]
    sent = [{k: v for k, v in e.items() if k != "id"} for e in demo.store.audit_logs]
    assert line["raw"] in sent


async def test_what_does_not_pass_ends_it(cli: CLI, demo: Emulator) -> None:
    demo.faults.add(Status(status=403))
    outcome = await cli("audit-logs", "tail")
    assert outcome.code == 1
    assert "the key lacks permission for this" in outcome.err


async def test_a_position_that_cannot_be_saved_shows_before_anything_is_read(
    cli: CLI, demo: Emulator, tmp_path: Path
) -> None:
    file = tmp_path / "none" / "position.json"
    outcome = await cli("audit-logs", "tail", "--position", str(file))
    assert outcome.code == 1
    assert not demo.requests
    assert outcome.err.startswith(f"{file} cannot be written: ")


@pytest.mark.parametrize("content", ["", "hello", '{"floor": 99999999999999, "seen": {}}'])
async def test_a_file_without_a_position_is_named_with_what_to_do(
    content: str, cli: CLI, demo: Emulator, tmp_path: Path
) -> None:
    file = tmp_path / "position.json"
    file.write_text(content)
    outcome = await cli("audit-logs", "tail", "--position", str(file))
    assert outcome.code == 2
    assert outcome.err.startswith(f"{file} is not a saved position in the audit log: remove it")
    assert file.read_text() == content
    assert not demo.requests


async def test_a_second_tail_on_a_position_is_told(
    cli: CLI, demo: Emulator, tmp_path: Path
) -> None:
    file, link = tmp_path / "position.json", tmp_path / "link"
    link.symlink_to(file)
    demo.faults.add(Status(status=403))
    with alone(file, "held"):
        outcome = await cli("audit-logs", "tail", "--position", str(link))
        assert outcome.code == 1
        assert outcome.err.startswith(f"Another tail saves its position in {link}: end that one")
        assert not demo.requests
    outcome = await cli("audit-logs", "tail", "--position", str(link))
    assert "the key lacks permission for this" in outcome.err
    assert sorted(each.name for each in tmp_path.iterdir()) == ["link", "position.json"]
