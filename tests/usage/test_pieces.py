"""Pieces of a window: what is taken while others are still to be asked for."""

from __future__ import annotations

from openai_admin.errors import APIError
from openai_admin.usage.fetch import Received
from openai_admin.usage.pieces import Pieces
from openai_admin.usage.plan import Window

DAY = 86_400


def test_after_a_piece_that_failed_what_comes_is_still_taken_as_it_comes() -> None:
    pieces = Pieces(Window(0, 9 * DAY, 9), DAY)
    pieces.add_first(pieces.next() or pieces.window, 2)
    taken: list[tuple[int, int, list[tuple[int, int]]]] = []
    while (piece := pieces.next()) is not None:
        first = piece.start // DAY
        if piece.buckets > 1:
            pieces.add_first(piece, 1)
        elif first in (3, 4):
            pieces.fail(piece, APIError("down"))
        else:
            pieces.keep(piece, Received(said=[str(first)]))
        if pieces.can_be_taken:
            window, received = pieces.take()
            failed = [(part.start // DAY, part.end // DAY) for part, _ in received.failed]
            taken.append((window.start // DAY, window.end // DAY, failed))
    assert taken == [
        (0, 1, []),
        (1, 2, []),
        (2, 3, []),
        (3, 6, [(3, 5)]),
        (6, 7, []),
        (7, 8, []),
    ]
    last = pieces.take()
    assert (last.window.start, last.received.notes) == (8 * DAY, ["8"])
    assert not last.received.failed
    assert pieces.has_failed
