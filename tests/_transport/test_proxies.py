"""Proxies: given or named by the environment, on real connections with TLS inside."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from openai_admin import AsyncOpenAIAdmin, OpenAIAdmin
from openai_admin._transport.proxies import environment_proxy
from openai_admin.emulator import Emulator
from openai_admin.errors import APIConnectionError, ConfigurationError
from tests._transport.proxy import proxy_to
from tests.faults.canary import Canary, everything_about
from tests.tls import Authority, in_front_of, server_context

KEY = "sk-admin-canary0123456789abcdWXYZ"
HTTPS = "https://api.example/v1"
PASSWORD = "canaryPassword0123456789"
LOGIN = f"someone:{PASSWORD}"


async def test_requests_go_through_the_proxy(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given or of the environment, of http or https; it sees a host's name, and never the key."""
    authority = Authority(tmp_path)
    context = server_context(authority.issue("server", "api.example", "127.0.0.1"))
    key = emulator.admin_key

    async def read(**settings: object) -> None:
        given = {"base_url": HTTPS, "ssl": authority.file, **settings}
        async with AsyncOpenAIAdmin(key, **given) as client:  # type: ignore[arg-type]
            await client.with_options(max_retries=0).projects.list()

    with in_front_of(emulator.port, context) as port:
        async with proxy_to(port) as proxy, proxy_to(port, context) as secure:
            await read(proxy=f"http://{LOGIN}@{proxy.address}")
            await read(proxy=f"https://{secure.address}")
            # A name without a scheme is a proxy of http, as everywhere.
            monkeypatch.setenv("https_proxy", f"{LOGIN}@{proxy.address}")
            await read()
            await read(proxy=f"http://{proxy.address}")  # which comes first
            monkeypatch.setenv("no_proxy", ".example")
            with pytest.raises(APIConnectionError):
                await read()
            monkeypatch.delenv("no_proxy")
            with pytest.raises(APIConnectionError):
                await read(trust_env=False)
            await asyncio.to_thread(_read_blocking, key, authority.file)
    assert [head.partition("\r\n")[0] for head in proxy.heads] == (
        ["CONNECT api.example:443 HTTP/1.1"] * 4
    )
    assert len(secure.heads) == 1
    logins = [re.findall(r"Proxy-Authorization: (.*)\r", head) for head in proxy.heads]
    login = ["Basic c29tZW9uZTpjYW5hcnlQYXNzd29yZDAxMjM0NTY3ODk="]
    assert logins == [login, login, [], login]
    assert not any(key in head for head in [*proxy.heads, *secure.heads])


def _read_blocking(key: str, authority: Path) -> None:
    with OpenAIAdmin(key, base_url=HTTPS, ssl=authority) as client:
        client.projects.list()


@pytest.mark.parametrize(
    ("variables", "proxy"),
    [
        ({"HTTPS_PROXY": "http://one"}, "http://one"),
        ({"https_proxy": "http://one", "HTTPS_PROXY": "http://two"}, "http://one"),
        ({"ALL_PROXY": "http://all"}, "http://all"),
        ({"ALL_PROXY": "http://all", "HTTPS_PROXY": "one:81"}, "http://one:81"),
        ({"HTTP_PROXY": "http://one"}, None),
        ({"HTTPS_PROXY": ""}, None),
    ],
)
def test_which_variable_counts(
    variables: dict[str, str], proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert environment_proxy(HTTPS) == proxy
    assert environment_proxy("http://localhost/v1") is None


@pytest.mark.parametrize(
    ("excepted", "host", "is_excepted"),
    [
        ("*", "api.example", True),
        ("other, api.example", "api.example", True),
        ("example", "api.example", True),
        (".example", "api.example", True),
        ("*.example", "api.example", True),
        (".api.example", "api.example", False),
        ("pi.example", "api.example", False),
        ("API.Example", "api.example", True),
        ("api.example:443", "api.example", True),
        ("api.example:8443", "api.example", False),
        ("api.example:8443", "api.example:8443", True),
        ("https://api.example", "api.example", True),
        ("http://api.example", "api.example", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.1.2.3", "10.1.2.3", True),
        ("::1", "[::1]", True),
        ("fe80::/10", "[fe80::1]", True),
        ("fe80::/10", "10.1.2.3", False),
        ("[", "api.example", False),
        ("", "api.example", False),
    ],
)
def test_what_no_proxy_excepts(
    excepted: str, host: str, is_excepted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As httpx and curl read it."""
    monkeypatch.setenv("HTTPS_PROXY", "http://one")
    monkeypatch.setenv("NO_PROXY", excepted)
    assert environment_proxy(f"https://{host}/v1") == (None if is_excepted else "http://one")


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("socks5://%s@one:1080", "is a SOCKS proxy, .* install aiohttp-socks and pass connector="),
        ("ftp://%s@one", "must be like 'http://proxy.example:8080'"),
        ("http://%s@", "must be like"),
        ("http://%s@one:port", "must be like"),
        ("http://%s@[::1", "must be like"),
        (
            "http://%s#@one:1080",
            "must be like .* a '#', '/' or '\\?' in the login must be written as",
        ),
        ("http://a:1#%s@one:1080", "must be like"),
        ("http://a:1/%s@one:1080", "must be like"),
    ],
)
def test_a_proxy_that_cannot_be_used(
    address: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the argument or the variable, and its login is nowhere to be seen."""
    canary = Canary(f"x-{PASSWORD}")
    with pytest.raises(ConfigurationError, match=f"^proxy {told}") as caught:
        AsyncOpenAIAdmin(KEY, proxy=address % LOGIN)
    assert not canary.is_in(everything_about(caught.value))
    monkeypatch.setenv("ALL_PROXY", address % LOGIN)
    with pytest.raises(ConfigurationError, match=f"^ALL_PROXY {told}") as caught:
        AsyncOpenAIAdmin(KEY)
    assert not canary.is_in(everything_about(caught.value))
    AsyncOpenAIAdmin(KEY, trust_env=False)


def test_plain_http_goes_through_no_proxy_that_was_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy would see the key."""
    address = "http://localhost:1/v1"
    with pytest.raises(ConfigurationError, match=r"^proxy must not be set for .* see the key"):
        AsyncOpenAIAdmin(KEY, base_url=address, proxy=HTTPS)
    monkeypatch.setenv("HTTPS_PROXY", HTTPS)
    AsyncOpenAIAdmin(KEY, base_url=address)
    AsyncOpenAIAdmin(KEY, base_url=address, proxy=HTTPS, allow_insecure=True)
