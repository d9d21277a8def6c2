"""Which keys and people should go."""

from __future__ import annotations

from collections.abc import Sequence

from ..insights import KeyFinding, Review
from .document import Cell, Column, Part, Section, Table, Tone
from .text import count, day


def access_part(review: Review) -> Part:
    """Keys that are unused or of people who left, quiet owners, pending invites."""
    return Part(
        title="Which keys and people should go?",
        sections=(_keys(review), _owners(review), _invites(review)),
    )


def to_go(review: Review) -> int:
    """How many keys and people there are to look at; a key that is found twice counts once."""
    return (
        len({key.key_id for key in _all_keys(review)})
        + len(review.inactive_owners)
        + len(review.pending_invites)
    )


def _all_keys(review: Review) -> tuple[KeyFinding, ...]:
    return (
        *review.keys_of_former_members,
        *review.stale_keys,
        *review.never_used_keys,
        *review.stale_admin_keys,
    )


def _keys(review: Review) -> Section:
    kinds: tuple[tuple[str, Sequence[KeyFinding], Tone], ...] = (
        ("Keys of people who left", review.keys_of_former_members, "bad"),
        ("Admin keys not used for long", review.stale_admin_keys, "bad"),
        ("Keys not used for 90 days", review.stale_keys, "warn"),
        ("Keys never used in 30 days", review.never_used_keys, "warn"),
    )
    found = len({key.key_id for key in _all_keys(review)})
    return Section(
        key="keys",
        title="API keys",
        text=(
            f"{count(found, 'key')} to look at. A key that nobody uses is only a risk: delete it, "
            "or ask its owner."
            if found
            else "Every key is in use, and its owner is still there.",
        ),
        tables=tuple(_key_table(review, title, keys, tone) for title, keys, tone in kinds if keys),
    )


def _key_table(review: Review, title: str, keys: Sequence[KeyFinding], tone: Tone) -> Table:
    in_projects = any(key.project_id is not None for key in keys)
    columns = (
        Column("Key"),
        *((Column("Project"),) if in_projects else ()),
        Column("Owner"),
        Column("Last used", number=True, minor=True),
        Column("Idle days", number=True),
        Column("Made", number=True, minor=True),
    )
    return Table(
        caption=title,
        columns=columns,
        rows=[
            (
                Cell(key.name or key.key_id, id=key.key_id if key.name else None),
                *((_project(review, key.project_id),) if in_projects else ()),
                Cell(
                    key.owner_name or key.owner_id or "(nobody)",
                    id=key.owner_id if key.owner_name else None,
                ),
                Cell(day(key.last_used_at)),
                Cell(f"{key.idle_days:,}", tone=tone),
                Cell(day(key.created_at)),
            )
            for key in keys
        ],
    )


def _project(review: Review, id: str | None) -> Cell:
    name = review.name(id)
    return Cell(name, id=None if name == id else id)


def _owners(review: Review) -> Section:
    return Section(
        key="owners",
        title="Owners without a sign of activity",
        text=(
            "The API does not tell of logins, so they may still be reading along: ask first."
            if review.inactive_owners
            else "Every owner of the organization was seen in the last 90 days.",
        ),
        tables=(
            Table(
                caption="Owners of the organization without activity",
                columns=(
                    Column("Owner"),
                    Column("Address", minor=True),
                    Column("Last seen", number=True, minor=True),
                    Column("Quiet days", number=True),
                ),
                rows=[
                    (
                        Cell(owner.name or owner.email or owner.user_id, id=owner.user_id),
                        Cell(owner.email or ""),
                        Cell(day(owner.last_seen_at)),
                        Cell(f"{owner.inactive_days:,}", tone="warn"),
                    )
                    for owner in review.inactive_owners
                ],
            ),
        )
        if review.inactive_owners
        else (),
    )


def _invites(review: Review) -> Section:
    return Section(
        key="invites",
        title="Invites that hang",
        text=(
            "Until they expire, whoever reads these mailboxes can join."
            if review.pending_invites
            else "No invite has been pending for more than two weeks.",
        ),
        tables=(
            Table(
                caption="Invites pending for more than two weeks",
                columns=(
                    Column("Sent to"),
                    Column("Role"),
                    Column("Sent", number=True, minor=True),
                    Column("Pending days", number=True),
                    Column("Expires", number=True, minor=True),
                ),
                rows=[
                    (
                        Cell(invite.email, id=invite.invite_id),
                        Cell(invite.role or ""),
                        Cell(day(invite.created_at)),
                        Cell(f"{invite.pending_days:,}", tone="warn"),
                        Cell(day(invite.expires_at) if invite.expires_at else "unknown"),
                    )
                    for invite in review.pending_invites
                ],
            ),
        )
        if review.pending_invites
        else (),
    )
