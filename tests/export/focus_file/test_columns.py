"""Every value of a file is one that FOCUS 1.2 allows in its column."""

from __future__ import annotations

import json
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_admin.export import FOCUS_COLUMNS
from openai_admin.export.focus_file.skus import sku_of
from tests.export.focus_file.conftest import Written
from tests.export.focus_file.facts import COLUMNS, RECORDED, check, facts
from tests.export.focus_file.files import rows_of

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
    check(rows)


def test_a_price_is_of_one_sku(demo_bill: Written, odd: Written) -> None:
    skus: dict[str, set[str]] = {}
    for bill in (demo_bill, odd):
        for row in rows_of(bill.csv):
            if row["SkuPriceId"]:
                skus.setdefault(row["SkuPriceId"], set()).add(row["SkuId"])
    assert len(skus) > 20
    assert all(len(ids) == 1 for ids in skus.values())
    assert skus["batch | gpt-5-nano, input"] == {"gpt-5-nano, input"}


@given(st.text(alphabet=", |ab1-:.INPUTinputax ", max_size=12))
def test_every_line_item_is_a_sku(text: str) -> None:
    sku = sku_of(text)
    assert all(part.strip() for part in (sku.id, sku.price_id, sku.meter, sku.description))
    assert sku.id == sku_of(f" {text} ").id == sku_of(text.upper()).id


@pytest.mark.parametrize(
    ("line_item", "amount", "category"),
    [
        ("refund", 5, "Adjustment"),
        ("volume discount", -5, "Adjustment"),
        ("promotional credit", 5, "Credit"),
        ("gpt-5, input", -5, "Credit"),
        ("gpt-5, discount", 5, "Usage"),
    ],
)
def test_categories_are_those_of_focus(line_item: str, amount: int, category: str) -> None:
    assert sku_of(line_item).category_of(Decimal(amount)) == category


def test_parquet_has_types_and_says_what_it_is(demo_bill: Written) -> None:
    schema = pyarrow.parquet.read_schema(demo_bill.parquet)
    assert schema.names == list(COLUMNS)
    for field in schema:
        assert field.type == ARROW[COLUMNS[field.name].type], field.name
        assert field.nullable is COLUMNS[field.name].nullable, field.name
    assert schema.metadata[b"FocusVersion"] == b"1.2"
