"""What a listing finds through an index is what looking at each record would find."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from openai_admin.emulator.table import Having, Order, Record, Scoped, Table

COLOURS = ("red", "green", "blue")
Change = tuple[str, int, tuple[str, ...], int]

changes = st.lists(
    st.tuples(
        st.sampled_from(["add", "add", "update", "remove"]),
        st.integers(0, 12),
        st.lists(st.sampled_from(COLOURS), max_size=2).map(tuple),
        st.integers(0, 9),
    ),
    max_size=40,
)
some_colours = st.frozensets(st.sampled_from((*COLOURS, "none")), min_size=1)


def thing_table() -> Table:
    return Table(
        "thing",
        keys={
            "colour": lambda thing: thing["colours"],
            "parity": lambda thing: (int(thing["id"]) % 2,),
        },
        numbers=("at",),
    )


def change(table: Table, changes: list[Change]) -> None:
    for what, number, colours, at in changes:
        id = str(number)
        if what == "remove" and id in table:
            table.remove(id)
        elif what == "update" and id in table:
            table.update(id, {"colours": colours, "at": at})
        elif what == "add" and id not in table:
            table.add({"id": id, "colours": colours, "at": at})


@given(
    before=changes,
    after=changes,
    colours=some_colours,
    parity=st.none() | st.integers(0, 1),
    between=st.none() | st.tuples(st.integers(-1, 10), st.integers(-1, 10)),
    order=st.sampled_from(["asc", "desc"]),
    cursor=st.none() | st.integers(0, 12).map(str),
)
def test_a_listing_by_index_is_the_filtered_one(
    before: list[Change],
    after: list[Change],
    colours: frozenset[str],
    parity: int | None,
    between: tuple[int, int] | None,
    order: Order,
    cursor: str | None,
) -> None:
    """Whether the indexes are made before the changes or after them."""
    table = thing_table()
    change(table, before)

    def by_index(table: Table) -> list[Record]:
        having = {"colour": colours} | ({} if parity is None else {"parity": {parity}})
        at = {} if between is None else {"at": between}
        found = table.walk(order, after=known_cursor, having=having, between=at)
        return list(found)

    def by_looking() -> Iterator[Record]:
        least, most = between or (-100, 100)
        for thing in table.walk(order, after=known_cursor):
            fits = parity in (None, int(thing["id"]) % 2) and least <= thing["at"] <= most
            if fits and colours & set(thing["colours"]):
                yield thing

    known_cursor = None
    assert by_index(table) == list(by_looking())
    change(table, after)
    known_cursor = cursor if cursor is not None and table.has_cursor(cursor) else None
    assert by_index(table) == list(by_looking()) == by_index(table.copy())


def test_a_rare_key_is_found_without_walking_over_the_table() -> None:
    looked_at = 0

    def colours(thing: Record) -> tuple[str, ...]:
        nonlocal looked_at
        looked_at += 1
        return (thing["colour"],)

    table = Table("thing", keys={"colour": colours, "all": lambda _: (1,)}, numbers=("at",))
    for number in range(2000):
        colour = "red" if number % 500 == 0 else "green"
        table.add({"id": str(number), "colour": colour, "at": number})
    having: Having = {"colour": {"red"}, "all": {1}}
    list(table.walk("asc", having=having))
    looked_at = 0
    assert [t["at"] for t in table.walk("desc", having=having)] == [1500, 1000, 500, 0]
    assert looked_at == 0
    # By time alone what lies outside of it is not looked at either.
    having = {"colour": {"green"}, "all": {1}}
    found = table.walk("desc", having=having, between={"at": (990, 1005)})
    assert len(list(found)) == 15
    assert looked_at <= 16


@given(
    before=st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.integers(0, 3)), max_size=30),
    after=st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.integers(0, 3)), max_size=30),
)
def test_the_scopes_of_an_id_are_those_whose_tables_have_it(
    before: list[tuple[bool, int, int]], after: list[tuple[bool, int, int]]
) -> None:
    scoped = Scoped("member")

    def change(steps: list[tuple[bool, int, int]]) -> None:
        for comes, scope, number in steps:
            if number == 3:
                scoped.discard(f"proj_{scope}")
            elif comes != (str(number) in scoped[f"proj_{scope}"]):
                table = scoped[f"proj_{scope}"]
                table.add({"id": str(number)}) if comes else table.remove(str(number))

    for steps in (before, after):
        change(steps)
        for tables in (scoped, scoped.copy()):
            for number in range(3):
                having = {scope for scope, table in tables.items() if str(number) in table}
                assert tables.scopes_of(str(number)) == having
