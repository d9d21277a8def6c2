"""The settings of detections read from a file: every mistake is told with its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from ipaddress import ip_network
from math import isfinite
from os import PathLike, fspath
from pathlib import Path
from typing import Any, NoReturn

from ..._declare.arguments import one_of, shown, suggest
from ..._text.toml_lines import Path as Keys
from ..._text.toml_lines import toml_lines
from ...errors import InvalidInputError
from .exceptions import AcceptedRisk
from .model import Detection, Severity, Threshold
from .settings import SEVERITIES, DetectionSettings, Settings

_OWN = ("enabled", "severity")
_WHOSE = ("person", "key", "project", "network", "country")
_EXCEPTION = ("detection", *_WHOSE, "reason", "until")
_REQUIRED = {
    "detection": "name the detections that it is for",
    "reason": "say why the findings are accepted",
    "until": "give its last day, as until = 2026-12-31, for one without an end would hide what"
    " nobody thinks of any more",
}
_DOMAIN = re.compile(r"(?!-)[a-z0-9-]+(\.[a-z0-9-]+)+")


def read_settings(path: str | PathLike[str], detections: Iterable[Detection[Any]]) -> Settings:
    """The settings in a file.

    Args:
        path: the file.
        detections: the detections that there are.

    Raises:
        InvalidInputError: it cannot be read, is not valid TOML, or says something that makes no
            sense; the sentence has the file, the line and what is allowed.
    """
    source = fspath(path)
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except OSError as exc:
        raise InvalidInputError(f"{source} cannot be read: {exc.strerror or exc}.") from exc
    except UnicodeDecodeError as exc:
        raise InvalidInputError(f"{source} is not valid TOML: it must be UTF-8 text.") from exc
    return settings_of(text, detections, source)


def settings_of(
    text: str, detections: Iterable[Detection[Any]], source: str = "detect.toml"
) -> Settings:
    """The settings in the text of a file.

    Args:
        text: what is in it.
        detections: the detections that there are.
        source: what sentences call it.

    Raises:
        InvalidInputError: as `read_settings`.
    """
    try:
        whole = tomllib.loads(text)
    except (ValueError, RecursionError) as exc:
        raise InvalidInputError(f"{source} is not valid TOML: {exc}.") from None
    there = {detection.key: detection for detection in detections}
    return _Reader(whole, toml_lines(text), source, there).settings()


class _Reader:
    """One reading of a file."""

    def __init__(
        self,
        whole: Mapping[str, Any],
        lines: Mapping[Keys, int],
        source: str,
        detections: Mapping[str, Detection[Any]],
    ) -> None:
        self._whole = whole
        self._lines = lines
        self._source = source
        self._detections = detections

    def settings(self) -> Settings:
        """All of it.

        Raises:
            InvalidInputError: something makes no sense.
        """
        self._check_keys(self._whole, ("organization", "detections", "exceptions"), ())
        listed = self._whole.get("exceptions", [])
        if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
            self._refuse(("exceptions",), "exceptions are tables, each headed [[exceptions]]")
        return Settings(
            detections={
                key: self._detection(key, changed)
                for key, changed in self._table("detections").items()
            },
            domains=self._domains(),
            exceptions=tuple(self._exception(n, each) for n, each in enumerate(listed)),
        )

    def _domains(self) -> frozenset[str]:
        organization = self._table("organization")
        self._check_keys(organization, ("domains",), ("organization",))
        if "domains" not in organization:
            return frozenset()
        path: Keys = ("organization", "domains")
        domains = [each.lower().removeprefix("@") for each in self._texts(organization, path)]
        for domain in domains:
            if not _DOMAIN.fullmatch(domain):
                self._refuse(path, f"{shown(domain)} is not a domain like example.com")
        return frozenset(domains)

    def _detection(self, key: str, changed: Any) -> DetectionSettings:
        path: Keys = ("detections", key)
        detection = self._known(key, path)
        if not isinstance(changed, dict):
            self._refuse(path, f"it must be a table, headed [detections.{key}]")
        self._check_keys(changed, (*_OWN, *detection.thresholds), path)
        is_enabled = changed.get("enabled", True)
        if not isinstance(is_enabled, bool):
            self._refuse((*path, "enabled"), "enabled must be true or false")
        severity: Severity | None = changed.get("severity")
        if severity is not None and severity not in SEVERITIES:
            self._refuse(
                (*path, "severity"),
                f"severity must be {one_of(SEVERITIES)}, not {shown(severity)}"
                f"{suggest(severity, SEVERITIES).rstrip('.')}",
            )
        return DetectionSettings(
            enabled=is_enabled,
            severity=severity,
            thresholds={
                name: self._threshold(detection.thresholds[name], number, (*path, name))
                for name, number in changed.items()
                if name not in _OWN
            },
        )

    def _threshold(self, default: Threshold, value: Any, path: Keys) -> Threshold:
        is_whole = isinstance(default, int)
        wanted = "a whole number" if is_whole else "a number"
        allowed = int if is_whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, allowed) or not isfinite(value):
            self._refuse(path, f"{path[-1]} must be {wanted}, as {default}, not {_toml(value)}")
        if value < 0 or (value == 0 and default > 0):
            least = "above 0" if default > 0 else "0 or more"
            self._refuse(path, f"{path[-1]} must be {least}, as {default}, not {value}")
        return type(default)(value)

    def _exception(self, number: int, of: Mapping[str, Any]) -> AcceptedRisk:
        path: Keys = ("exceptions", number)
        self._check_keys(of, _EXCEPTION, path)
        for key, meaning in _REQUIRED.items():
            if key not in of:
                self._refuse(path, f"the exception has no {key}: {meaning}")
        if not any(key in of for key in _WHOSE):
            self._refuse(
                path,
                f"the exception must say whose findings it is for, by {one_of(_WHOSE)}; a detection"
                " is switched off by enabled = false in its own table",
            )
        detections = self._texts(of, (*path, "detection"))
        for key in detections:
            self._known(key, (*path, "detection"))
        (reason,) = self._texts({"reason": of["reason"]}, (*path, "reason"), most=1)
        return AcceptedRisk(
            detections=frozenset(detections),
            reason=reason,
            until=self._day(of["until"], (*path, "until")),
            persons=self._names(of, (*path, "person")),
            keys=self._names(of, (*path, "key")),
            projects=self._names(of, (*path, "project")),
            networks=frozenset(
                self._network(text, (*path, "network"))
                for text in self._names(of, (*path, "network"))
            ),
            countries=frozenset(
                self._country(text, (*path, "country"))
                for text in self._names(of, (*path, "country"))
            ),
        )

    # --- what values may be -----------------------------------------------------------------------

    def _known(self, key: str, path: Keys) -> Detection[Any]:
        detection = self._detections.get(key)
        if detection is None:
            there = sorted(self._detections)
            hint = suggest(key, there).rstrip(".") or f"; there are {', '.join(there)}"
            self._refuse(path, f"there is no detection {key!r}{hint}")
        return detection

    def _table(self, key: str) -> Mapping[str, Any]:
        value = self._whole.get(key, {})
        if not isinstance(value, dict):
            self._refuse((key,), f"{key} must be a table, headed [{key}]")
        return value

    def _check_keys(self, table: Mapping[str, Any], allowed: Sequence[str], path: Keys) -> None:
        for key in table:
            if key not in allowed:
                hint = suggest(key, allowed).rstrip(".")
                self._refuse(
                    (*path, key),
                    f"there is no {key!r} here; what can be is {one_of(list(allowed))}{hint}",
                )

    def _names(self, table: Mapping[str, Any], path: Keys) -> frozenset[str]:
        return frozenset(self._texts(table, path)) if path[-1] in table else frozenset()

    def _texts(
        self, table: Mapping[str, Any], path: Keys, *, most: int | None = None
    ) -> tuple[str, ...]:
        """The texts that a key has, one or a list of them."""
        value = table[str(path[-1])]
        values = value if isinstance(value, list) and most is None else [value]
        if not values:
            self._refuse(path, f"{path[-1]} is an empty list: leave it out or name one")
        for each in values:
            if not isinstance(each, str):
                self._refuse(path, f"{path[-1]} must be text in quotes, not {_toml(each)}")
            if not each.strip():
                self._refuse(path, f"{path[-1]} must not be empty")
        return tuple(each.strip() for each in values)

    def _day(self, value: Any, path: Keys) -> date:
        if isinstance(value, datetime) or not isinstance(value, date):
            self._refuse(
                path, f"until must be a day without quotes, as 2026-12-31, not {_toml(value)}"
            )
        return value

    def _network(self, text: str, path: Keys) -> Any:
        try:
            return ip_network(text)
        except ValueError:
            try:
                near = f"; did you mean {ip_network(text, strict=False)}?"
            except ValueError:
                near = ""
            return self._refuse(
                path,
                f"{shown(text)} is not an address or a network, as 192.0.2.7 or 192.0.2.0/24{near}",
            )

    def _country(self, text: str, path: Keys) -> str:
        if not re.fullmatch("[A-Za-z]{2}", text):
            self._refuse(path, f"{shown(text)} is not the code of a country, as NL or US")
        return text.upper()

    def _refuse(self, path: Keys, wrong: str) -> NoReturn:
        line = next(
            (self._lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self._lines),
            None,
        )
        where = self._source if line is None else f"{self._source}, line {line}"
        raise InvalidInputError(f"{where}: {wrong}{'' if wrong.endswith('?') else '.'}")


def _toml(value: Any) -> str:
    """A value as the file has it, or nearly."""
    if isinstance(value, bool):
        return str(value).lower()
    return shown(value) if isinstance(value, str | list | dict) else str(value)
