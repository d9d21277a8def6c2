"""Where service accounts act from."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from ...event import AuditEvent
from ..model import Context, Detection, Hit
from . import attack
from .habits import Person, Place, network_in_country, network_of_origin
from .memory import Recent
from .wording import who

_ACCOUNTS = 5_000
_NETWORKS = 50_000


@attrs.define
class Accounts:
    """Where programs act from.

    Attributes:
        accounts: by the id of the service account, or of the key where no account is named.
        networks: who uses each network in each country, people among them.
    """

    accounts: Recent[str, Person] = attrs.field(factory=lambda: Recent(_ACCOUNTS))
    networks: Recent[str, Place] = attrs.field(factory=lambda: Recent(_NETWORKS))


def look_for_new_networks(event: AuditEvent, state: Accounts, context: Context) -> Iterator[Hit]:
    """Find a service account that acts from a network that it never did."""
    network = network_of_origin(event.actor.origin)
    name = event.actor.identity
    if network is None or name is None:
        return
    there = network_in_country(event.actor.origin) or network
    place = state.networks.get(there)
    if place is None:
        place = Place()
        state.networks.set(there, place)
    if event.actor.kind == "user":
        place.see(name, event.at)
        return
    account = state.accounts.get(name)
    if account is None:
        account = Person()
        state.accounts.set(name, account)
    if _is_striking(account, network, place, name, context):
        known = ", ".join(sorted(account.networks)[:5])
        yield Hit(
            about=name,
            summary=f"{who(event, context)} acted from a new network: {network}, address "
            f"{event.actor.origin.ip or 'not told'} ({event.type}).",
            evidence=(event,),
            learned=f"In {account.seen} events over {account.days.number} days it used {known}.",
        )
    place.see(name, event.at)
    account.see(event, network)


def _is_striking(account: Person, network: str, place: Place, name: str, context: Context) -> bool:
    """Whether a network is new to an account that has few, and one where nobody else is at home:
    who was there once says nothing, it may be the same one who is not who they seem.
    """
    limits = context.thresholds
    if account.seen < limits["least_events"] or account.days.number < limits["least_days"]:
        return False
    others = len(place.people.keys() - {name})
    is_shared = others >= limits["others"] or (others > 0 and place.days.number > 1)
    if network in account.networks or is_shared:
        return False
    return account.is_steady(limits["steady_share"])


DETECTIONS = (
    Detection(
        key="service_account_new_network",
        title="Service account acts from a new network",
        severity="high",
        techniques=(attack.CLOUD_ACCOUNTS, attack.ACCESS_TOKEN),
        why="Programs stay where they run: a key that is suddenly used elsewhere may have been "
        "copied.",
        what_to_do="Ask the team that runs it whether it moved (`openai-admin find ID` says whose "
        "it is). If it did not, rotate its key at once (`openai-admin rotate KEY`), and look at "
        "what was done from there: `openai-admin audit-logs search --ip ADDRESS`.",
        state=Accounts,
        look=look_for_new_networks,
        thresholds={"least_events": 5, "least_days": 3, "others": 2, "steady_share": 5.0},
    ),
)
