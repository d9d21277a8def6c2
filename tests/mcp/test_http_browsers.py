"""Pages of browsers: what they ask first, and what they are told."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest
from pytest_asyncio import fixture

from openai_admin.emulator import Emulator
from openai_admin.mcp import Address
from tests.mcp.serving import connections_to, listening
from tests.mcp.test_transport import HEADERS, OPENING, TOKEN

pytestmark = pytest.mark.asyncio(loop_scope="module")
ORIGIN = "https://app.example.com"
ASKED = "authorization,content-type,last-event-id,mcp-method,mcp-name,mcp-protocol-version"


@fixture(loop_scope="module", scope="module")
async def url() -> AsyncIterator[str]:
    address = Address(token=TOKEN, origins=[ORIGIN, "http://localhost:*"])
    async with (
        Emulator(state="empty") as emulator,
        connections_to(emulator) as connections,
        listening(connections, address=address) as url,
    ):
        yield url


async def ask(url: str, origin: str, headers: str = ASKED, method: str = "POST") -> httpx2.Response:
    async with httpx2.AsyncClient() as client:
        return await client.options(
            url,
            headers={
                "Origin": origin,
                "Access-Control-Request-Method": method,
                "Access-Control-Request-Headers": headers,
            },
        )


@pytest.mark.parametrize("origin", [ORIGIN, "http://localhost:6274"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_a_page_that_is_allowed_is_told_so_without_a_token(
    origin: str, method: str, url: str
) -> None:
    told = await ask(url, origin, f"{ASKED},mcp-session-id", method)
    assert told.status_code == 200
    assert told.headers["access-control-allow-origin"] == origin
    assert method in told.headers["access-control-allow-methods"]
    allowed = told.headers["access-control-allow-headers"].lower()
    assert {"authorization", "mcp-session-id", "last-event-id"} <= set(allowed.split(", "))
    assert "*" not in allowed
    assert "access-control-allow-credentials" not in told.headers


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{ORIGIN}:8443"])
async def test_another_page_is_not(origin: str, url: str) -> None:
    told = await ask(url, origin)
    assert told.status_code == 403
    assert "access-control-allow-origin" not in told.headers


async def test_a_header_of_another_kind_is_not_allowed(url: str) -> None:
    assert (await ask(url, ORIGIN, "x-openai-admin-key")).status_code == 400


async def test_the_page_may_read_what_it_needs(url: str) -> None:
    headers = {**HEADERS, "Origin": ORIGIN, "Authorization": f"Bearer {TOKEN}"}
    async with httpx2.AsyncClient() as client:
        answer = await client.post(url, headers=headers, json=OPENING)
        refused = await client.post(url, headers={**HEADERS, "Origin": ORIGIN}, json=OPENING)
    assert answer.status_code == 200
    assert refused.status_code == 401
    for one in (answer, refused):
        assert one.headers["access-control-allow-origin"] == ORIGIN
        exposed = one.headers["access-control-expose-headers"].lower().split(", ")
        assert {"mcp-session-id", "www-authenticate"} <= set(exposed)
    assert answer.headers["mcp-session-id"]


async def test_health_needs_no_token_and_tells_nothing(url: str) -> None:
    async with httpx2.AsyncClient() as client:
        told = await client.get(
            url.replace("/openai-admin", "/health"), headers={"Host": "10.0.0.7"}
        )
    assert told.status_code == 200
    assert told.json() == {"status": "ok"}
    assert "server" not in told.headers
