"""Where people and programs are: cities, the networks there, and the addresses of those.

The numbers of networks are those of real operators, so that what a detection may know of them
holds; the addresses are made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from zoneinfo import ZoneInfo

import attrs


@attrs.frozen
class City:
    """A city, with what the log says of an address there."""

    name: str
    country: str
    region: str
    code: str
    latitude: float
    longitude: float
    zone: str

    @property
    def clock(self) -> ZoneInfo:
        """Its time."""
        return ZoneInfo(self.zone)


_CITIES = (
    City("Berlin", "DE", "Berlin", "BE", 52.52, 13.41, "Europe/Berlin"),
    City("Munich", "DE", "Bavaria", "BY", 48.14, 11.58, "Europe/Berlin"),
    City("Hamburg", "DE", "Hamburg", "HH", 53.55, 9.99, "Europe/Berlin"),
    City("Amsterdam", "NL", "North Holland", "NH", 52.37, 4.90, "Europe/Amsterdam"),
    City("Utrecht", "NL", "Utrecht", "UT", 52.09, 5.12, "Europe/Amsterdam"),
    City("London", "GB", "England", "ENG", 51.51, -0.13, "Europe/London"),
    City("Manchester", "GB", "England", "ENG", 53.48, -2.24, "Europe/London"),
    City("Paris", "FR", "Île-de-France", "IDF", 48.86, 2.35, "Europe/Paris"),
    City("Lyon", "FR", "Auvergne-Rhône-Alpes", "ARA", 45.76, 4.84, "Europe/Paris"),
    City("Madrid", "ES", "Madrid", "MD", 40.42, -3.70, "Europe/Madrid"),
    City("Lisbon", "PT", "Lisbon", "11", 38.72, -9.14, "Europe/Lisbon"),
    City("Milan", "IT", "Lombardy", "25", 45.46, 9.19, "Europe/Rome"),
    City("Zurich", "CH", "Zurich", "ZH", 47.38, 8.54, "Europe/Zurich"),
    City("Vienna", "AT", "Vienna", "9", 48.21, 16.37, "Europe/Vienna"),
    City("Warsaw", "PL", "Mazovia", "14", 52.23, 21.01, "Europe/Warsaw"),
    City("Stockholm", "SE", "Stockholm", "AB", 59.33, 18.07, "Europe/Stockholm"),
    City("Dublin", "IE", "Leinster", "L", 53.35, -6.26, "Europe/Dublin"),
    City("New York", "US", "New York", "NY", 40.71, -74.01, "America/New_York"),
    City("Boston", "US", "Massachusetts", "MA", 42.36, -71.06, "America/New_York"),
    City("Austin", "US", "Texas", "TX", 30.27, -97.74, "America/Chicago"),
    City("Denver", "US", "Colorado", "CO", 39.74, -104.99, "America/Denver"),
    City("San Francisco", "US", "California", "CA", 37.77, -122.42, "America/Los_Angeles"),
    City("Seattle", "US", "Washington", "WA", 47.61, -122.33, "America/Los_Angeles"),
    City("Toronto", "CA", "Ontario", "ON", 43.65, -79.38, "America/Toronto"),
    City("Vancouver", "CA", "British Columbia", "BC", 49.28, -123.12, "America/Vancouver"),
    City("Mexico City", "MX", "Mexico City", "CMX", 19.43, -99.13, "America/Mexico_City"),
    City("São Paulo", "BR", "São Paulo", "SP", -23.55, -46.63, "America/Sao_Paulo"),
    City("Bengaluru", "IN", "Karnataka", "KA", 12.97, 77.59, "Asia/Kolkata"),
    City("Mumbai", "IN", "Maharashtra", "MH", 19.08, 72.88, "Asia/Kolkata"),
    City("Singapore", "SG", "Singapore", "SG", 1.35, 103.82, "Asia/Singapore"),
    City("Tokyo", "JP", "Tokyo", "13", 35.68, 139.69, "Asia/Tokyo"),
    City("Sydney", "AU", "New South Wales", "NSW", -33.87, 151.21, "Australia/Sydney"),
    City("Tel Aviv", "IL", "Tel Aviv", "TA", 32.09, 34.78, "Asia/Jerusalem"),
    City("Dubai", "AE", "Dubai", "DU", 25.20, 55.27, "Asia/Dubai"),
    City("Lagos", "NG", "Lagos", "LA", 6.52, 3.38, "Africa/Lagos"),
    City("Hanoi", "VN", "Hanoi", "HN", 21.03, 105.85, "Asia/Ho_Chi_Minh"),
    City("Bucharest", "RO", "Bucharest", "B", 44.43, 26.10, "Europe/Bucharest"),
    City("Kyiv", "UA", "Kyiv", "30", 50.45, 30.52, "Europe/Kyiv"),
    City("Jakarta", "ID", "Jakarta", "JK", -6.21, 106.85, "Asia/Jakarta"),
    City("Moscow", "RU", "Moscow", "MOW", 55.76, 37.62, "Europe/Moscow"),
    City("Istanbul", "TR", "Istanbul", "34", 41.01, 28.98, "Europe/Istanbul"),
    City("Cape Town", "ZA", "Western Cape", "WC", -33.92, 18.42, "Africa/Johannesburg"),
)
CITIES: Mapping[str, City] = {city.name: city for city in _CITIES}

_FIXED: Mapping[str, tuple[int, ...]] = {
    "DE": (3320, 3209, 6805, 8881, 31334),
    "NL": (1136, 33915, 50266, 15435),
    "GB": (2856, 5607, 5089, 13285),
    "FR": (3215, 12322, 15557, 5410),
    "ES": (3352, 12479, 12430),
    "PT": (3243, 2860, 12353),
    "IT": (3269, 30722, 1267),
    "CH": (3303, 6730, 13030),
    "AT": (8447, 8412, 25255),
    "PL": (5617, 12741, 29314),
    "SE": (3301, 1257, 2119),
    "IE": (5466, 6830, 15502),
    "US": (7922, 701, 7018, 20115, 22773, 11427),
    "CA": (577, 812, 852, 6327),
    "MX": (8151, 28403),
    "BR": (28573, 27699, 18881),
    "IN": (24560, 45609, 9829, 17488),
    "SG": (9506, 4773, 55430),
    "JP": (2516, 4713, 17676),
    "AU": (1221, 7545, 4804),
    "IL": (8551, 1680, 12849),
    "AE": (5384, 15802),
}
_MOBILE: Mapping[str, tuple[int, ...]] = {
    "DE": (29580, 12638),
    "NL": (31615, 13127),
    "GB": (25135, 12576, 206067),
    "FR": (51207, 20766),
    "ES": (16299, 12946),
    "US": (21928, 20057, 6167),
    "CA": (36522, 20453),
    "IN": (55836, 38266),
    "SG": (45143, 38861),
    "JP": (9605, 37903),
    "AU": (4760, 133612),
}
HOSTING = (
    *(14061, 16276, 24940, 9009, 60068, 212238, 20473, 51167, 63949, 62240, 49981, 20278),
    *(36352, 40676, 53667, 25820, 59253, 197540, 202425, 206092, 209103, 398101, 44477, 35916),
)
"""Operators of rented machines and of exits that hide who comes."""
CLOUDS = (16509, 14618, 8075, 396982)
"""Operators of the clouds in which programs run."""
RELAYS = (36183, 54113)
"""What a browser's relay comes from, with the country of its person."""
EXITS = (22616, 62044)
"""Operators of the VPNs of companies."""


