"""The charges of a bill, and the rows that they are in a FOCUS file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

import attrs

from ...insights.periods import Period, midnight, month_of
from ...usage.money import BILLED_IN
from .columns import FOCUS_COLUMNS
from .quantities import UNKNOWN, Quantity, priced
from .skus import SERVICE, Category, sku_of

PROVIDER = "OpenAI"
"""Who provides, publishes and invoices."""

Row = tuple[Any, ...]
"""The values of a row, in the order of `FOCUS_COLUMNS`."""

CORRECTION = "Correction"

_DAY = timedelta(days=1)


@attrs.frozen(kw_only=True)
class Charge:
    """What one line of a day's bill says.

    Attributes:
        day: the UTC day.
        amount: how much, exact.
        category: what kind of charge it is.
        currency: its code, in capitals.
        used: how much of it.
        line_item: what for.
        project_id: the project.
        project_name: what it is called.
        api_key_id: the key, where charges are kept apart by key.
        api_key_name: what it is called.
        user_id: the person, where charges are kept apart by person.
        user_name: what they are called.
        tags: whose it is, by the allocation, as a JSON object.
        complete: whether the API restates it no more.
    """

    day: date
    amount: Decimal
    category: Category
    currency: str
    used: Quantity = UNKNOWN
    line_item: str | None = None
    project_id: str | None = None
    project_name: str | None = None
    api_key_id: str | None = None
    api_key_name: str | None = None
    user_id: str | None = None
    user_name: str | None = None
    tags: str | None = None
    complete: bool = True


@attrs.frozen
class Account:
    """Who is billed.

    Attributes:
        id: the organization's id, or what the API's answers call it.
        name: its name, where an answer says so.
    """

    id: str
    name: str | None = None


def focus_currency(currency: str | None) -> str:
    """A currency as ISO 4217 writes it; the API's own where the amount came without one."""
    return (currency or BILLED_IN).upper()


@lru_cache(maxsize=4096)
def billing_period(day: date) -> Period:
    """The billing period of a day: its calendar month, UTC."""
    return month_of(midnight(day))


@lru_cache(maxsize=4096)  # every row of a day has the same
def _moment(day: date) -> datetime:
    return midnight(day)


class Rows:
    """Makes the rows of a file.

    Args:
        account: who is billed.
    """

    def __init__(self, account: Account) -> None:
        self._fixed: Mapping[str, Any] = {
            "BillingAccountId": account.id,
            "BillingAccountName": account.name,
            "CommitmentDiscountStatus": None,
            "InvoiceId": None,
            "InvoiceIssuerName": PROVIDER,
            "ProviderName": PROVIDER,
            "PublisherName": PROVIDER,
            "ServiceCategory": "AI and Machine Learning",
            "ServiceName": SERVICE,
            "ServiceSubcategory": "Generative AI",
        }

    def row(
        self, charge: Charge, *, corrects_in: Period | None = None, missing: str | None = None
    ) -> Row:
        """The row of a charge.

        Args:
            charge: the charge.
            corrects_in: the billing period that brings the correction, if the charge is what an
                earlier one was wrong by.
            missing: the days of its billing period that are not known, in words.
        """
        sku = sku_of(charge.line_item)
        is_usage = charge.category == "Usage"
        used = charge.used if is_usage else UNKNOWN
        price = priced(used)
        if is_usage and used.number is None and corrects_in is None:
            price = Quantity(charge.amount, charge.currency)  # a price of one for each unit of it
        billed_in = corrects_in or billing_period(charge.day)
        is_taxed = charge.category == "Tax"
        values = {
            **self._fixed,
            "BilledCost": charge.amount,
            "BillingCurrency": charge.currency,
            "BillingPeriodEnd": _moment(billed_in.end),
            "BillingPeriodStart": _moment(billed_in.start),
            "ChargeCategory": charge.category,
            "ChargeClass": None if corrects_in is None else CORRECTION,
            "ChargeDescription": sku.description,
            "ChargeFrequency": "Usage-Based" if is_usage else "One-Time",
            "ChargePeriodEnd": _moment(charge.day + _DAY),
            "ChargePeriodStart": _moment(charge.day),
            "ConsumedQuantity": used.number,
            "ConsumedUnit": used.unit,
            "ContractedCost": charge.amount,
            "EffectiveCost": charge.amount,
            "ListCost": charge.amount,
            "PricingCategory": "Standard" if is_usage else None,
            "PricingQuantity": price.number,
            "PricingUnit": price.unit,
            "SkuId": None if is_taxed else sku.id,
            "SkuMeter": None if is_taxed else sku.meter,
            "SkuPriceDetails": None if is_taxed else sku.details,
            "SkuPriceId": None if is_taxed else sku.price_id,
            "SubAccountId": charge.project_id,
            "SubAccountName": charge.project_name or charge.project_id,
            "Tags": charge.tags,
            "x_api_key_id": charge.api_key_id,
            "x_api_key_name": charge.api_key_name,
            "x_complete": charge.complete,
            "x_context": sku.context,
            "x_kind": sku.kind,
            "x_line_item": charge.line_item,
            "x_missing_days": missing,
            "x_model": sku.model,
            "x_tier": sku.tier,
            "x_user_id": charge.user_id,
            "x_user_name": charge.user_name,
        }
        return tuple(values[column.name] for column in FOCUS_COLUMNS)
