"""What an access token says, and whether it counts here."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from mcp.server.auth.provider import AccessToken

from .oauth import CHANGE, READ, OAuth

LEEWAY = 60
"""Seconds by which clocks may differ."""

_FAR = 1e12  # seconds; no time is as far away


def access_of(claims: Mapping[str, Any], oauth: OAuth) -> AccessToken | None:
    """What a token allows, by claims that are known to be the issuer's.

    ``None`` where they are for another resource, of another issuer, not valid now, or without an
    end.
    """
    now, end, begin = time.time(), _time(claims.get("exp")), _time(claims.get("nbf", 0))
    if end is None or end + LEEWAY <= now or begin is None or begin - LEEWAY > now:
        return None
    if claims.get("iss") != oauth.issuer:
        return None
    named = claims.get("aud")
    audiences = named if isinstance(named, list) else [named]
    if not any(audience in oauth.audiences for audience in audiences):
        return None
    subject, client = claims.get("sub"), claims.get("client_id", claims.get("azp"))
    if not any(isinstance(who, str) and who for who in (subject, client)):
        return None  # nobody's sessions could be told from another's
    return AccessToken(
        token="",  # it is not needed any more
        client_id=client if isinstance(client, str) else "",
        scopes=scopes_of(claims),
        expires_at=int(end) + LEEWAY,
        subject=subject if isinstance(subject, str) else None,
        claims={"iss": oauth.issuer},
    )


def scopes_of(claims: Mapping[str, Any]) -> list[str]:
    """Which of our scopes a token has; who may change may read."""
    given: set[str] = set()
    for name in ("scope", "scp"):
        value = claims.get(name)
        words = value.split() if isinstance(value, str) else value
        given.update(word for word in words or () if isinstance(word, str))
    if CHANGE in given:
        return [READ, CHANGE]
    return [READ] if READ in given else []


def _time(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _FAR:
        return None
    return float(value)
