"""A value that is made when it is first asked for, and kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

T_co = TypeVar("T_co", covariant=True)


class kept(Generic[T_co]):  # noqa: N801 - a decorator
    """A property that is computed once for each instance, which needs a ``__dict__``.

    Threads that ask at the same time may each compute it; all get the value of the first that was
    done. `functools.cached_property` has a lock instead, on Python 3.11 one for all instances,
    which stays locked for good in a child that is forked meanwhile.

    Args:
        function: computes it.
    """

    def __init__(self, function: Callable[[Any], T_co]) -> None:
        self._function = function
        self.__doc__ = function.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: Any) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: Any) -> T_co: ...
    def __get__(self, instance: object | None, owner: Any) -> Any:
        if instance is None:
            return self
        # The next time it is found there, without coming here.
        return vars(instance).setdefault(self._name, self._function(instance))
