"""Calls after which their own client may be refused."""

from __future__ import annotations

import warnings

from .._declare.operation import Call
from .stack import caller_level

DEMANDING = frozenset({"certificates.activate", "projects.certificates.activate"})
"""The operations after which the API demands client certificates."""

SENTENCE = (
    "Once a certificate is active, the API may refuse calls without a client certificate of its"
    " authority, and this client has none: it may be unable to deactivate it again."
)

NOT_KNOWN = (
    "Once a certificate is active, the API may refuse calls without a client certificate of its"
    " authority, and whether this client's calls come with one is not known, as it sends them over"
    " plain HTTP: it may be unable to deactivate it again."
)


class LockoutWarning(UserWarning):
    """A call after which the API may refuse the client that makes it."""


def warn_of_lockout(call: Call) -> None:
    """Warn of a call where it was made, as far as the stack shows that."""
    remedy = "Pass ssl=ClientCertificate(…), and try it with a read first."
    warnings.warn(f"{call.name}: {SENTENCE} {remedy}", LockoutWarning, stacklevel=caller_level())
