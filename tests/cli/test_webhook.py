"""A message posted to a webhook: what arrives, what does not, and that its address is nowhere."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from openai_admin.cli.webhook import VARIABLE, Webhook
from tests.tls import Authority, in_front_of, server_context

from .conftest import invoke
from .webhooks import SECRET, Answer, receiver, says

MESSAGE = {"text": "Spent in October 2026: $17,902.75 “äöü”"}


async def _posted(answer: Answer, monkeypatch: pytest.MonkeyPatch, **options: Any) -> str | None:
    async with receiver(answer) as (address, got):
        monkeypatch.setenv(VARIABLE, address)
        webhook = Webhook.of_environment()
        assert "SECRET" not in repr(webhook)
        failure = await webhook.post(MESSAGE, **{"wants_ok": True, **options})
        assert got == [MESSAGE]
        assert "SECRET" not in str(failure)
        assert "127.0.0.1" not in str(failure)
        return failure


async def test_what_arrived_is_what_the_receiver_says_so_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await _posted(says(200, "ok\n"), monkeypatch) is None
    assert await _posted(says(204), monkeypatch, wants_ok=False) is None
    assert await _posted(says(200, "1"), monkeypatch, wants_ok=False) is None


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (says(404, "no_service"), "refused the message: it answered 404, no_service."),
        (says(400, "<b>Bad</b>"), "refused the message: it answered 400."),
        (says(500, f"http://127.0.0.1{SECRET}"), "refused the message: it answered 500."),
        (says(302, Location="https://example.com"), "a redirect, which is not followed."),
        (says(200, "<html>Log in</html>"), "it is not known whether the message arrived"),
    ],
)
async def test_what_did_not_arrive_is_one_sentence(
    answer: Answer, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    failure = await _posted(answer, monkeypatch)
    assert failure is not None
    assert sentence in failure


async def test_a_receiver_that_does_not_answer_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it never accepts what came
        monkeypatch.setenv(VARIABLE, f"http://127.0.0.1:{silent.getsockname()[1]}{SECRET}")
        failure = await Webhook.of_environment().post(MESSAGE, wants_ok=True, seconds=0.2)
    assert failure == (
        "The message may have arrived at the webhook, or not: there was no answer in 0.2 seconds."
    )


async def test_a_receiver_that_hangs_up_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang_up(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    failure = await _posted(hang_up, monkeypatch)
    assert failure == (
        "The message may have arrived at the webhook, or not: the connection was lost."
    )


async def test_a_receiver_that_is_not_there_is_told(
    monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    for host, why in (("127.0.0.1", "Connection refused"), ("nowhere.invalid", "was not found")):
        monkeypatch.setenv(VARIABLE, f"https://{host}:{unused_tcp_port}{SECRET}")
        failure = await Webhook.of_environment().post(MESSAGE, wants_ok=True)
        assert failure is not None
        assert why in failure
        assert "SECRET" not in failure
        assert host not in failure


async def test_the_authorities_of_the_environment_are_trusted_and_no_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    company = Authority(tmp_path)
    context = server_context(company.issue("receiver", "localhost"))
    async with receiver(says(200, "ok")) as (address, got):
        with in_front_of(int(address.split(":")[2].split("/")[0]), context) as port:
            monkeypatch.setenv(VARIABLE, f"https://localhost:{port}{SECRET}")
            failure = await Webhook.of_environment().post(MESSAGE, wants_ok=True)
            assert failure is not None
            assert "its certificate is not accepted here" in failure
            assert not got
            monkeypatch.setenv("SSL_CERT_FILE", str(company.file))
            assert await Webhook.of_environment().post(MESSAGE, wants_ok=True) is None
            assert got == [MESSAGE]


async def test_the_proxy_of_the_environment_is_used_and_its_login_hidden(
    monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    monkeypatch.setenv(VARIABLE, f"https://hooks.example.com{SECRET}")
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:PASSWORD@127.0.0.1:{unused_tcp_port}")
    webhook = Webhook.of_environment()
    assert "PASSWORD" not in repr(webhook)
    failure = await webhook.post(MESSAGE, wants_ok=True)
    assert failure == "The webhook could not be reached: Connection refused."


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("", f"--webhook needs {VARIABLE}"),
        ("   ", f"--webhook needs {VARIABLE}"),
        (f"http://hooks.example.com{SECRET}", "must be https"),
        (f"ftp://hooks.example.com{SECRET}", "is not an address"),
        ("SECRET", "is not an address"),
        ("https://[SECRET", "is not an address"),
        (f"https://hooks.example.com:SECRET{SECRET}", "is not an address"),
        (f"https://hooks.example.com{SECRET}\n{SECRET}", "is not an address"),
    ],
)
async def test_an_address_that_cannot_be_used_is_refused_before_anything_is_asked(
    address: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, address)
    refused = await invoke("report", "--webhook", "--base-url", "http://127.0.0.1:1")
    assert refused.code == 2
    assert sentence in refused.err
    assert "SECRET" not in refused.err
    assert refused.err.count("\n") == 1
