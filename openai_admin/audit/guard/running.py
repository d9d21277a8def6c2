"""Looks that follow one another: what one finds is told, and what hinders one holds up no other."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable

import anyio

from ...errors import APIError, AuthenticationError
from .findings import Look
from .looking import Guard

EVERY = 60.0
"""Seconds between looks, unless said."""
LONGEST = 600.0
"""Seconds after which a look is given up, and the next one begins; the first has five weeks to
read."""


async def looks(
    guard: Guard,
    *,
    every: float = EVERY,
    longest: float = LONGEST,
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
) -> AsyncGenerator[Look | str, None]:
    """Yield each look, and in place of one that failed or hung what happened, as a sentence.

    Args:
        guard: what looks.
        every: seconds between the beginnings of two looks; one that takes longer is followed by
            the next at once.
        longest: seconds after which a look is given up.
        sleep: waits so many seconds.

    Raises:
        AuthenticationError: the key is wrong.
        APIError: the first look failed: nothing is known yet.
    """
    has_looked = False
    while True:
        began = anyio.current_time()
        try:
            with anyio.fail_after(longest):
                found: Look | str = await guard.look()
            has_looked = True
        except TimeoutError:
            found = f"A look took longer than {longest:g} s, and was given up; the next one begins."
        except AuthenticationError:
            raise
        except APIError as error:
            if not has_looked:
                raise
            found = (
                f"A look failed: {error.in_general().rstrip('.')}. The next one goes on from there."
            )
        yield found
        await sleep(max(0.0, every - (anyio.current_time() - began)))
