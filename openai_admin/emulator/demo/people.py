"""The forty members of the demo organization, and those who have left it."""

from __future__ import annotations

from unicodedata import normalize

import attrs

from ..metering.shape import DAY
from ..store import Store
from ..table import Record

OWNERS = 3
MANAGED = 5
"""How many came last, when the identity provider managed who is a member (SCIM)."""

MEMBERS = (
    "Ingrid Solheim",
    "Marcus Okafor",
    "Yuki Tanaka",
    "Priya Raghunathan",
    "José Álvarez",
    "Hannah Weiss",
    "Tomasz Kowalczyk",
    "Amara Nwosu",
    "Liam O'Connor",
    "Zoë Lindqvist",
    "Ahmed Mansour",
    "Chloé Fontaine",
    "Daniel Rosenberg",
    "Mei Chen",
    "Sofia Papadopoulou",
    "Rafael Monteiro",
    "Aisha Rahman",
    "Jonas Müller",
    "Natalia Petrova",
    "Kwame Asante",
    "Elif Çelik",
    "Oliver Hughes",
    "Camila Rojas",
    "Viktor Horváth",
    "Grace Kim",
    "Arjun Mehta",
    "Lucia Bianchi",
    "Samuel Adeyemi",
    "Freja Nielsen",
    "Minh Nguyen",
    "Isabel Costa",
    "Dmitri Volkov",
    "Leila Haddad",
    "Peter Jansen",
    "Rosa Jiménez",
    "Noah Bergström",
    "Fatima Zahra El Idrissi",
    "Ben Carter",
    "Hye-jin Park",
    "Matteo Ricci",
)
FORMER = ("Carl Brandt", "Simone Laurent", "Tunde Bakare", "Emily Stone")

_LETTERS = str.maketrans("łøæß", "loas")


@attrs.frozen
class People:
    """The members' records (owners first, if they have any), and those that former users had."""

    members: tuple[Record, ...]
    former: tuple[Record, ...]

    @property
    def owners(self) -> tuple[Record, ...]:
        """The owners of the organization."""
        return tuple(user for user in self.members[:OWNERS] if user["role"] == "owner")

    def with_(self, came: People) -> People:
        """These and those who came, who have no owners of their own."""
        return People((*self.members, *came.members), (*self.former, *came.former))


def add_people(store: Store) -> People:
    """Fill the users' table; former users get a record but no row in it."""
    now = store.now()
    former = tuple(
        new_user(store, name, "reader", now - (400 - 20 * i) * DAY) for i, name in enumerate(FORMER)
    )
    members = []
    for number, name in enumerate(MEMBERS):
        role = "owner" if number < OWNERS else "reader"
        # The founders came fourteen months ago, the others one by one until five months ago.
        added_at = now - (425 - number * 7) * DAY + number * 1847
        user = new_user(store, name, role, added_at)
        user["is_scim_managed"] = number >= len(MEMBERS) - MANAGED
        members.append(store.users.add(user))
    return People(tuple(members), former)


def email(name: str) -> str:
    """Return the address that the organization gives to a person of this name."""
    plain = normalize("NFD", name.lower().translate(_LETTERS)).encode("ascii", "ignore").decode()
    first, *_, last = plain.replace("'", "").split()
    return f"{first}.{last}@example.com"


def new_user(
    store: Store, name: str, role: str, added_at: int, *, address: str | None = None
) -> Record:
    """A user who is in no table yet."""
    return {
        "object": "organization.user",
        "id": store.new_id("user"),
        "name": name,
        "email": address or email(name),
        "role": role,
        "added_at": added_at,
        "created": added_at,
        "api_key_last_used_at": None,
        "is_default": False,
        "is_scale_tier_authorized_purchaser": False,
        "is_scim_managed": False,
        "is_service_account": False,
    }
