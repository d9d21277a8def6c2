"""What a rate limit is lowered to, and what it is not."""

from __future__ import annotations

from openai_admin.audit.guard.history import Place
from openai_admin.audit.guard.limiting import Need, limits_of, lowering, need_of
from openai_admin.audit.guard.prices import Counts
from openai_admin.audit.guard.reading import Used
from openai_admin.resources.projects.rate_limits import ProjectRateLimit

LIMIT = ProjectRateLimit(
    id="rl-gpt-5",
    model="gpt-5",
    max_requests_per_1_minute=10_000,
    max_tokens_per_1_minute=1_000_000,
)
LEAK: Place = ("key_leak", "proj_1")
OTHER: Place = ("key_other", "proj_1")
PACE = Counts(requests=500, input=900_000)


def of(requests: int, tokens: int = 0) -> dict[str | None, Counts]:
    return {"gpt-5": Counts(requests=requests, input=tokens)}


def test_the_need_is_of_the_whole_project_and_without_the_burst() -> None:
    minutes: Used = {
        LEAK: {99: of(5, 500), 100: of(5000, 500_000)},
        OTHER: {99: of(10, 1000), 100: of(20, 100)},
        ("key_else", "proj_2"): {99: of(900, 900)},
    }
    need = need_of(minutes, {}, LEAK, ["gpt-5"], before=100)
    assert need == Need(requests=20, tokens=1500, others=("key_other",))


def test_the_busiest_hour_of_the_weeks_counts_where_the_day_was_quiet() -> None:
    hours: Used = {OTHER: {0: of(6001, 60)}, LEAK: {5: of(600_000)}}
    need = need_of({OTHER: {99: of(1)}}, hours, LEAK, ["gpt-5"], before=5 * 60 + 30)
    assert need.requests == 101


def test_a_limit_is_lowered_to_twice_the_need_and_can_be_put_back() -> None:
    need = Need(requests=20, tokens=1500, others=("key_other",))
    found = lowering("proj_1", LIMIT, need, PACE, {"key_other": "batch"})
    assert found is not None
    assert found.new == {"max_requests_per_1_minute": 40, "max_tokens_per_1_minute": 3000}
    assert found.command == (
        "openai-admin projects rate-limits update proj_1 rl-gpt-5"
        " --max-requests-per-1-minute 40 --max-tokens-per-1-minute 3000"
    )
    assert found.undo == (
        "openai-admin projects rate-limits update proj_1 rl-gpt-5"
        " --max-requests-per-1-minute 10000 --max-tokens-per-1-minute 1000000"
    )
    assert "for batch as well" in found.what


def test_only_what_slows_the_burst_down_is_lowered() -> None:
    need = Need(requests=300, tokens=1500, others=())
    found = lowering("proj_1", LIMIT, need, PACE, {})
    assert found is not None
    assert list(found.new) == ["max_tokens_per_1_minute"]
    assert "No other key" in found.what
    assert lowering("proj_1", LIMIT, Need(300, 500_000, ()), PACE, {}) is None


def test_a_limit_that_is_not_there_or_is_lower_already_is_left_alone() -> None:
    low = ProjectRateLimit(id="rl", model="gpt-5", max_requests_per_1_minute=30)
    assert lowering("proj_1", low, Need(20, 10, ()), PACE, {}) is None


def test_snapshots_have_the_limit_of_their_family() -> None:
    own = ProjectRateLimit(id="rl-snap", model="gpt-5-2025-08-07")
    models = ["gpt-5-2025-08-07", "gpt-5-2025-10-01", "gpt-9", None]
    found = limits_of([LIMIT, own], models)
    assert {id: of for id, (_, of) in found.items()} == {
        "rl-snap": ["gpt-5-2025-08-07"],
        "rl-gpt-5": ["gpt-5-2025-10-01"],
    }
