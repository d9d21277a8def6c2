"""What led to an error."""

from __future__ import annotations

from openai_admin._causes import chain, window_cause
from openai_admin.errors import APIConnectionError, UsageWindowError


def test_a_circle_of_errors_has_an_end() -> None:
    window = UsageWindowError("A window.", endpoint="costs", start=0, end=1)
    refusal = APIConnectionError("No answer.")
    window.__cause__, refusal.__context__ = refusal, window  # as where the cause is raised
    assert list(chain(window)) == [window, refusal]
    assert list(chain(refusal)) == [refusal, window]
    assert window_cause(window) is refusal
    assert window_cause(refusal) is refusal
