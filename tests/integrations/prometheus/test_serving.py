"""The exporter's web server: what a scrape gets, and who may scrape."""

from __future__ import annotations

import asyncio
import base64
import gzip
import ssl
from pathlib import Path
from typing import Any

import aiohttp
import bcrypt
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from cryptography import x509

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.errors import ConfigurationError
from openai_admin.integrations.prometheus import Exporter
from openai_admin.integrations.prometheus.connections import Quiet, listening
from openai_admin.integrations.prometheus.serving import application, keep_renewed, served
from openai_admin.integrations.prometheus.web_config import WebConfig, read_web_config
from tests.tls import Authority

# always the same: its text is in the names of tests, which each worker collects by itself
_HASH = bcrypt.hashpw(b"scrape me", b"$2b$04$abcdefghijklmnopqrstuu").decode()


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"}


async def test_a_scrape_asks_the_api_nothing(emulator: Emulator) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        exporter = Exporter(client, only=["names"])
        async with TestClient(TestServer(application(exporter))) as web_client:
            assert (await web_client.get("/-/healthy")).status == 200
            assert (await web_client.get("/-/ready")).status == 503
            assert "openai_admin_exporter_info" in await (await web_client.get("/metrics")).text()
            await exporter.refresh()
            assert (await web_client.get("/-/ready")).status == 200
            asked = len(emulator.requests)
            plain = {"Accept-Encoding": "identity"}
            for _ in range(200):
                answer = await web_client.get("/metrics", headers=plain)
                assert answer.status == 200
            assert len(emulator.requests) == asked

            text = await answer.read()
            assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
            assert b'openai_admin_refresh_success{refresh="names"} 1.0\n' in text
            wanted = {**plain, "Accept": "application/openmetrics-text;version=1.0.0"}
            answer = await web_client.get("/metrics", headers=wanted)
            assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
            assert (await answer.read()).endswith(b"# EOF\n")
            odd = {**plain, "Accept": "application/openmetrics-text;version=one"}
            answer = await web_client.get("/metrics", headers=odd)
            assert (answer.status, await answer.read()) == (200, text)

            async with (
                aiohttp.ClientSession(auto_decompress=False) as session,
                session.get(
                    web_client.make_url("/metrics"), headers={"Accept-Encoding": "gzip"}
                ) as packed,
            ):
                assert packed.headers["Content-Encoding"] == "gzip"
                assert gzip.decompress(await packed.read()) == text


async def test_who_may_scrape(tmp_path: Path) -> None:
    path = tmp_path / "web.yml"
    path.write_text(f"basic_auth_users:\n  prometheus: {_HASH}\n")
    config = read_web_config(path)
    exporter = Exporter(AsyncOpenAIAdmin("sk-admin-x"), only=["names"])
    async with TestClient(TestServer(application(exporter, config.users))) as client:
        refused = [
            {},
            {"Authorization": "Bearer x"},
            {"Authorization": "Basic ???"},
            basic("prometheus", "wrong"),
            basic("nobody", "scrape me"),
            basic("prometheus", "x" * 100),
        ]
        for headers in refused:
            answer = await client.get("/-/healthy", headers=headers)
            assert answer.status == 401
            assert answer.headers["WWW-Authenticate"] == 'Basic realm="openai-admin"'
        for _ in range(3):
            answer = await client.get("/-/healthy", headers=basic("prometheus", "scrape me"))
            assert answer.status == 200
    assert _HASH not in repr(config)


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("identity", False),
        ("", False),
        ("xgzip", False),
    ],
)
def test_encodings_that_are_taken(accepted: str, packed: bool) -> None:
    exposition = Exporter(AsyncOpenAIAdmin("sk-admin-x"), only=["names"]).exposition
    _, headers = exposition.answer({"Accept-Encoding": accepted})
    assert ("Content-Encoding" in headers) is packed


