"""The position that is kept makes the moves of the one that reads, later."""

from __future__ import annotations

import random
from pathlib import Path

from openai_admin.audit.delivery.position import Ahead, make
from openai_admin.resources.audit_logs import AuditLogPosition


def test_it_is_always_one_that_the_other_has_had() -> None:
    rng = random.Random(1)
    kept = AuditLogPosition(floor=100)
    ahead = Ahead.of(kept, lambda: None)
    pending, states = [], []
    for number in range(300):
        ahead.mark(f"id-{rng.randrange(60)}", 100 + number + rng.randrange(-30, 30))
        if rng.random() < 0.3:
            ahead.advance(60 + number)
        pending.append(ahead.taken())
        states.append((ahead.floor, dict(ahead.seen)))
    for moves, (floor, seen) in zip(pending, states, strict=True):
        make(kept, moves)
        assert (kept.floor, kept.seen) == (floor, seen)


def test_what_is_read_and_not_confirmed_is_not_saved(tmp_path: Path) -> None:
    kept = AuditLogPosition.from_file(tmp_path / "position.json", since=100)
    ahead = Ahead.of(kept, lambda: None)
    ahead.mark("one", 110)
    first = ahead.taken()
    ahead.mark("two", 120)
    make(kept, first)
    kept.save()
    assert AuditLogPosition.from_file(tmp_path / "position.json").seen == {"one": 110}


def test_each_move_is_told() -> None:
    told: list[None] = []
    ahead = Ahead.of(AuditLogPosition(floor=100), lambda: told.append(None))
    ahead.mark("one", 110)
    ahead.mark("one", 110)  # no move
    ahead.advance(90)  # no move either
    ahead.advance(105)
    assert len(told) == 2
    assert ahead.taken() == [("one", 110), (None, 105)]
    assert ahead.taken() == []
