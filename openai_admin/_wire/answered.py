"""What knows which request it answers."""

from __future__ import annotations


class Answered:
    """What can be a whole answer, and then knows which request it answers.

    In a slot and not a field: nothing is spent on it where there are thousands of models, and a
    field of the API may have the same name.
    """

    __slots__ = ("_request_id",)

    @property
    def request_id(self) -> str | None:
        """The ``x-request-id`` header that came with it, which OpenAI's support asks for.

        ``None`` of what did not come as an answer by itself, such as the items of a page. It is no
        part of the value: comparing, hashing, `to_dict` and reprs do not look at it.
        """
        return request_id_of(self)


def request_id_of(model: Answered) -> str | None:
    """The id of the request that a model answers."""
    id: str | None = getattr(model, "_request_id", None)
    return id
