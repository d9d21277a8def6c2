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
_MAX_BYTES = 16 * 1024
_DAY = 86_400


def read_authority(pem: str, *, now: int) -> tuple[int, int]:
    """When a certificate's validity begins and ends, in Unix seconds, or the API's 400.

    It must be an authority's, smaller than 16 kB, and not end within a day, as the help center's
    page on mutual TLS says.
    """
    if len(pem.encode()) >= _MAX_BYTES:
        raise invalid("certificate", "the certificate must be smaller than 16 kB.")
    begins, ends, is_authority = _read(pem)
    if not is_authority:
        raise invalid("certificate", "expected the certificate of a certificate authority.")
    if ends <= now + _DAY:
        raise invalid("certificate", "the certificate must be valid for more than a day.")
    return begins, ends


def _read(pem: str) -> tuple[int, int, bool]:
    """When a certificate's validity begins and ends, and whether it is an authority's."""
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
        found = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
        is_authority = found.value.ca
    except x509.ExtensionNotFound:
        is_authority = False
    except (ValueError, x509.InvalidVersion):
        raise invalid("certificate", "the certificate could not be parsed.") from None
    return int(begins.timestamp()), int(ends.timestamp()), is_authority


def self_signed(name: str, valid_at: int, expires_at: int) -> str:
    """An authority's certificate of this common name and validity, always the same text."""
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
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
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
