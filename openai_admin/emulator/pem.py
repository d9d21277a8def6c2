"""Certificates as PEM text: read, and made for the demo organization.

Both need the package `cryptography` (extra `emulator`), which is imported when it is used: most
users of the emulator have no certificates. Without it the answer is a 422 that says what to
install.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from .._extras import install
from .replies import EmulatedError, invalid

_BEGIN = "-----BEGIN CERTIFICATE-----"


def read_validity(pem: str) -> tuple[int, int]:
    """When a certificate's validity begins and ends, in Unix seconds, or 400 if it is not one."""
    with _explained():
        from cryptography import x509
    if pem.count(_BEGIN) != 1:
        raise invalid("certificate", "expected one certificate in PEM format.")
    try:
        with warnings.catch_warnings():
            # An odd but readable certificate need not concern the caller.
            warnings.simplefilter("ignore")
            certificate = x509.load_pem_x509_certificate(pem.encode())
        begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    except (ValueError, x509.InvalidVersion):
        raise invalid("certificate", "the certificate could not be parsed.") from None
    return int(begins.timestamp()), int(ends.timestamp())


def self_signed(name: str, valid_at: int, expires_at: int) -> str:
    """A certificate of this common name and validity: the same arguments give the same text."""
    with _explained():
        from cryptography import x509
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import Encoding
    seed = hashlib.sha256(f"{name}/{valid_at}/{expires_at}".encode()).digest()
    key = Ed25519PrivateKey.from_private_bytes(seed)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(seed[:8]) + 1)
        .not_valid_before(datetime.fromtimestamp(valid_at, UTC))
        .not_valid_after(datetime.fromtimestamp(expires_at, UTC))
        .sign(key, None)
    )
    return certificate.public_bytes(Encoding.PEM).decode()


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except ImportError:
        raise EmulatedError(
            422,
            install("The emulator of certificates", "cryptography", extra="emulator"),
            code="missing_extra",
        ) from None
