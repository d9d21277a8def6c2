"""What people log in with, as the log tells of it.

A browser renews itself each few weeks, so its version is no mark of a person. Chrome and Edge mix
the order in which they offer TLS extensions, so their JA3 is another each time, while JA4 is the
same for everybody with that browser.
"""

from __future__ import annotations

from hashlib import blake2b
from random import Random
from typing import Literal

import attrs

Browser = Literal["Chrome", "Edge", "Firefox", "Safari", "curl"]
System = Literal["Windows", "macOS", "Linux", "iPhone", "Android"]

_SYSTEMS = {
    "Windows": "Windows NT 10.0; Win64; x64",
    "macOS": "Macintosh; Intel Mac OS X 10_15_7",
    "Linux": "X11; Linux x86_64",
    "iPhone": "iPhone; CPU iPhone OS 19_1 like Mac OS X",
    "Android": "Linux; Android 10; K",
}
_JA4 = {
    "Chrome": "t13d1516h2_8daaf6152771_02713d6af862",
    "Edge": "t13d1516h2_8daaf6152771_02713d6af862",
    "Firefox": "t13d1717h2_5b57614c22b0_3d5424432f57",
    "Safari": "t13d2014h2_a09f3c656075_14788d8d241b",
    "curl": "t13d3112h2_e8f1e7e78f70_b26ce05bbdd6",
}
_FIRST_VERSION = 150
_RENEWED = 28  # days


@attrs.frozen
class Device:
    """A browser on a system."""

    system: System
    browser: Browser

    def user_agent(self, day: int) -> str:
        """What it calls itself on a day (since the beginning of the life)."""
        version = _FIRST_VERSION + day // _RENEWED
        if self.browser == "curl":
            return "python-requests/2.32.3"
        system = _SYSTEMS[self.system]
        if self.browser == "Firefox":
            return f"Mozilla/5.0 ({system}; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"
        if self.browser == "Safari":
            return f"Mozilla/5.0 ({system}) AppleWebKit/605.1.15 Version/19.1 Safari/605.1.15"
        ending = f" Edg/{version}.0.0.0" if self.browser == "Edge" else ""
        kit = "AppleWebKit/537.36 (KHTML, like Gecko)"
        return f"Mozilla/5.0 ({system}) {kit} Chrome/{version}.0.0.0 Safari/537.36{ending}"

    def ja3(self, random: Random) -> str:
        """The fingerprint of a connection by JA3."""
        if self.browser in ("Chrome", "Edge"):
            return f"{random.getrandbits(128):032x}"
        return blake2b(self.browser.encode(), digest_size=16).hexdigest()

    @property
    def ja4(self) -> str:
        """The fingerprint by JA4."""
        return _JA4[self.browser]


COMMON = (
    Device("Windows", "Chrome"),
    Device("Windows", "Chrome"),
    Device("Windows", "Edge"),
    Device("macOS", "Chrome"),
    Device("macOS", "Chrome"),
    Device("macOS", "Safari"),
    Device("Windows", "Firefox"),
    Device("Linux", "Chrome"),
    Device("Linux", "Firefox"),
)
PHONES = (Device("iPhone", "Safari"), Device("Android", "Chrome"))
STRANGE = (
    Device("Linux", "curl"),
    Device("Linux", "Firefox"),
    Device("Windows", "Firefox"),
    Device("Linux", "Chrome"),
    Device("Windows", "Chrome"),
    Device("Android", "Chrome"),
)


def strange(random: Random, own: tuple[Device, ...]) -> Device:
    """A device of another system and another browser than somebody's own."""
    systems, browsers = {d.system for d in own}, {d.browser for d in own}
    other = [d for d in STRANGE if d.system not in systems and d.browser not in browsers]
    return random.choice(other or [STRANGE[0]])
