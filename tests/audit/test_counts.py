"""What DuckDB counts in the formats of the feed is what it counts in the events as they came."""

from __future__ import annotations

from pathlib import Path

from benchmarks.audit._counted import counted, differences
from benchmarks.audit._events import events

_EVENTS = 2_000


def test_counts_are_those_of_the_events_as_they_came(tmp_path: Path) -> None:
    counts = counted(events(_EVENTS), tmp_path)
    assert {found.total() for found in counts.values()} == {_EVENTS}
    assert differences(counts) == []


def test_a_count_that_differs_is_told(tmp_path: Path) -> None:
    counts = counted(events(_EVENTS), tmp_path)
    counts["ocsf"].popitem()
    counts["ecs"].popitem()
    told = differences(counts)
    assert {each.partition(":")[0] for each in told} == {"ocsf", "ecs"}
