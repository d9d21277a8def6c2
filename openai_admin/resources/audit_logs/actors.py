"""Who did what an audit log event records."""

from __future__ import annotations

from typing import Literal

import attrs

from ..._wire.models import Entity
from ..._wire.scalars import read_float


@attrs.frozen(kw_only=True)
class ActorUser(Entity):
    """The user who acted.

    Attributes:
        id: the user's id.
        email: the user's address.
    """

    id: str | None = None
    email: str | None = None


@attrs.frozen(kw_only=True)
class ActorServiceAccount(Entity):
    """The service account that acted.

    Attributes:
        id: its id.
    """

    id: str | None = None


@attrs.frozen(kw_only=True)
class IPAddressDetails(Entity):
    """Where an address is, and whose network it belongs to.

    Attributes:
        country: the country's code, as ``NL``.
        region: the region's name.
        region_code: the region's code, as ``NH``.
        city: the city's name.
        asn: the number of the network's operator, as the API sends it: as text.
        latitude: degrees north, as text; `coordinates` has the number.
        longitude: degrees east, as text.
    """

    country: str | None = None
    region: str | None = None
    region_code: str | None = None
    city: str | None = None
    asn: str | None = None
    latitude: str | None = None
    longitude: str | None = None

    @property
    def coordinates(self) -> tuple[float, float] | None:
        """Degrees north and east; ``None`` where either is not known, or is not in its range."""
        north, east = _degrees(self.latitude, 90), _degrees(self.longitude, 180)
        return None if north is None or east is None else (north, east)


def _degrees(value: str | None, most: float) -> float | None:
    try:
        degrees = None if value is None else read_float(value)
    except ValueError:
        return None
    return degrees if degrees is not None and abs(degrees) <= most else None


@attrs.frozen(kw_only=True)
class ActorSession(Entity):
    """The session of a person in a browser.

    Attributes:
        ip_address: the address from which the person acted.
        ip_address_details: where that address is.
        user_agent: what the browser calls itself.
        ja3: the fingerprint of its TLS, by JA3.
        ja4: the same by JA4.
        user: the person.
    """

    ip_address: str | None = None
    ip_address_details: IPAddressDetails | None = None
    user_agent: str | None = None
    ja3: str | None = None
    ja4: str | None = None
    user: ActorUser | None = None


@attrs.frozen(kw_only=True)
class ActorAPIKey(Entity):
    """The API key that was used.

    Attributes:
        id: the key's tracking id.
        type: what the key belongs to.
        user: the user it belongs to, if it is one's.
        service_account: the service account it belongs to, if it is one's.
    """

    id: str | None = None
    type: Literal["user", "service_account"] | str | None = None
    user: ActorUser | None = None
    service_account: ActorServiceAccount | None = None


@attrs.frozen(kw_only=True)
class AuditLogActor(Entity):
    """Who did what an event records: a person in a browser, or a program with an API key.

    Attributes:
        type: which of the two, ``session`` or ``api_key``.
        session: the person's session.
        api_key: the program's key.
    """

    type: Literal["session", "api_key"] | str | None = None
    session: ActorSession | None = None
    api_key: ActorAPIKey | None = None

    @property
    def user(self) -> ActorUser | None:
        """The person in the browser, or whose key it is; ``None`` for a service account."""
        if self.session is not None:
            return self.session.user
        return self.api_key.user if self.api_key is not None else None
