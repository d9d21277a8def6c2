"""Who is invited: the open invites, one for each address."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from ...resources.invites import Invite
from ...workflows.offboarding.snapshot import is_open
from ..folding import folded
from ..state import Granted
from .answers import Answers
from .gaps import Gaps
from .names import Names

_EARLIEST = datetime.min.replace(tzinfo=UTC)


def open_invites(answers: Answers, now: datetime, gaps: Gaps) -> dict[str, Invite]:
    """The newest invite to each address that can still be accepted, by address in small letters.

    Those to members are left out: they give nothing that the membership does not.

    Args:
        answers: what came.
        now: the server's time; what has expired by then cannot be accepted.
        gaps: is told of invites without an address.
    """
    members = {folded(user.email) for user in answers.people or () if user.email}
    for invite in answers.invites or ():
        if invite.status is None:
            reason = f"the API does not say whether {invite.id} is still open"
            gaps.lack("states of invites", reason)
    for invite in _pending(answers.invites or (), now):
        if not invite.email:
            gaps.lack("addresses of invites", f"the invite {invite.id} has none")
    newest = _newest(answers, now)
    return {address: invite for address, invite in newest.items() if address not in members}


def invite_ids(answers: Answers, now: datetime) -> dict[str, str]:
    """The ids of open invites by address in small letters, those to members among them.

    An invite may have been sent to an address that became a member's only later.
    """
    return {address: invite.id for address, invite in sorted(_newest(answers, now).items())}


def granted(names: Names) -> dict[str, tuple[Granted, ...]]:
    """The projects that open invites grant and that are not archived, by address."""
    return {
        address: tuple(
            Granted(project_id=each.id, label=names.project(each.id), role=each.role)
            for each in sorted(invite.projects or (), key=lambda each: each.id)
            if each.id not in names.archived
        )
        for address, invite in sorted(names.invites.items())
    }


def _newest(answers: Answers, now: datetime) -> dict[str, Invite]:
    invites = sorted(_pending(answers.invites or (), now), key=_age)
    return {folded(invite.email): invite for invite in invites if invite.email}


def _pending(invites: Iterable[Invite], now: datetime) -> Iterable[Invite]:
    for invite in invites:
        if (
            invite.status is not None
            and is_open(invite)
            and (invite.expires_at is None or invite.expires_at > now)
        ):
            yield invite


def _age(invite: Invite) -> tuple[datetime, str]:
    return invite.created_at or _EARLIEST, invite.id
