"""Answers to deletions, and errors that come as a success."""

from __future__ import annotations

from .answer import EMPTY, OddAnswer, dropping, of_answers, setting

_DELETIONS = "*.delete"

CHANGES: tuple[OddAnswer, ...] = (
    of_answers(
        _DELETIONS, "empty", "A deletion is answered with an empty body.", lambda answer: EMPTY
    ),
    of_answers(_DELETIONS, "braces", "A deletion is answered with {}.", lambda answer: {}),
    of_answers(_DELETIONS, "deleted_without_id", "A deletion's answer has no id.", dropping("id")),
    of_answers(
        _DELETIONS,
        "deleted_absent",
        "A deletion's answer does not say whether the thing was deleted.",
        dropping("deleted"),
    ),
    of_answers(
        _DELETIONS,
        "deleted_false",
        "A deletion's answer says that the thing was not deleted.",
        setting(deleted=False),
    ),
    of_answers(
        "*",
        "error",
        "An error comes with the status 200, as gateways have sent it.",
        lambda answer: {
            "error": {
                "message": "The gateway could not reach the service.",
                "type": "server_error",
                "param": None,
                "code": None,
            }
        },
    ),
)
