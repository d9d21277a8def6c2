"""A secret that is shown once reaches the caller wherever it stands, and stands nowhere else."""

from __future__ import annotations

import asyncio
import json
import pickle
import traceback
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import attrs
import pytest
import pytest_asyncio

from openai_admin import AsyncOpenAIAdmin, OpenAIAdmin
from openai_admin._declare.operation import OPERATIONS
from openai_admin._wire.codec import to_dict
from openai_admin.errors import OutcomeUnknownError
from openai_admin.mcp import Settings, ToolSelection
from openai_admin.mcp.connections import Connections
from openai_admin.mcp.tool import Danger
from openai_admin.resources import load
from tests.cli.conftest import invoke
from tests.mcp.serving import MODERN, http_client, listening, texts

load()
KEY = "sk-admin-canary0123456789abcdWXYZ"
SECRET = "sk-svcacct-SHOWN_ONCE-0123456789abcdWXYZ"
HIDDEN = "sk-svcacct-…WXYZ"
CREATE_KEY = ("admin_api_keys.create", {"name": "ci"})
CREATE_ACCOUNT = ("projects.service_accounts.create", {"project_id": "proj_a", "name": "ci"})
Call = tuple[str, dict[str, Any]]


@attrs.define
class Answers:
    """A server that gives one answer to all changes, and empty listings to all reads."""

    base_url: str = ""
    status: int = 200
    body: bytes = b""
    missing: int = 0

    def says(self, body: Any, *, status: int = 200, missing: int = 0) -> None:
        """Set the answer: JSON, or bytes; ``missing`` is how many more it promises."""
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.status, self.missing = status, missing

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request, and close the connection."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = head.partition("content-length: ")[2].partition("\r\n")[0]
        await reader.readexactly(int(length or 0))
        status, body, missing = self.status, self.body, self.missing
        if head.startswith("get"):
            status, body, missing = 200, b'{"data":[],"has_more":false}', 0
        writer.write(
            f"HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\nconnection: close\r\n"
            f"content-length: {len(body) + missing}\r\n\r\n".encode()
            + body
        )
        await writer.drain()
        writer.close()


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Answers]:
    """The server, running."""
    answers = Answers()
    async with await asyncio.start_server(answers.serve, "127.0.0.1", 0) as running:
        port = running.sockets[0].getsockname()[1]
        answers.base_url = f"http://127.0.0.1:{port}/v1"
        yield answers


@pytest.fixture(params=["asynchronous", "blocking"])
def ask(request: pytest.FixtureRequest, server: Answers) -> Any:
    """Calls an operation on either client."""

    async def asynchronously(call: Call) -> Any:
        async with AsyncOpenAIAdmin(KEY, base_url=server.base_url) as client:
            return await OPERATIONS[call[0]].of(client)(**call[1])

    def blockingly(call: Call) -> Any:
        with OpenAIAdmin(KEY, base_url=server.base_url) as client:
            return OPERATIONS[call[0]].of(client)(**call[1])

    async def in_a_thread(call: Call) -> Any:
        return await asyncio.to_thread(blockingly, call)

    return asynchronously if request.param == "asynchronous" else in_a_thread


MADE = {"object": "organization.admin_api_key", "id": "key_1", "created_at": 1}
ACCOUNT = {"object": "organization.project.service_account", "id": "sa_1", "name": "ci"}
WHOLE = json.dumps({**MADE, "value": SECRET, "name": "ci"}).encode()

# The creation, the answer, its status, and how many bytes of it are lost.
ELSEWHERE: list[tuple[Call, Any, int, int]] = [
    (CREATE_KEY, {"data": {**MADE, "value": SECRET}}, 200, 0),
    (CREATE_KEY, {"admin_api_key": {**MADE, "value": SECRET}}, 200, 0),
    (CREATE_KEY, {**MADE, "value": {"secret": SECRET}}, 200, 0),
    (CREATE_KEY, {**MADE, "value": [SECRET]}, 200, 0),
    (CREATE_KEY, {**MADE, "key": SECRET}, 200, 0),
    (CREATE_KEY, SECRET, 200, 0),
    (CREATE_KEY, b'{"id":"key_1","value":"%s","value":null}' % SECRET.encode(), 200, 0),
    (CREATE_KEY, b"<html>%s</html>" % SECRET.encode(), 200, 0),
    (CREATE_KEY, b"<html>%s</html>" % SECRET.encode(), 502, 0),
    (CREATE_KEY, {**MADE, "value": SECRET}, 500, 0),
    (CREATE_KEY, {"error": {"message": f"Made {SECRET}, but"}}, 400, 0),
    (CREATE_KEY, {"error": f"Made {SECRET}, but"}, 200, 0),
    (CREATE_KEY, WHOLE[:-9], 200, 9),
    (CREATE_KEY, b"[" * 400 + WHOLE + b"]" * 400, 200, 0),
    (CREATE_ACCOUNT, {**ACCOUNT, "api_key": SECRET}, 200, 0),
    (CREATE_ACCOUNT, {**ACCOUNT, "api_key": {"id": "k", "value": {"x": SECRET}}}, 200, 0),
    (CREATE_ACCOUNT, {**ACCOUNT, "api_key": [{"id": "k", "value": SECRET}]}, 200, 0),
    (CREATE_ACCOUNT, {**ACCOUNT, "value": SECRET}, 200, 0),
]


