"""By which tiers a model's usage and its bill can be compared."""

from __future__ import annotations

from collections.abc import Iterable

from ..usage.line_items import tier_of

Tier = str | None
"""As in `LineItem`: ``None`` is the standard tier."""

UNTOLD = "?"
"""The tier of usage that does not say which it is of, and of all tiers of a model together."""


def usage_tier(batch: bool | None, service_tier: str | None) -> Tier:
    """The tier that a row of usage is billed by; `UNTOLD` where its groups do not say.

    A batch has a service tier as well, ``default``, so that only both together tell the standard
    tier. Embeddings have neither.
    """
    if batch:
        return "batch"
    if service_tier is None:
        return UNTOLD
    tier = tier_of(service_tier)
    return UNTOLD if tier is None and batch is None else tier


class Tiers:
    """The tiers of models, those of a model together where the two sides do not have the same.

    Usage of a tier that has no line of its own is in some other line, and the other way round: the
    cost of one tier's tokens is not known then, that of all tiers together is.

    Args:
        billed: model and tier of each line of the bill.
        used: model and tier (see `usage_tier`) of all usage.
    """

    def __init__(
        self, billed: Iterable[tuple[str, Tier]], used: Iterable[tuple[str, Tier]]
    ) -> None:
        bill, usage = _by_model(billed), _by_model(used)
        self._together = {
            model
            for model, tiers in usage.items()
            if UNTOLD in tiers or (model in bill and bill[model] != tiers)
        }

    def key(self, model: str, tier: Tier) -> tuple[str, Tier]:
        """What to add up a tier under: `UNTOLD` for all tiers of a model together."""
        return model, UNTOLD if model in self._together else tier


def _by_model(pairs: Iterable[tuple[str, Tier]]) -> dict[str, set[Tier]]:
    found: dict[str, set[Tier]] = {}
    for model, tier in pairs:
        found.setdefault(model, set()).add(tier)
    return found
