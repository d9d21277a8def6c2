"""Whether and when another attempt of a call follows one that failed."""

from __future__ import annotations

from collections.abc import Mapping

from .._declare.effect import Effect
from .._declare.operation import Call
from ..errors import RateLimitError
from .answers import AttemptError
from .context import Options, SessionContext
from .retry import FailureKind, delay_before_retry, server_delay
from .throttle import Throttle

# Seconds a call goes on trying an endpoint that has refused it from the start: the API's limits
# are by the minute, so after that nobody else's earlier requests count against them.
_PATIENCE = 65.0


class Retries:
    """What the failed attempts of a call have used up, and what follows from it.

    Args:
        context: what the session shares.
        call: the call.
        options: its settings.
        began: when the call began, by the session's clock.

    Attributes:
        rate_limited: the last attempt's error, if it got a 429.
        refused_at: when the first attempt that got one did.
        in_doubt: whether an attempt may have taken effect.
        cost: what the last retry took from the budget.
    """

    def __init__(
        self, context: SessionContext, call: Call, options: Options, *, began: float
    ) -> None:
        self._context = context
        self._call = call
        self._options = options
        self._began = began
        self._counted = 0
        self.rate_limited: RateLimitError | None = None
        self.refused_at: float | None = None
        self.in_doubt = False
        self.cost: int | None = None

    def delay_after(
        self, failed: AttemptError, throttle: Throttle, *, time_left: float, waited: float
    ) -> float | None:
        """Seconds until the next attempt, or ``None`` if there is to be none.

        Args:
            failed: the last attempt.
            throttle: what it waited for.
            time_left: the seconds that the call has.
            waited: those that it has waited for its endpoint's pace.
        """
        context, failure = self._context, failed.failure
        self.rate_limited = None
        if failure.status == 429 and isinstance(failed.error, RateLimitError):
            self.rate_limited = failed.error
            throttle.say_when(failed.error, self._call.request, waited)
            has_granted = throttle.has_granted(self._call.request)
            if not self._waits(failed.error, failure.headers, waited, has_granted=has_granted):
                return None
            if not has_granted:
                self._counted += 1
            return 0.0
        self._counted += 1
        self.in_doubt = self.in_doubt or failure.outcome_is_unknown
        delay = delay_before_retry(
            failure,
            attempt=self._counted,
            retries=self._options.retry.retries(reads=self._call.effect is Effect.READS),
            repeatable=self._call.repeatable,
            time_left=time_left,
            rng=context.rng,
        )
        if delay is None:
            return None
        self.cost = context.budget.spend(timed_out=failure.kind is FailureKind.TIMED_OUT)
        return None if self.cost is None else delay

    def _waits(
        self,
        refusal: RateLimitError,
        headers: Mapping[str, str],
        waited: float,
        *,
        has_granted: bool,
    ) -> bool:
        """Whether a call that got a 429 waits for its endpoint's rate.

        Waiting for a limit takes no retries. Only an endpoint that has never let a request pass may
        be one that never will: then retries count, or patience.
        """
        if refusal.is_exhausted:
            return False
        now = self._context.clock()
        if self.refused_at is None:
            self.refused_at = now
        asked = server_delay(headers)
        allowed, wait = self._options.retry.max_retries, self._options.wait
        if allowed == 0 or headers.get("x-should-retry", "").lower() == "false":
            return False
        left = self._options.timeout.total if wait is None else wait - waited
        if left <= 0 or (asked or 0.0) > left:
            return False
        if has_granted:
            return True
        if allowed is not None:
            return self._counted < allowed
        return wait is not None or now - self._began < _PATIENCE
