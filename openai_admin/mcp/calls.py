"""A call of a tool, from the client's arguments to the result it gets."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Hashable, Mapping
from functools import partial
from typing import Any, TypeVar

import attrs
import msgspec
from mcp.server import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    InputRequiredResult,
    TextContent,
)

from .._declare.arguments import shown
from ..client import AsyncOpenAIAdmin
from ..errors import BadRequestError, InvalidInputError, NotFoundError
from .about import About, set_about
from .any_operation import unknown_tool
from .arguments import check_arguments, read_arguments
from .caller import Caller, caller_of
from .connections import Connections
from .consent import (
    CONFIRM,
    USED,
    Gate,
    Intent,
    Reply,
    ask,
    asking_of,
    calling,
    digest,
    may_ask,
    party_of,
    read_code,
)
from .ending import Ending
from .failures import explain, log_doubt
from .ids import not_ids
from .listings import Listings, with_age
from .notices import Notices, is_gone
from .patience import PATIENCE, Waiting, Work, Works
from .progress import Progress, reporting
from .results import error_result, result_of
from .tool import Asking, Tool
from .unfinished import (
    CONTINUE,
    TooEarlyError,
    late,
    not_looked,
    nothing_to_continue,
    takes_continue,
    unfinished,
)

Context = ServerRequestContext[Any, Any]
Result = CallToolResult | InputRequiredResult

Call = tuple[str, str]

T = TypeVar("T")

_ONLY_READS = (
    "The access token has the scope to read, not to change anything; nothing was changed. The user"
    " must sign in again and grant the scope to change."
)

PCID = "PCID"
"""The argument that names the connection."""


def _size(result: object) -> int:
    """About how many bytes a result has: its text has the same facts as its structured part."""
    if not isinstance(result, CallToolResult):
        return 0
    return 2 * sum(len(part.text) for part in result.content if isinstance(part, TextContent))


@attrs.frozen
class Calls:
    """Calls of some tools on some connections.

    Attributes:
        tools: the tools by name.
        connections: the connections.
        gate: lets calls pass that need no consent, or have it.
        patience: the seconds that a call waits for its work.
        works: the work, which goes on where it takes longer.
        listings: what questions share.
        notices: tells who calls how far the work is.
        about: what the server was started with.
    """

    tools: Mapping[str, Tool]
    connections: Connections
    gate: Gate = attrs.field(factory=Gate)
    patience: float = PATIENCE
    works: Works = attrs.field(factory=lambda: Works(size_of=_size))
    listings: Listings = attrs.field(factory=Listings)
    notices: Notices = attrs.field(factory=Notices)
    about: About = attrs.field(factory=About)
    ending: Ending = attrs.field(
        init=False, default=attrs.Factory(lambda self: Ending(self.works), takes_self=True)
    )

    async def call(self, context: Context, params: CallToolRequestParams) -> Result:
        """Carry a call out, and return its result, how far it is, or what went wrong.

        Raises:
            MCPError: there is no such tool.
        """
        calling.set(party_of(context))
        tool = self.tools.get(params.name)
        if tool is None:
            raise MCPError(
                INVALID_PARAMS,
                unknown_tool(params.name, self.tools, read_only=self.about.read_only),
            )
        if self.ending.has_begun:
            return error_result("The server is ending: nothing was sent. Call again later.")
        try:
            return await self._answer(tool, context, params)
        except TooEarlyError as exc:
            return error_result(str(exc))
        except Exception as exc:  # noqa: BLE001 - whatever it is, the client gets an answer
            return error_result(explain(exc))

    async def _answer(self, tool: Tool, context: Context, params: CallToolRequestParams) -> Result:
        given = dict(params.arguments or {})
        takes_code = may_ask(tool)
        if tool.target is not None:
            tool, given = tool.target(given)
        caller = caller_of(context.request)
        if not (tool.only_reads or caller.may_change):
            return error_result(_ONLY_READS)
        async with self.connections.lent(caller) as connections:
            return await self._on(connections, tool, given, context, params, takes_code)

    async def _on(
        self,
        connections: Connections,
        tool: Tool,
        given: dict[str, Any],
        context: Context,
        params: CallToolRequestParams,
        takes_code: bool,
    ) -> Result:
        """Answer a call, its arguments as they were sent, on the connections of its caller."""
        caller = caller_of(context.request)
        connection = connections.resolve(given.pop(PCID, None))
        client = connections.client(connection)
        owner = owner_of(connection, client, caller)
        waiting = Waiting(self.works, self.patience, self.notices.reporter(context))
        if takes_continue(tool) and (id := given.pop(CONTINUE, None)) is not None:
            work = self.works.named(owner, tool.name, str(id))
            if work is None:
                raise InvalidInputError(nothing_to_continue(shown(id)))
            return await self._result(tool, context, work, waiting)
        intent = self._intent(tool, given, connection, client, takes_code=takes_code)
        call = _call(intent)
        work = self.works.find(owner, call)  # where there is some, it was agreed to
        if work is not None and work.has_ended:
            result = await self._result(tool, context, work, waiting)
            return late(result, self.works.age(work))
        if work is None:
            asked = Progress("looking at what the call would do")
            look = partial(self._look, intent, caller, owner, call, waiting, asked)
            put = partial(self._asked, context, owner, call, waiting)
            passing = partial(self.gate.held, intent, context, params, look, put)
            if (held := await reporting(passing, asked, waiting.report)) is not None:
                return held
            work = self.works.begin(
                owner,
                call,
                partial(self._run, intent, caller),
                changes=not tool.only_reads,
                gives_secret="secret" in tool.output.get("properties", ()),
            )
        return await self._result(tool, context, work, waiting)

    def _intent(
        self,
        tool: Tool,
        given: dict[str, Any],
        connection: str,
        client: AsyncOpenAIAdmin,
        *,
        takes_code: bool,
    ) -> Intent:
        """The call, with its arguments checked.

        Raises:
            InvalidInputError: an argument is wrong.
        """
        set_about(self.about.on(connection))
        code = None
        if takes_code and self.gate.takes_codes:
            code = read_code(given.pop(CONFIRM, None))
        arguments = read_arguments(tool, given)
        check_arguments(tool, arguments)
        return Intent(tool, arguments, connection, client, code)

    async def _look(
        self,
        intent: Intent,
        caller: Caller,
        owner: Hashable,
        call: Call,
        waiting: Waiting,
        asked: Progress,
    ) -> Asking | None:
        """What is to be asked before a call.

        Raises:
            TooEarlyError: that is not known yet.
        """
        find = partial(
            asking_of,
            intent.tool,
            intent.client,
            intent.connection,
            intent.arguments,
            self.gate.allowed,
        )
        look = self.works.begin(owner, ("look", *call), partial(self._found, caller, find))
        if not await waiting.ends(look, tell=False):
            raise TooEarlyError(not_looked(look, self.works.age(look)))
        self.works.delivered(look)
        if isinstance(look.result, Exception):
            raise look.result
        asked.say("waiting for the user's answer")
        asking: Asking | None = look.result
        return asking

    async def _asked(
        self, context: Context, owner: Hashable, call: Call, waiting: Waiting, text: str
    ) -> Reply | None:
        """What the person says to a question; ``None`` where the patience ends before they do.

        The question stays open then, and an equal call of the same session gets the answer, as
        long as what it would do is still told in the same words.
        """
        question = self.works.begin(
            owner,
            ("question", party_of(context), digest(text), *call),
            partial(_or_failure, partial(ask, context, text, self.gate.patience)),
        )
        if not await waiting.ends(question, tell=False):
            return None
        if self.works.find(owner, question.call) is not question:
            return USED
        self.works.delivered(question)
        if isinstance(question.result, Exception):
            raise question.result
        reply: Reply = question.result
        return reply

    async def _result(
        self, tool: Tool, context: Context, work: Work, waiting: Waiting
    ) -> CallToolResult:
        """What came of some work, or how far it is."""
        if not await waiting.ends(work):
            return unfinished(tool, work, self.works.age(work))
        result: CallToolResult = work.result
        if not await is_gone(context):
            self.works.delivered(work)
        return result

    async def _found(
        self, caller: Caller, find: Callable[[], Awaitable[Asking | None]]
    ) -> Asking | Exception | None:
        """What a look before a call finds, or why it failed."""

        async def found() -> Asking | None:
            async with self.connections.lent(caller):
                return await find()

        return await _or_failure(found)

    async def _run(self, intent: Intent, caller: Caller) -> CallToolResult:
        """Carry a call out; its client stays open for as long as that takes."""
        tool, client = intent.tool, intent.client
        if tool.operation is None and tool.only_reads:
            client = self.listings.shared_by(client)
        try:
            async with self.connections.lent(caller):
                return result_of(with_age(await tool.run(client, intent.arguments)))
        except (NotFoundError, BadRequestError) as error:
            known = [] if tool.operation is None else not_ids(tool.operation, intent.arguments)
            for sentence in known:
                error.add_note(sentence)
            return error_result(explain(error))
        except asyncio.CancelledError as cancellation:
            log_doubt(cancellation)
            raise
        except Exception as exc:  # noqa: BLE001 - likewise
            return error_result(explain(exc))


async def _or_failure(work: Callable[[], Awaitable[T]]) -> T | Exception:
    """What comes of some work, or why it failed, which is raised where it is waited for."""
    try:
        return await work()
    except Exception as exc:  # noqa: BLE001 - see above
        return exc


def owner_of(connection: str, client: AsyncOpenAIAdmin, caller: Caller) -> Hashable:
    """Whom work belongs to: nobody else, and nobody with another connection or key, gets at it."""
    sending = client._caller
    credentials = sending.options.credentials or sending.session.credentials
    key = credentials.fixed.fingerprint if credentials.fixed is not None else credentials
    return connection, client.base_url, key, caller.identity


def _call(intent: Intent) -> Call:
    """What tells a call from others; arguments may be long."""
    written = msgspec.json.encode(intent.arguments, order="deterministic")
    return intent.tool.name, hashlib.sha256(written).hexdigest()
