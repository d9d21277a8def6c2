"""The names a server is called by, and the web origins that may speak to it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

import attrs

from ..._declare.arguments import shown
from ...errors import ConfigurationError

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\s:/?#@\[\]*]+)(?::([0-9]{1,5}))?", re.IGNORECASE)
_ORIGIN = re.compile(r"([a-z][a-z0-9+.-]*)://([^\s/?#@*]+?)(:\*)?", re.IGNORECASE)
_USUAL_PORTS = {"http": 80, "https": 443}


@attrs.frozen
class Host:
    """A name with the port that a request was sent to.

    Attributes:
        name: in small letters, without a dot at the end.
        port: ``None`` where none is written.
    """

    name: str
    port: int | None


def read_host(text: str) -> Host | None:
    """What a ``Host`` header says; ``None`` where it is none."""
    found = _HOST.fullmatch(text)
    if found is None:
        return None
    name, port = found[1].lower().removesuffix("."), found[2]
    if name.startswith("["):
        try:
            name = f"[{ipaddress.IPv6Address(name[1:-1])}]"
        except ValueError:
            return None
    if not name or (port and int(port) > 65535):
        return None
    return Host(name, int(port) if port else None)


class Hosts:
    """The names that a request may be sent to.

    Args:
        names: each with a port, for that port alone, or without, for any.

    Raises:
        ConfigurationError: one is not a name.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._known: set[Host] = set()
        for name in names:
            host = read_host(name)
            if host is None:
                raise ConfigurationError(
                    "A host is written as a name, with a port if it may be no other, like"
                    f" mcp.example.com or mcp.example.com:8443, not {shown(name)}."
                )
            self._known.add(host)

    def __contains__(self, header: str) -> bool:
        host = read_host(header)
        if host is None:
            return False
        ports = _USUAL_PORTS.values() if host.port is None else [host.port]
        return any(Host(host.name, port) in self._known for port in [None, *ports])


def read_origin(text: str) -> str | None:
    """An origin as browsers write it; ``None`` where it is none, or that of no page (``null``)."""
    found = _ORIGIN.fullmatch(text)
    if found is None:
        return None
    scheme, (place, any_port) = found[1].lower(), found.group(2, 3)
    host = read_host(place)
    if host is None or (any_port and host.port is not None):
        return None
    if any_port:
        return f"{scheme}://{host.name}:*"
    is_usual = host.port is None or host.port == _USUAL_PORTS.get(scheme)
    return f"{scheme}://{host.name}" + ("" if is_usual else f":{host.port}")


def origins_pattern(origins: Iterable[str]) -> str:
    """A regular expression for origins, each whole: scheme, host and port.

    Args:
        origins: each like ``https://app.example.com``; with ``:*`` at the end, for any port.

    Raises:
        ConfigurationError: one is not an origin.
    """
    forms = []
    for origin in origins:
        known = read_origin(origin)
        if known is None:
            raise ConfigurationError(
                "An origin is written as browsers send it, like https://app.example.com or"
                f" http://localhost:*, not {shown(origin)}."
            )
        name = known.removesuffix(":*")
        forms.append(re.escape(name) + ("" if name == known else "(?::[0-9]+)?"))
    return "|".join(forms) or "(?!)"
