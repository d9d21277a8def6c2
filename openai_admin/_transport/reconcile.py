"""Finding out whether a creation took effect when its answer was lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from .._declare.methods import pager_of
from .._declare.operation import OPERATIONS, CallExecutor, Operation

# What a created object is recognized by: the argument, and the field of the listed object.
_KNOWN_BY: Mapping[str, str] = {
    "name": "name",
    "email": "email",
    "role_name": "name",
    "project_id": "project_id",
    "service_account_id": "service_account_id",
    "threshold_amount": "threshold_amount",
    "issuer": "issuer",
}
_MADE_AT = ("created_at", "invited_at", "added_at")
# How much the server's clock and this machine's may differ.
_SKEW = timedelta(seconds=60)


def listing_of(name: str) -> Operation | None:
    """The listing in which a created object appears."""
    resource = name.rpartition(".")[0]
    if resource == "projects.service_accounts.api_keys":
        # The keys of service accounts are listed with their project's; OPERATIONS knows a listing
        # once its module is imported.
        import_module("openai_admin.resources.projects.api_keys")
        resource = "projects.api_keys"
    return OPERATIONS.get(f"{resource}.list")


async def find_created(
    caller: CallExecutor, name: str, arguments: Mapping[str, Any], *, since: datetime
) -> Any | None:
    """The newest object that a call with these arguments would have created since a given time.

    ``None`` if there is none, or if nothing distinguishes it from others.
    """
    listing = listing_of(name)
    known_by = {
        argument: field
        for argument, field in _KNOWN_BY.items()
        if arguments.get(argument) is not None
    }
    if listing is None or not known_by:
        return None
    query = {k: v for k, v in arguments.items() if k in listing.parameters} | {"limit": 100}
    found = [
        item
        async for item in pager_of(listing, query, caller)
        if _matches(item, arguments, known_by) and _made(item, since) >= since - _SKEW
    ]
    return max(found, key=lambda item: _made(item, since), default=None)


def _matches(item: Any, arguments: Mapping[str, Any], known_by: Mapping[str, str]) -> bool:
    """Whether a listed object matches the request in all that it is recognized by."""
    present = {a: f for a, f in known_by.items() if hasattr(item, f)}
    return bool(present) and all(getattr(item, f) == arguments[a] for a, f in present.items())


def _made(item: Any, otherwise: datetime) -> datetime:
    """When an object was created; ``otherwise`` if it does not say."""
    moments = (getattr(item, field, None) for field in _MADE_AT)
    return next((m for m in moments if isinstance(m, datetime)), otherwise)
