"""Access tokens that are JWTs, checked with the issuer's public keys."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import attrs
import jwt
from jwt.types import Options
from mcp.server.auth.provider import AccessToken

from .claims import access_of
from .fetching import IssuerUnavailableError, fetched
from .oauth import OAuth

# Those with a public key; never "none" or HS…, with which the public key itself would sign.
_FAMILIES = {
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "P-256": ("ES256",),
    "P-384": ("ES384",),
    "P-521": ("ES512",),
    "Ed25519": ("EdDSA",),
}
_TYPES = {"jwt", "at+jwt", "application/at+jwt"}
_MOST_KEYS = 100
_FRESH = 300.0  # seconds for which keys are used without asking again
_KEPT = 3600.0  # seconds for which they are used while the issuer cannot be reached
_PAUSE = 10.0  # seconds between two questions, however many unknown keys are named
_SIGNATURE_ALONE: Options = {
    "verify_aud": False,
    "verify_exp": False,
    "verify_iat": False,
    "verify_iss": False,
    "verify_jti": False,
    "verify_nbf": False,
    "verify_sub": False,
}


@attrs.frozen
class _Key:
    id: str | None
    algorithms: tuple[str, ...]
    public: Any = attrs.field(repr=False)


class SignedTokens:
    """The SDK's `TokenVerifier`, for JWTs.

    Args:
        oauth: who issues them, for what.
        clock: monotonic seconds.
    """

    def __init__(self, oauth: OAuth, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._oauth = oauth
        self._clock = clock
        self._keys: list[_Key] = []
        self._read_at = self._asked_at = float("-inf")
        self._asking = anyio.Lock()

    async def verify_token(self, token: str) -> AccessToken | None:
        """What a token allows; ``None`` where it is not valid here.

        Raises:
            IssuerUnavailableError: the issuer's keys cannot be had.
        """
        try:
            header = jwt.get_unverified_header(token)
        except jwt.InvalidTokenError:
            return None
        algorithm, kid, kind = header.get("alg"), header.get("kid"), header.get("typ", "JWT")
        if not isinstance(algorithm, str) or not any(algorithm in f for f in _FAMILIES.values()):
            return None
        if not isinstance(kind, str) or kind.lower() not in _TYPES or "crit" in header:
            return None
        for key in await self._keys_for(kid, algorithm):
            try:
                claims = jwt.decode(
                    token, key.public, algorithms=[algorithm], options=_SIGNATURE_ALONE
                )
            except jwt.InvalidTokenError:
                continue
            return access_of(claims, self._oauth)
        return None

    async def _keys_for(self, kid: object, algorithm: str) -> list[_Key]:
        """The keys that may have signed a token, asked for again where none is known."""
        if self._clock() - self._read_at > _FRESH:
            await self._ask()
        found = self._found(kid, algorithm)
        if not found:  # maybe it was made since
            await self._ask()
            found = self._found(kid, algorithm)
        return found

    def _found(self, kid: object, algorithm: str) -> list[_Key]:
        return [
            key
            for key in self._keys
            if algorithm in key.algorithms and (kid is None or key.id == kid)
        ]

    async def _ask(self) -> None:
        """Read the keys, unless that was tried just now.

        Raises:
            IssuerUnavailableError: there are none that are recent enough.
        """
        asked_at = self._asked_at
        async with self._asking:
            failure = None
            if self._asked_at == asked_at and self._clock() - asked_at > _PAUSE:
                self._asked_at = self._clock()
                try:
                    document = await fetched(str(self._oauth.jwks_url))
                    self._keys = list(_public_keys(document))
                    self._read_at = self._clock()
                except IssuerUnavailableError as error:
                    failure = error
        if self._clock() - self._read_at > _KEPT:
            raise failure or IssuerUnavailableError("its keys could not be read just now")


def _public_keys(document: dict[str, Any]) -> Iterator[_Key]:
    listed = document.get("keys")
    if not isinstance(listed, list):
        raise IssuerUnavailableError("its answer has no keys")
    for entry in listed[:_MOST_KEYS]:
        key = _public_key(entry) if isinstance(entry, dict) else None
        if key is not None:
            yield key


def _public_key(entry: dict[str, Any]) -> _Key | None:
    """A key that signs tokens; ``None`` for one of another use or kind."""
    kind = entry.get("kty")
    algorithms = _FAMILIES.get(str(kind if kind == "RSA" else entry.get("crv")), ())
    if kind not in ("RSA", "EC", "OKP") or entry.get("use", "sig") != "sig":
        return None
    if "alg" in entry:
        algorithms = tuple(name for name in algorithms if name == entry["alg"])
    if not algorithms:
        return None
    public = {name: value for name, value in entry.items() if name != "d"}
    try:
        made = jwt.PyJWK(public, algorithms[0])
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    kid = entry.get("kid")
    return _Key(kid if isinstance(kid, str) else None, algorithms, made.key)
