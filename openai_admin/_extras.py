"""What the extras bring, imported when it is needed."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from .errors import ConfigurationError


def require(module: str, *, extra: str) -> Any:
    """Import a module that an extra of this distribution brings.

    Args:
        module: its name.
        extra: the extra, as in ``pip install 'openai-admin[data]'``.

    Raises:
        ConfigurationError: it is not installed; the message says how to install it.
    """
    try:
        return import_module(module)
    except ImportError as exc:
        raise ConfigurationError(needs([module], extra=extra)) from exc


def needs(modules: list[str], *, extra: str, what: str = "This") -> str:
    """The sentence that says what to install; empty where nothing is missing.

    Args:
        modules: the modules that are needed.
        extra: the extra that brings them.
        what: what needs them.
    """
    packages = [module.partition(".")[0] for module in modules]
    missing = [package for package in packages if find_spec(package) is None] or packages
    return f"{what} needs {' and '.join(missing)}: pip install 'openai-admin[{extra}]'."
