"""Paging: the four idioms, forwards and backwards, by both pagers."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from openai_admin import json_default
from openai_admin._declare.pagination import PageCursor, Paging
from openai_admin._declare.resource import Async, Blocking
from openai_admin._wire.models import Page
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import ExpiredCursor
from openai_admin.errors import BadRequestError, NotFoundError, PaginationError
from tests.conftest import AsyncSurface, BlockingSurface
from tests.declared import Thing, Things
from tests.doubles import LoopPortal, ScriptedCaller

ReadAll = Callable[[ScriptedCaller, Callable[[Things[Any]], Any]], list[str]]
"""The ids of everything that a listing yields, read by one of the pagers."""


def _read_async(caller: ScriptedCaller, listing: Callable[[Things[Any]], Any]) -> list[str]:
    async def walk() -> list[str]:
        return [thing.id async for thing in listing(Things[Async](caller))]

    return asyncio.run(walk())


def _read_blocking(caller: ScriptedCaller, listing: Callable[[Things[Any]], Any]) -> list[str]:
    portal = LoopPortal()
    try:
        return [thing.id for thing in listing(Things[Blocking].of(caller, portal))]
    finally:
        portal.close()


@pytest.fixture(params=[_read_async, _read_blocking], ids=["async", "blocking"])
def read_all(request: pytest.FixtureRequest) -> ReadAll:
    """Each pager in turn."""
    reader: ReadAll = request.param
    return reader


@pytest.fixture
def portal() -> Iterator[LoopPortal]:
    """What a blocking pager runs on."""
    portal = LoopPortal()
    yield portal
    portal.close()


def _page(*ids: str, more: bool = True, **fields: Any) -> dict[str, Any]:
    return {"data": [{"id": i} for i in ids], "has_more": more, **fields}


IDIOMS: dict[str, tuple[Callable[[Things[Any]], Any], list[dict[str, Any]], list[str]]] = {
    "last_id": (
        lambda things: things.list("box", limit=2, kinds=["a", "b"]),
        [_page("1", "2", first_id="1", last_id="L2"), _page("3", last_id="3", more=False)],
        [
            "/boxes/box/things?limit=2&kinds%5B%5D=a&kinds%5B%5D=b",
            "/boxes/box/things?limit=2&kinds%5B%5D=a&kinds%5B%5D=b&after=L2",
        ],
    ),
    "last_id that did not come": (
        lambda things: things.list("box"),
        [_page("1", "2"), _page("3", last_id=None), _page("4", more=False)],
        [
            "/boxes/box/things",
            "/boxes/box/things?after=2",
            "/boxes/box/things?after=3",
        ],
    ),
    "last item": (
        lambda things: things.by_item(),
        [_page("1", "2", last_id="not this"), _page("3", more=False)],
        ["/by-item", "/by-item?after=2"],
    ),
    "next": (
        lambda things: things.by_next(),
        [_page("1", "2", next="n=="), _page("3", next=None, more=False)],
        ["/by-next", "/by-next?after=n=="],
    ),
    "next_page": (
        lambda things: things.by_page(limit=5),
        [_page("1", "2", next_page="page_AAA=="), _page("3", next_page=None, more=False)],
        ["/by-page?limit=5", "/by-page?limit=5&page=page_AAA=="],
    ),
    "empty pages in between": (
        lambda things: things.by_page(),
        [
            _page(next_page="a"),
            _page("1", next_page="b"),
            _page(next_page="c"),
            _page(next_page="d"),
            _page("2", more=False),
        ],
        ["/by-page", "/by-page?page=a", "/by-page?page=b", "/by-page?page=c", "/by-page?page=d"],
    ),
    "a cursor to begin with": (
        lambda things: things.list("box", after="0"),
        [_page("1", last_id="1"), _page("2", more=False)],
        ["/boxes/box/things?after=0", "/boxes/box/things?after=1"],
    ),
    "backwards": (
        lambda things: things.list("box", before="9", limit=2),
        [_page("7", "8", first_id="7", last_id="8"), _page("5", "6"), _page("4", more=False)],
        [
            "/boxes/box/things?limit=2&before=9",
            "/boxes/box/things?limit=2&before=7",
            "/boxes/box/things?limit=2&before=5",
        ],
    ),
    "between two cursors": (
        lambda things: things.list("box", after="1", before="9"),
        [_page("2", "3", last_id="3"), _page("4", more=False)],
        [
            "/boxes/box/things?after=1&before=9",
            "/boxes/box/things?after=3&before=9",
        ],
    ),
    "an empty end": (
        lambda things: things.list("box"),
        [_page("1", last_id="1"), _page(more=False)],
        ["/boxes/box/things", "/boxes/box/things?after=1"],
    ),
    "nothing": (lambda things: things.list("box"), [_page(more=False)], ["/boxes/box/things"]),
    "a last page that still has cursors": (
        lambda things: things.by_page(),
        [_page("1", next_page="a", last_id="1", more=False)],
        ["/by-page"],
    ),
}


@pytest.mark.parametrize("idiom", IDIOMS)
def test_a_listing_yields_every_item_once_and_asks_for_each_page(
    read_all: ReadAll, idiom: str
) -> None:
    listing, pages, targets = IDIOMS[idiom]
    caller = ScriptedCaller(pages)
    assert read_all(caller, listing) == [item["id"] for page in pages for item in page["data"]]
    assert caller.targets == targets


@pytest.mark.parametrize("idiom", IDIOMS)
async def test_a_reader_may_empty_each_page(idiom: str) -> None:
    listing, pages, targets = IDIOMS[idiom]
    caller = ScriptedCaller(pages)
    async for page in listing(Things[Async](caller)).pages():
        page.data.clear()
    assert caller.targets == targets


@pytest.mark.parametrize("idiom", IDIOMS)
def test_a_blocking_reader_may_empty_each_page(portal: LoopPortal, idiom: str) -> None:
    listing, pages, targets = IDIOMS[idiom]
    caller = ScriptedCaller(pages)
    for page in listing(Things[Blocking].of(caller, portal)).pages():
        page.data.clear()
    assert caller.targets == targets


@pytest.mark.parametrize(
    ("listing", "pages"),
    [
        (lambda things: things.by_page(), [_page("1", next_page=None)]),
        (lambda things: things.by_page(), [_page("1", next_page="")]),
        (lambda things: things.by_page(), [_page("1", last_id="1", next="x")]),
        (lambda things: things.by_next(), [_page("1", next=None)]),
        (lambda things: things.by_item(), [_page("1"), _page()]),
        (lambda things: things.list("box"), [_page("1", last_id="1"), _page()]),
        (lambda things: things.list("box", before="5"), [_page()]),
    ],
)
def test_more_without_a_cursor_is_an_error(
    read_all: ReadAll, listing: Callable[[Things[Any]], Any], pages: list[dict[str, Any]]
) -> None:
    with pytest.raises(PaginationError, match="says there is more, but has no cursor"):
        read_all(ScriptedCaller(pages), listing)


@pytest.mark.parametrize(
    ("listing", "pages"),
    [
        (lambda things: things.by_page(), [_page("1", next_page="a")] * 2),
        (
            lambda things: things.by_page(),
            [_page("1", next_page=cursor) for cursor in ("a", "b", "c", "a")],
        ),
        (lambda things: things.by_next(), [_page("1", next="a")] * 2),
        (lambda things: things.by_item(), [_page("1", "2")] * 2),
        (lambda things: things.list("box"), [_page("1", last_id="a"), _page("2", last_id="a")]),
        (lambda things: things.list("box", before="9"), [_page("5", "6")] * 2),
    ],
)
def test_a_cursor_that_comes_again_is_an_error(
    read_all: ReadAll, listing: Callable[[Things[Any]], Any], pages: list[dict[str, Any]]
) -> None:
    caller = ScriptedCaller(pages)
    with pytest.raises(PaginationError, match="a second time; following it would loop") as caught:
        read_all(caller, listing)
    assert caught.value.cursor in ("a", "2", "5")
    assert len(caller.calls) == len(pages)


def test_an_error_on_a_later_page_comes_through(read_all: ReadAll) -> None:
    gone = NotFoundError("gone", status=404)
    with pytest.raises(NotFoundError, match="gone"):
        read_all(ScriptedCaller([_page("1", next_page="a"), gone]), lambda things: things.by_page())


async def test_awaited_a_listing_is_its_first_page() -> None:
    caller = ScriptedCaller([_page("1", "2", next_page="a"), _page("3", more=False)])
    pager = Things[Async](caller).by_page()
    page = await pager
    assert isinstance(page, Page)
    assert [thing.id for thing in page.data] == ["1", "2"]
    assert (page.has_more, page.next_page, len(caller.calls)) == (True, "a", 1)


async def test_an_awaited_page_goes_on_through_all_that_follow() -> None:
    caller = ScriptedCaller([_page("1", "2", next_page="a"), _page("3", more=False)] * 2)
    page = await Things[Async](caller).by_page()
    assert [thing.id async for thing in page] == ["1", "2", "3"]
    assert [thing.id async for thing in await Things[Async](caller).by_page()] == ["1", "2", "3"]
    assert caller.targets == ["/by-page", "/by-page?page=a"] * 2


async def test_a_page_is_compared_and_pickled_without_its_listing() -> None:
    caller = ScriptedCaller([_page("1", next_page="a")])
    page = await Things[Async](caller).by_page()
    for other in (pickle.loads(pickle.dumps(page)), copy.copy(page), copy.deepcopy(page)):
        assert other == page
        with pytest.raises(TypeError, match="its items are in its data"):
            aiter(other)


async def test_a_page_of_a_walk_leaves_going_on_to_the_walk() -> None:
    pages = Things[Async](ScriptedCaller([_page("1", next_page="a")])).by_page().pages()
    page = await anext(pages)
    with pytest.raises(TypeError, match="one of a walk that goes on by itself"):
        aiter(page)
    await pages.aclose()


async def test_nothing_is_asked_for_before_it_is_wanted() -> None:
    caller = ScriptedCaller([_page("1", next_page="a"), _page("2", more=False)])
    pager = Things[Async](caller).by_page()
    assert caller.calls == []
    pages = pager.pages()
    await anext(pages)
    assert len(caller.calls) == 1
    await pages.aclose()


async def test_a_listing_can_be_iterated_again() -> None:
    pages = [_page("1", next_page="a"), _page("2", more=False)]
    caller = ScriptedCaller(pages * 2)
    pager = Things[Async](caller).by_page()
    for _ in range(2):
        assert [thing.id async for thing in pager] == ["1", "2"]
    assert caller.targets == ["/by-page", "/by-page?page=a"] * 2


async def test_pages_are_iterated_whole() -> None:
    answers = [_page("1", "2", next_page="a"), _page(next_page="b"), _page("3", more=False)]
    caller = ScriptedCaller(answers)
    pages = [page async for page in Things[Async](caller).by_page().pages()]
    assert [[thing.id for thing in page.data] for page in pages] == [["1", "2"], [], ["3"]]


def test_blocking_a_listing_is_its_first_page_and_goes_on(portal: LoopPortal) -> None:
    first = _page("1", first_id="1", last_id="1", next="n", next_page="a")
    caller = ScriptedCaller([first, _page("2", more=False)])
    pager = Things[Blocking].of(caller, portal).by_page()
    assert len(caller.calls) == 1
    assert pager.data == [Thing(id="1")]
    assert (pager.has_more, pager.next_page, pager.next) == (True, "a", "n")
    assert (pager.first_id, pager.last_id) == ("1", "1")
    assert pager.raw.startswith(b'{"data"')
    assert repr(pager) == "Pager(Page(1 of Thing, has_more=True))"
    for page in (pickle.loads(pickle.dumps(pager)), copy.copy(pager), copy.deepcopy(pager)):
        assert (type(page), page) == (Page, next(pager.pages()))
    assert json.loads(json.dumps(pager, default=json_default)) == vars(pager)
    assert vars(pager)["data"] == [{"id": "1"}]
    assert TypeAdapter(Page[Thing]).validate_python(pager).data == pager.data
    assert len(caller.calls) == 1
    assert [len(page.data) for page in pager.pages()] == [1, 1]
    assert len(caller.calls) == 2


def test_blocking_an_error_shows_where_the_listing_is_asked_for(portal: LoopPortal) -> None:
    things = Things[Blocking].of(ScriptedCaller([NotFoundError("gone", status=404)]), portal)
    with pytest.raises(NotFoundError):
        things.by_page()


@given(
    sizes=st.lists(st.integers(0, 4), min_size=1, max_size=12),
    paging=st.sampled_from([Paging.NEXT, Paging.NEXT_PAGE]),
)
def test_no_item_is_lost_or_repeated_whatever_the_pages(sizes: list[int], paging: Paging) -> None:
    pages: dict[str | None, Page[int]] = {}
    begin = 0
    for number, size in enumerate(sizes):
        last = number == len(sizes) - 1
        cursor = None if last else f"c{number + 1}"
        pages[f"c{number}" if number else None] = Page(
            data=list(range(begin, begin + size)), has_more=not last, next=cursor, next_page=cursor
        )
        begin += size
    walk, cursor, seen = PageCursor(paging), None, []
    while True:
        page = pages[cursor]
        seen += page.data
        cursor = walk.next_cursor(page)
        if cursor is None:
            break
    assert seen == list(range(begin))


def test_the_parameter_of_the_cursor() -> None:
    assert [paging.parameter for paging in Paging] == ["after", "after", "after", "page"]
    assert PageCursor(Paging.LAST_ID, backwards=True).parameter == "before"


@pytest.mark.parametrize("client", [AsyncSurface, BlockingSurface])
@pytest.mark.parametrize("refused", [{"only": (1, 3)}, {}], ids=["some", "every"])
async def test_a_usage_listing_goes_on_where_it_is_when_its_cursor_is_refused(
    demo: Emulator, client: type[AsyncSurface | BlockingSurface], refused: dict[str, Any]
) -> None:
    query = {"start_time": "2026-10-01T06:00:00Z", "end_time": "2026-10-21", "limit": 3}
    surface = client(demo)
    undisturbed = await surface.items(lambda c: c.usage.completions(**query))
    demo.requests.clear()
    demo.faults.add(ExpiredCursor(match="usage.completions", **refused))
    received = await surface.items(lambda c: c.usage.completions(**query))
    await surface.close()
    assert received == undisturbed
    assert [r.status for r in demo.requests].count(400) == (2 if refused else 6)


async def test_a_listing_whose_cursor_is_refused_says_so(demo: Emulator) -> None:
    surface = AsyncSurface(demo)
    demo.faults.add(ExpiredCursor(match="projects.list"))
    with pytest.raises(BadRequestError):
        await surface.items(lambda c: c.projects.list(limit=3))
    await surface.close()
