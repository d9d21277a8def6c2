"""What is limited together, and what by itself: the endpoints and paths that share a rate.

Each endpoint has a rate of its own at first. Two that are refused at the same time are taken to
share a limit, until one passes while the other is refused; a path that is refused while its
neighbours pass is limited by itself, until it passes again.
"""

from __future__ import annotations

from collections.abc import Hashable
from random import Random

import attrs

from .rate_estimator import RateEstimator, Ticket

_CAPACITY = 256  # endpoints; beyond that a quarter of them is forgotten, the longest unused
_TOGETHER = 2.0  # s between refusals of two endpoints that are taken for one limit
_STRANGE = 3  # requests of others that pass while one is refused, before they share no limit


@attrs.define(eq=False)
class Doubt:
    """Whether an endpoint that is refused shares the limit of others after all.

    Attributes:
        rest: the others.
        passed: how many of their requests passed that were sent since it was refused.
    """

    rest: RateEstimator
    passed: int = 0


class RateGroups:
    """Which estimator an endpoint or a path has. Whoever asks holds the rate limiter's lock.

    Args:
        random: where the jitter of probes comes from.

    Attributes:
        estimators: by endpoint; those that share a limit have the same one.
        apart: of paths that are limited by themselves, by endpoint and path.
        doubted: of those that may share a limit after all, though they were separated.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self.estimators: dict[Hashable, RateEstimator] = {}
        self.apart: dict[Hashable, RateEstimator] = {}
        self.doubted: dict[RateEstimator, Doubt] = {}
        # Endpoints that do not share a limit again, as one was refused while the other passed.
        self._strangers: dict[Hashable, None] = {}
        self._scopes: dict[Hashable, Hashable] = {}

    def all(self) -> set[RateEstimator]:
        """Each of them once."""
        return {*self.estimators.values(), *self.apart.values()}

    def open(self, key: Hashable, scope: Hashable) -> RateEstimator:
        """That of an endpoint that has none yet; where there are too many, some are forgotten."""
        for forgotten in _make_room(self.estimators):
            self._scopes.pop(forgotten, None)
            self._strangers.pop(forgotten, None)
        estimator = self.estimators[key] = RateEstimator(self._random, key)
        self._scopes[key] = scope
        return estimator

    def learner_of(self, estimator: RateEstimator, ticket: Ticket, now: float) -> RateEstimator:
        """The one that a refusal counts for, which the request waits for from now on.

        Args:
            estimator: the one that it was sent by.
            ticket: the request's.
            now: the time.
        """
        learner, is_blamed = estimator, False
        if estimator.is_left:
            learner = self.estimators.get(ticket.key, estimator)
        elif (fellow := self._fellow(estimator, ticket.key, now)) is not None:
            learner = self._share(estimator, fellow)
        elif estimator.is_apart(ticket):
            learner = self._set_apart(estimator, estimator.unit(ticket), now)
            learner.blame(ticket, estimator)
            is_blamed = True
            if ticket.key in learner.keys:
                self.doubted[learner] = Doubt(estimator)
        if learner is not estimator and not is_blamed:
            learner.adopt(ticket, estimator)
        return learner

    def resolve(self, estimator: RateEstimator, ticket: Ticket) -> None:
        """See whether one passes that was taken to share a limit with one that is refused."""
        for apart, doubt in list(self.doubted.items()):
            if not apart.streak.count:
                del self.doubted[apart]
            elif doubt.rest is estimator and ticket.sent > apart.streak.began:
                doubt.passed += 1
                if doubt.passed == _STRANGE:
                    del self.doubted[apart]
                    self._strangers |= dict.fromkeys(apart.keys)
                    doubt.rest.be_alone()

    def end_sharing(
        self, estimator: RateEstimator, ticket: Ticket, now: float
    ) -> list[RateEstimator]:
        """Separate what shares a line, once no limit is known; the estimators that are new."""
        others = [key for key in estimator.keys if key != ticket.key]
        parted = [self._set_apart(estimator, key, now) for key in others]
        estimator.be_alone()
        return parted

    def rejoined(self, estimator: RateEstimator, ticket: Ticket) -> RateEstimator | None:
        """Let a path that passes go with its endpoint again, if it need not be by itself.

        Returns:
            That of the endpoint, if the path goes with it now.
        """
        unit = (ticket.key, ticket.path)
        if self.apart.get(unit) is not estimator:
            return None
        endpoint = self.estimators.get(ticket.key)
        if endpoint is None:
            endpoint = self.open(ticket.key, self._scopes.get(ticket.key))
        # Where the endpoint has a limit that limit has refused it; else it has one of its own.
        if endpoint.is_unlimited and not (estimator.is_unlimited and not estimator.line.waiting):
            return None
        del self.apart[unit]
        endpoint.take_back(estimator)
        return endpoint

    def _set_apart(self, estimator: RateEstimator, unit: Hashable, now: float) -> RateEstimator:
        """Give an endpoint, or a path of one, a line and a rate of its own."""
        apart = RateEstimator(self._random, unit, estimator.paces.get(unit))
        apart.used = now
        if unit in estimator.keys:
            self.estimators[unit] = apart
        else:
            _make_room(self.apart)
            self.apart[unit] = apart
        estimator.separate(unit, apart)
        return apart

    def _fellow(self, estimator: RateEstimator, key: Hashable, now: float) -> RateEstimator | None:
        """Another endpoint that is refused at the same time, as if one limit held for both."""
        if estimator.streak.count or key in self._strangers or key not in estimator.keys:
            return None
        scope = self._scopes.get(key)
        for other_key, other in self.estimators.items():
            if (
                other is not estimator
                and other.streak.count
                and self._is_together(estimator, other, now)
                and other_key not in self._strangers
                and self._scopes.get(other_key) == scope
            ):
                return other
        return None

    def _is_together(self, estimator: RateEstimator, other: RateEstimator, now: float) -> bool:
        doubt = self.doubted.get(other)
        if doubt is not None and doubt.rest is estimator:
            return True
        recent = now - other.streak.latest <= _TOGETHER
        return recent and estimator.last_grant <= other.streak.began

    def _share(self, estimator: RateEstimator, other: RateEstimator) -> RateEstimator:
        """Let the endpoints of two lines share one; which that is."""
        confirmed = self.doubted.pop(other, None) is not None
        kept, left = (estimator, other) if estimator.paces else (other, estimator)
        for key in left.keys:
            self.estimators[key] = kept
        kept.join(left)
        kept.is_confirmed = kept.is_confirmed or confirmed
        return kept


def _make_room(estimators: dict[Hashable, RateEstimator]) -> list[Hashable]:
    """Forget the longest unused where there are too many; which those were."""
    if len(estimators) < _CAPACITY:
        return []
    idle = [key for key, each in estimators.items() if not (each.out or each.line.waiting)]
    idle.sort(key=lambda key: estimators[key].used)
    forgotten = idle[: _CAPACITY // 4]
    for key in forgotten:
        estimators.pop(key).keys.discard(key)
    return forgotten