@pytest.mark.parametrize(("call", "answer", "status", "missing"), ELSEWHERE)
async def test_a_secret_in_another_place_is_handed_over(
    ask: Any, server: Answers, call: Call, answer: Any, status: int, missing: int
) -> None:
    server.says(answer, status=status, missing=missing)
    with pytest.raises(OutcomeUnknownError) as caught:
        await ask(call)
    error = caught.value
    assert error.secret is not None
    assert error.secret.value == SECRET
    assert SECRET not in "".join(traceback.format_exception(error))
    assert SECRET.encode() not in pickle.dumps(error) + pickle.dumps(error.__cause__)
    assert "took effect" in str(error) or "may have taken effect" in str(error)


@pytest.mark.parametrize(
    ("answer", "missing"),
    [
        ({**MADE, "value": ""}, 0),
        ({**MADE, "value": None}, 0),
        ({**MADE, "redacted_value": "sk-admin-abcdefghijklmnopqrst...wxyz"}, 0),
        ({**MADE, "redacted_value": "sk-admin-abcdefghijklmnopqrst****wxyz"}, 0),
        (WHOLE[: WHOLE.index(b"WXYZ")], 30),
        (WHOLE[: WHOLE.index(b"WXYZ")], 0),
        (b"", 0),
    ],
)
async def test_what_is_not_a_whole_secret_is_not_handed_over(
    ask: Any, server: Answers, answer: Any, missing: int
) -> None:
    server.says(answer, missing=missing)
    with pytest.raises(OutcomeUnknownError) as caught:
        await ask(CREATE_KEY)
    assert caught.value.secret is None


COPIES = {"redacted_value": SECRET, "api_key": {"value": [SECRET]}, "note": f"It is {SECRET}."}


async def test_copies_of_a_secret_are_hidden(ask: Any, server: Answers) -> None:
    server.says({**MADE, "value": SECRET, **COPIES, SECRET: 12345678901234567890123})
    made = await ask(CREATE_KEY)
    assert made.value == SECRET
    assert made.redacted_value == HIDDEN
    assert made.extra["api_key"] == {"value": [HIDDEN]}
    assert made.extra["note"] == f"It is {HIDDEN}."
    assert HIDDEN in made.extra
    assert SECRET not in repr(made) + repr(to_dict(made))
    assert SECRET.encode() not in pickle.dumps(made)


# --- the command line and MCP ------------------------------------------------------------------


@pytest.fixture
def _connected(server: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", KEY)


LINES = {
    CREATE_KEY[0]: ("admin-api-keys", "create", "--name", "ci"),
    CREATE_ACCOUNT[0]: ("projects", "service-accounts", "create", "proj_a", "--name", "ci"),
}


@pytest.mark.usefixtures("_connected")
@pytest.mark.parametrize(("call", "answer", "status", "missing"), ELSEWHERE)
async def test_the_command_line_writes_it_to_the_file(
    server: Answers, tmp_path: Path, call: Call, answer: Any, status: int, missing: int
) -> None:
    server.says(answer, status=status, missing=missing)
    file = tmp_path / "secret"
    outcome = await invoke(*LINES[call[0]], "--secret-file", str(file))
    assert outcome.code == 1
    assert file.read_text() == f"{SECRET}\n"
    assert SECRET not in outcome.out + outcome.err
    assert "reconcile()" not in outcome.err


@pytest.mark.usefixtures("_connected")
@pytest.mark.parametrize("given", [{}, {"api_key": None}, {"api_key": {"id": "k", "value": ""}}])
async def test_the_command_line_says_that_no_secret_came(
    server: Answers, tmp_path: Path, given: dict[str, Any]
) -> None:
    server.says({**ACCOUNT, **given})
    file = tmp_path / "secret"
    line = (*LINES[CREATE_ACCOUNT[0]], "--secret-file", str(file))
    outcome = await invoke(*line)
    assert outcome.code == 1
    assert "no secret came" in outcome.err
    assert "sa_1" in outcome.out
    assert not file.exists()
    only = await invoke(*line, "--create-service-account-only")
    assert "secret" not in only.err
    assert only.code == (1 if given.get("api_key") else 0)  # which is no key, and is told


TOOLS = {
    CREATE_KEY[0]: "openai_admin_create_admin_api_key",
    CREATE_ACCOUNT[0]: "openai_admin_create_project_service_account",
}


async def _through_mcp(server: Answers, name: str, arguments: dict[str, Any]) -> Any:
    async with AsyncOpenAIAdmin(KEY, base_url=server.base_url) as client:
        connections = Connections({"one": client})
        every = ToolSelection(toolsets=["all"], globs=["*"])
        settings = Settings(choice=every, allowed=frozenset(Danger))
        async with listening(connections, settings) as url, http_client(url, MODERN) as session:
            return await session.call_tool(name, arguments)


@pytest.mark.parametrize("at", [0, 7, 8, 12, 14, 15])
async def test_mcp_hands_it_over_once(server: Answers, at: int) -> None:
    call, answer, status, missing = ELSEWHERE[at]
    server.says(answer, status=status, missing=missing)
    result = await _through_mcp(server, TOOLS[call[0]], call[1])
    assert result.structured_content["secret"] == SECRET
    assert SECRET in texts(result)
    assert "reconcile()" not in texts(result)


async def test_mcp_says_that_no_secret_came(server: Answers) -> None:
    server.says({**ACCOUNT, "api_key": None})
    name, arguments = TOOLS[CREATE_ACCOUNT[0]], CREATE_ACCOUNT[1]
    result = await _through_mcp(server, name, arguments)
    assert result.structured_content["id"] == "sa_1"
    assert "no secret came" in texts(result)
    only = {**arguments, "create_service_account_only": True}
    assert "no secret came" not in texts(await _through_mcp(server, name, only))
