"""Profiles on a company's network: a CA of its own, client certificates, a proxy, headers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import openai_admin
from openai_admin.cli.config_file import config_path
from openai_admin.emulator import Emulator
from tests._transport.proxy import proxy_to
from tests.mcp.serving import call, failed, stdio_client
from tests.tls import Authority, Pair, in_front_of, server_context

from .conftest import CLI, invoke
from .test_login import stored, write

SECRET = "canary-of-a-secret"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The company's authority."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def mine(authority: Authority) -> Pair:
    """The certificate that the company gave us."""
    return authority.issue("me")


@pytest.fixture
def base_url(emulator: Emulator, authority: Authority) -> Iterator[str]:
    """The emulator's address behind a server that demands client certificates."""
    server = server_context(authority.issue("server", "127.0.0.1"), clients_of=authority)
    with in_front_of(urlsplit(emulator.base_url).port or 0, server) as port:
        yield f"https://127.0.0.1:{port}/v1"


def write_profile(emulator: Emulator, base_url: str, *settings: str) -> None:
    """Write a profile called ``work``, in place of what was there."""
    lines = [f'admin_key = "{emulator.admin_key}"', f'base_url = "{base_url}"', *settings]
    if config_path().exists():
        config_path().unlink()
        config_path().parent.rmdir()
    write("\n".join(["[profiles.work]", *lines, ""]))


def settings_of(authority: Authority, pair: Pair) -> tuple[str, ...]:
    return (
        f'ca_file = "{authority.file}"',
        f'client_cert = "{pair.cert}"',
        f'client_key = "{pair.key}"',
    )


async def test_refused_without_and_works_with(
    emulator: Emulator, base_url: str, authority: Authority, mine: Pair
) -> None:
    line = ["users", "list", "--profile", "work"]
    write_profile(emulator, base_url)
    for command in (line, ["whoami", "--profile", "work", "--format", "table"]):
        untrusted = await invoke(*command)
        assert (untrusted.code, untrusted.err.count("\n")) == (1, 1)
        assert "a CLI profile's ca_file" in untrusted.err
    write_profile(emulator, base_url, f'ca_file = "{authority.file}"')
    unknown = await invoke(*line)
    assert (unknown.code, unknown.out, unknown.err.count("\n")) == (1, "", 1)
    assert "the server demands a client certificate: pass one with " in unknown.err
    assert "check the network" not in unknown.err
    assert not emulator.requests
    write_profile(emulator, base_url, *settings_of(authority, mine))
    assert (await invoke(*line)).json
    assert '"state": "known"' in (await invoke("whoami", "--profile", "work")).out


async def test_the_same_for_an_assistant(
    emulator: Emulator, base_url: str, authority: Authority, mine: Pair, tmp_path: Path
) -> None:
    options = "--profile", "work"
    environment = {"XDG_CONFIG_HOME": str(config_path().parent.parent)}
    write_profile(emulator, base_url, f'ca_file = "{authority.file}"')
    async with stdio_client(*options, environment=environment) as client:
        said = await failed(client, "list_users")
    assert "the server demands a client certificate" in said
    assert said.endswith(
        "Do not try again: the person who runs the server must set its network up first."
    )
    write_profile(emulator, base_url, *settings_of(authority, mine))
    async with stdio_client(*options, environment=environment) as client:
        assert (await call(client, "list_users"))["data"]


async def test_a_broken_profile_costs_an_assistant_itself(emulator: Emulator) -> None:
    write_profile(
        emulator, emulator.base_url, "[profiles.b]", 'admin_key = "sk-admin-b"', 'ca_file = "none"'
    )
    environment = {"XDG_CONFIG_HOME": str(config_path().parent.parent)}
    options = "--profile", "work", "--profile", "b"
    async with stdio_client(*options, environment=environment) as client:
        assert (await call(client, "list_users", PCID="work"))["data"]
        said = await failed(client, "list_users", PCID="b")
    assert said.startswith("The connection b cannot be used: ca_file of profile 'b': ")
    assert said.endswith("The person who runs the server must set it up.")


