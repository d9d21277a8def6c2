"""The configuration file: where it is, which profiles it has, and how one is stored.

It is the user's file. What cannot be read or edited safely is left as it is; what is edited keeps
everything else, comments and order included.
"""

from __future__ import annotations

import os
import stat
import sys
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .._files import replaced
from ..errors import OpenAIAdminError

_NAME = "openai-admin"  # of the folder


class ConfigFileError(OpenAIAdminError):
    """The configuration file cannot be read, or cannot be edited safely; it was left unchanged."""


def config_path() -> Path:
    """The configuration file, at the system's usual place.

    A file at ``$XDG_CONFIG_HOME/openai-admin/config.toml``, by default
    ``~/.config/openai-admin/config.toml``, takes precedence on every system. On Linux that is the
    usual place. A relative ``XDG_CONFIG_HOME`` is ignored, as its specification asks.

    Raises:
        ConfigFileError: the home directory is not known.
    """
    try:
        named = Path(os.environ.get("XDG_CONFIG_HOME", ""))
        home = named if named.is_absolute() else Path.home() / ".config"
    except RuntimeError:
        raise ConfigFileError(
            "There is no home directory to keep profiles in: set HOME or XDG_CONFIG_HOME."
        ) from None
    path = home / _NAME / "config.toml"
    if os.path.lexists(path):
        return path
    from platformdirs import user_config_path

    usual = user_config_path(_NAME, appauthor=False) / "config.toml"
    return usual if usual.is_absolute() else path


def read_profiles() -> dict[str, dict[str, Any]]:
    """The profiles' settings by name; empty if there is no file.

    Raises:
        ConfigFileError: the file cannot be read or is not a regular one, others can read it, it is
            not valid TOML, or its profiles are not tables.
    """
    path = config_path()
    return _profiles(path, _parsed(path, _text(path)))


def check_editable() -> None:
    """Refuse a file that `write_profile` could not edit.

    Raises:
        ConfigFileError: as `read_profiles`, or the file or its folder is read-only.
    """
    path = config_path()
    _profiles(path, _parsed(path, _text(path)))
    try:
        _check_file(path, path.resolve())
    except OSError as exc:
        raise ConfigFileError(f"{path} cannot be edited: {exc.strerror or exc}.") from exc


def write_profile(name: str, settings: Mapping[str, str | None]) -> None:
    """Write a profile's settings into the file; ``None`` removes a setting.

    Raises:
        ConfigFileError: as `check_editable`, or the file cannot be written.
    """
    check_editable()
    path = config_path()
    text = _text(path)
    wanted = _parsed(path, text)
    profile = wanted.setdefault("profiles", {}).setdefault(name, {})
    _update(profile, settings)
    _write(path, name, lambda: _edited(text, name, settings), wanted)


def remove_profile(name: str) -> None:
    """Remove a profile that there is from the file.

    Raises:
        ConfigFileError: as `write_profile`.
    """
    check_editable()
    path = config_path()
    text = _text(path)
    wanted = _parsed(path, text)
    del wanted["profiles"][name]
    if not wanted["profiles"]:
        del wanted["profiles"]
    _write(path, name, lambda: _without(text, name), wanted)


def _write(path: Path, name: str, edit: Callable[[], str], wanted: Mapping[str, Any]) -> None:
    """Write the file as it is edited, if that gives what is wanted."""
    try:
        edited = edit()
        is_as_wanted = _same(tomllib.loads(edited), wanted)
    except Exception:  # noqa: BLE001 - whatever the editor stumbles over, the file is left alone
        is_as_wanted = False
    if not is_as_wanted:
        raise ConfigFileError(
            f"{path} cannot be edited safely: write [profiles.{name}] as a table of its own."
        )
    try:
        _replace(path.resolve(), edited.encode())
    except OSError as exc:
        raise ConfigFileError(f"{path} cannot be written: {exc.strerror or exc}.") from exc


# --- reading ---------------------------------------------------------------------------------


def _text(path: Path) -> str:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would be waited for
            raise ConfigFileError(f"{path} cannot be read: it is not a regular file.")
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if os.name == "posix" and mode & 0o077:
                raise ConfigFileError(
                    f"{path} can be read by others (mode {mode:04o}): run 'chmod 600 {path}'."
                )
            return file.read().decode()
    except FileNotFoundError:
        return ""
    except OSError as exc:
        raise ConfigFileError(f"{path} cannot be read: {exc.strerror or exc}.") from exc
    except UnicodeDecodeError:
        raise ConfigFileError(f"{path} is not valid TOML: it must be UTF-8 text.") from None


def _parsed(path: Path, text: str) -> dict[str, Any]:
    if text.startswith("\ufeff"):
        raise ConfigFileError(
            f"{path} is not valid TOML: it must not begin with a byte order mark (save it as UTF-8"
            " without one)."
        )
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as exc:
        raise ConfigFileError(f"{path} is not valid TOML: {exc}.") from None


def _profiles(path: Path, content: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    profiles = content.get("profiles", {})
    if not isinstance(profiles, dict) or not all(isinstance(p, dict) for p in profiles.values()):
        raise ConfigFileError(f"{path} must have its profiles as tables, [profiles.NAME].")
    return profiles


# --- editing ---------------------------------------------------------------------------------


def _check_file(path: Path, target: Path) -> None:
    if target.exists() and not target.stat().st_mode & stat.S_IWUSR:
        raise ConfigFileError(f"{path} cannot be edited: it is read-only.")
    folder = next(folder for folder in target.parents if folder.exists())
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ConfigFileError(f"{path} cannot be written: the folder {folder} is read-only.")


def _edited(text: str, name: str, settings: Mapping[str, str | None]) -> str:
    import tomlkit
    from tomlkit.items import InlineTable

    document = tomlkit.parse(text)
    profiles: Any = document.get("profiles", {})
    if name in profiles:
        _update(profiles[name], settings)
    elif isinstance(profiles, InlineTable):
        profiles[name] = _without_none(settings)
    else:  # at the end, a table is separate from what is there, however that is written
        section = tomlkit.dumps({"profiles": {name: _without_none(settings)}})
        gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
        return f"{text}{gap}{section}"
    return tomlkit.dumps(document)


def _without(text: str, name: str) -> str:
    import tomlkit

    document = tomlkit.parse(text)
    profiles: Any = document["profiles"]
    del profiles[name]
    if not profiles:
        del document["profiles"]
    return tomlkit.dumps(document)


def _update(profile: Any, settings: Mapping[str, str | None]) -> None:
    for setting, value in settings.items():
        if value is not None:
            profile[setting] = value
        elif setting in profile:
            del profile[setting]


def _without_none(settings: Mapping[str, str | None]) -> dict[str, str]:
    return {setting: value for setting, value in settings.items() if value is not None}


def _same(one: Any, other: Any) -> bool:
    """Whether two TOML values are equal; here one NaN equals another."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other) or (one != one and other != other)


def _replace(target: Path, content: bytes) -> None:
    """Write a file in one step, for its owner alone from its first byte on."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with replaced(target) as temporary:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        _keep_owner(target, temporary)


def _keep_owner(target: Path, temporary: Path) -> None:
    """Keep the file's owner when the superuser edits it."""
    if sys.platform != "win32" and target.exists():
        before = target.stat()
        os.chown(temporary, before.st_uid, before.st_gid)
