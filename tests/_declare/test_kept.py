"""Values that are made once for each instance, without a lock."""

from __future__ import annotations

import threading
from itertools import count

from openai_admin._declare.kept import kept


class Thing:
    def __init__(self) -> None:
        self.numbers = count(1)
        self.begun = threading.Event()
        self.go_on = threading.Event()

    @kept
    def number(self) -> int:
        """Which it is."""
        made = next(self.numbers)
        self.begun.set()
        self.go_on.wait()
        return made


def test_a_value_is_made_once_and_kept() -> None:
    thing, other = Thing(), Thing()
    thing.go_on.set()
    assert [thing.number, thing.number] == [1, 1]
    assert not other.begun.is_set()
    assert Thing.number.__doc__ == "Which it is."


def test_who_asks_meanwhile_does_not_wait_and_all_get_the_same() -> None:
    thing = Thing()
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(thing.number))
    thread.start()
    thing.begun.wait()
    # That thread is within; this one is not held up by it.
    other = Thing()
    other.go_on.set()
    assert other.number == 1
    second = threading.Thread(target=lambda: found.append(thing.number))
    thing.begun.clear()
    second.start()
    thing.begun.wait()
    thing.go_on.set()
    thread.join()
    second.join()
    assert found == [thing.number] * 2
