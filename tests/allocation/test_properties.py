"""Whatever the rules and the rows: the parts of a row add up to it, and the rule that wins is the
one that a plain reading of the order finds."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from openai_admin.allocation import Allocation
from openai_admin.errors import InvalidInputError
from openai_admin.usage.money import add_up
from tests.insights.made import costs

DAY = date(2026, 3, 1)
PROJECTS = ["proj_a", "proj_b", "proj_ab", None]
KEYS = ["key_a", "key_b", None]
PATTERNS = ["_a", "_b", "_ab", "_*", "_a*", "_*b", "_?"]

amounts = st.decimals(
    min_value=-(10**20), max_value=10**20, allow_nan=False, places=39
) | st.sampled_from([Decimal(0), Decimal("0.01"), Decimal(-1)])
rows = st.lists(
    st.fixed_dictionaries(
        {
            "day": st.sampled_from([DAY, DAY + timedelta(days=1)]),
            "project_id": st.sampled_from(PROJECTS),
            "api_key_id": st.sampled_from(KEYS),
            "currency": st.sampled_from(["usd", "eur"]),
            "amount": amounts.map(lambda number: f"{number:f}"),
        }
    ),
    max_size=12,
)
weights = st.decimals(min_value="0.001", max_value=1000, places=3)


def _shares(weights: list[Decimal]) -> str:
    each = (f"{{ team = 'S{n}', weight = {weight} }}" for n, weight in enumerate(weights))
    return f"shares = [{', '.join(each)}]"


shares = st.lists(weights, min_size=1, max_size=4).map(_shares)


def _rule(draw: st.DrawFn, number: int, whose: st.SearchStrategy[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"number": number, "whose": draw(whose)}
    for selector, prefix in (("project", "proj"), ("key", "key")):
        if draw(st.booleans()) or (selector == "key" and "project" not in found):
            found[selector] = prefix + draw(st.sampled_from(PATTERNS))
    return found


@st.composite
def rule_sets(draw: st.DrawFn, whose: st.SearchStrategy[str]) -> list[dict[str, Any]]:
    return [_rule(draw, n, whose) for n in range(draw(st.integers(1, 5)))]


def text_of(rules: list[dict[str, Any]]) -> str:
    selectors = ("project", "key")
    return "".join(
        "[[rule]]\n" + "".join(f"{s} = '{r[s]}'\n" for s in selectors if s in r) + f"{r['whose']}\n"
        for r in rules
    )


@given(rule_sets(shares | st.just("shares = 'usage'") | st.just("team = 'T'")), rows)
def test_parts_add_up_to_each_row_exactly(rules: list[dict[str, Any]], rows: Any) -> None:
    table = costs({**row, "line_item": str(number)} for number, row in enumerate(rows))
    try:
        made = Allocation.from_text(text_of(rules)).apply(table)
    except InvalidInputError:  # they contradict each other
        return
    kept = [name for name in table.columns if name != "amount"]
    places = [tuple(row[name] for name in kept) for row in table.rows()]
    parts: dict[Any, list[dict[str, Any]]] = {place: [] for place in places}
    for row in made.rows():
        parts[tuple(row[name] for name in kept)].append(row)
    assert [add_up(part["amount"] for part in each) for each in parts.values()] == table["amount"]
    assert all(len({part["team"] for part in each}) == len(each) for each in parts.values())
    assert [row["line_item"] for row in made] == sorted((row["line_item"] for row in made), key=int)


def plainly(rules: list[dict[str, Any]], row: dict[str, Any]) -> set[str]:
    """The teams of the rules that win, by the words of the documentation."""
    matching = [
        r
        for r in rules
        if all(
            row[field] is not None and fnmatchcase(row[field], r[s])
            for s, field in (("key", "api_key_id"), ("project", "project_id"))
            if s in r
        )
    ]
    for selector in ("key", "project"):
        exact = [
            r
            for r in matching
            if selector in r and "*" not in r[selector] and "?" not in r[selector]
        ]
        wild = [r for r in matching if selector in r and r not in exact]
        if exact:
            matching = exact
        elif wild:
            narrow = [r for r in wild if not any(_includes(r[selector], o[selector]) for o in wild)]
            if len({r[selector] for r in narrow}) > 1:
                return {r["whose"] for r in narrow} | {"?"}
            matching = narrow
    return {r["whose"] for r in matching}


def _includes(wide: str, narrow: str) -> bool:
    """Whether a pattern matches all that another does: of those in use here."""
    texts = [
        p + e for p in ("proj_", "key_") for e in ("", "a", "b", "ab", "ba", "aab", "c", "cb", "ac")
    ]
    both = [{t for t in texts if fnmatchcase(t, pattern)} for pattern in (wide, narrow)]
    return both[1] < both[0]


@given(rule_sets(st.sampled_from(["team = 'A'", "team = 'B'", "team = 'C'"])), rows)
def test_the_rule_that_wins_is_that_of_a_plain_reading(
    rules: list[dict[str, Any]], rows: Any
) -> None:
    expected = [plainly(rules, {"project_id": None, "api_key_id": None, **row}) for row in rows]
    try:
        made = Allocation.from_text(text_of(rules)).apply(costs(rows))
    except InvalidInputError:
        pairs = [
            (a, b)
            for a in rules
            for b in rules
            if a["number"] < b["number"]
            and a["whose"] != b["whose"]
            and all(a.get(s) == b.get(s) for s in ("project", "key"))
        ]
        assert pairs or any(len(each) > 1 for each in expected)
        return
    got = [None if team is None else f"team = '{team}'" for team in made["team"]]
    for team, each in zip(got, expected, strict=True):
        # Where wildcards are not comparable, those that win may still say the same.
        assert team in each if "?" in each else each == ({team} if team is not None else set())


CREDITS = st.decimals(min_value=-50, max_value=100, places=13)
fine_rows = st.lists(
    st.fixed_dictionaries(
        {
            "day": st.just(DAY),
            "project_id": st.sampled_from(PROJECTS[:3]),
            "api_key_id": st.sampled_from(KEYS),
            "line_item": st.sampled_from(["gpt-5, input", "credit"]),
            "amount": CREDITS.map(lambda number: f"{number:f}"),
        }
    ),
    min_size=1,
    max_size=12,
)
SHARED = """
[[rule]]
key = "key_a"
team = "A"
[[rule]]
key = "key_b"
shares = [{team = "A", weight = 1}, {team = "B", weight = 2}]
[[rule]]
project = "proj_a"
shares = "usage"
[[rule]]
project = "proj_b"
shares = "usage"
measured = "organization"
[[rule]]
project = "proj_ab"
team = "B"
"""


@given(fine_rows, st.randoms(use_true_random=False))
def test_sums_are_the_same_whatever_else_is_grouped_by(
    rows: list[dict[str, Any]], rng: Any
) -> None:
    allocation = Allocation.from_text(SHARED)
    assert allocation.needs == {"api_key_id", "project_id"}
    added: dict[tuple[Any, ...], list[Decimal]] = {}
    for row in rows:
        added.setdefault((row["project_id"], row["api_key_id"]), []).append(Decimal(row["amount"]))
    coarse = [
        {"day": DAY, "project_id": p, "api_key_id": k, "amount": f"{add_up(amounts):f}"}
        for (p, k), amounts in added.items()
    ]
    other = rng.sample(rows, len(rows))
    found = [
        {
            (row["team"], row["project_id"]): row["amount"]
            for row in allocation.apply(costs(each)).totals(["team", "project_id"])
            if row["amount"]
        }
        for each in (rows, other, coarse)
    ]
    assert found[0] == found[1] == found[2]
