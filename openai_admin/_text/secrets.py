"""Keys in a text: recognized, and shown without what is secret of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SECRET = re.compile(r"(?i:sk|sess)-[A-Za-z0-9_-]{16,}")
_CUT_OFF = re.compile(r"sk-(?:proj|admin|svcacct|service)-.*[A-Z]")
_BEGUN = re.compile(r"(?<![A-Za-z0-9])(?i:sk|sess)-[A-Za-z0-9_-]*")
_PIECE = re.compile(
    r"[^\S\r\n]+(?!(?i:sk|sess)-|(?:user|org|proj|key|svc|group|role|cert|invite)[-_])"
    r"([A-Za-z0-9_-]+)(?![^\s\"'`,;)}])"
)
_OWN = 16  # characters of a piece that is one by itself
_LONG = 40  # characters; what is as long and begins as a secret is one


def redact(secret: str) -> str:
    """A key's kind and last four characters: enough to recognize it, useless to an attacker."""
    if len(secret) < 20:
        return "…"
    kind = re.match(r"(sk-[a-z]+-|sk-)?", secret)
    return f"{kind[0] if kind else ''}…{secret[-4:]}"


def secret_in(text: str) -> str | None:
    """The first key in a text, such as ``OPENAI_API_KEY=sk-…``, also with blanks inside."""
    return next(iter(secrets_in(text)), None)


def secrets_in(text: str) -> list[str]:
    """The keys in a text, each once, without the blanks that copying has put into them."""
    return list(dict.fromkeys(secret for _, _, secret in _found(text)))


def without_secrets(text: str) -> str:
    """A text with every key in it redacted."""
    told, done = "", 0
    for start, end, secret in _found(text):
        told += text[done:start] + redact(secret)
        done = end
    return told + text[done:]


def is_mixed(text: str) -> bool:
    """Whether a text has capitals, small letters and digits, as keys have and names seldom."""
    return all(re.search(each, text) for each in ("[A-Z]", "[a-z]", "[0-9]"))


def _is_secret(found: str) -> bool:
    """Whether it is one; a name may begin so, but has no capitals after ``sk-proj-`` and such."""
    return is_mixed(found) or _CUT_OFF.match(found) is not None or len(found) >= _LONG


def _found(text: str) -> Iterator[tuple[int, int, str]]:
    """Where keys are in a text: the first place, that after the last, and the key."""
    done = 0
    torn = {start: (end, key) for start, end, key in _torn(text)}
    places = sorted({*torn, *(found.start() for found in _SECRET.finditer(text))})
    for start in places:
        whole = _SECRET.match(text, start)
        if start < done:
            continue
        if start in torn:
            done, key = torn[start]
        elif whole is not None and _is_secret(whole[0]):
            done, key = whole.end(), whole[0]
        else:
            continue
        yield start, done, key


def _torn(text: str) -> Iterator[tuple[int, int, str]]:
    """Keys with blanks inside: in pieces of one length, or followed by what only a key has."""
    for begun in _BEGUN.finditer(text):
        pieces, end = [begun[0]], begun.end()
        while piece := _PIECE.match(text, end):
            is_own = len(piece[1]) >= _OWN and is_mixed(piece[1])
            lengths = {len(each) for each in pieces}
            is_alike = lengths == {len(piece[1])}
            is_rest = len(pieces) > 1 and len(lengths) == 1 and len(piece[1]) < min(lengths)
            if not (is_own or is_alike or is_rest):
                break
            pieces.append(piece[1])
            end = piece.end()
        key = "".join(pieces)
        if len(pieces) > 1 and len(key) >= _LONG and is_mixed(key):
            yield begun.start(), end, key
