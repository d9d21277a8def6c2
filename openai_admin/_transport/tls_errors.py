"""What an error of OpenSSL means, and what can be done about it."""

from __future__ import annotations

import re
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime

import attrs

from .._wire.foreign import HOW_TO_SHOW_A_CERTIFICATE
from .peer_certificate import PeerCertificate, peer_certificates

# X.509 verification results of OpenSSL (x509_vfy.h).
_NOT_YET_VALID, _EXPIRED = 9, 10
_UNTRUSTED = frozenset({2, 18, 19, 20, 21, 27})
_OTHER_HOST = frozenset({62, 64})
_NOT_STRICT = range(80, 95)  # what only X509_V_FLAG_X509_STRICT refuses

_MOST_NAMED = 5  # hosts of a certificate


@attrs.frozen
class TLSError:
    """An error of OpenSSL, understood.

    Attributes:
        message: OpenSSL's own words, then the remedy, without a full stop.
        is_lasting: whether trying again cannot change it.
        refuses_client: whether the server refused to go on with this client before it acted on
            any request: it got no certificate from it, or none that it accepts.
    """

    message: str
    is_lasting: bool = False
    refuses_client: bool = False


def tls_error(
    exc: BaseException,
    *,
    is_proxy: bool = False,
    shows_certificate: bool = False,
    brought: bool = False,
    receiver: bool = False,
) -> TLSError | None:
    """What an exception says, if it or what led to it came from OpenSSL.

    Args:
        exc: an exception with its traceback.
        is_proxy: whether it came from the connection to the proxy itself.
        shows_certificate: whether the server may have been shown a client certificate.
        brought: whether a connector of the user's made the connection, for which the environment
            says nothing.
        receiver: whether the server is one that events are sent to: it has the environment's
            authorities alone, and is shown no certificate.
    """
    error = _from_openssl(exc)
    if error is None:
        return None
    words = _words(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        shown = peer_certificates(exc)
        remedy = _about_certificate(
            error, shown, is_proxy=is_proxy, brought=brought, receiver=receiver
        )
        return TLSError(f"{words}{remedy}", is_lasting=True)
    # Newer releases name some reasons that older Pythons know only as text.
    reason = f"{error.reason or ''} {error}".upper().replace(" ", "_")

    def is_one_of(reasons: Sequence[str]) -> bool:
        return any(each in reason for each in reasons)

    if is_one_of(_NOT_TLS):
        remedy = _NOT_TLS_PROXY if is_proxy else f"{_NOT_TLS_SERVER} {_setting(receiver)}"
        return TLSError(f"{words}; {remedy}", is_lasting=True)
    if is_one_of(_REFUSES_CLIENT):
        remedy = _about_client("HANDSHAKE_FAILURE" in reason, shows_certificate, receiver)
        return TLSError(f"{words}; {remedy}", is_lasting=True, refuses_client=True)
    if is_one_of(_NOTHING_IN_COMMON):
        remedy = (
            f"the server and this machine's {_OPENSSL} have no version of TLS or no cipher in"
            " common: enable TLS 1.2 or 1.3 on the server"
        )
        if not receiver:
            remedy += ", or pass an SSLContext that allows less with ssl= in Python"
        return TLSError(f"{words}; {remedy}", is_lasting=True)
    if "UNRECOGNIZED_NAME" in reason:
        remedy = f"the server knows no host of this name: check {_setting(receiver)}"
        return TLSError(f"{words}; {remedy}", is_lasting=True)
    return TLSError(words)


def _from_openssl(exc: BaseException) -> ssl.SSLError | None:
    """The error of OpenSSL that led to an exception; aiohttp has some of its own as subclasses."""
    seen: BaseException | None = exc
    while seen is not None:
        if isinstance(seen, ssl.SSLError) and hasattr(seen, "reason"):
            return seen
        seen = getattr(seen, "os_error", None) or seen.__cause__
    return None


def _words(error: ssl.SSLError) -> str:
    """OpenSSL's own words, without the line of Python's that passes them on."""
    text = error.strerror or str(error)
    return re.sub(r"\.?\s*\(_ssl\.c:\d+\)$", "", text.strip()).rstrip(".")


def _about_certificate(
    error: ssl.SSLCertVerificationError,
    shown: Sequence[PeerCertificate],
    *,
    is_proxy: bool,
    brought: bool,
    receiver: bool,
) -> str:
    code = error.verify_code
    if code in _UNTRUSTED:
        issuer = shown[-1].issuer if shown else None
        named = f"its issuer, {issuer!r}," if issuer else "its issuer"
        remedy = _TRUSTING_BROUGHT if brought else _TRUSTING
        if receiver:
            remedy = _TRUSTING_RECEIVER
        return f"; if {named} is your network's own authority, {remedy}"
    if code in _OTHER_HOST:
        return _about_host(shown, "the proxy's address" if is_proxy else _setting(receiver))
    if code in (_EXPIRED, _NOT_YET_VALID):
        return _about_time(shown, is_expired=code == _EXPIRED)
    if code in _NOT_STRICT and receiver:
        return "; Python 3.13 and newer demand this: have the certificate issued anew"
    if code in _NOT_STRICT:
        return (
            "; Python 3.13 and newer demand this: have the certificate issued anew, or pass an"
            " SSLContext without VERIFY_X509_STRICT with ssl= in Python"
        )
    return "; only the server's operator can change this certificate"


def _about_host(shown: Sequence[PeerCertificate], setting: str) -> str:
    names = shown[0].names if shown else ()
    if not names:
        return f"; check {setting}"
    named = ", ".join(names[:_MOST_NAMED])
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f" but for {named}{more}; check {setting}"


def _about_time(shown: Sequence[PeerCertificate], *, is_expired: bool) -> str:
    now = datetime.now(UTC)
    ended = [each.ends for each in shown if each.ends < now]
    coming = [each.begins for each in shown if each.begins > now]
    clock = f"this machine's clock says {_told(now)}"
    if is_expired:
        when = f"it expired at {_told(ended[0])}, and {clock}" if ended else clock
        return f"; {when}: the server needs a new one, unless the clock is wrong"
    when = f"it becomes valid at {_told(coming[0])}, and {clock}" if coming else clock
    return f"; {when}: set the clock if it is slow"


def _setting(receiver: bool) -> str:
    """What has the server's address."""
    return "the receiver's address" if receiver else "base_url"


def _about_client(may_be_cipher: bool, shows_certificate: bool, receiver: bool) -> str:
    cipher = f", or shares no cipher with this machine's {_OPENSSL}" if may_be_cipher else ""
    if shows_certificate:
        what, one = "does not accept the client certificate, or got none", "another"
    else:
        what, one = "demands a client certificate", "one"
    if receiver:
        return f"the server {what}{cipher}: a receiver of events cannot be shown one"
    return f"the server {what}{cipher}: pass {one} {HOW_TO_SHOW_A_CERTIFICATE}"


def _told(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


_TRUSTING = (
    "pass that authority's certificate with ssl= in Python, SSL_CERT_FILE or a CLI profile's"
    " ca_file"
)
_TRUSTING_RECEIVER = "name the file with that authority's certificate in SSL_CERT_FILE"
_TRUSTING_BROUGHT = (
    "pass that authority's certificate with ssl= in Python, or to a session's connector an"
    " SSLContext that trusts it"
)
_NOT_TLS = (
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "HTTPS_PROXY_REQUEST",
    "UNKNOWN_PROTOCOL",
    "RECORD_LAYER_FAILURE",
    "PACKET_LENGTH_TOO_LONG",
)
_NOT_TLS_SERVER = "the server does not speak TLS on this port: check the port in"
_NOT_TLS_PROXY = "the proxy does not speak TLS on this port: begin its address with http://"
_REFUSES_CLIENT = (
    "ALERT_CERTIFICATE_REQUIRED",
    "ALERT_BAD_CERTIFICATE",
    "ALERT_UNSUPPORTED_CERTIFICATE",
    "ALERT_CERTIFICATE_REVOKED",
    "ALERT_CERTIFICATE_EXPIRED",
    "ALERT_CERTIFICATE_UNKNOWN",
    "ALERT_UNKNOWN_CA",
    "ALERT_ACCESS_DENIED",
    "ALERT_HANDSHAKE_FAILURE",
)
_NOTHING_IN_COMMON = (
    "ALERT_PROTOCOL_VERSION",
    "ALERT_INSUFFICIENT_SECURITY",
    "UNSUPPORTED_PROTOCOL",
    "WRONG_SSL_VERSION",
    "NO_PROTOCOLS_AVAILABLE",
    "NO_CIPHERS_AVAILABLE",
    "NO_SHARED_CIPHER",
    "UNSAFE_LEGACY_RENEGOTIATION_DISABLED",
    "DH_KEY_TOO_SMALL",
)
_OPENSSL = ssl.OPENSSL_VERSION.rsplit(" ", 3)[0]  # without its date
