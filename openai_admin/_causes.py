"""What led to an error."""

from __future__ import annotations

from collections.abc import Iterator

from .errors import UsageWindowError


def chain(error: BaseException) -> Iterator[BaseException]:
    """An error, then what led to it, step by step; each is there once, should they be a circle."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def window_cause(error: Exception) -> Exception:
    """Why a window of usage could not be fetched; any other error is returned as it is.

    What is returned is to be raised outside of the handler of the window's error: inside, the two
    would lead to one another.
    """
    cause = error.__cause__
    return cause if isinstance(error, UsageWindowError) and isinstance(cause, Exception) else error
