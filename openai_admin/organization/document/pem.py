"""Certificates in files of their own, which the file of the organization names."""

from __future__ import annotations

from pathlib import Path

from ...errors import InvalidInputError
from . import allowed
from .model import Certificate
from .scalars import NotReadError

MOST_BYTES = 64 * 1024
"""Of what is read; the API takes certificates below 16 kB."""


def certificate_of(name: str, *, beside: str) -> str:
    """The certificate in a PEM file.

    Args:
        name: the file, relative to the folder of the file that names it.
        beside: the file that names it.

    Raises:
        NotReadError: it cannot be read, is not PEM, or holds a private key, of which nothing is
            said but that.
    """
    try:
        path = Path(beside).parent / name
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        text = data.decode("ascii")
    except (OSError, ValueError) as exc:
        reason = getattr(exc, "strerror", None) or "it is not a PEM file"
        raise NotReadError(f"cannot be read: {reason}.") from None
    if len(data) > MOST_BYTES:
        raise NotReadError(f"is too big for a certificate: more than {MOST_BYTES // 1024} kB.")
    parameter = allowed.argument((Certificate, "file"))
    try:
        if parameter is not None:
            parameter.rule(text, "certificate", True)
    except InvalidInputError:
        if "PRIVATE KEY" in text:
            raise NotReadError("holds a private key: name the certificate alone.") from None
        raise NotReadError("holds no PEM certificate (-----BEGIN CERTIFICATE-----).") from None
    return text