@attrs.frozen
class Network:
    """A network at a place: an operator, a city, and where its addresses begin."""

    asn: int
    city: City
    prefix: str
    is_v6: bool = False

    def address(self, day: int) -> str:
        """The address on a day: IPv6 is another each day, IPv4 each fortnight."""
        if self.is_v6:
            random = Random(f"{self.prefix}/{day}")
            return f"{self.prefix}:{':'.join(f'{random.getrandbits(16):x}' for _ in range(4))}"
        return f"{self.prefix}.{Random(f'{self.prefix}/{day // 14}').randint(1, 254)}"


def network(random: Random, asn: int, city: City, *, is_v6: bool = False) -> Network:
    """A network of an operator in a city."""
    if is_v6:
        groups = (f"{random.getrandbits(16):x}" for _ in range(3))
        return Network(asn, city, f"2a02:{':'.join(groups)}", True)
    first = random.choice((24, 31, 46, 62, 77, 81, 84, 91, 109, 151, 178, 188, 213))
    return Network(asn, city, f"{first}.{random.randint(0, 255)}.{random.randint(0, 255)}")


def fixed(random: Random, city: City) -> int:
    """An operator of lines into houses there."""
    return random.choice(_FIXED.get(city.country, _of_country(city.country, 3)))


def mobile(random: Random, city: City) -> int:
    """An operator of mobile networks there."""
    return random.choice(_MOBILE.get(city.country, _of_country(city.country, 2, 500)))


def _of_country(country: str, count: int, first: int = 0) -> tuple[int, ...]:
    base = 44000 + (ord(country[0]) * 26 + ord(country[1])) % 1000 * 10 + first
    return tuple(base + number for number in range(count))
