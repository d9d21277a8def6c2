"""The proxy that requests go through: given, or named by the environment."""

from __future__ import annotations

import base64
import ipaddress
import urllib.request
from urllib.parse import urlsplit

from yarl import URL

from .._wire.http import HiddenText, hide
from ..errors import ConfigurationError


def checked_proxy(address: str, name: str = "proxy") -> str:
    """The address of an HTTP proxy, with its login if it wants one.

    An error calls it by ``name`` and does not repeat it, since it may have a password in it.

    Raises:
        ConfigurationError: it is not a proxy's address, or that of a SOCKS proxy.
    """
    scheme = _scheme_of(address)
    if scheme is not None and scheme.startswith("socks"):
        raise ConfigurationError(
            f"{name} is a SOCKS proxy, which only Python code can use, through another connector:"
            " install aiohttp-socks and pass"
            " connector=lambda: aiohttp_socks.ProxyConnector.from_url('socks5://…')."
        )
    if scheme not in ("http", "https"):
        raise ConfigurationError(
            f"{name} must be like 'http://proxy.example:8080' or 'http://user:password@host:8080',"
            " where a '#', '/' or '?' in the login must be written as %23, %2F or %3F."
        )
    return address


def refuse_plain(base_url: str, name: str = "proxy", *, remedy: str = "") -> None:
    """Refuse a proxy for a plain ``http`` address: the proxy would see the key.

    Args:
        base_url: the API's address.
        name: what the error calls the proxy.
        remedy: the end of its sentence.

    Raises:
        ConfigurationError: the address is one.
    """
    if base_url.startswith("http:"):
        raise ConfigurationError(
            f"{name} must not be set for a base_url of plain http, since the proxy would see the"
            f" key{remedy}."
        )


def environment_proxy(base_url: str) -> str | None:
    """The proxy that ``HTTPS_PROXY`` or ``ALL_PROXY`` names, in either case, unless ``NO_PROXY``.

    It is read once and not for each request. There is none for plain ``http``, which goes to this
    machine alone: a proxy would see the key.

    Raises:
        ConfigurationError: the variable does not name a proxy that can be used.
    """
    url = urlsplit(base_url)
    if url.scheme == "http":
        return None
    name, address, excepted = _named()
    host, port = url.hostname or "", url.port or 443
    if address is None:
        return None
    if excepted is None:
        bypassed = bool(urllib.request.proxy_bypass(host))
    else:
        bypassed = any(_matches(entry.strip(), host, port) for entry in excepted.split(","))
    return None if bypassed else checked_proxy(address, name)


def _named() -> tuple[str, str | None, str | None]:
    """The name of a variable, the proxy in it, and what is excepted, if that is said."""
    proxies = urllib.request.getproxies()  # where no variable is set, macOS and Windows know one
    for name in ("https", "all"):
        if address := proxies.get(name):
            whole = address if "://" in address else f"http://{address}"
            return f"{name.upper()}_PROXY", hide(whole), proxies.get("no")
    return "", None, None


def split_login(proxy: str | None) -> tuple[URL | None, dict[str, str] | None]:
    """A proxy's address, and the header with its login, which aiohttp would show in its errors."""
    if proxy is None:
        return None, None
    url = URL(proxy)
    if url.user is None:
        return url, None
    login = base64.b64encode(f"{url.user}:{url.password or ''}".encode()).decode()
    # aiohttp sends it to the proxy as Proxy-Authorization, for http and https alike.
    return url.with_user(None), {"Authorization": HiddenText(f"Basic {login}")}


def _scheme_of(address: object) -> str | None:
    """The scheme of an address with a host; ``None`` of what is not one."""
    if not isinstance(address, str):
        return None
    try:
        parts = urlsplit(address)
        _ = parts.port  # which is read when it is asked for
        URL(address)
    except ValueError:
        return None
    # What comes after the host is not looked at, unless it is the rest of a login.
    return (
        parts.scheme if parts.hostname and "@" not in address.partition(parts.netloc)[2] else None
    )


def _matches(entry: str, host: str, port: int) -> bool:
    """Whether an entry of ``NO_PROXY`` means a host.

    ``*`` means every one, ``example.com`` the host and those below it, ``.example.com`` and
    ``*.example.com`` only those below it, ``10.0.0.0/8`` the addresses of a network; a port may
    follow a name, a scheme stand before it.
    """
    scheme, _, rest = entry.lower().rpartition("://")
    if not rest or scheme not in ("", "https", "all"):
        return False
    if rest == "*":
        return True
    network = _network(rest)
    if network is not None:
        address = _network(host)
        return (
            address is not None
            and address.version == network.version
            and (address.network_address in network)
        )
    try:
        parts = urlsplit(f"//{rest}")
        name, wanted = parts.hostname or "", parts.port
    except ValueError:  # as curl does, pass over what means nothing
        return False
    if wanted not in (None, port):
        return False
    if name.startswith(("*.", ".")):
        return host.endswith("." + name.lstrip("*."))
    return host == name or (bool(name) and host.endswith(f".{name}"))


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
