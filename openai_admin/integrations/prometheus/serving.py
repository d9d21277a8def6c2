"""The exporter's web server: the metrics, and whether it lives and is ready."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import bcrypt
from aiohttp import web
from anyio import CapacityLimiter, to_thread

from .connections import IDLE, Quiet, listening
from .exporter import Exporter
from .web_config import WebConfig, load

_log = logging.getLogger("openai_admin.metrics")

_LOOKED_AT = 60  # seconds between looks at the files of the certificate
_KNOWN = 64  # logins that are remembered
_LAST_SCRAPE = 2  # seconds that a scrape may still take when the server ends
_AT_ONCE = 2  # passwords that are hashed at the same time, which is made to be slow


class BasicAuth:
    """Says whether a request comes from a user.

    Hashes are compared by bcrypt in a thread. What was right once is remembered under a keyed hash,
    so that a scrape does not take the time of one again.

    Args:
        users: bcrypt hashes of passwords by user.
    """

    def __init__(self, users: Mapping[str, str]) -> None:
        self._users = {user.encode(): hashed.encode() for user, hashed in users.items()}
        self._anybody = next(iter(self._users.values()))
        self._secret = secrets.token_bytes(32)
        self._right: set[bytes] = set()
        self._limiter = CapacityLimiter(_AT_ONCE)

    async def accepts(self, header: str | None) -> bool:
        """Whether an ``Authorization`` is a user's."""
        scheme, _, encoded = (header or "").partition(" ")
        if scheme.lower() != "basic":
            return False
        try:
            login = base64.b64decode(encoded.strip(), validate=True)
        except (binascii.Error, ValueError):
            return False
        digest = hmac.digest(self._secret, login, "sha256")
        if digest in self._right:
            return True
        user, _, password = login.partition(b":")
        # Of an unknown user, a password is hashed as well: the time tells nobody who there is.
        hashed = self._users.get(user, self._anybody)
        is_right = await to_thread.run_sync(_matches, password, hashed, limiter=self._limiter)
        if not is_right or user not in self._users:
            return False
        if len(self._right) >= _KNOWN:
            self._right.clear()
        self._right.add(digest)
        return True


def _matches(password: bytes, hashed: bytes) -> bool:
    try:
        return bcrypt.checkpw(password, hashed)
    except ValueError:  # longer than bcrypt looks at
        return False


def application(exporter: Exporter, users: Mapping[str, str] | None = None) -> web.Application:
    """The web application of an exporter: ``/metrics``, ``/-/healthy`` and ``/-/ready``.

    A scrape gets the text that the latest refresh left, without what is over since.

    Args:
        exporter: what is scraped; somebody else runs it.
        users: bcrypt hashes of passwords by user; without any, everybody may scrape.
    """

    async def metrics(request: web.Request) -> web.Response:
        body, headers = (await exporter.scrape()).answer(request.headers)
        return web.Response(body=body, headers=headers)

    async def healthy(_: web.Request) -> web.Response:
        return web.Response(text="Healthy.\n")

    async def ready(_: web.Request) -> web.Response:
        if exporter.is_ready:
            return web.Response(text="Ready.\n")
        return web.Response(status=503, text="The first refreshes have not ended.\n")

    async def index(_: web.Request) -> web.Response:
        text = '<!doctype html><title>openai-admin</title><a href="metrics">Metrics</a>\n'
        return web.Response(text=text, content_type="text/html")

    made = web.Application(middlewares=[_guard(BasicAuth(users))] if users else [])
    made.router.add_get("/metrics", metrics)
    made.router.add_get("/-/healthy", healthy)
    made.router.add_get("/-/ready", ready)
    made.router.add_get("/", index)
    return made


@asynccontextmanager
async def served(
    exporter: Exporter, config: WebConfig, *, address: str, port: int
) -> AsyncIterator[int]:
    """Serve an exporter until the block is left; gives the port.

    Args:
        exporter: what is scraped; somebody else runs it.
        config: who may scrape, and how.
        address: what to bind to.
        port: which port; 0 takes a free one.

    Raises:
        OSError: the address cannot be bound to.
    """
    made = application(exporter, config.users)
    quiet = Quiet()
    with quiet.logger() as logger:
        runner = web.AppRunner(
            made,
            access_log=None,
            logger=logger,
            keepalive_timeout=IDLE,
            shutdown_timeout=_LAST_SCRAPE,
        )
        await runner.setup()
        renewing = asyncio.create_task(keep_renewed(config))
        try:
            async with listening(runner, quiet, address=address, port=port, tls=config.tls) as at:
                yield at
        finally:
            renewing.cancel()
            await runner.cleanup()


async def keep_renewed(
    config: WebConfig, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Show a certificate that was renewed to whoever connects from then on.

    Args:
        config: has the context and the files, which are looked at every minute.
        sleep: waits that many seconds.
    """
    if config.tls is None or config.pair is None:
        return
    shown = _written(config.pair)
    while True:
        await sleep(_LOOKED_AT)
        found = _written(config.pair)
        if found == shown:
            continue
        try:
            load(config.tls, *config.pair)
        except OSError as exc:  # while one file is new and the other is not
            _log.warning("The renewed certificate cannot be used yet: %s", exc.strerror or exc)
        else:
            shown = found


def _written(pair: tuple[Path, Path]) -> list[int | None]:
    """When the files were written; ``None`` of one that is not there."""
    return [path.stat().st_mtime_ns if path.exists() else None for path in pair]


def _guard(auth: BasicAuth) -> Callable[..., Awaitable[web.StreamResponse]]:
    @web.middleware
    async def guard(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if not await auth.accepts(request.headers.get("Authorization")):
            told = {"WWW-Authenticate": 'Basic realm="openai-admin"'}
            return web.Response(status=401, text="Unauthorized\n", headers=told)
        return await handler(request)

    return guard
