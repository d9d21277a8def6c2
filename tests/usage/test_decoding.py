"""Whole pages of usage on all ways of decoding: at once, bucket by bucket, and the tolerant one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, get_args, get_type_hints

import attrs
import msgspec
import pytest

from openai_admin._wire import codec, parts
from openai_admin._wire.codec import decode, to_dict
from openai_admin._wire.models import Page
from openai_admin._wire.scalars import read_decimal
from openai_admin.resources.usage.results import CompletionsUsage, Cost, CostAmount, UsageBucket
from openai_admin.resources.users.model import OrganizationUser
from openai_admin.usage.endpoints import endpoints

WAYS = ["fast", "in parts", "tolerant", "tolerant in parts"]


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each way in turn; on the tolerant one the fast decoder is taken away."""
    if "in parts" in request.param:
        monkeypatch.setattr(codec, "_VERY_LARGE", 0)
    if "tolerant" in request.param:
        decoder_of_rows = codec._decoder_of_rows

        class Refusing:
            def decode(self, raw: bytes) -> Any:
                raise msgspec.ValidationError("refused")

        def refusing(into: Any) -> Refusing | None:
            return None if decoder_of_rows(into) is None else Refusing()

        monkeypatch.setattr(codec, "_decoder_of_rows", refusing)
        monkeypatch.setattr(parts, "_decoder_of_bucket", lambda into: Refusing())
    name: str = request.param
    return name


def page(buckets: list[dict[str, Any]], into: Any = CompletionsUsage, **fields: Any) -> Page[Any]:
    """A decoded page."""
    raw = json.dumps({"object": "page", "data": buckets, **fields}).encode()
    result: Page[Any] = decode(raw, Page[UsageBucket[into]])
    assert result.raw == raw
    return result


