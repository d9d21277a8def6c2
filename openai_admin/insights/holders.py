"""Who is behind a key: its cost beside its owner and its project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from ..resources.projects.api_keys import ProjectAPIKey
from .costs import CostBreakdown, CostChange, together
from .naming import Named


@attrs.frozen(kw_only=True)
class KeyCost(CostChange):
    """What a key cost, and whose it is.

    Attributes:
        owner: the person or the service account that it belongs to, without an id where it belongs
            to nobody; ``None`` where the key is not among those that are listed: it may be deleted.
        project_id: the project that it is in; ``None`` likewise.
    """

    owner: Named | None = None
    project_id: str | None = None

    @classmethod
    def of(cls, cost: CostChange, held: tuple[Named, str] | None) -> KeyCost:
        """A cost with what is known of its key."""
        owner, project_id = held or (None, None)
        known = {f.name: getattr(cost, f.name) for f in attrs.fields(CostChange)}
        return cls(**known, owner=owner, project_id=project_id)

    @property
    def is_listed(self) -> bool:
        """Whether its owner and its project are known."""
        return self.owner is not None


def with_holders(
    costs: CostBreakdown, keys: Mapping[str, Sequence[ProjectAPIKey]]
) -> CostBreakdown:
    """Costs by key with the owner and the project of each.

    Args:
        costs: by key.
        keys: of each project, by its id.
    """
    held = {
        key.id: (_owner(key), project_id) for project_id, listed in keys.items() for key in listed
    }
    groups = (KeyCost.of(change, held.get(change.group[0] or "")) for change in costs.groups)
    return attrs.evolve(costs, groups=tuple(groups))


def held_together(changes: Sequence[CostChange]) -> KeyCost:
    """Several keys as one, which belongs to no one."""
    return KeyCost.of(together(changes), None)


def _owner(key: ProjectAPIKey) -> Named:
    holder = key.owner.holder if key.owner is not None else None
    return Named(None) if holder is None else Named(holder.id, holder.name)
