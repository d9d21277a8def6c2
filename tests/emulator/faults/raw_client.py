"""A client that hides nothing: it writes a request on a socket and keeps what comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Literal

import attrs
import msgspec

from openai_admin.emulator import Emulator

THINGS = "/organization/projects/proj_1/things"


@attrs.frozen
class Answer:
    """The bytes that came, and how they ended."""

    received: bytes
    end: Literal["closed", "reset"]

    @property
    def head(self) -> list[str]:
        return self.received.partition(b"\r\n\r\n")[0].decode().split("\r\n")

    @property
    def body(self) -> bytes:
        return self.received.partition(b"\r\n\r\n")[2]

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def status(self) -> int:
        return int(self.head[0].split()[1])

    @property
    def headers(self) -> dict[str, str]:
        pairs = (line.partition(": ") for line in self.head[1:])
        return {name.lower(): value for name, _, value in pairs}


def request(
    emulator: Emulator,
    method: str,
    target: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] = {},
) -> bytes:
    fields = {
        "Host": f"127.0.0.1:{emulator.port}",
        "Authorization": f"Bearer {emulator.admin_key}",
        "Connection": "close",
        **headers,
    }
    if body:
        fields |= {"Content-Length": str(len(body)), "Content-Type": "application/json"}
    lines = [f"{method} /v1{target} HTTP/1.1", *(f"{k}: {v}" for k, v in fields.items()), "", ""]
    return "\r\n".join(lines).encode() + body


async def send(
    emulator: Emulator,
    method: str,
    target: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] = {},
) -> Answer:
    """Send a request on a connection of its own and read to the connection's end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", emulator.port)
    received = bytearray()
    end: Literal["closed", "reset"] = "closed"
    try:
        writer.write(request(emulator, method, target, body=body, headers=headers))
        while data := await reader.read(65536):
            received += data
    except ConnectionResetError:
        end = "reset"
    finally:
        writer.close()
    return Answer(bytes(received), end)


async def read(emulator: Emulator, target: str = THINGS) -> Answer:
    return await send(emulator, "GET", target)


async def create(emulator: Emulator, name: str = "thing") -> Answer:
    return await send(emulator, "POST", THINGS, body=b'{"name":"%b"}' % name.encode())


async def statuses(emulator: Emulator, count: int, target: str = THINGS) -> list[int]:
    return [(await read(emulator, target)).status for _ in range(count)]


def made(emulator: Emulator) -> int:
    """How many things there are."""
    return len(emulator.store.project_users["proj_1"])
