"""Every value of a file is one that FOCUS 1.2 allows in its column."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from openai_admin.export import FOCUS_COLUMNS
from tests.export.focus_file.conftest import Written
from tests.export.focus_file.facts import RECORDED, facts
from tests.export.focus_file.files import rows_of

COLUMNS = {column.name: column for column in FOCUS_COLUMNS}
FORMS = {
    "decimal": re.compile(r"-?\d+(\.\d+)?"),
    "time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
    "text": re.compile(r".*\S.*", re.DOTALL),
    "flag": re.compile("true|false"),
}
ARROW = {
    "decimal": pa.decimal128(38, 18),
    "time": pa.timestamp("us", tz="UTC"),
    "text": pa.string(),
    "json": pa.string(),
    "flag": pa.bool_(),
}


def test_columns_are_what_the_rules_say() -> None:
    mandatory = json.loads(RECORDED.read_text())["mandatory"]
    assert set(mandatory) <= COLUMNS.keys()
    own = [column.name for column in FOCUS_COLUMNS if column.level == "own"]
    assert list(COLUMNS)[-len(own) :] == own, "own columns come after all others"
    assert all(name.startswith("x_") for name in own)
    levels = {"MUST": "mandatory", "RECOMMENDED": "recommended"}
    for name, fact in facts().items():
        column = COLUMNS[name]
        assert column.type == fact["type"], name
        assert column.level == ("conditional" if fact["when"] else levels[fact["presence"]]), name
        assert column.nullable is not fact.get("not_null", False), name


@pytest.mark.parametrize("which", ["demo_bill", "odd"])
def test_values_are_what_the_rules_allow(which: str, request: pytest.FixtureRequest) -> None:
    bill: Written = request.getfixturevalue(which)
    rows = rows_of(bill.csv)
    assert rows
    assert list(rows[0]) == list(COLUMNS)
    for row in rows:
        for name, text in row.items():
            _check(name, text)
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
        assert FORMS[column.type].fullmatch(text), (name, text)


def _check_together(row: Mapping[str, Any]) -> None:
    """What the rules say of columns together."""
    category = row["ChargeCategory"]
    for quantity, unit in (
        ("ConsumedQuantity", "ConsumedUnit"),
        ("PricingQuantity", "PricingUnit"),
    ):
        assert (row[quantity] == "") is (row[unit] == ""), row
    priced = ("PricingQuantity", "PricingCategory", "SkuId", "SkuPriceId")
    if category == "Usage":
        assert all(row[name] for name in priced), row
    else:
        assert row["ConsumedQuantity"] == ""
    if category == "Tax":
        assert not any(row[name] for name in priced), row
    assert (row["SubAccountId"] == "") is (row["SubAccountName"] == "")
    for cost in ("EffectiveCost", "ListCost", "ContractedCost"):
        assert row[cost] == row["BilledCost"]
    start, end = row["ChargePeriodStart"], row["ChargePeriodEnd"]
    assert row["BillingPeriodStart"] <= start < end <= row["BillingPeriodEnd"]
    assert row["BillingPeriodStart"].endswith("-01T00:00:00Z")


def test_a_price_is_of_one_sku(demo_bill: Written, odd: Written) -> None:
    skus: dict[str, set[str]] = {}
    for bill in (demo_bill, odd):
        for row in rows_of(bill.csv):
            if row["SkuPriceId"]:
                skus.setdefault(row["SkuPriceId"], set()).add(row["SkuId"])
    assert len(skus) > 20
    assert all(len(ids) == 1 for ids in skus.values())
    assert skus["batch | gpt-5-nano, input"] == {"gpt-5-nano, input"}


def test_parquet_has_types_and_says_what_it_is(demo_bill: Written) -> None:
    schema = pyarrow.parquet.read_schema(demo_bill.parquet)
    assert schema.names == list(COLUMNS)
    for field in schema:
        assert field.type == ARROW[COLUMNS[field.name].type], field.name
        assert field.nullable is COLUMNS[field.name].nullable, field.name
    assert schema.metadata[b"FocusVersion"] == b"1.2"
