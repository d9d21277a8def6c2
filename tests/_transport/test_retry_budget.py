"""The retry budget: what retries cost, and what successes pay back."""

from hypothesis import given
from hypothesis import strategies as st

from openai_admin._transport.retry_budget import RetryBudget


def test_a_dead_service_gets_a_hundred_retries() -> None:
    budget = RetryBudget()
    retries = 0
    while budget.spend() is not None:
        retries += 1
    assert retries == 100
    assert budget.tokens == 0


def test_time_outs_cost_twice_as_much() -> None:
    budget = RetryBudget()
    assert budget.spend(timed_out=True) == 10
    assert budget.spend() == 5
    assert budget.tokens == 485


def test_what_cannot_be_paid_is_not_charged() -> None:
    budget = RetryBudget(9)
    assert budget.spend(timed_out=True) is None
    assert budget.tokens == 9
    assert budget.spend() == 5
    assert budget.spend() is None
    assert budget.tokens == 4


def test_a_successful_retry_gets_its_cost_back() -> None:
    budget = RetryBudget()
    cost = budget.spend(timed_out=True)
    budget.refund(cost)
    assert budget.tokens == 500


def test_successes_refill_an_empty_budget_one_by_one() -> None:
    budget = RetryBudget(5)
    assert budget.spend() == 5
    for _ in range(4):
        budget.refund()
        assert budget.spend() is None
    budget.refund()
    assert budget.spend() == 5


@given(st.lists(st.sampled_from(["retry", "time-out", "success", "retried success"])))
def test_there_are_never_too_many_or_too_few_tokens(events: list[str]) -> None:
    budget = RetryBudget(50)
    paid: list[int] = []
    for event in events:
        before = budget.tokens
        if event in ("retry", "time-out"):
            price = 10 if event == "time-out" else 5
            cost = budget.spend(timed_out=event == "time-out")
            assert cost == (price if before >= price else None)
            assert budget.tokens == before - (cost or 0)
            if cost is not None:
                paid.append(cost)
        else:
            cost = paid.pop() if event == "retried success" and paid else None
            budget.refund(cost)
            assert budget.tokens == min(50, before + (cost or 1))
        assert 0 <= budget.tokens <= 50
