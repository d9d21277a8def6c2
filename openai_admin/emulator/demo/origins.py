"""Where the people of the demo organization come from, and what they use.

Addresses and numbers of networks are those reserved for documentation, so that they belong to
nobody. Most people are in one of two offices or come by its VPN; each has one computer.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Literal

import attrs

from ..metering.shape import DAY
from ..table import Record


@attrs.frozen
class Place:
    """A network at a place."""

    prefix: str
    asn: int
    country: str
    city: str
    region: str
    code: str
    latitude: str
    longitude: str

    @property
    def details(self) -> Record:
        """What the API tells of an address there; numbers come as text."""
        return {
            "country": self.country,
            "city": self.city,
            "region": self.region,
            "region_code": self.code,
            "asn": str(self.asn),
            "latitude": self.latitude,
            "longitude": self.longitude,
        }

    def session(self, user: Record, host: int, device: Device, at: int) -> Record:
        """An actor in a browser, from an address of this network."""
        session = {
            "ip_address": f"{self.prefix}.{host}",
            "user_agent": device.user_agent(at),
            "ja3": device.ja3,
            "ja4": device.ja4,
            "ip_address_details": self.details,
            "user": named(user),
        }
        return {"type": "session", "session": session}


@attrs.frozen
class Device:
    """A browser on a system."""

    system: str
    browser: Literal["Chrome", "Firefox", "Safari", "script"]
    ja4: str

    def user_agent(self, at: int) -> str:
        """What it calls itself; a browser has another version each four weeks."""
        version = _VERSION + (at - _SINCE) // (28 * DAY)
        if self.browser == "Firefox":
            return f"Mozilla/5.0 ({self.system}; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"
        if self.browser == "Safari":
            return f"Mozilla/5.0 ({self.system}) AppleWebKit/605.1.15 Version/19.1 Safari/605.1.15"
        if self.browser == "script":
            return self.system
        kit = "AppleWebKit/537.36 (KHTML, like Gecko)"
        return f"Mozilla/5.0 ({self.system}) {kit} Chrome/{version}.0.0.0 Safari/537.36"

    @property
    def ja3(self) -> str:
        """The fingerprint of its TLS by JA3, the same for equal browsers."""
        return blake2b(self.ja4.encode(), digest_size=16).hexdigest()


_VERSION, _SINCE = 150, 1_780_000_000
_CHROME, _FIREFOX = "t13d1516h2_8daaf6152771_02713d6af862", "t13d1717h2_5b57614c22b0_3d5424432f57"
_SAFARI, _SCRIPT = "t13d2014h2_a09f3c656075_14788d8d241b", "t13d3112h2_e8f1e7e78f70_b26ce05bbdd6"
DEVICES = (
    Device("Macintosh; Intel Mac OS X 10_15_7", "Chrome", _CHROME),
    Device("Windows NT 10.0; Win64; x64", "Chrome", _CHROME),
    Device("Macintosh; Intel Mac OS X 10_15_7", "Safari", _SAFARI),
    Device("Windows NT 10.0; Win64; x64", "Firefox", _FIREFOX),
)
STRANGE = Device("X11; Linux x86_64", "Firefox", _FIREFOX)
SCRIPT = Device("python-requests/2.32.3", "script", _SCRIPT)

AMSTERDAM = Place("203.0.113", 64496, "NL", "Amsterdam", "North Holland", "NH", "52.37", "4.90")
HAMBURG = Place("198.51.100", 64497, "DE", "Hamburg", "Hamburg", "HH", "53.55", "9.99")
SINGAPORE = Place("192.0.2", 64502, "SG", "Singapore", "Singapore", "SG", "1.35", "103.82")
JURONG = Place("192.0.2", 64503, "SG", "Singapore", "Singapore", "SG", "1.35", "103.82")
HANOI = Place("192.0.2", 64509, "VN", "Hanoi", "Hanoi", "HN", "21.03", "105.85")
RENTED = Place("192.0.2", 64510, "NL", "Amsterdam", "North Holland", "NH", "52.37", "4.90")
CLOUD = Place("192.0.2", 64505, "DE", "Frankfurt am Main", "Hesse", "HE", "50.11", "8.68")
HOME = Place("192.0.2", 64498, "PL", "Krakow", "Lesser Poland", "12", "50.06", "19.94")
OFFICES = (AMSTERDAM, HAMBURG)


@attrs.frozen
class Stay:
    """Where somebody is from one time until before another, in Unix seconds."""

    begin: int
    end: int
    place: Place


class Origins:
    """Where each person is, and what they use, by the order in which they became known."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._stays: dict[str, list[Stay]] = {}
        self._sessions: dict[tuple[str, Place, str], Record] = {}

    def know(self, user: Record) -> int:
        """The number of a person, the next one if they are new."""
        return self._numbers.setdefault(user["id"], len(self._numbers))

    def stay(self, user: Record, begin: int, end: int, place: Place) -> None:
        """Let somebody be elsewhere for a while, with their own computer."""
        self._stays.setdefault(user["id"], []).append(Stay(begin, end, place))

    def office(self, user: Record) -> Place:
        """Where somebody works."""
        return OFFICES[self.know(user) % 2]

    def device(self, user: Record) -> Device:
        """What somebody uses."""
        return DEVICES[self.know(user) // 2 % len(DEVICES)]

    def session(self, user: Record, at: int) -> Record:
        """Somebody in their browser where they are then."""
        number, device, place = self.know(user), self.device(user), self.office(user)
        for stay in self._stays.get(user["id"], ()):
            if stay.begin <= at < stay.end:
                place = stay.place
        key = (user["id"], place, device.user_agent(at))
        session = self._sessions.get(key)
        if session is None:
            session = place.session(user, 10 + number * 3 % 240, device, at)
            self._sessions[key] = session
        return session


def named(user: Record) -> Record:
    """How events name a person."""
    return {"id": user["id"], "email": user["email"]}
