"""Who is invited: the open invites, one for each address."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from ...resources.invites import Invite
from ...workflows.offboarding.snapshot import is_open
from .answers import Answers
from .gaps import Gaps

_EARLIEST = datetime.min.replace(tzinfo=UTC)


def open_invites(answers: Answers, now: datetime, gaps: Gaps) -> dict[str, Invite]:
    """The newest invite to each address that can still be accepted, by address in small letters.

    Those to members are left out: they give nothing that the membership does not.

    Args:
        answers: what came.
        now: the server's time; what has expired by then cannot be accepted.
        gaps: is told of invites without an address.
    """
    members = {user.email.casefold() for user in answers.people or () if user.email}
    found: dict[str, Invite] = {}
    for invite in sorted(_pending(answers.invites or (), now), key=_age):
        if not invite.email:
            gaps.unsaid("addresses of invites", f"the invite {invite.id} has none")
        elif invite.email.casefold() not in members:
            found[invite.email.casefold()] = invite
    return found


def _pending(invites: Iterable[Invite], now: datetime) -> Iterable[Invite]:
    for invite in invites:
        if is_open(invite) and (invite.expires_at is None or invite.expires_at > now):
            yield invite


def _age(invite: Invite) -> tuple[datetime, str]:
    return invite.created_at or _EARLIEST, invite.id
