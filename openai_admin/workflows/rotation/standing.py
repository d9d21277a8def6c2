"""Where a rotation stands, told with whatever kept it from going on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ...errors import OpenAIAdminError, RotationError
from .state import State
from .work import Work


@contextmanager
def told(work: Work) -> Iterator[None]:
    """Say of an error which keys there are now, and that the same command goes on.

    Raises:
        RotationError: in place of any other error since a key was, or may have been, made; and
            where the journal cannot be written.
    """
    try:
        yield
    except RotationError:  # it says so itself
        raise
    except (OpenAIAdminError, OSError) as error:
        stands = standing(work.state, work.sink_name, in_hand=work.in_hand)
        if isinstance(error, OSError) and work.journal is not None:
            why = f"The journal {work.journal.path} cannot be written: {error.strerror or error}"
            raise RotationError(f"{why}. {stands or 'No key was made or deleted.'}") from error
        if stands is None:
            raise
        said = str(error).rstrip(".")
        raise RotationError(f"{said}. {stands}") from error


def standing(state: State, sink: str, *, in_hand: int | None = None) -> str | None:
    """Which keys there are and where, in two sentences; ``None`` where none was made.

    Args:
        state: of the rotation.
        sink: what the place of the new key is called.
        in_hand: the attempt whose key was made for certain.
    """
    old, new = state.terms.old, state.new
    last = state.last
    if state.ended is not None or (new is None and last is None and not state.unseen):
        return None
    again = "Run the same command again, which goes on."
    if new is not None:
        holds = f"{sink} was given the new key {new.key}"
        if old is None:
            return f"{holds}, which is valid. {again}"
        if state.is_deleted:
            return f"{holds}, which is valid, and the old key {old} is deleted. {again}"
        if state.is_deleting:
            return (
                f"{holds}, which is valid; whether the old key {old} is deleted is not known."
                f" {again}"
            )
        return f"{holds}; that one and the old key {old} are valid. {again}"
    kept = f"The old key {old} is valid as before" if old else "No key was deleted"
    if last is not None and last.is_put_begun:
        return f"{kept}; whether {sink} holds the new key {last.key} is not known. {again}"
    if last is not None and last.key is not None:
        return f"{kept}, and {sink} does not hold the new key {last.key} yet. {again}"
    made = "A new key was made" if in_hand is not None else "A new key may have been made"
    return (
        f"{kept}. {made}, which {sink} does not hold: run the same command again, which"
        " deletes that one and makes another."
    )