def bucket(*rows: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A bucket as the API writes it."""
    times = {"object": "bucket", "start_time": 1_730_419_200, "end_time": 1_730_505_600}
    return {**times, "results": list(rows), **fields}


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("name", sorted(endpoints()))
def test_every_row_class_reads_all_its_fields(name: str) -> None:
    endpoint = endpoints()[name]
    row: dict[str, Any] = {}
    for field, hint in get_type_hints(endpoint.row).items():
        kinds = get_args(hint) or (hint,)
        if CostAmount in kinds:
            row[field] = {"value": 1.5, "currency": "usd"}
        elif Decimal in kinds:
            row[field] = 2.25
        elif int in kinds:
            row[field] = 12
        elif bool in kinds:
            row[field] = True
        else:
            row[field] = f"some {field}"
    assert row.keys() == {a.name for a in attrs.fields(endpoint.row)}
    (read,) = page([bucket(row)], endpoint.row).data[0].results
    assert type(read) is endpoint.row
    assert to_dict(read) == row


@pytest.mark.usefixtures("way")
def test_unknown_fields_are_passed_over_everywhere() -> None:
    new = {"since": [1, {"deep": None}]}
    plain = page([bucket({"input_tokens": 1})])
    other = page([bucket({"input_tokens": 1, "new": new}, new=new)], new=new)
    assert other.data == plain.data


@pytest.mark.usefixtures("way")
def test_nulls_become_what_a_missing_field_is() -> None:
    names = list(get_type_hints(CompletionsUsage))
    nulls = page([bucket(dict.fromkeys(names))], has_more=None)
    assert nulls.data[0].results == [CompletionsUsage()]
    assert nulls.unreadable == []
    assert (nulls.has_more, nulls.next_page) == (False, None)
    (cost,) = page([bucket(dict.fromkeys(get_type_hints(Cost)))], Cost).data[0].results
    assert cost == Cost()


NO_AMOUNT: list[dict[str, Any]] = [
    {},
    {"amount": None},
    {"amount": {}},
    {"amount": {"value": None, "currency": "usd"}},
]


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("row", NO_AMOUNT, ids=json.dumps)
def test_a_cost_without_an_amount_is_not_known(row: dict[str, Any]) -> None:
    odd = page([bucket({"amount": {"value": 1}}, row)], Cost)
    assert len(odd.data[0].results) == 2
    (part,) = odd.unreadable
    assert (part.place, part.raw) == ("$.data[0].results[1].amount", row)
    assert to_dict(odd)["data"][0]["results"][1]["amount"] == row.get("amount")


ONE, TWO = ({"amount": {"value": value}} for value in (1, 2))


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    ("rows", "values", "told"),
    [
        ({"results": []}, [], []),
        ({"result": []}, [], []),
        ({"result": [ONE]}, [1], []),
        ({"result": [ONE], "results": []}, [1], []),
        ({"result": [ONE], "results": None}, [1], []),
        ({"result": [ONE], "results": [ONE]}, [1], []),
        ({"result": [], "results": [ONE]}, [1], []),
        ({"result": [TWO], "results": [ONE]}, [1], ["$.data[0].result"]),
        ({"results": None}, None, ["$.data[0]"]),
        ({}, None, ["$.data[0]"]),
    ],
    ids=str,
)
def test_rows_stand_under_either_name(
    rows: dict[str, Any], values: list[int] | None, told: list[str]
) -> None:
    times = {k: v for k, v in bucket().items() if k != "results"}
    read = page([{**times, **rows}], Cost)
    found = [[row.amount.value for row in each.results] for each in read.data]
    assert found == ([] if values is None else [values])
    assert [part.place for part in read.unreadable] == told
    assert to_dict(read)["data"][0].get("result") in (None, rows.get("result"))


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("value", ["0.06", "1e-7", "00.5", "12345678901234567890.12"])
def test_amounts_may_be_text(value: str) -> None:
    row = {"amount": {"value": value, "currency": "usd"}, "quantity": value}
    (cost,) = page([bucket(row)], Cost).data[0].results
    assert cost.amount.value == cost.quantity == Decimal(value)


@pytest.mark.usefixtures("way")
def test_numbers_may_be_huge_or_text() -> None:
    most = 2**63 - 1
    came = [most, str(most), "17", most + 1, str(-most - 2), 10**400]
    fields = ("input_tokens", "input_cached_tokens")
    read = page([bucket(*(dict.fromkeys(fields, each) for each in came))])
    for field in fields:
        values = [getattr(row, field) for row in read.data[0].results]
        assert values == [most, most, 17, None, None, None]
    assert [part.field for part in read.unreadable] == [*fields] * 3


@pytest.mark.usefixtures("way")
def test_an_empty_page_may_have_more() -> None:
    empty = page([], has_more=True, next_page="page_AAAA==")
    assert (empty.data, empty.has_more, empty.next_page) == ([], True, "page_AAAA==")
    bare = page([bucket(), bucket()], has_more=True, next_page="page_B")
    assert [b.results for b in bare.data] == [[], []]
    assert bare.has_more is True


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("start", [1_730_419_200, 1_730_419_200.0, "1730419200"])
def test_times_come_as_seconds_of_any_form(start: Any) -> None:
    read = page([bucket(start_time=start)]).data[0]
    assert read.start_time == datetime(2024, 11, 1, tzinfo=UTC)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    ("buckets", "place"),
    [
        ([bucket({"input_tokens": "many"})], "$.data[0].results[0].input_tokens"),
        ([bucket(), bucket(end_time="soon")], "$.data[1]"),
        ([bucket(results={})], "$.data[0]"),
        ([bucket({"input_tokens": -1.5})], "$.data[0].results[0].input_tokens"),
        ([[]], "$.data[0]"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(buckets: Any, place: str) -> None:
    assert [part.place for part in page(buckets).unreadable] == [place]


def test_one_odd_row_costs_no_other_row_anything() -> None:
    rows = [{"input_tokens": n, "project_id": "p"} for n in range(100)]
    fast = page([bucket(*rows)]).data[0].results
    odd = page([bucket(*rows, {"input_tokens": None, "project_id": 5})]).data[0].results
    assert odd[:-1] == fast
    assert (odd[-1].input_tokens, odd[-1].project_id) == (0, "5")


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("0E-6176", "0"),
        ("-0E-6176", "0"),
        ("-0.0", "0"),
        ("0.000004500000000000000000000000000000000", "0.0000045"),
        ("1E+3", "1000"),
        ("30.0", "30"),
        ("-12.50", "-12.5"),
        ("2.50", "2.5"),
        ("100", "100"),
        ("0.123456789012345678901234567890123456789", "0.123456789012345678901234567890123456789"),
    ],
)
@pytest.mark.parametrize("quoted", [False, True])
def test_numbers_are_in_the_one_form_of_their_value(written: str, read: str, quoted: bool) -> None:
    value = f'"{written}"' if quoted else written
    row = f'{{"amount": {{"value": {value}, "currency": "usd"}}, "quantity": {value}}}'
    raw = f'{{"data": [{json.dumps(bucket())[:-3]}[{row}]}}]}}'.encode()
    (cost,) = decode(raw, Page[UsageBucket[Cost]]).data[0].results
    assert (format(cost.amount.value, "f"), format(cost.quantity, "f")) == (read, read)
    assert cost.amount.value.as_tuple() == cost.quantity.as_tuple() == Decimal(read).as_tuple()


OUT_OF_BOUNDS = ["1e1000000", "-1e20", "1e-1000000", "NaN", "-Infinity", "9" * 70]


@pytest.mark.parametrize("value", OUT_OF_BOUNDS)
@pytest.mark.parametrize("field", ["value", "quantity"])
def test_a_number_out_of_bounds_is_refused_on_both_ways(value: str, field: str) -> None:
    row: dict[str, Any] = {"amount": {"value": "1"}, "quantity": "1"}
    (row["amount"] if field == "value" else row)[field] = value
    raw = json.dumps({"data": [bucket(row)]}).encode()
    fast = codec._decoder_of_rows(Page[UsageBucket[Cost]])
    assert fast is not None
    with pytest.raises(msgspec.ValidationError):
        fast.decode(raw)
    with pytest.raises(ValueError, match=r"too large|not a finite number"):
        read_decimal(value)


HUGE = ["1e1000000", "-1e1000000", "1e1000000000000000000", "1e400", "9" * 5000]


@pytest.mark.parametrize("quoted", [False, True])
@pytest.mark.parametrize("written", HUGE, ids=lambda text: text[:12])
def test_a_number_out_of_bounds_costs_its_field_alone(written: str, quoted: bool) -> None:
    value = f'"{written}"' if quoted else written
    rows = f'[{{"amount": {{"value": {value}}}, "project_id": "p"}}, {{"amount": {{"value": 2}}}}]'
    raw = f'{{"data": [{json.dumps(bucket())[:-3]}{rows}}}]}}'.encode()
    page = decode(raw, Page[UsageBucket[Cost]])
    odd, good = page.data[0].results
    assert (odd.amount, odd.project_id, good.amount.value) == (None, "p", 2)
    (part,) = page.unreadable
    assert (part.field, part.path) == ("amount", ("data", 0, "results", 0))
    # Never as a whole number, which would have a million digits.
    assert to_dict(page)["data"][0]["results"][0]["amount"]["value"] == written
    assert part.raw["amount"] == {"value": written}


@pytest.mark.parametrize("written", HUGE, ids=lambda text: text[:12])
def test_a_number_out_of_bounds_costs_a_listing_its_field_alone(written: str) -> None:
    raw = f'{{"data": [{{"id": "user-1", "added_at": {written}}}], "has_more": false}}'.encode()
    (user,) = decode(raw, Page[OrganizationUser]).data
    assert (user.id, user.added_at) == ("user-1", None)
    assert to_dict(user)["added_at"] == written


@pytest.mark.parametrize(("error", "is_read"), [(None, True), ({}, False), ("no", False)])
def test_a_page_with_an_error_is_not_read_the_fast_way(error: Any, is_read: bool) -> None:
    bucket = {"start_time": 0, "end_time": 60, "results": [{"input_tokens": 1}]}
    raw = json.dumps({"data": [bucket], "has_more": False, "error": error}).encode()
    read = codec.decode_rows(raw, Page[UsageBucket[CompletionsUsage]])
    assert read is None or read.raw == raw
    assert (read is not None) is is_read


@pytest.mark.parametrize("space", ["", " ", "\n  "])
@pytest.mark.parametrize(
    "change", ["nothing", "order of the first", "order of one", "within", "one"]
)
def test_a_page_that_is_cut_is_the_same_as_a_whole_one(
    monkeypatch: pytest.MonkeyPatch, space: str, change: str
) -> None:
    like_one = '}, {"object":"bucket", "start_time": 1'
    buckets = [bucket({"input_tokens": n, "model": like_one}) for n in range(5)]
    if change.startswith("order"):
        at = 0 if change.endswith("first") else 2
        buckets[at] = dict(reversed(buckets[at].items()))
    elif change == "within":
        buckets[1]["of"] = bucket()
    elif change == "one":
        del buckets[1:]
    separators = (f",{space}", f":{space}")
    whole = {"object": "page", "data": buckets, "has_more": True, "next_page": "p"}
    raw = json.dumps(whole, separators=separators).encode()
    into = Page[UsageBucket[CompletionsUsage]]
    expected = decode(raw, into)
    assert [b.results[0].input_tokens for b in expected.data] == list(range(len(buckets)))
    monkeypatch.setattr(codec, "_VERY_LARGE", 0)
    assert decode(raw, into) == expected


def test_what_is_not_valid_json_is_not_cut_into_what_is() -> None:
    one = json.dumps(bucket({"input_tokens": 1}))
    for between in (" ", ",,", "]", ", 1,", "}, {"):
        raw = f'{{"data": [{one}{between}{one}, {one}], "has_more": false}}'.encode()
        with pytest.raises(msgspec.DecodeError):
            parts.in_parts(raw, Page[UsageBucket[CompletionsUsage]])
