"""TLS settings: an authority and a client certificate of the user's own, on real connections."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import shutil
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import attrs
import pytest

from openai_admin import AsyncOpenAIAdmin, ClientCertificate, LockoutWarning, OpenAIAdmin
from openai_admin._declare.operation import OPERATIONS
from openai_admin._transport.tls import CERT_FILE, KEY_FILE
from openai_admin.directory.concerns import concerns
from openai_admin.emulator import Emulator
from openai_admin.errors import APIConnectionError, ConfigurationError, NotFoundError
from tests.faults.canary import Canary, everything_about
from tests.tls import Authority, Pair, in_front_of, server_context

KEY = "sk-admin-canary0123456789abcdWXYZ"
HTTPS = "https://api.example/v1"


@attrs.frozen
class Company:
    """What a company with an authority of its own has."""

    authority: Authority
    server: Pair
    client: Pair
    locked: Pair  # its key is encrypted
    folder: Path  # the authority as `openssl rehash` keeps it
    empty: Path


PASSWORD = "canaryPassword0123456789"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Its files."""
    path = tmp_path_factory.mktemp("company")
    authority = Authority(path)
    folder, empty = path / "authorities", path / "empty"
    folder.mkdir()
    empty.mkdir()
    shutil.copy(authority.file, folder / f"{_hash('Corp Root CA')}.0")
    return Company(
        authority=authority,
        server=authority.issue("server", "localhost", "127.0.0.1"),
        client=authority.issue("client"),
        locked=authority.issue("locked", password=PASSWORD.encode()),
        folder=folder,
        empty=empty,
    )


def _hash(name: str) -> str:
    """The name under which OpenSSL looks for an authority in a folder."""
    text = name.lower().encode()
    field = b"\x06\x03\x55\x04\x03\x0c" + bytes([len(text)]) + text
    sequence = b"\x30" + bytes([len(field)]) + field
    whole = b"\x31" + bytes([len(sequence)]) + sequence
    digest = hashlib.sha1(whole, usedforsecurity=False).digest()
    return f"{int.from_bytes(digest[:4], 'little'):08x}"


@pytest.fixture(params=["asynchronous", "blocking"])
def read(request: pytest.FixtureRequest, emulator: Emulator) -> Callable[..., Any]:
    """Reads the users with each client, which is made with some settings."""

    async def asynchronous(address: str, **settings: Any) -> int:
        async with AsyncOpenAIAdmin(emulator.admin_key, base_url=address, **settings) as client:
            return len((await client.with_options(max_retries=0).users.list()).data)

    def in_thread(address: str, **settings: Any) -> int:
        with OpenAIAdmin(emulator.admin_key, base_url=address, **settings) as client:
            return len(client.with_options(max_retries=0).users.list().data)

    async def blocking(address: str, **settings: Any) -> int:
        return await asyncio.to_thread(in_thread, address, **settings)

    return asynchronous if request.param == "asynchronous" else blocking


