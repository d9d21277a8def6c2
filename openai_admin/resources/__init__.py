"""The resources of the Admin API: one module each, its models first, then its operations."""

from __future__ import annotations

import importlib
import pkgutil


def load() -> None:
    """Import every resource, so that `operation.OPERATIONS` holds all operations.

    A client imports only what it uses; what goes through all operations calls this first.
    """
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        importlib.import_module(module.name)
