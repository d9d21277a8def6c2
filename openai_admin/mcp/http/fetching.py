"""A small JSON document of the authorization server, within bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp
import msgspec

_TIMEOUT = aiohttp.ClientTimeout(total=5)
_MOST_BYTES = 256 * 1024


class IssuerUnavailableError(Exception):
    """The authorization server did not say what is needed to check a token."""


async def fetched(
    url: str,
    *,
    form: Mapping[str, str] | None = None,
    login: tuple[str, str] | None = None,
) -> dict[str, Any]:
    """What is at an address: an object of JSON.

    Args:
        url: the address; it is not left for another.
        form: what to post; by default, nothing is.
        login: a name and a password to show.

    Raises:
        IssuerUnavailableError: it did not answer so, in 5 seconds and 256 kB.
    """
    auth = None if login is None else aiohttp.encode_basic_auth(*login)
    headers = {"Accept": "application/json"} | ({} if auth is None else {"Authorization": auth})
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=True) as session,
            session.request(
                "GET" if form is None else "POST",
                url,
                data=form,
                headers=headers,
                allow_redirects=False,
            ) as response,
        ):
            if response.status != 200:
                raise IssuerUnavailableError(f"it answered {response.status}")
            text = await response.content.read(_MOST_BYTES + 1)
            while len(text) <= _MOST_BYTES and (more := await response.content.readany()):
                text += more
            if len(text) > _MOST_BYTES:
                raise IssuerUnavailableError("its answer is too long")
            return msgspec.json.decode(text, type=dict[str, Any])
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise IssuerUnavailableError(f"it cannot be reached ({type(error).__name__})") from None
    except msgspec.MsgspecError:
        raise IssuerUnavailableError("its answer is not JSON") from None
