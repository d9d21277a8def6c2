"""TLS as companies have it: an authority of their own, its certificates, and a server behind them.

Keys are made anew in each run, on an elliptic curve, which takes a millisecond each.
"""

from __future__ import annotations

import contextlib
import ipaddress
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

_DAY = timedelta(days=1)
SIGNS = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


@attrs.frozen
class Pair:
    """A certificate and its key, each in a PEM file."""

    cert: Path
    key: Path


class Authority:
    """An authority that issues certificates.

    Args:
        folder: where the files go.
        name: its common name.
        signs: what its key is for; ``None`` does not say.
    """

    def __init__(
        self, folder: Path, name: str = "Corp Root CA", *, signs: x509.KeyUsage | None = SIGNS
    ) -> None:
        self._folder = folder
        self._name = name
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._number = 0
        certificate = self._builder(name, self._key, -_DAY, 30 * _DAY)
        certificate = certificate.add_extension(x509.BasicConstraints(True, None), critical=True)
        if signs is not None:
            certificate = certificate.add_extension(signs, critical=True)
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(_pem(certificate, self._key))

    def issue(
        self,
        name: str,
        *hosts: str,
        begins: timedelta = -_DAY,
        ends: timedelta = 30 * _DAY,
        password: bytes | None = None,
    ) -> Pair:
        """A certificate with its key.

        Args:
            name: its common name, and that of its files.
            hosts: the names and addresses of a server.
            begins: when it becomes valid, from now.
            ends: when it expires, from now.
            password: encrypts the key.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(name, key, begins, ends)
        if hosts:
            names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
            builder = builder.add_extension(names, critical=False)
        pair = Pair(self._folder / f"{name}.crt", self._folder / f"{name}.key")
        pair.cert.write_bytes(_pem(builder, self._key))
        encryption = BestAvailableEncryption(password) if password else NoEncryption()
        pair.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
        return pair

    def _builder(
        self, name: str, key: ec.EllipticCurvePrivateKey, begins: timedelta, ends: timedelta
    ) -> x509.CertificateBuilder:
        self._number += 1
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder(_common_name(self._name), _common_name(name))
        builder = builder.public_key(key.public_key()).serial_number(self._number)
        builder = builder.not_valid_before(now + begins).not_valid_after(now + ends)
        # Python 3.13 refuses certificates without these two, and authorities without `SIGNS`.
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        subject = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        return builder.add_extension(issuer, False).add_extension(subject, False)


def _pem(builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey) -> bytes:
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def _common_name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def server_context(
    pair: Pair,
    *,
    clients_of: Authority | None = None,
    version: ssl.TLSVersion | None = None,
) -> ssl.SSLContext:
    """What a server needs for TLS.

    Args:
        pair: its certificate and key.
        clients_of: demands client certificates of this authority.
        version: the one version it speaks.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.cert, pair.key)
    if clients_of is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients_of.file)
    if version is not None:
        context.minimum_version = context.maximum_version = version
    return context


@contextlib.contextmanager
def in_front_of(port: int, context: ssl.SSLContext) -> Iterator[int]:
    """A server that ends TLS in front of a plain one on this machine, as companies' proxies do.

    Unlike asyncio's servers it sends the alerts that say why a handshake failed.

    Args:
        port: the plain server's.
        context: made by `server_context`.

    Yields:
        The port that speaks TLS.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, port, context), daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, port: int, context: ssl.SSLContext) -> None:
    with contextlib.suppress(OSError):  # it was closed
        while True:
            client, _ = listener.accept()
            threading.Thread(target=_relay, args=(client, port, context), daemon=True).start()


def _relay(client: socket.socket, port: int, context: ssl.SSLContext) -> None:
    """Pass on what one connection brings, both ways."""
    with (
        contextlib.suppress(OSError),  # one of the two went away
        context.wrap_socket(client, server_side=True, do_handshake_on_connect=False) as speaker,
    ):
        try:
            speaker.do_handshake()
        except OSError:
            # Closing at once, with the request unread, would reset the connection and with it
            # the alert.
            speaker.shutdown(socket.SHUT_WR)
            while speaker.recv(65536):
                pass
            return
        with socket.create_connection(("127.0.0.1", port)) as plain:
            # One thread for both ways: two must not use one TLS connection at a time.
            while True:
                ready = (
                    [speaker] if speaker.pending() else select.select([speaker, plain], [], [])[0]
                )
                for source in ready:
                    if not (piece := source.recv(65536)):
                        return
                    (plain if source is speaker else speaker).sendall(piece)
