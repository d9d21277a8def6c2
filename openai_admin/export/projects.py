"""Which projects a dataset is of: one of some projects does not mix with others, or with all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .._files import replaced
from .._wire.http import empty_filter
from ..directory.find import missing_ids
from ..errors import InvalidInputError
from .layout import DIMENSIONS, FACTS

if TYPE_CHECKING:
    from ..client import AsyncOpenAIAdmin

_NAME = "_projects.json"  # readers of datasets pass over names that begin with an underscore
_TOLD = 3  # projects that a sentence names


class Projects:
    """The projects of a dataset, as they are kept in its folder.

    Args:
        root: the dataset's folder.
        project_ids: the projects of a run; ``None`` for all.

    Attributes:
        ids: the projects of the run, in order, each once; empty for all.

    Raises:
        InvalidInputError: `project_ids` is empty or has something that is not an id; or the dataset
            is of other projects.
    """

    def __init__(self, root: Path, project_ids: Sequence[str] | None) -> None:
        self._path = root / _NAME
        self.ids = _checked(project_ids)
        self._known = self._read() if _has_data(root) else None
        if self._known is not None and self._known != self.ids:
            known = _words(self._known)
            raise InvalidInputError(
                f"{root} has data of {known}, and this run is of {_words(self.ids)}: go on with"
                f" {known}, or name another folder."
            )

    async def check_there(self, client: AsyncOpenAIAdmin) -> list[str]:
        """Refuse the id of no project, where the dataset does not have the projects already.

        Returns:
            of which ids that is not known, a sentence each.

        Raises:
            InvalidInputError: no project has one of the ids.
        """
        if self._known is not None or not self.ids:
            return []
        unknown = await missing_ids(client, {"project_ids": self.ids})
        for each in unknown:
            if each.is_certain:
                raise InvalidInputError(each.sentence)
        return [each.sentence for each in unknown]

    def keep(self) -> None:
        """Keep what the dataset is of, from its first run on."""
        if self._known is not None:
            return
        if not self.ids:
            self._path.unlink(missing_ok=True)  # of a run that wrote nothing
            return
        with replaced(self._path) as temporary:
            temporary.write_text(json.dumps({"project_ids": self.ids}), encoding="utf-8")

    def _read(self) -> tuple[str, ...]:
        """The projects of the dataset; none where it is of all.

        Raises:
            InvalidInputError: the file does not say.
        """
        try:
            return _checked(json.loads(self._path.read_bytes())["project_ids"])
        except FileNotFoundError:
            return ()
        except (ValueError, LookupError, TypeError):
            raise InvalidInputError(
                f"{self._path} does not say which projects the dataset is of: it must be JSON such"
                ' as {"project_ids": ["proj_a"]}; mend it, or name another folder.'
            ) from None


def _checked(ids: Sequence[str] | None) -> tuple[str, ...]:
    if ids is None:
        return ()
    if isinstance(ids, str) or not all(isinstance(id, str) and id for id in ids):
        raise InvalidInputError("project_ids must be a list of ids, such as ['proj_a'].")
    if not ids:
        raise empty_filter("project_ids")
    return tuple(sorted(set(ids)))


def _has_data(root: Path) -> bool:
    return any(any(root.glob(layout.files("*"))) for layout in (FACTS, DIMENSIONS))


def _words(ids: Sequence[str]) -> str:
    if not ids:
        return "all projects"
    more = [f"{len(ids) - _TOLD:,} more"] if len(ids) > _TOLD else []
    *first, last = [*ids[:_TOLD], *more]
    return f"{', '.join(first)} and {last} alone" if first else f"{last} alone"
