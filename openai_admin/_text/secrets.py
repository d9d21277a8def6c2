"""Keys in a text: recognized, and shown without what is secret of them."""

from __future__ import annotations

import re

_SECRET = re.compile(r"(?i:sk|sess)-[A-Za-z0-9_-]{16,}")
_CUT_OFF = re.compile(r"sk-(?:proj|admin|svcacct|service)-.*[A-Z]")
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


def is_mixed(text: str) -> bool:
    """Whether a text has capitals, small letters and digits, as keys have and names seldom."""
    return all(re.search(each, text) for each in ("[A-Z]", "[a-z]", "[0-9]"))


def _is_secret(found: str) -> bool:
    """Whether it is one; a name may begin so, but has no capitals after ``sk-proj-`` and such."""
    return is_mixed(found) or _CUT_OFF.match(found) is not None or len(found) >= _LONG
