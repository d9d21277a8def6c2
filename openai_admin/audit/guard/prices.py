"""What usage is worth, by what the organization itself paid for its models in the last days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from statistics import median
from typing import Any, Self

import attrs

from ...insights.rate_limits import family_of
from ...usage.line_items import LineItem
from ...usage.table import UsageTable

_TOKENS: Mapping[str, int] = {"tokens": 1, "1000_tokens": 1000}


@attrs.frozen(kw_only=True)
class Counts:
    """What was used of a model; counts add up.

    Attributes:
        requests: requests to it.
        input: tokens read, those from the cache among them.
        cached: tokens read from the cache.
        output: tokens written.
    """

    requests: int = 0
    input: int = 0
    cached: int = 0
    output: int = 0

    @property
    def tokens(self) -> int:
        """Tokens read and written."""
        return self.input + self.output

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            requests=self.requests + other.requests,
            input=self.input + other.input,
            cached=self.cached + other.cached,
            output=self.output + other.output,
        )


@attrs.frozen(kw_only=True)
class Price:
    """What was paid for a model, in dollars; ``None`` where the bill does not say.

    Attributes:
        input: for a token read that was not cached.
        cached: for one from the cache.
        output: for one written.
        token: for any token, where the bill does not tell them apart.
        request: for a request, of what has no tokens.
    """

    input: float | None = None
    cached: float | None = None
    output: float | None = None
    token: float | None = None
    request: float | None = None

    def of(self, counts: Counts) -> float | None:
        """What some use is worth; ``None`` where that is not known."""
        if not counts.tokens:
            return None if self.request is None else self.request * counts.requests
        if self.input is None and self.output is None:
            return None if self.token is None else self.token * counts.tokens
        cached = self.cached if self.cached is not None else self.input
        parts = (
            (counts.input - counts.cached, self.input),
            (counts.cached, cached),
            (counts.output, self.output),
        )
        total = 0.0
        for number, price in parts:
            if number > 0 and price is None and self.token is None:
                return None
            total += max(0, number) * (price if price is not None else self.token or 0.0)
        return total


@attrs.frozen
class Prices:
    """What the models of an organization cost it.

    Attributes:
        models: the price of each model, by its name.
        token: what a token typically costs, to weigh what has no price; ``None`` where nothing has.
    """

    models: Mapping[str, Price]
    token: float | None

    @classmethod
    def of(cls, costs: UsageTable, used: Mapping[str, Counts]) -> Self:
        """The prices that a bill says.

        Args:
            costs: costs of some days by line item; amounts in other currencies than dollars are
                left out.
            used: what was used of each model on these days.
        """
        bill: dict[str, dict[str, list[float]]] = {}
        for item, amount, quantity in _lines(costs):
            sums = bill.setdefault(item.model or "", {}).setdefault(_kind(item), [0.0, 0.0])
            sums[0] += amount
            sums[1] += quantity
        models = {m: _price(of, used.get(m, Counts())) for m, of in bill.items() if m}
        paid = [
            (sum(a for a, _ in of.values()), used[m].tokens)
            for m, of in bill.items()
            if m in used and used[m].tokens
        ]
        rates = [amount / tokens for amount, tokens in paid if amount > 0]
        return cls(models, median(rates) if rates else None)

    def worth(self, model: str | None, counts: Counts) -> float | None:
        """What some use of a model is worth in dollars; ``None`` where that is not known."""
        if model is None:
            return None
        price = self.models.get(model) or self.models.get(family_of(model))
        return None if price is None else price.of(counts)

    def weight(self, model: str | None, counts: Counts) -> float:
        """What some use counts in judging: dollars; tokens where no price is known at all."""
        if self.token is None:
            return float(counts.tokens or counts.requests)
        known = self.worth(model, counts)
        return self.token * counts.tokens if known is None else known


def _lines(costs: UsageTable) -> Iterator[tuple[LineItem, float, float]]:
    columns = costs.columns
    nothing: list[Any] = [None] * len(costs)
    rows: Iterable[tuple[Any, ...]] = zip(
        columns["line_item"],
        columns["amount"],
        columns.get("currency") or nothing,
        columns.get("quantity") or nothing,
        columns.get("quantity_unit") or nothing,
        strict=True,
    )
    for text, amount, currency, quantity, unit in rows:
        if text is not None and amount is not None and (currency or "usd").lower() == "usd":
            tokens = float(quantity) * _TOKENS[unit] if quantity and unit in _TOKENS else 0.0
            yield LineItem.parse(text), float(amount), tokens


def _kind(item: LineItem) -> str:
    kind = item.kind or ""
    return "cached" if "cached" in kind else kind if kind in ("input", "output") else ""


def _price(bill: Mapping[str, list[float]], used: Counts) -> Price:
    by_kind = {
        kind: amount / tokens for kind, (amount, tokens) in bill.items() if kind and tokens > 0
    }
    total = sum(amount for amount, _ in bill.values())
    return Price(
        **by_kind,
        token=total / used.tokens if used.tokens else None,
        request=total / used.requests if used.requests and not used.tokens else None,
    )
