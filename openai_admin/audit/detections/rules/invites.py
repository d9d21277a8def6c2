"""Invites to people outside of the company."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from functools import lru_cache

import attrs

from ...event import AuditEvent
from ..domains import PUBLIC_DOMAINS
from ..model import Context, Detection, Hit
from . import attack
from .kinds import INVITES
from .memory import Days, Recent, Told, is_near
from .payloads import text, texts, value
from .power import power_of_name
from .wording import who


@attrs.define
class Domains:
    """Whose addresses were seen acting.

    Attributes:
        people: the addresses, each with its domain.
        sizes: how many of them there are of each domain.
        invited: on how many days each foreign domain was invited.
        new: the days on which a foreign domain was invited for the first time, the last ones.
        inviters: on how many days each of those who invite foreign domains did.
        told: what was told lately.
    """

    people: Recent[str, str] = attrs.field(factory=lambda: Recent(20_000))
    sizes: Recent[str, int] = attrs.field(factory=lambda: Recent(5_000))
    invited: Recent[str, Days] = attrs.field(factory=lambda: Recent(5_000))
    new: deque[datetime] = attrs.field(factory=lambda: deque(maxlen=64))
    inviters: Recent[str, Days] = attrs.field(factory=lambda: Recent(5_000))
    told: Told = attrs.field(factory=Told)


def look_for_foreign(event: AuditEvent, state: Domains, context: Context) -> Iterator[Hit]:
    """Find an invite to an address of a domain that is not the organization's."""
    _see(event.actor.email, state)
    if event.type not in INVITES:
        return
    for address in texts(value(event, "email", "email_address", "user_email", "emails")):
        domain = _domain(address)
        if domain is None or _is_own(domain, state, context):
            continue
        role = text(event, "role")
        is_usual = power_of_name(role or "") is None and _is_usual(event, domain, state, context)
        _learn(event, domain, state)
        hours = timedelta(hours=context.thresholds["once_hours"])
        if is_usual or state.told.again(domain, event.at, hours):
            continue
        members = context.thresholds["members"]
        own = sorted(domain for domain, number in state.sizes.items() if number >= members)
        nobody = "hardly anybody" if domain in state.sizes else "nobody"
        yield Hit(
            about=address.lower(),
            summary=f"{who(event, context)} invited {address.lower()}"
            f"{f' as {role}' if role else ''}; {nobody} in the organization has an address of "
            f"{domain}.",
            evidence=(event,),
            learned=f"Own domains, by the people who act: {', '.join(own[:5])}."
            if not context.directory.domains
            else None,
        )


def _see(email: str | None, state: Domains) -> None:
    if email is None or email in state.people:
        return
    domain = _domain(email)
    if domain is not None:
        state.people.set(email, domain)
        state.sizes.set(domain, (state.sizes.get(domain) or 0) + 1)


def _is_usual(event: AuditEvent, domain: str, state: Domains, context: Context) -> bool:
    """Whether a foreign domain was invited on several days before, or foreign domains are usual.

    Where new ones come every week it is told what stands out: somebody who invites a foreign domain
    for the first time, an address that anybody can get, a domain that looks like an own one.
    """
    limits = context.thresholds
    before = state.invited.get(domain)
    if before is not None and before.number >= limits["partner_after"]:
        return True
    within = timedelta(days=limits["usual_days"])
    days = {at.toordinal() for at in state.new if is_near(at, event.at, within)}
    if len(days) < limits["usual_invites"] or domain in PUBLIC_DOMAINS:
        return False
    own = (*context.directory.domains, *(d for d, n in state.sizes.items() if n > 1))
    if any(_is_alike(domain, one) for one in own):
        return False
    return (event.actor.identity or "") in state.inviters


def _is_alike(domain: str, own: str) -> bool:
    """Whether a domain could be taken for an own one."""
    name, other = own.split(".")[0], domain.split(".")[0]
    return len(name) > 3 and (name in domain or SequenceMatcher(None, name, other).ratio() > 0.8)


def _learn(event: AuditEvent, domain: str, state: Domains) -> None:
    if event.at is not None and domain not in state.invited:
        state.new.append(event.at)
    for seen, name in ((state.invited, domain), (state.inviters, event.actor.identity)):
        if name is not None:
            days = seen.get(name) or Days()
            days.see(event.at)
            seen.set(name, days)


def _is_own(domain: str, state: Domains, context: Context) -> bool:
    """Whether a domain is one of the organization's, or of enough of its people.

    Where no domain is known and few people have acted yet, every domain may be.
    """
    directory, members = context.directory, context.thresholds["members"]
    if any(domain == own or domain.endswith(f".{own}") for own in directory.domains):
        return True
    listed = _sizes(_Emails(directory.emails))
    if max(listed.get(domain, 0), state.sizes.get(domain) or 0) >= members:
        return True
    if directory.domains:
        return False
    sizes = [*listed.values(), *(number for _, number in state.sizes.items())]
    return max(sizes, default=0) < members


@attrs.frozen(eq=False)
class _Emails:
    """The directory's addresses, told apart by being the same mapping."""

    of: Mapping[str, str]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Emails) and other.of is self.of

    def __hash__(self) -> int:
        return id(self.of)


@lru_cache(maxsize=4)  # counting five thousand people for each invite would take long
def _sizes(emails: _Emails) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for email in emails.of.values():
        domain = _domain(email)
        if domain is not None:
            found[domain] = found.get(domain, 0) + 1
    return found


def _domain(address: str) -> str | None:
    domain = address.rpartition("@")[2].strip().rstrip(".").lower()
    return domain if "@" in address and domain else None


DETECTIONS = (
    Detection(
        key="foreign_invite",
        title="Invite to a foreign domain",
        severity="medium",
        techniques=(attack.CLOUD_ACCOUNT, attack.TRUSTED_RELATIONSHIP),
        why="An account at another domain is not under the company's sign-on rules, and stays when "
        "its owner's work ends.",
        what_to_do="Ask the one who sent it who that is. If nobody knows, withdraw it "
        "(`openai-admin invites delete ID`); if it was accepted already, `openai-admin offboard "
        "ADDRESS`. A partner whose people are invited often belongs in the exceptions.",
        state=Domains,
        look=look_for_foreign,
        thresholds={
            "members": 3,
            "once_hours": 24.0,
            "partner_after": 2,
            "usual_invites": 5,
            "usual_days": 30.0,
        },
    ),
)
