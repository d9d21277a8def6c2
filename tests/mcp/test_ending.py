"""A server that is ended while it creates a secret."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest

from openai_admin.emulator import Emulator
from tests.mcp.test_patience import Held
from tests.mcp.test_transport import HEADERS, OPENING

CREATE = "openai_admin_create_admin_api_key"
CALL: dict[str, Any] = {
    "jsonrpc": "2.0",
    "id": 7,
    "method": "tools/call",
    "params": {"name": CREATE, "arguments": {"name": "held"}},
}
INITIALIZED = {"jsonrpc": "2.0", "method": "notifications/initialized"}


@asynccontextmanager
async def server(emulator: Emulator, *options: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "openai_admin", "mcp", "--toolset", "all"),
        *("--allow-destructive", *options),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={
            **os.environ,
            "OPENAI_BASE_URL": emulator.base_url,
            "OPENAI_ADMIN_KEY": emulator.admin_key,
        },
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def creating(emulator: Emulator) -> None:
    """Wait until the key is there, whose secret nobody has got yet."""
    async with asyncio.timeout(60):
        while not any(key["name"] == "held" for key in emulator.store.admin_api_keys):
            await asyncio.sleep(0.05)


async def ended(process: asyncio.subprocess.Process, how: str) -> None:
    if how == "end of input":
        assert process.stdin is not None
        process.stdin.close()
    else:
        process.send_signal(signal.SIGTERM)
    await asyncio.sleep(0.5)


@pytest.mark.parametrize("how", ["end of input", "SIGTERM"])
async def test_a_secret_is_delivered_though_the_client_ends_the_server(
    how: str, emulator: Emulator
) -> None:
    fault = Held(match="admin_api_keys.create")
    emulator.faults.add(fault)
    async with server(emulator) as process:
        assert process.stdin is not None
        for message in (OPENING, INITIALIZED, CALL):
            process.stdin.write(json.dumps(message).encode() + b"\n")
        await creating(emulator)
        await ended(process, how)
        fault.gate.set()
        out, errors = await asyncio.wait_for(process.communicate(), 60)
    answer = json.loads(out.splitlines()[-1])
    assert answer["id"] == 7
    assert answer["result"]["structuredContent"]["secret"].startswith("sk-admin-")
    assert errors == b""


@pytest.mark.parametrize("how", ["end of input", "SIGTERM"])
async def test_a_secret_that_is_lost_is_told_in_the_log(how: str, emulator: Emulator) -> None:
    fault = Held(match="admin_api_keys.create")
    emulator.faults.add(fault)
    try:
        async with server(emulator) as process:
            assert process.stdin is not None
            for message in (OPENING, INITIALIZED, CALL):
                process.stdin.write(json.dumps(message).encode() + b"\n")
            await creating(emulator)
            await ended(process, how)
            errors = (await asyncio.wait_for(process.communicate(), 60))[1].decode()
    finally:
        fault.gate.set()
    told = [line for line in errors.splitlines() if CREATE in line]
    assert len(told) == 1
    assert "may exist" in told[0]
    assert "delete it" in told[0]
    assert "sk-admin-" not in errors
    assert "Traceback" not in errors


async def test_a_secret_is_delivered_over_http_though_the_server_is_ended(
    emulator: Emulator,
) -> None:
    fault = Held(match="admin_api_keys.create")
    emulator.faults.add(fault)
    async with server(emulator, "--http", "--port", "0") as process:
        assert process.stderr is not None
        url = (await asyncio.wait_for(process.stderr.readline(), 60)).decode().split()[-1]
        async with httpx2.AsyncClient(timeout=60) as client:
            opened = await client.post(url, headers=HEADERS, json=OPENING)
            own = {**HEADERS, "Mcp-Session-Id": opened.headers["mcp-session-id"]}
            calling = asyncio.create_task(client.post(url, headers=own, json=CALL))
            await creating(emulator)
            await ended(process, "SIGTERM")
            refused = await client.post(url, headers=own, json={**CALL, "id": 8})
            assert "The server is ending" in refused.text
            fault.gate.set()
            answer = (await calling).text
        errors = (await asyncio.wait_for(process.communicate(), 60))[1]
    assert '"secret":"sk-admin-' in answer
    assert errors == b""
