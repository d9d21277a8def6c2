"""The log of boto3 kept free of secrets: at level DEBUG it has whole requests and answers."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_LIBRARIES = ("boto3", "botocore", "urllib3")
_is_ours: ContextVar[bool] = ContextVar("is_ours", default=False)


class _WithoutOurs(logging.Filter):
    """Lets everything pass but details (DEBUG and below) of our own calls."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno > logging.DEBUG or not _is_ours.get()


_WITHOUT_OURS = _WithoutOurs()


@contextmanager
def quiet() -> Iterator[None]:
    """Keep boto3 from logging the details of what is called meanwhile, in threads as well."""
    token = _is_ours.set(True)
    try:
        yield
    finally:
        _is_ours.reset(token)


def hide() -> None:
    """Let `quiet` have its effect on every logger of boto3 that there is by now."""
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in _LIBRARIES:
            logging.getLogger(name).addFilter(_WITHOUT_OURS)  # which is added once
