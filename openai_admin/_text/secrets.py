"""Keys in a text: recognized, and shown without what is secret of them."""

from __future__ import annotations

import re

_SECRET = re.compile(r"sk-[A-Za-z0-9_-]{16,}")
_LONG = 40  # characters; what is as long and begins as a secret is one


def redact(secret: str) -> str:
    """A key's kind and last four characters: enough to recognize it, useless to an attacker."""
    if len(secret) < 20:
        return "…"
    kind = re.match(r"(sk-[a-z]+-|sk-)?", secret)
    return f"{kind[0] if kind else ''}…{secret[-4:]}"


def secret_in(text: str) -> str | None:
    """The first key in a text, such as ``OPENAI_API_KEY=sk-…``."""
    return next((found for found in _SECRET.findall(text) if _is_secret(found)), None)


def without_secrets(text: str) -> str:
    """A text with every key in it redacted."""
    return _SECRET.sub(lambda found: redact(found[0]) if _is_secret(found[0]) else found[0], text)


def _is_secret(found: str) -> bool:
    """Whether it is one; a name may begin so, but has no letters of both kinds with digits."""
    mixed = all(re.search(each, found) for each in ("[A-Z]", "[a-z]", "[0-9]"))
    return mixed or len(found) >= _LONG
