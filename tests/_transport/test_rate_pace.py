"""What is learned from refusals, in orders in which answers really come."""

from __future__ import annotations

import math

from openai_admin._transport.rate_pace import Pace


def test_a_request_may_pass_that_was_sent_after_a_refusal_came() -> None:
    pace = Pace()
    pace.log.extend([0.0, 0.1, 0.2, 0.9])  # the last was sent before anyone knew of the refusal
    pace.measure(60.0, 60.0, began=0.5, refused=0.6, at_mark=False)
    for _ in range(4):
        pace.granted(queued=False)
    _, ends = pace.refused(began=0.5, granted=61.0, at_mark=False)
    assert ends
    assert ends == tuple(sorted(ends))
    assert all(math.isfinite(end) and end > 60.0 for end in ends)
