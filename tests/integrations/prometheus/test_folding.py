"""The bound on series: what is folded adds up to the same, and the same stays single."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from openai_admin.integrations.prometheus.families import OTHER
from openai_admin.integrations.prometheus.folding import Folding, Key, added_up, highest

_KEYS = st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("xyz"), st.sampled_from("12"))
_AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-99, max_value=99)


@given(st.dictionaries(_KEYS, _AMOUNTS, min_size=1), st.integers(2, 20))
def test_sums_are_exact_and_bounded(amounts: dict[Key, Decimal], limit: int) -> None:
    standing = Folding(limit, (0, 1)).fold(amounts)
    sums = added_up(amounts, standing)
    assert len(sums) <= limit  # the last position, which is kept, has two values
    assert sum(sums.values()) == sum(amounts.values())
    for last in "12":
        of = (amount for key, amount in amounts.items() if key[2] == last)
        assert sum(v for key, v in sums.items() if key[2] == last) == sum(of)
    for project in "abcdefgh":
        whole = {key for key in amounts if key[0] == project}
        assert {standing[key][0] == OTHER for key in whole} in ({True}, {False}, set())


def test_the_largest_are_kept_and_the_models_of_the_rest_stay() -> None:
    amounts: dict[Key, int] = {
        (project, model): size
        for project, size in (("large", 90), ("middle", 50), ("small", 1), ("tiny", 1))
        for model in ("m1", "m2")
    }
    sums = added_up(amounts, Folding(6, (0, 1)).fold(amounts))
    assert sums == {
        **{key: size for key, size in amounts.items() if size >= 50},
        (OTHER, "m1"): 2,
        (OTHER, "m2"): 2,
    }


def test_what_is_about_as_large_does_not_take_turns() -> None:
    folding = Folding(2, (0,))
    kept: defaultdict[int, set[str]] = defaultdict(set)
    for turn, (one, two) in enumerate(((100, 99), (100, 101), (100, 120), (100, 140))):
        standing = folding.fold({("a",): one, ("b",): two, ("c",): 1})
        kept[turn] = {to[0] for to in standing.values()}
    assert kept == {0: {"a", OTHER}, 1: {"a", OTHER}, 2: {"a", OTHER}, 3: {"b", OTHER}}


def test_shares_are_not_added_up() -> None:
    shares: dict[Key, float] = {("a",): 0.5, ("b",): 0.75, ("c",): 0.25, ("d",): 0.125}
    assert highest(shares, Folding(2, (0,)).fold(shares)) == {("b",): 0.75, (OTHER,): 0.5}