async def _answer(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    return answer


async def test_what_is_no_request_makes_one_line(caplog: pytest.LogCaptureFixture) -> None:
    exporter = Exporter(AsyncOpenAIAdmin("sk-admin-x"), only=["names"])
    async with served(exporter, WebConfig(), address="127.0.0.1", port=0) as port:
        for request in (
            b"GET /metrics HTTP/9.9\r\n\r\n",
            b"GET /metrics HTTP/1.1\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
            b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
            b"\x16\x03\x01\x02\x00\r\n\r\n",
        ):
            assert (await _answer(port, request)).startswith(b"HTTP/1.0 400")
        good = b"GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        assert b"Healthy." in await _answer(port, good)
    (line,) = caplog.messages
    assert line.startswith("A request could not be read: ")
    assert "Traceback" not in caplog.text


async def test_connections_are_bounded(caplog: pytest.LogCaptureFixture) -> None:
    quiet = Quiet()
    runner = web.AppRunner(web.Application(), keepalive_timeout=0.2)
    await runner.setup()
    where: dict[str, Any] = {"address": "127.0.0.1", "port": 0, "tls": None}
    try:
        async with listening(runner, quiet, most=2, **where) as port:
            held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
            held[0][1].write(b"GET /metrics HTT")  # half of a request
            for _ in range(3):
                assert await _answer(port, b"") == b""
            for reader, writer in held:  # closed without a whole request
                assert await reader.read() == b""
                writer.close()
            missing = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            assert (await _answer(port, missing)).startswith(b"HTTP/1.1 404")
            loop = asyncio.get_running_loop()
            for _ in range(3):
                loop.call_exception_handler(
                    {"message": "socket.accept() out of system resource", "exception": OSError(24)}
                )
    finally:
        await runner.cleanup()
    assert caplog.messages == [
        "More than 2 connections are open: new ones are closed.",
        "No connection can be accepted: 24.",
    ]


async def test_certificates_both_ways(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    authority.issue("server", "localhost", "127.0.0.1")
    scraper = authority.issue("scraper")
    path = tmp_path / "web.yml"
    path.write_text(
        "tls_server_config:\n"
        "  cert_file: server.crt\n"
        "  key_file: server.key\n"
        "  client_auth_type: RequireAndVerifyClientCert\n"
        f"  client_ca_file: {authority.file.name}\n"
        "  min_version: TLS13\n"
    )
    (tmp_path / "server.key").chmod(0o644)
    config = read_web_config(path)
    assert "Every user of this machine can read the key" in config.notes[0]
    (tmp_path / "server.key").chmod(0o640)
    assert read_web_config(path).notes == ()
    exporter = Exporter(AsyncOpenAIAdmin("sk-admin-x"), only=["names"])
    async with served(exporter, config, address="127.0.0.1", port=0) as port:
        url = f"https://localhost:{port}/-/healthy"
        known = ssl.create_default_context(cafile=str(authority.file))
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.ClientError):
                await session.get(url, ssl=known)
            known.load_cert_chain(scraper.cert, scraper.key)
            async with session.get(url, ssl=known) as answer:
                assert answer.status == 200


async def test_a_certificate_that_was_renewed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    authority = Authority(tmp_path)
    pair = authority.issue("server", "localhost", "127.0.0.1")
    path = tmp_path / "web.yml"
    path.write_text("tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n")
    config = read_web_config(path)
    exporter = Exporter(AsyncOpenAIAdmin("sk-admin-x"), only=["names"])
    old_key = pair.key.read_bytes()
    minutes = 0

    async def number() -> int:
        """The serial number of the certificate that is shown."""
        text = await asyncio.to_thread(ssl.get_server_certificate, ("localhost", port))
        return x509.load_pem_x509_certificate(text.encode()).serial_number

    async def sleep(_: float) -> None:
        nonlocal minutes
        minutes += 1
        if minutes == 1:  # the certificate is renewed, the key not yet
            authority.issue("server", "localhost", "127.0.0.1")
            (tmp_path / "new.key").write_bytes(pair.key.read_bytes())
            pair.key.write_bytes(old_key)
        elif minutes == 2:
            assert await number() == first
            (tmp_path / "new.key").replace(pair.key)
        elif minutes == 4:
            raise asyncio.CancelledError

    async with served(exporter, config, address="127.0.0.1", port=0) as port:
        first = await number()
        with pytest.raises(asyncio.CancelledError):
            await keep_renewed(config, sleep=sleep)
        assert await number() == first + 1
    assert caplog.text.count("The renewed certificate cannot be used yet") == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tls_server_config: [", ":1: this is not valid YAML: "),
        ("- a", ":1: the file must be a mapping of names to values."),
        ("\ntls_server_confg: {}", ":2: the file has 'tls_server_confg', which is not supported;"),
        ("tls_server_config:\n  cert_file: a", ":2: tls_server_config must have 'key_file'."),
        (
            "tls_server_config:\n  cert_file: no\n  key_file: no",
            ":2: the certificate cannot be read: No such file or directory.",
        ),
        (
            "tls_server_config:\n  cert_file: web.yml\n  key_file: web.yml",
            ":3: the certificate with its key cannot be used: ",
        ),
        (
            "tls_server_config:\n  cert_file: c\n  key_file: k\n  cipher_suites: [x]",
            ":4: tls_server_config has 'cipher_suites', which is not supported;",
        ),
        (
            "tls_server_config:\n  cert_file: c\n  key_file: k\n  min_version: SSL3",
            ":4: min_version must be 'TLS10', 'TLS11', 'TLS12' or 'TLS13', not 'SSL3'.",
        ),
        ("basic_auth_users:\n  a: secret", ":2: the password of 'a' must be a bcrypt hash"),
        (
            f"basic_auth_users:\n  a: {_HASH.replace('$04$', '$31$')}",
            ":2: the hash of 'a' must have a cost from 4 to 14, not 31: ",
        ),
        (
            "http_server_config: {}",
            (
                ":1: the file has 'http_server_config', which is not supported; there are"
                " 'tls_server_config' or 'basic_auth_users'."
            ),
        ),
        (
            "basic_auth_user: {}",
            (
                ":1: the file has 'basic_auth_user', which is not supported; there are"
                " 'tls_server_config' or 'basic_auth_users'; did you mean 'basic_auth_users'?"
            ),
        ),
        (f"basic_auth_users:\n  a: {_HASH}\n  a: {_HASH}", ":3: basic_auth_users has 'a' twice."),
        ("basic_auth_users: {a: [1]}", ":1: a must be text."),
    ],
)
def test_a_file_that_makes_no_sense(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "web.yml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as refused:
        read_web_config(path)
    assert str(refused.value).startswith(f"{path}{told}")
    assert not str(refused.value).endswith(("..", "?."))
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_empty_file_is_no_protection(tmp_path: Path) -> None:
    path = tmp_path / "web.yml"
    path.write_text("")
    assert (read_web_config(path).tls, dict(read_web_config(path).users)) == (None, {})
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        read_web_config(tmp_path / "none.yml")