async def test_paths_begin_at_the_file_or_at_home(
    emulator: Emulator,
    base_url: str,
    authority: Authority,
    mine: Pair,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", str(mine.cert.parent))
    write_profile(
        emulator,
        base_url,
        'ca_file = "ca.pem"',
        f'client_cert = "~/{mine.cert.name}"',
        f'client_key = "~/{mine.key.name}"',
    )
    (config_path().parent / "ca.pem").write_bytes(authority.file.read_bytes())
    assert (await invoke("users", "list", "--profile", "work")).json


async def test_an_encrypted_key(emulator: Emulator, base_url: str, authority: Authority) -> None:
    locked = authority.issue("locked", password=SECRET.encode())
    settings = settings_of(authority, locked)
    write_profile(emulator, base_url, *settings)
    refused = await invoke("users", "list", "--profile", "work")
    assert refused.code == 2
    assert refused.err == (
        f"client_key of profile 'work': the private key in {locked.key} is encrypted;"
        " write its password into the profile as client_key_password.\n"
    )
    write_profile(emulator, base_url, *settings, f'client_key_password = "{SECRET}"')
    assert (await invoke("users", "list", "--profile", "work")).json


async def test_headers_go_with_every_request(emulator: Emulator) -> None:
    header = f'headers = {{ X-Gateway-Key = "{SECRET}" }}'
    write_profile(emulator, emulator.base_url, header)
    assert (await invoke("users", "list", "--profile", "work")).json
    assert emulator.requests[-1].headers["x-gateway-key"] == SECRET


async def test_a_proxy_with_a_login(
    emulator: Emulator, base_url: str, authority: Authority, mine: Pair
) -> None:
    server = urlsplit(base_url)
    async with proxy_to(server.port or 0) as proxy:
        login = f'proxy = "http://me:{SECRET}@{proxy.address}"'
        write_profile(emulator, base_url, *settings_of(authority, mine), login)
        assert (await invoke("users", "list", "--profile", "work")).json
        listed = await invoke("profiles", "list")
    assert proxy.heads[0].startswith(f"CONNECT {server.netloc} HTTP/1.1\r\n")
    assert "\r\nProxy-Authorization: Basic " in proxy.heads[0]
    assert SECRET not in listed.out
    assert listed.json[0]["proxy"] == f"http://…@{proxy.address}"


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("ca_file = 3", "ca_file of profile 'work' must be text."),
        ('ca_file = "none.pem"', "ca_file of profile 'work': {folder}/none.pem cannot be read: "),
        ('client_cert = "none.crt"', "client_cert of profile 'work': {folder}/none.crt cannot be "),
        ('client_key = "me.key"', "client_key of profile 'work' needs client_cert."),
        (
            f'proxy = "me:{SECRET}@proxy.example"',
            "proxy of profile 'work' must be like 'http://proxy.example:8080' or 'http://user:",
        ),
        (
            f'proxy = "socks5://me:{SECRET}@proxy.example"',
            "proxy of profile 'work' is a SOCKS proxy, which ",
        ),
        (
            'proxy = "http://proxy.example:80"',
            "proxy of profile 'work' must not be set for a base_url of plain http, since ",
        ),
        (
            "max_response_bytes = 0",
            "max_response_bytes of profile 'work' must be a whole number of 1 or more.",
        ),
        ('ca_file = ""', "ca_file of profile 'work' must not be empty."),
        (
            f'proxi = "{SECRET}"',
            "The profile 'work' has a setting 'proxi', which is not known; did you mean 'proxy'?",
        ),
        (f'headers = "{SECRET}"', "headers of profile 'work' must be a table of names and texts."),
        (
            f'headers = {{ Authorization = "{SECRET}" }}',
            "headers of profile 'work': Authorization cannot be set here: use admin_key, which",
        ),
        (
            f'key = "{SECRET}"',
            "key of profile 'work' must be 'keyring'; a key itself is the setting admin_key.",
        ),
    ],
)
async def test_a_setting_that_cannot_be_used(
    setting: str, sentence: str, emulator: Emulator
) -> None:
    write_profile(emulator, emulator.base_url, setting)
    outcome = await invoke("users", "list", "--profile", "work")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert outcome.err.startswith(sentence.format(folder=config_path().parent))
    assert SECRET not in outcome.err
    assert not emulator.requests


