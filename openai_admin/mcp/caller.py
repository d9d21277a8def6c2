"""Who sent a request: what a transport knows of it, for the code that answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from .._wire.http import HiddenText

IN_SCOPE = "openai_admin.caller"
"""Where the ASGI scope of a request has its caller."""


@attrs.frozen(kw_only=True)
class Caller:
    """Who sent a request.

    Attributes:
        identity: tells them from other callers, and shows nothing of them; what is kept for one
            is never given to another. Empty where there is only one, as over stdio.
        may_change: whether they may change anything; else they may only read.
        admin_key: the key that they brought, where each brings their own.
    """

    identity: str = ""
    may_change: bool = True
    admin_key: HiddenText | None = attrs.field(default=None, repr=False)


def caller_of(request: object) -> Caller:
    """Who sent a request.

    Args:
        request: the request of a handler's context: Starlette's over HTTP, nothing over stdio.
    """
    scope: Any = getattr(request, "scope", None)
    known = scope.get(IN_SCOPE) if isinstance(scope, Mapping) else None
    return known if isinstance(known, Caller) else Caller()
