"""What a client answers to a question, where that is no answer: told at once, and no consent."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

import pytest

from openai_admin.emulator import Emulator
from openai_admin.mcp.answers import readable
from tests.mcp.serving import changes

MALFORMED: list[dict[str, Any]] = [
    {"result": None},
    {"result": "accept"},
    {"result": [True]},
    {"error": "x"},
    {"error": {"code": "x", "message": "y"}},
    {},
]
ANSWERS: list[Any] = [
    {"jsonrpc": "2.0", "id": 1, "result": {"action": "accept", "content": {"confirm": True}}},
    {"jsonrpc": "2.0", "id": "a", "error": {"code": -32601, "message": "no"}},
    {"jsonrpc": "2.0", "id": 1, "method": "ping"},
    {"jsonrpc": "2.0", "result": None},
    [],
]


@pytest.mark.parametrize("message", ANSWERS)
def test_what_can_be_read_stays_as_it_is(message: Any) -> None:
    assert readable(json.dumps(message)) == json.dumps(message)
    assert readable("not JSON") == "not JSON"


@pytest.mark.parametrize("answer", MALFORMED)
async def test_what_is_no_answer_is_no_consent(answer: Any, emulator: Emulator) -> None:
    environment = {"OPENAI_ADMIN_KEY": emulator.admin_key, "OPENAI_BASE_URL": emulator.base_url}
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "openai_admin", "mcp", "--toolset", "all"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, **environment},
    )
    writing, reading = server.stdin, server.stdout
    assert writing is not None
    assert reading is not None

    def send(**message: Any) -> None:
        writing.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")

    opening = {
        "protocolVersion": "2025-11-25",
        "capabilities": {"elicitation": {}},
        "clientInfo": {"name": "test", "version": "1"},
    }
    send(id=1, method="initialize", params=opening)
    send(method="notifications/initialized")
    key = {"name": "openai_admin_create_admin_api_key", "arguments": {"name": "ci"}}
    send(id=2, method="tools/call", params=key)
    while True:
        message = json.loads(await reading.readline())
        if message.get("method") == "elicitation/create":
            send(id=message["id"], **answer)
        if message.get("id") == 2 and "method" not in message:
            break
    (part,) = message["result"]["content"]
    assert message["result"]["isError"]
    assert "not an answer" in part["text"]
    assert "nothing was changed" in part["text"]
    writing.close()
    await server.wait()
    assert changes(emulator) == []
