"""Asking the person behind a client, in the way of its protocol's version.

A client that can ask is made to, either by a request to it while the call waits, or by an answer
that says what is still needed, upon which it calls again. The assistant cannot answer for the
person.
"""

from __future__ import annotations

from typing import Any

import attrs
from mcp.server import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp.shared.message import ServerMessageMetadata
from mcp_types import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    REQUEST_TIMEOUT,
    CallToolRequestParams,
    ClientCapabilities,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequiredResult,
)
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from ..._text.durations import duration
from ..patience import KEPT
from ..texts import quoted
from .dangers import CONFIRM

_FORM = {
    "type": "object",
    "properties": {
        CONFIRM: {
            "type": "boolean",
            "title": "Go on",
            "description": "Whether to go on.",
            "default": False,
        }
    },
    "required": [CONFIRM],
}
# What clients answer that say they can ask, and cannot.
_CANNOT = frozenset({METHOD_NOT_FOUND, INVALID_REQUEST, INVALID_PARAMS})


@attrs.frozen
class Reply:
    """What came of asking.

    Attributes:
        agreed: whether the person said yes.
        why_not: what came of it instead, in a sentence; empty where the client cannot ask.
    """

    agreed: bool = False
    why_not: str = ""


AGREED = Reply(agreed=True)
CANNOT_ASK = Reply()
_NOTHING = "nothing was changed"
_DECLINED = Reply(
    why_not=f"The user did not agree, and {_NOTHING}. Do not ask again unless told to."
)
_CANCELLED = Reply(
    why_not=f"The user closed the question and did not agree; {_NOTHING}. Do not ask again unless"
    " told to."
)
_UNREADABLE = Reply(
    why_not=f"The client's answer to the question cannot be read, so that {_NOTHING}. Tell the"
    " user."
)


USED = Reply(
    why_not="The user was asked once, and an equal call has used their answer: look at what that"
    " did before calling again."
)


def still_open(patience: float) -> str:
    """What a call is told whose question is not answered yet.

    Args:
        patience: seconds for which the question stays open.
    """
    return (
        f"The user has been asked and has not answered yet; {_NOTHING}. Call again with the same"
        f" arguments, which are not asked about twice: the question stays open for"
        f" {duration(patience)}, and an answer counts once, for {KEPT / 60:.0f} minutes."
    )


def asks_in_answers(context: ServerRequestContext[Any, Any]) -> bool:
    """Whether what is asked stands in the answer to a call, which then is made again."""
    return context.session.protocol_version in MODERN_PROTOCOL_VERSIONS


def can_ask(context: ServerRequestContext[Any, Any]) -> bool:
    """Whether the client says that it can put a form before its user."""
    session = context.session
    return _has_forms(session.client_capabilities) and (
        asks_in_answers(context) or session.can_send_request
    )


def _has_forms(capabilities: ClientCapabilities | None) -> bool:
    if capabilities is None or capabilities.elicitation is None:
        return False
    offered = capabilities.elicitation
    # Before there were modes, the capability had no members and meant forms.
    return offered.form is not None or offered.url is None


def question(text: str, state: str) -> InputRequiredResult:
    """The answer that has the client ask, and call again.

    Args:
        text: what is asked.
        state: what comes back with the answer, sealed and bound to the tool and its arguments.
    """
    return InputRequiredResult(
        input_requests={CONFIRM: ElicitRequest(params=_form(text))}, request_state=state
    )


def reply_in(params: CallToolRequestParams) -> Reply:
    """What the person said, in the call that is made again."""
    return _reply((params.input_responses or {}).get(CONFIRM))


async def ask(context: ServerRequestContext[Any, Any], text: str, patience: float) -> Reply:
    """Ask with a request to the client, which may be answered after the call is.

    Args:
        context: the call.
        text: what is asked.
        patience: seconds within which the person must have answered.
    """
    try:
        answer = await context.session.send_request(
            ElicitRequest(params=_form(text)),
            ElicitResult,
            request_read_timeout_seconds=patience,
            metadata=ServerMessageMetadata(related_request_id=context.request_id),
        )
    except MCPError as error:
        if error.error.code in _CANNOT:
            return CANNOT_ASK
        if error.error.code == REQUEST_TIMEOUT:
            return Reply(
                why_not=f"Nobody answered the question within {duration(patience)}, so that"
                f" {_NOTHING}. Tell the user what was asked; call again when they are there."
            )
        return Reply(
            why_not=f"The client could not ask the user: it answered with error"
            f" {error.error.code}, {quoted(error.error.message, most=200)}; {_NOTHING}. Tell the"
            " user."
        )
    except ValidationError:
        return _UNREADABLE
    return _reply(answer)


def _form(text: str) -> ElicitRequestFormParams:
    return ElicitRequestFormParams(message=text, requested_schema=_FORM)


def _reply(answer: object) -> Reply:
    if not isinstance(answer, ElicitResult):
        return _UNREADABLE
    if answer.action == "cancel":
        return _CANCELLED
    agreed = answer.action == "accept" and (answer.content or {}).get(CONFIRM) is True
    return AGREED if agreed else _DECLINED
