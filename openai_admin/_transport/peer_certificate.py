"""The certificates of a server that OpenSSL did not accept, as far as they can be seen."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Self

import attrs

from .._causes import chain


@attrs.frozen
class PeerCertificate:
    """What a certificate says.

    Attributes:
        names: the hosts that it is for.
        issuer: the name of the authority that issued it.
        begins: when it becomes valid.
        ends: when it expires.
    """

    names: tuple[str, ...]
    issuer: str | None
    begins: datetime
    ends: datetime

    @classmethod
    def of(cls, info: Mapping[str, Any]) -> Self:
        """A certificate in the form that `ssl.SSLSocket.getpeercert` gives."""
        issuer = {name: value for part in info["issuer"] for name, value in part}
        return cls(
            names=tuple(_visible(name) for _, name in info.get("subjectAltName", ())),
            issuer=_visible(issuer.get("commonName") or issuer.get("organizationName") or ""),
            begins=_moment(info["notBefore"]),
            ends=_moment(info["notAfter"]),
        )


def peer_certificates(error: BaseException) -> list[PeerCertificate]:
    """The certificates that led to an error, the server's own first; empty if none can be seen.

    The error itself does not have them. The frame in which OpenSSL failed does: with every context
    and event loop, and without a second connection.
    """
    for link in chain(error):
        frames = link.__traceback__
        while frames is not None:
            connection = frames.tb_frame.f_locals.get("self")
            if isinstance(connection, ssl.SSLObject):
                return _received(connection)
            frames = frames.tb_next
    return []


def _received(connection: ssl.SSLObject) -> list[PeerCertificate]:
    # Private: nothing public shows what was not accepted, so what is here is a help, not a need.
    try:
        received = connection._sslobj.get_unverified_chain()  # type: ignore[attr-defined]
        return [PeerCertificate.of(certificate.get_info()) for certificate in received or ()]
    except (AttributeError, KeyError, TypeError, ValueError, ssl.SSLError):
        return []


def _moment(text: str) -> datetime:
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC)


def _visible(name: str) -> str:
    return "".join(filter(str.isprintable, name))[:100]
