"""The columns of a FOCUS file, in order: those of FOCUS 1.2, then our own."""

from __future__ import annotations

from typing import Literal

import attrs

FOCUS_VERSION = "1.2"
"""The version of the FinOps Open Cost and Usage Specification that files follow."""

FocusType = Literal["text", "decimal", "time", "json", "flag"]
"""What a column is of: ``time`` is a moment in UTC, ``json`` an object as text, ``flag`` a truth
value."""

Level = Literal["mandatory", "recommended", "conditional", "own"]
"""How far FOCUS demands a column; ``own`` ones are ours, and begin with ``x_``."""


@attrs.frozen
class FocusColumn:
    """A column of a FOCUS file.

    Attributes:
        name: its name.
        type: what it is of.
        level: how far FOCUS demands it.
        nullable: whether it may be null.
    """

    name: str
    type: FocusType = "text"
    level: Level = "conditional"
    nullable: bool = True


def _mandatory(name: str, type: FocusType = "text", *, nullable: bool = False) -> FocusColumn:
    return FocusColumn(name, type, "mandatory", nullable)


def _own(name: str, type: FocusType = "text") -> FocusColumn:
    return FocusColumn(name, type, "own")


FOCUS_COLUMNS: tuple[FocusColumn, ...] = (
    _mandatory("BilledCost", "decimal"),
    _mandatory("BillingAccountId"),
    _mandatory("BillingAccountName", nullable=True),
    _mandatory("BillingCurrency"),
    _mandatory("BillingPeriodEnd", "time"),
    _mandatory("BillingPeriodStart", "time"),
    _mandatory("ChargeCategory"),
    _mandatory("ChargeClass", nullable=True),
    _mandatory("ChargeDescription"),
    FocusColumn("ChargeFrequency", level="recommended", nullable=False),
    _mandatory("ChargePeriodEnd", "time"),
    _mandatory("ChargePeriodStart", "time"),
    FocusColumn("CommitmentDiscountStatus"),
    FocusColumn("ConsumedQuantity", "decimal"),
    FocusColumn("ConsumedUnit"),
    _mandatory("ContractedCost", "decimal"),
    _mandatory("EffectiveCost", "decimal"),
    FocusColumn("InvoiceId", level="recommended"),
    _mandatory("InvoiceIssuerName"),
    _mandatory("ListCost", "decimal"),
    FocusColumn("PricingCategory"),
    _mandatory("PricingQuantity", "decimal", nullable=True),
    _mandatory("PricingUnit", nullable=True),
    _mandatory("ProviderName"),
    _mandatory("PublisherName"),
    _mandatory("ServiceCategory"),
    _mandatory("ServiceName"),
    FocusColumn("ServiceSubcategory", level="recommended", nullable=False),
    FocusColumn("SkuId"),
    FocusColumn("SkuMeter"),
    FocusColumn("SkuPriceDetails", "json"),
    FocusColumn("SkuPriceId"),
    FocusColumn("SubAccountId"),
    FocusColumn("SubAccountName"),
    FocusColumn("Tags", "json"),
    _own("x_api_key_id"),
    _own("x_api_key_name"),
    FocusColumn("x_complete", "flag", "own", nullable=False),
    _own("x_context"),
    _own("x_kind"),
    _own("x_line_item"),
    _own("x_missing_days"),
    _own("x_model"),
    _own("x_tier"),
    _own("x_user_id"),
    _own("x_user_name"),
)
"""Every column of a file, in order.

`InvoiceId` is null, for the Admin API names no invoices, and so is `CommitmentDiscountStatus`, at
which the rules for `ConsumedQuantity` look. Left out are the columns that there is nothing for:
regions, resources, list prices, other commitment discounts and capacity reservations.
"""
