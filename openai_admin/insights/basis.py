"""What each finding is based on, and when it is not known for want of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from .not_known import NotKnown


@attrs.frozen
class Basis:
    """What must be read to find something.

    Attributes:
        kinds: kinds in `unread.NOUNS`.
        needs: the finding is not known where nothing is known of any of the kinds in one of these
            groups; by default, each kind is needed.
        completely: the kinds of which no part may be lacking, since figures would be wrong and
            not only smaller.
    """

    kinds: tuple[str, ...]
    needs: tuple[tuple[str, ...], ...] | None = None
    completely: tuple[str, ...] = ()

    def refused(self, not_known: Sequence[NotKnown]) -> tuple[NotKnown, ...]:
        """Why the finding is not known; empty where it is, as far as it goes."""
        whole = {part.kind for part in not_known if part.is_whole}
        lost = {part.kind for part in not_known if part.kind in self.completely}
        needs = self.needs if self.needs is not None else tuple((kind,) for kind in self.kinds)
        for group in needs:
            if whole.issuperset(group):
                lost.update(group)
        return tuple(part for part in not_known if part.kind in lost)

    def lacks(self, not_known: Sequence[NotKnown]) -> tuple[NotKnown, ...]:
        """What a finding leaves out that is known in part; empty where it is not known at all."""
        if self.refused(not_known):
            return ()
        return tuple(part for part in not_known if part.kind in self.kinds)


def groups_of(kind: str) -> str:
    """The kind that is not known where the API does not group usage or costs as it was asked to."""
    return f"groups of {kind}"


_COSTS = Basis(("costs", groups_of("costs")))
_CONSUMERS = Basis(("costs by consumer", groups_of("costs by consumer")))
_BILL = Basis(("costs", "usage", groups_of("costs"), groups_of("usage")), completely=("usage",))
_KEYS = Basis(("projects", "keys of projects"))
_LIMITS = ("spend limits", "spend alerts", "spend limits of projects", "spend alerts of projects")

_THRESHOLDS = Basis(
    ("projects", *_LIMITS, "costs", groups_of("costs")),
    needs=(("costs",), (groups_of("costs"),), _LIMITS),
)
_RATE_LIMITS = Basis(
    (
        *("projects", "rate limits of projects", "hourly usage", "usage by the minute"),
        groups_of("hourly usage"),
    ),
    needs=(
        *(("projects",), ("rate limits of projects",), ("hourly usage",)),
        (groups_of("hourly usage"),),
    ),
)

BASES: Mapping[str, Basis] = {
    "daily": Basis(("costs", groups_of("costs")), needs=(("costs",),)),
    "by_project": _COSTS,
    "by_model": _COSTS,
    "by_line_item": _COSTS,
    "by_key": _CONSUMERS,
    "by_user": _CONSUMERS,
    "movers": Basis(("costs", groups_of("costs"), "costs before")),
    "projection": Basis(("costs",)),
    "anomalies": _COSTS,
    "models": _BILL,
    "reconciliation": _BILL,
    "stale_keys": _KEYS,
    "never_used_keys": _KEYS,
    # Whoever cannot be listed would look like somebody who left.
    "keys_of_former_members": Basis(
        ("projects", "people", "keys of projects"), completely=("people",)
    ),
    "stale_admin_keys": Basis(("admin keys",)),
    "inactive_owners": Basis(
        (
            *("people", "admin keys", "the audit log"),
            *("costs by consumer", groups_of("costs by consumer")),
        ),
        needs=(("people",),),
    ),
    "pending_invites": Basis(("invites",)),
    "ending_certificates": Basis(
        ("certificates", "certificates of projects"), needs=(("certificates",),)
    ),
    "thresholds": _THRESHOLDS,
    "near_thresholds": _THRESHOLDS,
    "rate_limits": _RATE_LIMITS,
    "near_rate_limits": _RATE_LIMITS,
}
"""The basis of each attribute of `Review` that is not known where its basis is not."""