async def test_logging_in_from_a_companys_network(
    emulator: Emulator, base_url: str, authority: Authority, mine: Pair
) -> None:
    line = ["login", "--no-keyring", "--profile", "work", "--base-url", base_url]
    files = ["--ca-file", authority.file, "--client-cert", mine.cert, "--client-key", mine.key]
    lost = await invoke(*line, stdin=emulator.admin_key)
    assert lost.code == 1
    assert "ca_file" in lost.err
    assert not config_path().exists()
    assert (await invoke(*line, *map(str, files), stdin=emulator.admin_key)).code == 0
    expected = {
        "admin_key": emulator.admin_key,
        "base_url": base_url,
        "ca_file": str(authority.file),
        "client_cert": str(mine.cert),
        "client_key": str(mine.key),
    }
    assert stored() == {"work": expected}
    # Another key on the same way: what the profile has stays, and goes nowhere else.
    key = emulator.add_key()
    again = ["login", "--no-keyring", "--profile", "work"]
    assert (await invoke(*again, stdin=key)).code == 0
    assert stored() == {"work": {**expected, "admin_key": key}}
    # What the server demands is taken away, and nothing is stored.
    removed = await invoke(*again, "--client-cert", "", stdin=key)
    assert "demands a client certificate" in removed.err
    assert stored() == {"work": {**expected, "admin_key": key}}
    plain = ["--base-url", emulator.base_url, "--client-cert", "", "--ca-file", ""]
    moved = await invoke(*again, *plain, stdin=key)
    assert moved.err.startswith(
        f"The profile work was for {base_url}; its headers and certificates now go to"
        f" {emulator.base_url}."
    )
    assert stored() == {"work": {"admin_key": key, "base_url": emulator.base_url}}


async def test_a_yes_given_before_the_question_is_told_what_it_may_lock_out(
    emulator: Emulator, authority: Authority
) -> None:
    server = server_context(authority.issue("plain", "127.0.0.1"))
    with in_front_of(emulator.port, server) as port:
        write_profile(emulator, f"https://127.0.0.1:{port}/v1", f'ca_file = "{authority.file}"')
        line = [
            "certificates",
            "activate",
            "--certificate-ids",
            "cert_1",
            "--profile",
            "work",
            "--yes",
        ]
        outcome = await invoke(*line)
    assert outcome.err.startswith("Once a certificate is active, the API may refuse calls without")


async def test_what_is_listed_of_a_profile(cli: CLI) -> None:
    write(
        '[profiles.work]\nca_file = "ca.pem"\nclient_key_password = "' + SECRET + '"\n'
        f'[profiles.work.headers]\nX-Gateway-Key = "{SECRET}"\n'
    )
    listed = await cli("profiles", "list")
    assert (listed.json[0]["ca_file"], listed.json[0]["headers"]) == ("ca.pem", ["X-Gateway-Key"])
    assert SECRET not in listed.out


def test_every_command_connects_in_one_place() -> None:
    package = Path(openai_admin.__file__).parent
    surfaces = [
        f for name in ("cli", "mcp", "report", "export") for f in (package / name).rglob("*.py")
    ]
    makers = {file.name for file in surfaces if "AsyncOpenAIAdmin(" in file.read_text("utf-8")}
    assert makers == {"connect.py"}
