"""A life from a seed: history, the days that are looked at, and what was planted in them."""

from __future__ import annotations

from random import Random
from typing import Any

import attrs

from .characters import CHARACTERS
from .incidents import PLANS, Incident
from .incidents.access import OWNER_ROLE
from .incidents.planting import Planting
from .log import JSON
from .organization import Organization, found
from .routine.keys import tell_of_keys
from .routine.logins import tell_of_logins
from .routine.settings import tell_of_settings
from .routine.staff import tell_of_staff

_BEFORE = ("former_members_key_used",)
"""What brings people of its own, who live as the others do until then."""
_LAST = ("new_country", "new_network", "impossible_travel", "failed_logins_then_success")
"""What needs somebody who does nothing else that day."""
_TRIES = 12


@attrs.frozen(kw_only=True)
class Life:
    """What happened in an organization.

    Attributes:
        seed: from which seed.
        character: the organization's kind.
        people: how many there were.
        begins: from when on it is looked at, in Unix seconds; what is before is history.
        ends: when it ends.
        events: the log, as the events appear: the oldest first, but for those that came late.
        incidents: what is to be found; empty for a quiet life.
        directory: what is known of the organization beside its log, at the end.
    """

    seed: int
    character: str
    people: int
    begins: int
    ends: int
    events: tuple[JSON, ...] = attrs.field(repr=False)
    incidents: tuple[Incident, ...] = ()
    directory: dict[str, Any] = attrs.field(repr=False)


def live(seed: int, *, planted: bool, days: int = 60) -> Life:
    """A life of 30 days of history and so many days, quiet or with incidents planted."""
    character = CHARACTERS[seed % len(CHARACTERS)]
    made = found(seed, character, days)
    planting = Planting(made, Random(f"incidents/{seed}"))
    incidents = _plant(planting, seed, _BEFORE) if planted else []
    first_limits = {key: dict(values) for key, values in made.limits.items()}
    made.first_limits = first_limits
    tell_of_staff(made)
    tell_of_keys(made)
    tell_of_settings(made)
    tell_of_logins(made)
    if planted:
        others = [key for key in PLANS if key not in (*_BEFORE, *_LAST)]
        incidents += _plant(planting, seed, [*others, *_LAST])
    return Life(
        seed=seed,
        character=character.name,
        people=len(made.people),
        begins=made.begins,
        ends=made.ends,
        events=tuple(made.log),
        incidents=tuple(sorted(incidents, key=lambda incident: incident.at)),
        directory=_directory(made),
    )


def _plant(planting: Planting, seed: int, keys: Any) -> list[Incident]:
    """One incident of each, its variant by the seed, so that each variant comes in turn."""
    incidents = []
    for key in keys:
        variants = PLANS[key]
        # Characters come in turn too; the tens let each of them have each variant.
        number = seed + seed // 10
        for turn in range(_TRIES):
            variant = variants[(number + turn // 4) % len(variants)]
            incident = variant(planting, planting.time())
            if incident is not None:
                incidents.append(incident)
                break
    return incidents


def _directory(made: Organization) -> dict[str, Any]:
    """What reading the organization at the end says."""
    present = made.present(made.ends)
    return {
        "domains": frozenset(made.domains),
        "owner_roles": frozenset({OWNER_ROLE}),
        "powerful_roles": {
            OWNER_ROLE: "everything",
            made.roles["powerful"]: "api.management.write",
        },
        "emails": {someone.id: someone.email for someone in present},
        "names": {project["id"]: project["name"] for project in made.projects},
        "key_owners": dict(made.admin_keys),
    }
