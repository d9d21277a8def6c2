"""What each finding is based on, and when it is not known for want of that."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import attrs

from ..directory.not_known import UNREAD, NotKnown
from ..directory.owners import KINDS as BY_GROUP
from .keys import ADMIN_KEY_USE, EXPIRY, KEY_USE


@attrs.frozen
class Basis:
    """What must be read to find something.

    Attributes:
        kinds: kinds in `unread.NOUNS`.
        needs: the finding is not known where nothing is known of any of the kinds in one of these
            groups; by default, each kind is needed.
        completely: the kinds of which no part may be lacking, since figures would be wrong and
            not only smaller: some of `kinds`, groupings (`grouped_by`), the kinds of `SIGNS`, or
            `TO_COMPARE`, `OF_PERIOD` and `TO_JUDGE`.
        roughly: groupings and kinds without which it is less detailed.
        beside: kinds without which it is found as well, but names or doubts less.
    """

    kinds: tuple[str, ...]
    needs: tuple[tuple[str, ...], ...] | None = attrs.field(default=None, kw_only=True)
    completely: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    roughly: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    beside: tuple[str, ...] = attrs.field(default=(), kw_only=True)

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
        return tuple(part for part in not_known if part.kind in (*self.kinds, *self.roughly))


TO_COMPARE = "costs to compare"
"""The kind of a day of either of two periods whose costs are not known."""
TO_COMPARE_BY_CONSUMER = "costs to compare by consumer"
"""Likewise of costs by user and key."""
TO_COMPARE_BY_TEAM = "costs to compare by team"
"""Likewise of costs by team."""
TEAMS_IN_DOUBT = "teams of costs"
"""The kind of costs of which it is not known whose they are."""
COMPARED: Mapping[str, str] = {
    "costs": TO_COMPARE,
    "costs by team": TO_COMPARE_BY_TEAM,
    "costs by consumer": TO_COMPARE_BY_CONSUMER,
}
"""What is fetched by itself of a period that lies a year back."""
OF_YEAR_BEFORE = "costs of the year before"
"""What the first of these is called where none of it, or no grouping, is known."""
OF_PERIOD = "costs of the period"
"""The kind of a day of the period whose costs are not known."""
AROUND = "the audit log around unusual days"
"""What is read of the audit log for what changed around unusual days."""
TO_JUDGE = "costs to judge by"
"""The kind of days that are not known where too few are to say what is usual."""

SIGNS = {
    "admin keys": "the use of admin keys",
    "the audit log": "activity in the audit log",
    "costs by consumer": "activity in costs",
    "costs by user": "activity in costs by user",
}
"""Where signs of activity are looked for, and the kind of what is not known of them: whoever was
not seen may have been active there."""

_FIELDS = {"project_id": "project", "user_id": "user", "api_key_id": "key"}


def grouped_by(kind: str, field: str) -> str:
    """The kind that is not known where the API does not group usage or costs by a field."""
    of = {"costs by consumer": "costs", **dict.fromkeys(COMPARED.values(), OF_YEAR_BEFORE)}
    kind = of.get(kind, kind)
    return f"{kind} by {_FIELDS.get(field, field.replace('_', ' '))}"


def _costs(*completely: str) -> Basis:
    return Basis(("costs",), completely=completely, beside=("projects",))


_KEYS = Basis(("projects", "keys of projects"))
# Keys of projects may be listed among them.
_ADMIN_KEYS = Basis(("admin keys",), beside=("projects", "keys of projects"))
_LIMITS = ("spend limits", "spend alerts", "spend limits of projects", "spend alerts of projects")

_THRESHOLDS = Basis(
    ("projects", *_LIMITS, "costs"),
    needs=(("costs",), _LIMITS),
    completely=("costs by project",),
)
_RATE_LIMITS = Basis(
    ("projects", "rate limits of projects", "hourly usage", "usage by the minute"),
    needs=(("projects",), ("rate limits of projects",), ("hourly usage",)),
    completely=("hourly usage by project", "hourly usage by model", "hourly usage by batch"),
)

BASES: Mapping[str, Basis] = {
    "daily": Basis(("costs",)),
    "by_project": _costs("costs by project"),
    "by_model": _costs("costs by line item"),
    "by_line_item": _costs("costs by line item"),
    "by_key": Basis(
        ("costs by consumer",),
        completely=("costs by key",),
        roughly=("projects", "keys of projects"),
    ),
    "by_user": Basis(("costs by consumer",), completely=("costs by user",)),
    "by_team": Basis(("costs by team",), roughly=(TEAMS_IN_DOUBT,)),
    "months": Basis(("costs by month",)),
    "busy_hours": Basis(("hourly usage",)),
    "cache_savings": Basis(("costs",), completely=("costs by line item",)),
    "movers": _costs("costs by project", "costs by line item", TO_COMPARE),
    "projection": Basis(("costs",)),
    "anomalies": _costs("costs by project", "costs by line item", TO_JUDGE),
    "around_anomalies": Basis(
        ("costs", AROUND),
        completely=("costs by project", "costs by line item", TO_JUDGE),
        beside=("projects", "people", "keys of projects", "admin keys"),
    ),
    "models": Basis(
        ("costs", "usage"),
        completely=("usage", "costs by line item", "usage by model"),
        roughly=("usage by batch", "usage by service tier"),
    ),
    "reconciliation": Basis(
        ("costs", "usage"),
        completely=(
            *("usage", OF_PERIOD, "costs by line item", "usage by model", "usage by batch"),
            *("usage by service tier", "usage by size"),
        ),
    ),
    "stale_keys": attrs.evolve(_KEYS, roughly=(KEY_USE,)),
    "never_used_keys": attrs.evolve(_KEYS, roughly=(KEY_USE,)),
    # Whoever cannot be listed would look like somebody who left.
    "keys_of_former_members": Basis(
        ("projects", "people", "keys of projects"), completely=("people",)
    ),
    "stale_admin_keys": attrs.evolve(_ADMIN_KEYS, roughly=(ADMIN_KEY_USE,)),
    "non_expiring_admin_keys": attrs.evolve(_ADMIN_KEYS, roughly=(EXPIRY,)),
    # What is not known of signs of activity could only make them fewer.
    "inactive_owners": Basis(
        ("people", *BY_GROUP),
        needs=(("people",),),
        completely=tuple(SIGNS.values()),
        beside=("admin keys", "the audit log", "costs by consumer"),
    ),
    "pending_invites": Basis(("invites",)),
    "ending_certificates": Basis(
        ("certificates", "certificates of projects"),
        needs=(("certificates",),),
        beside=("projects",),
    ),
    "thresholds": _THRESHOLDS,
    "budgets": Basis(("costs of budgets",)),
    "near_thresholds": _THRESHOLDS,
    "rate_limits": _RATE_LIMITS,
    "near_rate_limits": _RATE_LIMITS,
}
"""The basis of each attribute of `Review` that is not known where its basis is not."""


def unknown_signs(not_known: Sequence[NotKnown], unread: Mapping[str, int]) -> list[NotKnown]:
    """What is not known of signs of activity, for whoever found somebody without one.

    Args:
        not_known: what is not known.
        unread: how much came and could not be read, by its kind.
    """
    refused = [attrs.evolve(p, kind=SIGNS[p.kind]) for p in not_known if p.kind in SIGNS]
    odd = [kind for kind in SIGNS if unread.get(kind)]
    return refused + [NotKnown(kind=SIGNS[kind], reason=UNREAD) for kind in odd]


def kinds_for(findings: Collection[str]) -> frozenset[str]:
    """What must be read for some findings alone."""
    bases = [BASES[finding] for finding in findings]
    kinds = frozenset(kind for basis in bases for kind in (*basis.kinds, *basis.beside))
    return kinds | {COMPARED[kind] for kind in kinds & COMPARED.keys()}


def is_asked_for(finding: str, only: frozenset[str] | None) -> bool:
    """Whether a finding is asked for, or one that speaks of it.

    Args:
        finding: its attribute of `Review`.
        only: the findings that are; ``None`` for all.
    """
    of = [finding, finding.removeprefix("near_")]
    if finding == "daily":
        of += [key for key, basis in BASES.items() if "costs" in basis.kinds]
    if finding == "by_project":
        of.append("movers")
    if finding == "anomalies":
        of.append("around_anomalies")
    return only is None or not only.isdisjoint(of)
