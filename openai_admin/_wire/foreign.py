"""Answers that are not the API's: web pages, redirects, and those of an address without ``/v1``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UNKNOWN_PATH = re.compile(r"Invalid URL \([A-Z]+ (/\S*)\)")
HOW_TO_SHOW_A_CERTIFICATE = (
    "with ssl=ClientCertificate(…) in Python, or client_cert and client_key in a CLI profile"
)
NETWORK_LOGIN = 511  # RFC 6585: what a network answers until its user has logged in
LOG_IN = "log in to the network with a browser first"
_VERSION = "the base address must be the API's, which usually ends in /v1"
# What answers these may be a gateway of the API's own, which sends web pages too.
_PASSING = frozenset({408, 429})
# What servers say in the API's place, with status 400, where TLS is not as they demand: nginx,
# Apache and those written in Go.
_ABOUT_TLS = (
    (
        re.compile(
            rb"plain HTTP request was sent to HTTPS port|plain HTTP to an SSL-enabled server port"
            rb"|HTTP request to an HTTPS server"
        ),
        "The server expects TLS on this port: the base address must begin with https://.",
    ),
    (
        re.compile(rb"No required SSL certificate was sent"),
        f"The server demands a client certificate: pass one {HOW_TO_SHOW_A_CERTIFICATE}.",
    ),
    (
        re.compile(rb"The SSL certificate error"),
        (
            "The server does not accept the client certificate: pass another"
            f" {HOW_TO_SHOW_A_CERTIFICATE}."
        ),
    ),
)


def is_web_page(body: bytes) -> bool:
    """Whether an answer's bytes are HTML or XML: no JSON begins as these do."""
    return body.removeprefix(_BYTE_ORDER_MARK).lstrip()[:1] == b"<"


def foreign_answer(
    status: int, headers: Mapping[str, str], body: bytes, message: str | None
) -> str | None:
    """What is wrong with an answer that says it is an error and is not the API's, as a sentence.

    Args:
        status: its status.
        headers: its headers, found by names in lower case.
        body: its bytes.
        message: the API's sentence, where it has one.

    Returns:
        ``None`` where it may be the API's.
    """
    if 300 <= status < 400:
        return (
            f"The server answered with a redirect{redirect_target(headers)}, which is not followed."
        )
    if status == NETWORK_LOGIN:
        return f"The network demands a login: {LOG_IN}."
    if status >= 500 or status in _PASSING:
        return None
    if status == 400 and message is None:
        for words, sentence in _ABOUT_TLS:
            if words.search(body):
                return sentence
    if is_web_page(body):
        if status == 404:
            return f"The answer is a web page, not the API's: {_VERSION}."
        return (
            "The answer is a web page, not the API's: a proxy, a firewall or a login page gave it."
        )
    unknown = _UNKNOWN_PATH.match(message or "")
    if unknown and not unknown[1].startswith("/v"):
        return f"{unknown[0]}: {_VERSION}."
    return None


def redirect_target(headers: Mapping[str, str]) -> str:
    """Where a redirect leads: the server alone, since the rest of its address may be a secret."""
    try:
        target = urlsplit(headers.get("location", ""))
        host, port = target.hostname, target.port
    except ValueError:
        return ""
    if not host:
        return ""
    return f" to {target.scheme or 'https'}://{host}{f':{port}' if port else ''}"
