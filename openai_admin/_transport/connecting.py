"""How a client's arguments, and what they leave to the environment, become its transport."""

from __future__ import annotations

from ..errors import ConfigurationError
from .connection import Transport
from .proxies import checked_proxy, environment_proxy, refuse_plain
from .sessions import Connector, Sessions, UserSession
from .tls import TLS, TLSSettings, tls_settings


def transport_of(
    address: str,
    *,
    tls: TLS | None,
    proxy: str | None,
    trust_env: bool,
    connector: Connector | None,
    session: UserSession | None,
    allow_insecure: bool,
    max_response_bytes: int,
    owner: str | None,
) -> Transport:
    """The transport to an address.

    An argument comes before the environment. Who brings a connector or a session says by it how
    to connect, so that nothing is taken from the environment then.

    Raises:
        ConfigurationError: an argument or a variable cannot be used, or two of them conflict.
    """
    sessions = Sessions(connector, session)
    for name, given in (("ssl", tls), ("proxy", proxy)):
        if session is not None and given is not None:
            raise ConfigurationError(
                f"{name}= cannot be passed with session=: give it to the session."
            )
    from_environment = trust_env and not sessions.brought
    if proxy is not None:
        proxy = checked_proxy(proxy)
        if not allow_insecure:
            refuse_plain(address, remedy="; allow_insecure=True accepts it anyway")
    elif from_environment:
        proxy = environment_proxy(address)
    settings = TLSSettings(shows_certificate=sessions.brought)
    if tls is not None or not (sessions.brought or address.startswith("http:")):
        settings = tls_settings(tls, trust_env=from_environment, allow_insecure=allow_insecure)
    return Transport(
        address,
        proxy=proxy,
        tls=settings,
        sessions=sessions,
        max_response_bytes=max_response_bytes,
        owner=owner,
    )
