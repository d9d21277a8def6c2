"""Answers that begin well and are broken underway: cut off, stalled, wrongly framed."""

from __future__ import annotations

import asyncio
import gzip

import attrs
from aiohttp import web

from .fault import Exchange, Fault
from .raw import RawAnswer, Wire, content


@attrs.frozen(kw_only=True)
class Truncate(Fault):
    """The connection is closed in the middle of the body."""

    async def apply(self, exchange: Exchange) -> web.Response:
        return RawAnswer(await exchange.run(), self._send)

    async def _send(self, wire: Wire) -> None:
        wire.write(wire.head() + wire.body[: wire.half])


@attrs.frozen(kw_only=True)
class Stall(Fault):
    """Half the body comes, and the rest after so many seconds, or never."""

    seconds: float | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.ge(0))
    )

    async def apply(self, exchange: Exchange) -> web.Response:
        async def send(wire: Wire) -> None:
            wire.write(wire.head() + wire.body[: wire.half])
            if self.seconds is None:
                # Endless: the server cancels this when the client hangs up.
                await asyncio.get_running_loop().create_future()
            else:
                await exchange.environment.sleep(self.seconds)
            wire.write(wire.body[wire.half :])

        return RawAnswer(await exchange.run(), send, keep=True)


@attrs.frozen(kw_only=True)
class BadChunks(Fault):
    """The body comes in chunks, the second of which is rubbish."""

    async def apply(self, exchange: Exchange) -> web.Response:
        return RawAnswer(await exchange.run(), self._send)

    async def _send(self, wire: Wire) -> None:
        head = wire.head(content_length=None, transfer_encoding="chunked")
        first = wire.body[: wire.half]
        chunk = b"%x\r\n%b\r\n" % (len(first), first) if first else b""
        wire.write(head + chunk + b"zz: this is not a chunk\r\n\r\n")


@attrs.frozen(kw_only=True)
class WrongLength(Fault):
    """`Content-Length` is off by so many bytes.

    Too large, the connection is closed before all of it came; too small, the rest of the body
    is on the open connection where the next answer should begin.
    """

    by: int = 10

    async def apply(self, exchange: Exchange) -> web.Response:
        return RawAnswer(await exchange.run(), self._send, keep=self.by < 0)

    async def _send(self, wire: Wire) -> None:
        length = max(0, len(wire.body) + self.by)
        # In one piece, so that what a client makes of it does not depend on luck.
        wire.write(wire.head(content_length=str(length)) + wire.body)


@attrs.frozen(kw_only=True)
class BrokenGzip(Fault):
    """The body is compressed, and the compressed stream breaks off; its framing is in order."""

    async def apply(self, exchange: Exchange) -> web.Response:
        answer = await exchange.run()
        packed = gzip.compress(content(answer), mtime=0)
        answer.headers["Content-Encoding"] = "gzip"
        answer.body = packed[: len(packed) // 2]
        return answer
