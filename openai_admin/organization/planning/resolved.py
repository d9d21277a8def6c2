"""What names stand for: ids where that is known, and never the name in place of one."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

import attrs

K = TypeVar("K", bound=Hashable)


def _all_told(key: object) -> bool:
    return True


@attrs.frozen(kw_only=True)
class Resolved(Generic[K]):
    """Names by what they stand for.

    Attributes:
        names: by the id that each stands for, or the step that makes what has it.
        unclear: those of which it is not known what they stand for.
        is_told: of what there is, whether all is known that the file may call it; else one of
            its unclear names may mean it.
    """

    names: Mapping[K, str]
    unclear: Sequence[str] = ()
    is_told: Callable[[K], bool] = _all_told
