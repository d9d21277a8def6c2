"""What is wrong with decoded JSON, and where."""

from __future__ import annotations


class StructureError(ValueError):
    """Decoded JSON that cannot be what it was declared to be.

    Attributes:
        reason: what is wrong, in words.
        path: where: the names and indexes that lead there.
    """

    def __init__(self, reason: str, *path: str | int) -> None:
        super().__init__(reason, *path)
        self.reason = reason
        self.path = path

    @classmethod
    def at(cls, step: str | int, error: Exception) -> StructureError:
        """What is wrong one step further in."""
        if isinstance(error, StructureError):
            return cls(error.reason, step, *error.path)
        return cls(str(error) or type(error).__name__, step)

    @property
    def place(self) -> str:
        """The path as it is written: ``$.data[3].id``."""
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return "".join(["$", *steps])

    def __str__(self) -> str:
        return f"{self.reason} at {self.place}"
