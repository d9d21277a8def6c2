"""Access tokens of any form, about which the issuer is asked (RFC 7662)."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from urllib.parse import quote_plus as quote

import attrs
from mcp.server.auth.provider import AccessToken

from .claims import access_of
from .fetching import fetched
from .oauth import OAuth

_KEPT = 30.0  # seconds for which an answer holds
_MOST = 1000


@attrs.frozen
class _Known:
    access: AccessToken | None
    until: float


class IntrospectedTokens:
    """The SDK's `TokenVerifier`, which asks the issuer, and knows its answer for 30 seconds.

    Args:
        oauth: who issues them, for what.
        clock: monotonic seconds.
    """

    def __init__(self, oauth: OAuth, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._oauth = oauth
        self._clock = clock
        self._known: dict[bytes, _Known] = {}  # the oldest first

    async def verify_token(self, token: str) -> AccessToken | None:
        """What a token allows; ``None`` where it is not valid here.

        Raises:
            IssuerUnavailableError: the issuer did not answer.
        """
        digest = hashlib.sha256(token.encode()).digest()
        known = self._known.get(digest)
        if known is not None and self._clock() < known.until:
            return known.access
        claims = await fetched(
            str(self._oauth.introspection_url),
            form={"token": token, "token_type_hint": "access_token"},
            login=(quote(str(self._oauth.client_id)), quote(str(self._oauth.client_secret))),
        )
        # The issuer itself answered, and may leave out its name and until when the token is valid.
        told = {"iss": self._oauth.issuer, "exp": time.time() + _KEPT, **claims}
        access = access_of(told, self._oauth) if claims.get("active") is True else None
        self._known.pop(digest, None)
        self._known[digest] = _Known(access, self._clock() + _KEPT)
        while len(self._known) > _MOST:
            del self._known[next(iter(self._known))]
        return access
