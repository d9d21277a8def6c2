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
        extra: the extra, as in ``pip install 'openai-admin[arrow]'``.

    Raises:
        ConfigurationError: it is not installed; the message says how to install it.
    """
    try:
        return import_module(module)
    except ImportError as exc:
        raise ConfigurationError(install("This", module, extra=extra)) from exc


def missing(*modules: str) -> list[str]:
    """Which of these modules are not installed; none of them is imported."""
    return [module for module in modules if find_spec(module) is None]


def install(what: str, *modules: str, extra: str) -> str:
    """The sentence that says what needs which modules, and how to install them."""
    packages = " and ".join(module.partition(".")[0] for module in modules)
    return f"{what} needs {packages}: pip install 'openai-admin[{extra}]'."


def keyring_call(name: str, *arguments: str) -> Any:
    """Call a function of the system keyring: ``get_password``, ``set_password`` and so on.

    Raises:
        ConfigurationError: there is none, or it does not work.
    """
    keyring = require("keyring", extra="keyring")
    try:
        return getattr(keyring, name)(*arguments)
    except keyring.errors.NoKeyringError:
        raise ConfigurationError(
            "The system keyring does not work: there is none, such as GNOME Keyring or KWallet."
        ) from None
    except Exception as exc:  # noqa: BLE001 - each backend has errors of its own
        why = str(exc) or type(exc).__name__
        raise ConfigurationError(f"The system keyring does not work: {why}") from None
