"""Consent to what destroys: asked of the person, where the client can ask.

A client that can ask (elicitation) is made to, in the way of its protocol's version: by a request
to it while the call waits, or by an answer that says what is still needed, upon which it calls
again. The assistant cannot answer for the person. With a client that cannot ask, the call must
carry ``confirm: true``, which an assistant's user can be made to see.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

import attrs
from mcp.server import ServerRequestContext
from mcp_types import (
    CallToolRequestParams,
    ClientCapabilities,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequiredResult,
)
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from ..client import AsyncOpenAIAdmin
from ..directory.concerns import concerns
from ..directory.subject import subject_of
from ..directory.wording import dollars, is_cents
from .texts import named, quoted
from .tool import Tool

CONFIRM = "confirm"
"""The argument that stands for consent where nobody can be asked, and the key of the question."""

_STATE = "asked"
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


class Consent(enum.Enum):
    """What came of asking."""

    GIVEN = enum.auto()
    REFUSED = enum.auto()
    """The person said no, or nothing."""
    LACKING = enum.auto()
    """Nobody can be asked, and the call does not carry ``confirm: true``."""


def can_ask(capabilities: ClientCapabilities | None) -> bool:
    """Whether a client can put a form before its user."""
    if capabilities is None or capabilities.elicitation is None:
        return False
    offered = capabilities.elicitation
    # Before there were modes, the capability had no members and meant forms.
    return offered.form is not None or offered.url is None


@attrs.frozen
class Question:
    """Asking for consent to one call.

    Attributes:
        context: the request.
        params: the call, with answers where the client was asked before.
        confirmed: whether the call carries ``confirm: true``.
    """

    context: ServerRequestContext[Any, Any]
    params: CallToolRequestParams
    confirmed: bool

    async def ask(self, text: str) -> Consent | InputRequiredResult:
        """Ask, or say what the client is to ask before it calls again."""
        session = self.context.session
        in_answers = session.protocol_version in MODERN_PROTOCOL_VERSIONS
        if not can_ask(session.client_capabilities) or not (in_answers or session.can_send_request):
            return Consent.GIVEN if self.confirmed else Consent.LACKING
        if not in_answers:
            return _consent(await session.elicit_form(text, _FORM, self.context.request_id))
        if self.was_asked:
            answers = self.params.input_responses or {}
            return _consent(answers.get(CONFIRM))
        form = ElicitRequestFormParams(message=text, requested_schema=_FORM)
        return InputRequiredResult(
            input_requests={CONFIRM: ElicitRequest(params=form)}, request_state=_STATE
        )

    @property
    def was_asked(self) -> bool:
        """Whether this is the second call, with the answer.

        The state comes back sealed, bound to this tool and these arguments, so that an answer to
        another question does not count.
        """
        return self.params.request_state == _STATE


def _consent(answer: object) -> Consent:
    given = (
        isinstance(answer, ElicitResult)
        and answer.action == "accept"
        and (answer.content or {}).get(CONFIRM) is True
    )
    return Consent.GIVEN if given else Consent.REFUSED


async def question_text(
    tool: Tool, client: AsyncOpenAIAdmin, connection: str, arguments: Mapping[str, Any]
) -> str | None:
    """What to ask before a call: what it does to what, by its name, and what speaks against it.

    Returns:
        ``None`` where there is nothing to ask.

    Raises:
        NotFoundError: there is no such thing.
    """
    operation = tool.operation
    if operation is None:
        return None
    warnings = await concerns(client, operation, arguments)
    if not tool.removes and not warnings:
        return None
    subject = await subject_of(client, operation, arguments)
    ids = ", ".join(_argument(name, value) for name, value in arguments.items())
    about = "; ".join(part for part in (named(subject or {}), ids) if part)
    sentences = [f"{tool.title} in {connection}{': ' if about else ''}{about}.", *warnings]
    return " ".join(sentences + (["This cannot be undone."] if operation.final else []))


def _argument(name: str, value: Any) -> str:
    shown = dollars(value) if is_cents(name, value) else quoted(str(value))
    return f"{name} {shown}"
