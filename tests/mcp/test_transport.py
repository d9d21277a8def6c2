"""Who may speak to the server over HTTP, and from where."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from openai_admin.errors import ConfigurationError
from openai_admin.mcp import Address, Connections
from tests.mcp.serving import LEGACY, MODERN, call, http_client, listening

TOKEN = "a-token-that-is-long-enough"
HEADERS = {
    "Content-Type": "application/json",
    "Accept": "application/json, text/event-stream",
}
OPENING = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
LISTING: dict[str, Any] = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/list",
    "params": {
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        }
    },
}
MODERN_HEADERS = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/list"}


async def post(url: str, headers: dict[str, str], *, modern: bool = False) -> httpx2.Response:
    body = LISTING if modern else OPENING
    extra = MODERN_HEADERS if modern else {}
    async with httpx2.AsyncClient() as client:
        return await client.post(url, headers={**HEADERS, **extra, **headers}, json=body)


@pytest.mark.parametrize("modern", [False, True])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
        {"Authorization": f"Basic {TOKEN}"},
        {"X-Token": TOKEN},
    ],
)
async def test_without_the_token_nobody_is_let_in(
    headers: dict[str, str], modern: bool, connections: Connections
) -> None:
    async with listening(connections, address=Address(token=TOKEN)) as url:
        refused = await post(url, headers, modern=modern)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith("Bearer")
        assert TOKEN not in refused.text


@pytest.mark.parametrize("mode", [LEGACY, MODERN])
async def test_with_the_token_everything_works(mode: str, connections: Connections) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        listening(connections, address=Address(token=TOKEN)) as url,
        http_client(url, mode, headers=headers) as client,
    ):
        assert (await call(client, "list_users"))["data"]


@pytest.mark.parametrize("modern", [False, True])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "{own}"}, 200),
        ({"Origin": "http://localhost:3000"}, 403),
        ({"Origin": "http://127.0.0.1"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://localhost.evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "evil.example"}, 421),
        ({"Host": "evil.example:8000"}, 421),
        ({"Host": "localhost.evil.example:8000"}, 421),
    ],
)
@pytest.mark.parametrize("token", [None, TOKEN])
async def test_a_page_in_a_browser_is_let_in_only_from_here(
    headers: dict[str, str],
    status: int,
    token: str | None,
    modern: bool,
    connections: Connections,
) -> None:
    door = {"Authorization": f"Bearer {token}"} if token else {}
    async with listening(connections, address=Address(token=token)) as url:
        own = url.removesuffix("/openai-admin")
        sent = {name: value.replace("{own}", own) for name, value in headers.items()}
        answer = await post(url, {**sent, **door}, modern=modern)
    assert answer.status_code == status


async def test_hosts_and_origins_can_be_allowed(connections: Connections) -> None:
    address = Address(hosts=["mcp.example.com"], origins=["https://app.example.com"])
    async with listening(connections, address=address) as url:
        allowed = {"Host": "mcp.example.com", "Origin": "https://app.example.com"}
        assert (await post(url, allowed)).status_code == 200
        assert (await post(url, {"Origin": "https://mcp.example.com"})).status_code == 403


async def test_other_paths_and_bodies_are_refused(connections: Connections) -> None:
    async with listening(connections) as url, httpx2.AsyncClient() as client:
        assert (await client.post(url.replace("openai-admin", "mcp"))).status_code == 404
        for body in (b"", b"{", b"[]", b"\xff", json.dumps([OPENING] * 2).encode(), b"1" * 5000):
            answer = await client.post(url, headers=HEADERS, content=body)
            assert 400 <= answer.status_code < 500, body
        huge = b'"' + b"x" * 5_000_000 + b'"'
        assert (await client.post(url, headers=HEADERS, content=huge)).status_code == 413
        assert (await post(url, {})).status_code == 200


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"host": "0.0.0.0"}, "needs a token"),
        ({"host": "192.0.2.1"}, "OPENAI_ADMIN_MCP_TOKEN"),
        ({"host": "example.com"}, "needs a token"),
        ({"token": "short"}, "at least 16 characters"),
        ({"token": "with\nline end and length"}, "printable ASCII"),
        ({"host": "0.0.0.0", "token": TOKEN}, "--allow-host"),
        ({"host": "::", "token": TOKEN}, "--allow-host"),
    ],
)
def test_what_would_not_be_safe_is_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as refusal:
        Address(**settings).checked()
    assert "short" not in str(refusal.value)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"host": "::1"},
        {"host": "localhost"},
        {"host": "127.8.8.8"},
        {"host": "192.0.2.1", "token": TOKEN},
        {"host": "0.0.0.0", "token": TOKEN, "hosts": ["mcp.example.com"]},
    ],
)
def test_what_is_safe_is_not(settings: dict[str, Any]) -> None:
    address = Address(**settings)
    assert address.checked() is address
    assert TOKEN not in repr(address)


async def test_media_types_have_no_case(connections: Connections) -> None:
    async with listening(connections) as url:
        answer = await post(url, {"Content-Type": "Application/JSON"})
    assert answer.status_code == 200
