"""Access tokens of an authorization server: which count, and how far."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

import httpx2
import jwt
import pytest
from pytest_asyncio import fixture

from openai_admin.emulator import Emulator
from openai_admin.errors import ConfigurationError
from openai_admin.mcp import Address, OAuth
from openai_admin.mcp.http.fetching import IssuerUnavailableError
from openai_admin.mcp.http.introspection import IntrospectedTokens
from openai_admin.mcp.http.jwks import SignedTokens
from tests.mcp.issuing import AUDIENCE, CLIENT, SECRET, Issuer, issuing
from tests.mcp.serving import LEGACY, MODERN, call, connections_to, http_client, listening
from tests.mcp.test_transport import HEADERS, LISTING, OPENING, TOKEN

pytestmark = pytest.mark.asyncio(loop_scope="module")
METADATA = "https://mcp.example.com/.well-known/oauth-protected-resource/openai-admin"


@fixture(loop_scope="module", scope="module")
async def served() -> AsyncIterator[tuple[Issuer, str]]:
    async with (
        issuing() as issuer,
        Emulator(state="empty") as emulator,
        connections_to(emulator) as connections,
        listening(connections, address=Address(oauth=issuer.oauth(), public_url=AUDIENCE)) as url,
    ):
        yield issuer, url


@fixture(loop_scope="module")
async def issuer() -> AsyncIterator[Issuer]:
    async with issuing() as made:
        yield made


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def opened(url: str, headers: dict[str, str]) -> httpx2.Response:
    async with httpx2.AsyncClient() as client:
        return await client.post(url, headers={**HEADERS, **headers}, json=OPENING)


async def test_it_says_who_issues_its_tokens(served: tuple[Issuer, str]) -> None:
    issuer, url = served
    async with httpx2.AsyncClient() as client:
        for path in ("", "/openai-admin"):
            place = url.replace("/openai-admin", f"/.well-known/oauth-protected-resource{path}")
            told = (await client.get(place)).json()
            assert told["resource"] == AUDIENCE
            assert told["authorization_servers"] == [issuer.url]
            assert told["scopes_supported"] == ["read", "change"]
            assert told["bearer_methods_supported"] == ["header"]


async def test_without_a_token_it_says_where_to_get_one(served: tuple[Issuer, str]) -> None:
    refused = await opened(served[1], {})
    assert refused.status_code == 401
    said = refused.headers["www-authenticate"]
    assert said.startswith("Bearer ")
    assert f'resource_metadata="{METADATA}"' in said
    assert 'scope="read"' in said
    assert "error=" not in said


@pytest.mark.parametrize("mode", [LEGACY, MODERN])
async def test_a_token_to_change_lets_change(mode: str, served: tuple[Issuer, str]) -> None:
    issuer, url = served
    async with http_client(url, mode, headers=bearer(issuer.token(scope="change"))) as client:
        names = {tool.name for tool in (await client.list_tools()).tools}
        assert "openai_admin_create_project" in names
        assert (await call(client, "create_project", name="Made"))["id"]


@pytest.mark.parametrize("mode", [LEGACY, MODERN])
async def test_a_token_to_read_lets_only_read(mode: str, served: tuple[Issuer, str]) -> None:
    issuer, url = served
    token = issuer.token(scope="openid read")
    async with http_client(url, mode, headers=bearer(token)) as client:
        tools = (await client.list_tools()).tools
        assert tools
        assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)
        assert (await call(client, "list_projects"))["data"] is not None
    body = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "openai_admin_create_project", "arguments": {"name": "Other"}},
    }
    async with httpx2.AsyncClient() as bare:
        refused = await bare.post(url, headers={**HEADERS, **bearer(token)}, json=body)
    assert refused.status_code == 403
    said = refused.headers["www-authenticate"]
    assert 'error="insufficient_scope"' in said
    assert 'scope="read change"' in said
    assert f'resource_metadata="{METADATA}"' in said


async def test_the_tool_itself_refuses_too(served: tuple[Issuer, str]) -> None:
    issuer, url = served
    body = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {
            "name": "openai_admin_create_project",
            "arguments": {"name": "Other"},
            "_meta": LISTING["params"]["_meta"],
        },
    }
    headers = {
        **HEADERS,
        **bearer(issuer.token(scope="read")),
        "MCP-Protocol-Version": MODERN,
        "Mcp-Method": "tools/call",
        "Mcp-Name": "openai_admin_create_project",
    }
    # The SDK reads UTF-16 here, what looks at the scope before it does not.
    text = json.dumps(body).encode("utf-16")
    async with httpx2.AsyncClient() as client:
        answer = await client.post(url, headers=headers, content=text)
    assert answer.status_code == 200
    result = answer.json()["result"]
    assert result["isError"]
    assert "the scope to read, not to change" in result["content"][0]["text"]


async def test_a_session_is_its_owner_s(served: tuple[Issuer, str]) -> None:
    issuer, url = served
    async with httpx2.AsyncClient() as client:
        answer = await client.post(url, headers={**HEADERS, **bearer(issuer.token())}, json=OPENING)
        session = {"Mcp-Session-Id": answer.headers["mcp-session-id"]}
        ping = {"jsonrpc": "2.0", "id": 2, "method": "ping"}
        for changes, status in (
            ({"exp": int(time.time()) + 900}, 200),  # the same person's next token
            ({"sub": "user-2"}, 404),
            ({"client_id": "client-2"}, 404),
            ({"scope": "read"}, 200),
        ):
            headers = {**HEADERS, **session, **bearer(issuer.token(**changes))}
            assert (await client.post(url, headers=headers, json=ping)).status_code == status


def from_now(changes: dict[str, Any]) -> dict[str, Any]:
    """Claims with their times, which are meant from the moment that the test runs."""
    now = int(time.time())
    return {
        name: now + int(value.total_seconds()) if isinstance(value, timedelta) else value
        for name, value in changes.items()
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": timedelta(seconds=-61)},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": float("nan")},
        {"nbf": timedelta(seconds=600)},
        {"nbf": "now"},
        {"iss": "https://other.example"},
        {"iss": None},
        {"aud": "https://other.example"},
        {"aud": ["https://other.example", f"{AUDIENCE}x"]},
        {"aud": None},
        {"sub": None, "client_id": None},
    ],
)
async def test_claims_that_do_not_count(changes: dict[str, Any], issuer: Issuer) -> None:
    tokens = SignedTokens(issuer.oauth())
    claims = json.dumps(issuer.claims(**from_now(changes))).encode()
    token = jwt.api_jws.encode(claims, issuer.keys["one"], "RS256", {"kid": "one"})
    assert await tokens.verify_token(token) is None
    assert await tokens.verify_token(issuer.token()) is not None


@pytest.mark.parametrize(
    ("changes", "scopes"),
    [
        ({"exp": timedelta(seconds=-20)}, ["read", "change"]),  # clocks differ
        ({"nbf": timedelta(seconds=20)}, ["read", "change"]),
        ({"nbf": None}, ["read", "change"]),
        ({"aud": ["https://other.example", AUDIENCE]}, ["read", "change"]),
        ({"scope": "read"}, ["read"]),
        ({"scope": None, "scp": ["read", "other"]}, ["read"]),
        ({"scope": None, "scp": "change"}, ["read", "change"]),
        ({"scope": None}, []),
        ({"scope": "readers exchange"}, []),
        ({"client_id": None, "azp": "client-1"}, ["read", "change"]),
    ],
)
async def test_claims_that_count(
    changes: dict[str, Any], scopes: list[str], issuer: Issuer
) -> None:
    access = await SignedTokens(issuer.oauth()).verify_token(issuer.token(**from_now(changes)))
    assert access is not None
    assert access.scopes == scopes
    assert access.token == ""


@pytest.mark.parametrize(("kind", "algorithm"), [("EC", "ES256"), ("OKP", "EdDSA")])
async def test_keys_of_other_kinds(kind: str, algorithm: str, issuer: Issuer) -> None:
    issuer.make_key("two", kind)
    token = issuer.token("two", algorithm=algorithm, header={"typ": "at+jwt"})
    assert await SignedTokens(issuer.oauth()).verify_token(token)


def part(content: dict[str, Any]) -> str:
    """A part of a token."""
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


async def test_signatures_that_do_not_count(issuer: Issuer) -> None:
    tokens = SignedTokens(issuer.oauth())
    valid = issuer.token()
    claims, secret = issuer.claims(), b"a secret that somebody else knows"
    issuer.extra.append(
        {"kty": "oct", "kid": "sym", "k": base64.urlsafe_b64encode(secret).decode().rstrip("=")}
    )
    issuer.extra.append({**issuer.published()[0], "kid": "cipher", "use": "enc"})
    public = json.dumps(issuer.published()[0]).encode()  # PyJWT would not sign with it
    confused = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part(claims)}"
    forged = hmac.new(public, confused.encode(), hashlib.sha256).digest()
    wrong = Issuer()
    wrong.url = issuer.url
    wrong.make_key("one")
    head, body, signature = valid.split(".")
    refused = [
        f"{part({'alg': 'none', 'kid': 'one'})}.{part(claims)}.",
        jwt.encode(claims, secret, "HS256", {"kid": "sym"}),
        f"{confused}.{base64.urlsafe_b64encode(forged).decode().rstrip('=')}",
        jwt.encode(claims, issuer.keys["one"], "RS256", {"kid": "cipher"}),
        jwt.encode(claims, issuer.keys["one"], "RS256", {"kid": "one", "typ": "dpop+jwt"}),
        wrong.token(),
        f"{head}.{body}.{signature[:-6]}AAAAAA",
        f"{head}.{body}.",
        head,
        "not a token",
        "ü" * 20,
    ]
    for token in refused:
        assert await tokens.verify_token(token) is None, token
    assert await tokens.verify_token(valid)


async def test_a_new_key_is_asked_for_but_not_at_each_unknown_one(issuer: Issuer) -> None:
    clock = Clock()
    tokens = SignedTokens(issuer.oauth(), clock=clock)
    assert await tokens.verify_token(issuer.token())
    assert issuer.asked == 1
    issuer.make_key("two")
    clock.now += 11
    assert await tokens.verify_token(issuer.token("two"))
    assert issuer.asked == 2
    stranger = Issuer()
    stranger.url = issuer.url
    for number in range(50):
        stranger.keys[f"x{number}"] = issuer.keys["one"]
        assert await tokens.verify_token(stranger.token(f"x{number}")) is None
    assert issuer.asked == 2
    del issuer.keys["one"]
    clock.now += 301  # it was withdrawn
    stranger.keys["one"] = stranger.keys["x1"]
    assert await tokens.verify_token(stranger.token("one")) is None
    assert await tokens.verify_token(issuer.token("two"))


@pytest.mark.parametrize(
    "trouble",
    [
        {"status": 500},
        {"status": 302},
        {"answer": b"<html>"},
        {"answer": b"[]"},
        {"answer": b'{"keys": 1}'},
        {"answer": b'{"keys": ["' + b"x" * 300_000 + b'"]}'},
    ],
)
async def test_keys_that_cannot_be_had_let_nobody_in(
    trouble: dict[str, Any], issuer: Issuer
) -> None:
    for name, value in trouble.items():
        setattr(issuer, name, value)
    tokens = SignedTokens(issuer.oauth())
    for _ in range(5):
        with pytest.raises(IssuerUnavailableError):
            await tokens.verify_token(issuer.token())
    assert issuer.asked == 1


async def test_known_keys_last_through_an_outage_of_an_hour(issuer: Issuer) -> None:
    clock = Clock()
    tokens = SignedTokens(issuer.oauth(), clock=clock)
    assert await tokens.verify_token(issuer.token())
    issuer.status = 503
    clock.now = 3500
    assert await tokens.verify_token(issuer.token())
    clock.now = 3700
    with pytest.raises(IssuerUnavailableError):
        await tokens.verify_token(issuer.token())


async def test_an_issuer_that_is_away_is_told_as_that(served: tuple[Issuer, str]) -> None:
    oauth = OAuth(issuer="http://127.0.0.1:9", audiences=["x"], jwks_url="http://127.0.0.1:9/k")
    async with (
        Emulator(state="empty") as emulator,
        connections_to(emulator) as connections,
        listening(connections, address=Address(oauth=oauth, public_url=AUDIENCE)) as url,
    ):
        answer = await opened(url, bearer(served[0].token()))
        assert (await opened(url, {})).status_code == 401
    assert answer.status_code == 503
    assert answer.headers["retry-after"]


async def test_introspection_asks_for_each_token_once(issuer: Issuer) -> None:
    clock = Clock()
    tokens = IntrospectedTokens(issuer.oauth(introspects=True), clock=clock)
    issuer.tokens["opaque"] = {"active": True, **issuer.claims(scope="read", iss=None, exp=None)}
    access = await tokens.verify_token("opaque")
    assert access is not None
    assert (access.scopes, access.subject, access.client_id) == (["read"], "user-1", "client-1")
    assert await tokens.verify_token("opaque") == access
    assert issuer.asked == 1
    login = base64.b64decode(issuer.logins[0].split()[1]).decode()
    assert login == f"{quote_plus(CLIENT)}:{quote_plus(SECRET)}"
    issuer.tokens["opaque"] = {"active": False}
    clock.now += 31
    assert await tokens.verify_token("opaque") is None
    for number in range(1500):
        tokens._known[bytes(str(number), "ascii")] = tokens._known[next(iter(tokens._known))]
    assert await tokens.verify_token("another") is None
    assert len(tokens._known) == 1000


@pytest.mark.parametrize(
    "said",
    [
        {"active": "true"},
        {"active": 1},
        {"active": True, "aud": "https://other.example"},
        {"active": True, "aud": None},
        {"active": True, "iss": "https://other.example"},
        {"active": True, "exp": 1},
    ],
)
async def test_what_an_introspection_does_not_vouch_for(
    said: dict[str, Any], issuer: Issuer
) -> None:
    issuer.tokens["opaque"] = {**issuer.claims(), **said}
    tokens = IntrospectedTokens(issuer.oauth(introspects=True))
    assert await tokens.verify_token("opaque") is None
    issuer.status = 401
    with pytest.raises(IssuerUnavailableError, match="401"):
        await tokens.verify_token("another")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"token": TOKEN}, "one kind of token"),
        ({"public_url": None}, "--public-url"),
        ({"public_url": "http://mcp.example.com/openai-admin"}, "https address"),
        ({"issuer": "http://id.example.com"}, "https address"),
        ({"issuer": "https://user:pw@id.example.com"}, "https address"),
        ({"jwks_url": None}, "--oauth-jwks"),
        ({"introspection_url": "https://id.example.com/i"}, "one way"),
        ({"jwks_url": "https://[bad"}, "https address"),
        ({"jwks_url": None, "introspection_url": "https://id.example.com/i"}, "CLIENT_SECRET"),
        ({"audiences": []}, "audience"),
    ],
)
async def test_settings_that_cannot_be_used(settings: dict[str, Any], said: str) -> None:
    own: dict[str, Any] = {
        "issuer": "https://id.example.com",
        "audiences": ["x"],
        "jwks_url": "https://a.b/k",
    }
    of_address = {name: settings[name] for name in ("token", "public_url") if name in settings}
    oauth = OAuth(**{**own, **{k: v for k, v in settings.items() if k not in of_address}})
    of_address = {"public_url": AUDIENCE, **of_address}
    address = Address(oauth=oauth, **of_address)
    with pytest.raises(ConfigurationError, match=said):
        address.checked()


async def test_a_secret_is_not_shown() -> None:
    oauth = OAuth(issuer="https://x.example", audiences=["a"], client_secret=SECRET)
    assert SECRET not in repr(Address(oauth=oauth))
