"""What FOCUS 1.2 demands of columns, recorded: ``python -m tests.export.focus_file.facts RULES``.

``RULES`` are those that focus-validator ships, ``rules/model-1.2.0.1.json``. What is recorded of
them is what can be said of a column by itself, for the columns that files have.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from openai_admin.export import FOCUS_COLUMNS

COLUMNS = {column.name: column for column in FOCUS_COLUMNS}
RECORDED = Path(__file__).parents[2] / "data" / "focus_1_2.json"

_TYPES = {
    "TypeString": "text",
    "TypeDecimal": "decimal",
    "TypeDateTime": "time",
    "FormatKeyValue": "json",
    "FormatJSON": "json",
}
_FORMS = {
    "decimal": re.compile(r"-?\d+\.\d+"),
    "time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
    "text": re.compile(r".*\S.*", re.DOTALL),
    "flag": re.compile("true|false"),
}
_NAMES = [column.name for column in FOCUS_COLUMNS if not column.name.startswith("x_")]


@cache
def facts() -> dict[str, dict[str, Any]]:
    """What was recorded, by column."""
    recorded: dict[str, dict[str, Any]] = json.loads(RECORDED.read_text(encoding="utf-8"))
    return recorded["columns"]


def check(rows: Sequence[Mapping[str, str]]) -> None:
    """Hold the rows of a CSV file to what was recorded, and to what the rules say of columns
    together."""
    values = {item for row in rows for item in row.items()}
    for name, text in values:
        _check(name, text)
    for row in rows:
        _check_together(row)


def _check(name: str, text: str) -> None:
    column, fact = COLUMNS[name], facts().get(name, {})
    if text == "":
        assert column.nullable, name
        return
    assert text in fact.get("values", [text]), name
    if column.type == "json":
        values = json.loads(text).values()
        assert all(isinstance(value, str) for value in values), (name, text)
    else:
        assert _FORMS[column.type].fullmatch(text), (name, text)


def _check_together(row: Mapping[str, str]) -> None:
    """What the rules say of columns together."""
    category = row["ChargeCategory"]
    for quantity, unit in (
        ("ConsumedQuantity", "ConsumedUnit"),
        ("PricingQuantity", "PricingUnit"),
    ):
        assert (row[quantity] == "") is (row[unit] == ""), row
    is_correction = row["ChargeClass"] == "Correction"
    priced = ("PricingQuantity", "PricingCategory", "SkuId", "SkuPriceId")
    if category == "Usage":
        assert all(row[name] for name in priced[is_correction:]), row
    else:
        assert row["ConsumedQuantity"] == ""
    if category == "Tax":
        assert not any(row[name] for name in priced), row
    assert (row["SubAccountId"] == "") is (row["SubAccountName"] == "")
    for cost in ("EffectiveCost", "ListCost", "ContractedCost"):
        assert row[cost] == row["BilledCost"]
    start, end = row["ChargePeriodStart"], row["ChargePeriodEnd"]
    if is_correction:
        assert start < end <= row["BillingPeriodStart"]
    else:
        assert row["BillingPeriodStart"] <= start < end <= row["BillingPeriodEnd"]
    assert row["BillingPeriodStart"].endswith("-01T00:00:00Z")


def drawn_up(rules: dict[str, Any]) -> dict[str, Any]:
    """The facts in the rules."""
    found: dict[str, dict[str, Any]] = {}
    for rule in rules["ModelRules"].values():
        name, function, criteria = rule["Reference"], rule["Function"], rule["ValidationCriteria"]
        requirement = criteria["Requirement"]
        fact = found.setdefault(name, {})
        if function == "Presence" and "presence" not in fact:
            fact["presence"] = criteria["Keyword"]
            fact["when"] = rule["ApplicabilityCriteria"]
        check = requirement.get("CheckFunction")
        if function in ("Type", "Format") and check in _TYPES:
            fact["type"] = _TYPES[check]
        if function == "Nullability" and check == "CheckNotValue" and not criteria["Condition"]:
            fact["not_null"] = not rule["ApplicabilityCriteria"] and name != "InvoiceId"
        if function == "Validation" and "allowed values" in criteria["MustSatisfy"]:
            values = _values(requirement)
            if values and "parent" not in criteria["MustSatisfy"]:
                fact["values"] = values
    mandatory = sorted(
        name for name, fact in found.items() if fact.get("presence") == "MUST" and not fact["when"]
    )
    return {
        "about": "What FOCUS 1.2 (rules 1.2.0.1 of focus-validator) demands of single columns.",
        "mandatory": mandatory,
        "columns": {name: found[name] for name in _NAMES},
    }


def _values(requirement: dict[str, Any]) -> list[str]:
    items = requirement.get("Items", [requirement])
    return [item["Value"] for item in items if item.get("CheckFunction") == "CheckValue"]


if __name__ == "__main__":
    made = drawn_up(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    RECORDED.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
