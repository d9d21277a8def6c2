"""Secrets among a client's settings: not shown where it is made, refused, pickled or copied."""

from __future__ import annotations

import asyncio
import base64
import copy
import pickle
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from openai_admin import APIError, AsyncOpenAIAdmin, ConfigurationError, OpenAIAdmin
from openai_admin.emulator import Emulator
from tests.faults.canary import Canary, Records, everything_about, reprs_below


async def test_a_client_cannot_be_pickled_or_copied_with_its_key(emulator: Emulator) -> None:
    canary = Canary(emulator.admin_key)
    for client in (
        AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url),
        OpenAIAdmin(emulator.admin_key, base_url=emulator.base_url),
    ):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with pytest.raises(TypeError) as caught:
                pickle.dumps(client, protocol)
            assert not canary.is_in(everything_about(caught.value))
        with pytest.raises(TypeError) as caught:
            copy.deepcopy(client)
        assert not canary.is_in(everything_about(caught.value))


@pytest.mark.parametrize(
    "settings",
    [
        {"base_url": "http://api.example/v1"},
        {"base_url": "ftp://api.example"},
        {"organization": "org\n"},
        {"max_concurrency": 0},
        {"max_retries": -1},
        {"timeout": -1},
        {"suffix": "\r\nx: y"},
        {"suffix": "ü"},
        {"prefix": "sk-proj-"},
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", [AsyncOpenAIAdmin, OpenAIAdmin])
def test_a_setting_that_is_refused_does_not_show_it(
    kind: Callable[..., Any], settings: dict[str, Any]
) -> None:
    secret = "canary0123456789abcdefghijklmnop"
    canary = Canary(secret)
    changed = dict(settings)
    prefix, suffix = changed.pop("prefix", "sk-admin-"), changed.pop("suffix", "")
    make = partial(kind, prefix + secret + suffix, **changed)
    del secret
    errors = []
    try:
        make()
    except (ConfigurationError, ValueError) as refusal:
        errors.append(refusal)
    (error,) = errors
    assert error.__traceback__ is not None
    # Without the frame of this test, which has the key.
    assert not canary.is_in(everything_about(error.with_traceback(error.__traceback__.tb_next)))


def test_a_key_from_the_environment_is_not_shown_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-admin-canary0123456789abcdefghijklmnop")
    canary = Canary("sk-admin-canary0123456789abcdefghijklmnop")
    with pytest.raises(ConfigurationError) as caught:
        AsyncOpenAIAdmin(base_url="http://api.example/v1")
    assert not canary.is_in(everything_about(caught.value))


async def test_the_login_of_a_proxy_is_not_shown(records: Records) -> None:
    heads: list[bytes] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    password = "canary0123456789abcdefghijklmnop"
    login = base64.b64encode(f"me:{password}".encode())
    canaries = [Canary(password), Canary(login.decode())]
    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with AsyncOpenAIAdmin(
            "sk-admin-key", proxy=f"http://me:{password}@127.0.0.1:{port}", max_retries=0
        ) as client:
            del password
            error = await _error_of(client.users.list())
            reprs = list(reprs_below(client))
    assert b"\r\nProxy-Authorization: Basic " + login + b"\r\n" in heads[0]
    assert b"sk-admin-key" not in heads[0]
    texts = [everything_about(error), *reprs, *records.lines]
    assert [text for text in texts for canary in canaries if canary.is_in(text)] == []


async def _error_of(call: Awaitable[object]) -> BaseException:
    try:
        await call
    except APIError as error:
        return error
    raise AssertionError("it succeeded")
