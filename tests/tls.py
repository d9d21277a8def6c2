"""A private authority, what it issued, and servers that speak TLS with it, on real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PASSWORD = "correct horse"
"""Opens the `encrypted_key`."""

_DAY = timedelta(days=1)
_LOCAL = (x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1")))


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


@attrs.frozen
class Issued:
    """A certificate in a file, and its key in another."""

    certificate: Path
    key: Path


class PKI:
    """What a company with its own authority has in a folder.

    Attributes:
        ca: the authority's certificate.
        other_ca: that of an authority that issued nothing here.
        server: for ``localhost`` and ``127.0.0.1``.
        expired: the same, until yesterday.
        future: the same, from tomorrow on.
        wrong_host: for ``elsewhere.example``.
        client: a client's.
        encrypted_key: the client's key, which `PASSWORD` opens.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.ca = self._authority("ca", self._key)
        self.other_ca = self._authority("other-ca", ec.generate_private_key(ec.SECP256R1()))
        self.server = self._issue("server", _LOCAL)
        self.expired = self._issue("expired", _LOCAL, days=(-9, -1))
        self.future = self._issue("future", _LOCAL, days=(1, 9))
        self.wrong_host = self._issue("wrong-host", [x509.DNSName("elsewhere.example")])
        self.client = self._issue("client", [x509.DNSName("a-client")])
        self.encrypted_key = folder / "client-encrypted-key.pem"
        key = serialization.load_pem_private_key(self.client.key.read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self.encrypted_key.write_bytes(_pem(key, PASSWORD))

    def _authority(self, name: str, key: ec.EllipticCurvePrivateKey) -> Path:
        path = self._folder / f"{name}.pem"
        built = _builder(_named(name), _named(name), key, (-30, 365)).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        usage = x509.KeyUsage(
            **dict.fromkeys(_USAGES, False) | {"key_cert_sign": True, "crl_sign": True}
        )
        signed = built.add_extension(usage, critical=True).sign(key, hashes.SHA256())
        path.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        return path

    def _issue(
        self,
        name: str,
        subjects: tuple[x509.GeneralName, ...] | list[x509.DNSName],
        *,
        days: tuple[int, int] = (-1, 30),
    ) -> Issued:
        key = ec.generate_private_key(ec.SECP256R1())
        purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        signed = (
            _builder(_named(name), _named("ca"), key, days)
            .add_extension(x509.SubjectAlternativeName(subjects), critical=False)
            .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
            .sign(self._key, hashes.SHA256())
        )
        issued = Issued(self._folder / f"{name}.pem", self._folder / f"{name}-key.pem")
        issued.certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        issued.key.write_bytes(_pem(key))
        return issued

    def server_context(
        self, issued: Issued | None = None, *, demands_certificate: bool = False
    ) -> ssl.SSLContext:
        """A server's settings, with the certificate it shows (by default a good one).

        ``demands_certificate`` refuses clients that show none of this authority.
        """
        issued = issued or self.server
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(issued.certificate, issued.key)
        if demands_certificate:
            context.load_verify_locations(self.ca)
            context.verify_mode = ssl.CERT_REQUIRED
        return context


_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem(key: ec.EllipticCurvePrivateKey, password: str | None = None) -> bytes:
    encryption = (
        serialization.NoEncryption()
        if password is None
        else serialization.BestAvailableEncryption(password.encode())
    )
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: tuple[int, int]
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + days[0] * _DAY)
        .not_valid_after(now + days[1] * _DAY)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


class Front:
    """TLS in front of a plain server on this machine: what comes is handed on, byte by byte.

    Attributes:
        base_url: what a client calls.
        shown: the common name of each certificate that a client showed, ``None`` for none.
    """

    def __init__(self, behind: str) -> None:
        self._port = urlsplit(behind).port
        self.base_url = ""
        self.shown: list[str | None] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hand a connection on."""
        shown = writer.get_extra_info("peercert")
        names = dict(field for (field,) in shown["subject"]) if shown else {}
        self.shown.append(names.get("commonName"))
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self._port)
        await relay(reader, writer, inner_reader, inner_writer)


async def relay(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    inner_reader: asyncio.StreamReader,
    inner_writer: asyncio.StreamWriter,
) -> None:
    """Copy both ways until one side ends."""
    copies = [
        asyncio.ensure_future(_copy(reader, inner_writer)),
        asyncio.ensure_future(_copy(inner_reader, writer)),
    ]
    try:
        await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for copy in copies:
            copy.cancel()
        await asyncio.gather(*copies, return_exceptions=True)
        for each in (writer, inner_writer):
            each.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await reader.read(1 << 16):
            writer.write(piece)
            await writer.drain()


@asynccontextmanager
async def tls_front(behind: str, context: ssl.SSLContext) -> AsyncIterator[Front]:
    """A `Front` of a plain server's address, on a free port."""
    front = Front(behind)
    async with listening(front.serve, context) as port:
        front.base_url = f"https://localhost:{port}{urlsplit(behind).path}"
        yield front


@asynccontextmanager
async def listening(serve: Serve, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server on a free port of this machine; what it still serves ends with the block."""
    serving: set[asyncio.Task[None]] = set()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(serve(reader, writer))
        serving.add(task)
        task.add_done_callback(serving.discard)

    server = await asyncio.start_server(begin, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
