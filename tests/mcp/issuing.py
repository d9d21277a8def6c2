"""An authorization server: its keys and its word about tokens, on a real socket."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from openai_admin.mcp import OAuth

AUDIENCE = "https://mcp.example.com/openai-admin"
CLIENT, SECRET = "mcp server", "s3cret/with:signs"


class Issuer:
    """An authorization server, and what was asked of it."""

    def __init__(self) -> None:
        self.url = ""
        self.keys: dict[str, Any] = {}
        self.extra: list[dict[str, Any]] = []
        self.tokens: dict[str, dict[str, Any]] = {}
        self.asked = 0
        self.logins: list[str] = []
        self.status = 200
        self.answer: bytes | None = None
        self.delay = 0.0

    def make_key(self, kid: str, kind: str = "RSA") -> None:
        """Make a key pair; its public part is published."""
        self.keys[kid] = {
            "RSA": lambda: rsa.generate_private_key(65537, 2048),
            "EC": lambda: ec.generate_private_key(ec.SECP256R1()),
            "OKP": ed25519.Ed25519PrivateKey.generate,
        }[kind]()

    def published(self) -> list[dict[str, Any]]:
        """The keys as a JWKS lists them."""
        listed = []
        for kid, key in self.keys.items():
            public = key.public_key()
            kind: Any = {"RSAPublicKey": RSAAlgorithm, "Ed25519PublicKey": OKPAlgorithm}.get(
                type(public).__name__, ECAlgorithm
            )
            listed.append({**kind.to_jwk(public, as_dict=True), "kid": kid, "use": "sig"})
        return [*listed, *self.extra]

    def claims(self, **changes: Any) -> dict[str, Any]:
        """The claims of a valid token, with changes; ``None`` leaves one out."""
        now = int(time.time())
        usual = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "user-1",
            "client_id": "client-1",
            "scope": "read change",
            "iat": now,
            "nbf": now,
            "exp": now + 600,
        }
        return {name: v for name, v in {**usual, **changes}.items() if v is not None}

    def token(
        self,
        kid: str = "one",
        *,
        algorithm: str = "RS256",
        header: dict[str, Any] | None = None,
        **changes: Any,
    ) -> str:
        """A signed token."""
        headers = {"kid": kid, **(header or {})}
        return jwt.encode(self.claims(**changes), self.keys[kid], algorithm, headers)

    def oauth(self, *, introspects: bool = False) -> OAuth:
        """The settings of a server that trusts it."""
        if introspects:
            return OAuth(
                issuer=self.url,
                audiences=[AUDIENCE],
                introspection_url=f"{self.url}/introspect",
                client_id=CLIENT,
                client_secret=SECRET,
            )
        return OAuth(issuer=self.url, audiences=[AUDIENCE], jwks_url=f"{self.url}/keys")

    async def _answer(self, content: dict[str, Any]) -> web.Response:
        self.asked += 1
        await asyncio.sleep(self.delay)
        body = json.dumps(content).encode() if self.answer is None else self.answer
        return web.Response(body=body, status=self.status, content_type="application/json")

    async def _keys(self, _request: web.Request) -> web.Response:
        return await self._answer({"keys": self.published()})

    async def _introspect(self, request: web.Request) -> web.Response:
        self.logins.append(request.headers["Authorization"])
        token = str((await request.post())["token"])
        return await self._answer(self.tokens.get(token, {"active": False}))


@asynccontextmanager
async def issuing() -> AsyncIterator[Issuer]:
    """An authorization server with one key, called ``one``."""
    issuer = Issuer()
    issuer.make_key("one")
    app = web.Application()
    app.router.add_get("/keys", issuer._keys)
    app.router.add_post("/introspect", issuer._introspect)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    issuer.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield issuer
    finally:
        await runner.cleanup()