async def test_an_authority_of_ones_own(
    read: Callable[..., Any], emulator: Emulator, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its server is refused, unless a file, a folder, a context or the environment names it."""
    file = company.authority.file
    with in_front_of(emulator.port, server_context(company.server)) as port:
        address = f"https://localhost:{port}/v1"
        with pytest.raises(APIConnectionError):
            await read(address)
        assert await read(address, ssl=file) == 1
        assert await read(address, ssl=str(company.folder)) == 1
        assert await read(address, ssl=ssl.create_default_context(cafile=file)) == 1
        for name, value in (
            ("SSL_CERT_FILE", file),
            ("SSL_CERT_DIR", company.folder),
            ("SSL_CERT_DIR", os.pathsep.join(["/absent", str(company.empty), str(company.folder)])),
            ("REQUESTS_CA_BUNDLE", file),
        ):
            monkeypatch.setenv(name, str(value))
            assert await read(address) == 1
            with pytest.raises(APIConnectionError):
                await read(address, trust_env=False)
            monkeypatch.delenv(name)


async def test_a_client_certificate(
    read: Callable[..., Any], emulator: Emulator, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that demands one refuses without, and answers with: of a file or the environment."""
    client, locked, ca = company.client, company.locked, company.authority.file
    demanding = server_context(company.server, clients_of=company.authority)
    with in_front_of(emulator.port, demanding) as port:
        address = f"https://localhost:{port}/v1"
        with pytest.raises(APIConnectionError):
            await read(address, ssl=ca)
        assert await read(address, ssl=ClientCertificate(client.cert, client.key, ca=ca)) == 1
        for password in (PASSWORD, lambda: PASSWORD):
            shown = ClientCertificate(locked.cert, locked.key, password, ca=ca)
            assert await read(address, ssl=shown) == 1
        # What the argument leaves open comes from the environment.
        monkeypatch.setenv("SSL_CERT_FILE", str(ca))
        assert await read(address, ssl=ClientCertificate(client.cert, client.key)) == 1
        monkeypatch.setenv(CERT_FILE, str(client.cert))
        monkeypatch.setenv(KEY_FILE, str(client.key))
        assert await read(address) == 1
        monkeypatch.delenv("SSL_CERT_FILE")
        assert await read(address, ssl=ca) == 1
        with pytest.raises(APIConnectionError):
            await read(address, ssl=ca, trust_env=False)


def _is_hidden(error: BaseException) -> bool:
    return not Canary(f"x-{PASSWORD}").is_in(everything_about(error))


def _forgetful() -> str:
    raise KeyError


UNUSABLE: dict[str, tuple[Callable[[Company], Any], str]] = {
    "a file that is absent": (lambda c: "/absent.pem", "ssl: /absent.pem cannot be read: No such"),
    "a file of something else": (
        lambda c: c.client.key,
        "ssl: .*client.key has no certificates in PEM form",
    ),
    "a folder without hashes": (lambda c: c.empty, "ssl: the folder .*empty has no certificates"),
    "a server's context": (
        lambda c: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER),
        "ssl: the SSLContext is a server's",
    ),
    "a context that verifies nothing": (
        lambda c: ssl._create_unverified_context(),
        "ssl: the SSLContext does not verify .* allow_insecure=True accepts it anyway",
    ),
    "another type": (lambda c: False, "ssl must be an ssl.SSLContext, .* not bool"),
    "a certificate that is absent": (
        lambda c: ClientCertificate("/absent.pem"),
        "ssl: /absent.pem cannot be read: No such file",
    ),
    "nothing": (lambda c: "", "ssl: a file must be named by its path, not by an empty text"),
    "a number": (
        lambda c: ClientCertificate(cast("str", 5)),
        "ssl: a file must be named by its path, not by int",
    ),
    "a path that is too long": (
        lambda c: "x" * 5000,
        "ssl: xx.{198}… cannot be read: File name too",
    ),
    "a certificate without its key": (
        lambda c: ClientCertificate(c.client.cert),
        "ssl: .*client.crt has no private key in PEM form; name its file with key=",
    ),
    "a key in place of the certificate": (
        lambda c: ClientCertificate(c.client.key),
        "ssl: .*client.key has no certificates in PEM form",
    ),
    "another's key": (
        lambda c: ClientCertificate(c.client.cert, c.server.key),
        "ssl: the private key in .*server.key does not belong to the certificate in .*client.crt",
    ),
    "a password that is missing": (
        lambda c: ClientCertificate(c.locked.cert, c.locked.key),
        "ssl: the private key in .*locked.key is encrypted; pass its password",
    ),
    "a password that is wrong": (
        lambda c: ClientCertificate(c.locked.cert, c.locked.key, PASSWORD + "!"),
        "ssl: the private key in .*locked.key cannot be opened with the password",
    ),
    "a password function that fails": (
        lambda c: ClientCertificate(c.locked.cert, c.locked.key, _forgetful),
        "ssl: the password function failed: KeyError",
    ),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_what_cannot_be_used_is_refused_at_once(company: Company, case: str) -> None:
    """In one sentence that names the file, and nobody is asked for a password on the terminal."""
    given, told = UNUSABLE[case]
    with pytest.raises(ConfigurationError, match=f"^{told}") as caught:
        AsyncOpenAIAdmin(KEY, base_url=HTTPS, ssl=given(company))
    assert not re.search(r"\n|\. \w", str(caught.value))
    assert _is_hidden(caught.value)


def test_a_variable_that_cannot_be_used_is_named(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where only one of a pair is set; nothing is read for plain http or without trust."""
    monkeypatch.setenv(KEY_FILE, str(company.client.key))
    with pytest.raises(ConfigurationError, match=f"^{KEY_FILE} is set without {CERT_FILE}:"):
        AsyncOpenAIAdmin(KEY, base_url=HTTPS)
    monkeypatch.setenv(CERT_FILE, str(company.locked.cert))
    monkeypatch.setenv(KEY_FILE, str(company.locked.key))
    with pytest.raises(ConfigurationError, match=rf"^{KEY_FILE}: the private key in .* encrypted"):
        AsyncOpenAIAdmin(KEY, base_url=HTTPS)
    monkeypatch.delenv(CERT_FILE)
    monkeypatch.delenv(KEY_FILE)
    monkeypatch.setenv("SSL_CERT_FILE", "/absent.pem")
    with pytest.raises(ConfigurationError, match=r"^SSL_CERT_FILE: /absent.pem cannot be read"):
        AsyncOpenAIAdmin(KEY, base_url=HTTPS)
    AsyncOpenAIAdmin(KEY, base_url=HTTPS, trust_env=False)
    AsyncOpenAIAdmin(KEY, base_url="http://localhost:1/v1")


def test_pem_text_in_place_of_a_path_is_not_shown(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def text() -> str:
        return company.client.cert.read_text() + company.client.key.read_text()

    secret = Canary(f"x-{company.client.key.read_text().splitlines()[1]}")
    told = "the path of a file must be passed, not PEM text"
    certificate = ClientCertificate(text(), text())
    assert not secret.is_in(repr(certificate))
    makers: list[Callable[[], Any]] = [
        text,
        lambda: Path(text()),
        lambda: text().encode(),
        lambda: certificate,
    ]
    for make in makers:
        with pytest.raises(ConfigurationError, match=f"^ssl: {told}") as caught:
            AsyncOpenAIAdmin(KEY, base_url=HTTPS, ssl=make())
        assert not secret.is_in(everything_about(caught.value))
    monkeypatch.setenv(CERT_FILE, text())
    monkeypatch.setenv(KEY_FILE, text())
    with pytest.raises(ConfigurationError, match=f"^{CERT_FILE}: {told}") as caught:
        AsyncOpenAIAdmin(KEY, base_url=HTTPS)
    assert not secret.is_in(everything_about(caught.value))


def test_a_password_is_hidden(company: Company) -> None:
    assert PASSWORD not in repr(ClientCertificate(company.client.cert, password=PASSWORD))


def test_a_context_that_verifies_nothing_can_be_wanted() -> None:
    unverified = ssl._create_unverified_context()
    AsyncOpenAIAdmin(KEY, base_url=HTTPS, ssl=unverified, allow_insecure=True)


async def test_a_client_that_may_lock_itself_out_is_warned(
    emulator: Emulator, company: Company
) -> None:
    """By both clients, where it is called; a person is asked. With a certificate all is well."""
    key, ca = emulator.admin_key, company.authority.file
    shown = ClientCertificate(company.client.cert, company.client.key, ca=ca)
    wanted = {"certificate_ids": ["cert_none"]}

    def blocking(address: str) -> None:
        with OpenAIAdmin(key, base_url=address, ssl=ca) as client, pytest.raises(NotFoundError):
            client.certificates.activate(certificate_ids=["cert_none"])

    with in_front_of(emulator.port, server_context(company.server)) as port:
        address = f"https://localhost:{port}/v1"
        async with AsyncOpenAIAdmin(key, base_url=address, ssl=ca) as client:
            with (
                pytest.warns(LockoutWarning, match=r"ssl=ClientCertificate") as warned,
                pytest.raises(NotFoundError),
            ):
                await client.certificates.activate(certificate_ids=["cert_none"])
            assert warned[0].filename == __file__
            (concern,) = await concerns(client, OPERATIONS["certificates.activate"], wanted)
            assert concern in str(warned[0].message)
        with pytest.warns(LockoutWarning):
            await asyncio.to_thread(blocking, address)
        async with AsyncOpenAIAdmin(key, base_url=address, ssl=shown) as client:
            with pytest.raises(NotFoundError):
                await client.certificates.activate(certificate_ids=["cert_none"])
            assert await concerns(client, OPERATIONS["certificates.activate"], wanted) == []
