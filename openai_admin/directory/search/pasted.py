"""The secret of a key in a text that was pasted, also where the copying has damaged it."""

from __future__ import annotations

import re
import unicodedata

from ..._text import secrets

_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d", "-"))
_KIND = re.compile(r"(?i)sk-(?:(?:proj|admin|svcacct|service)-)?")
_BODY = re.compile(r"[A-Za-z0-9_-]{40,}")
_RUN = 16  # characters without a hyphen, which words seldom have


def cleaned(text: str) -> str:
    """A text without what nobody sees in it, and with plain hyphens."""
    seen = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return seen.translate(_DASHES).strip()


def secret_in(text: str) -> str | None:
    """The secret in a text, such as ``OPENAI_API_KEY=sk-…``, or what is left of it.

    Args:
        text: a text that is `cleaned`.
    """
    if whole := secrets.secret_in(text):
        return _begun_well(whole)
    for found in _BODY.findall(text):
        if any(len(run) >= _RUN and secrets.is_mixed(run) for run in re.split("[_-]", found)):
            return str(found)
    return None


def has_beginning(secret: str) -> bool:
    """Whether a secret has its first characters, which copying may lose."""
    return re.match("sk-|sess-", secret) is not None


def _begun_well(secret: str) -> str:
    """A secret whose beginning is in small letters, also where a whole ``SK-PROJ-`` was typed."""
    if secret.startswith(("sk-", "sess-")):
        return secret
    return _KIND.sub(lambda kind: kind[0].lower(), secret, count=1)
