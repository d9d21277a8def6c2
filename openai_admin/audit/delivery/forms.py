"""What receivers want to be sent, and how they say what they took."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import quote

import attrs
from yarl import URL

from ..._text.visible import visible
from ..._transport.retry import AttemptFailure, FailureKind
from .posting import Reply
from .receiver import TAKEN, Answer, DeliveryError, LaterError, RefusedError, capital
from .records import Record

_ABOUT_THE_BATCH = frozenset({400, 413, 422})
_PASSING = frozenset({408, 409, 425, 429})
_HELD = ("retry-after", "retry-after-ms", "date")


class Form(Protocol):
    """What a kind of receiver wants.

    Attributes:
        type: the type of the body.
        token_header: the header that has the token, unless told otherwise.
    """

    type: str
    token_header: str

    def address(self, given: URL) -> URL:
        """Where to post, of the address that was given."""
        ...

    def body(self, batch: Sequence[Record]) -> bytes:
        """A batch as it is posted."""
        ...

    def taken(self, reply: Reply, batch: Sequence[Record]) -> Answer:
        """What a status of success says of a batch."""
        ...

    def refused(self, reply: Reply) -> RefusedError | DeliveryError:
        """What a status says that is about the batch."""
        ...


def answer_of(form: Form, reply: Reply, batch: Sequence[Record], name: str) -> Answer:
    """What became of a batch.

    Args:
        form: what the receiver wants.
        reply: what it answered.
        batch: what it was sent.
        name: what sentences call it.

    Raises:
        LaterError: it is busy, or has a fault.
        RefusedError: it refuses something in the batch.
        DeliveryError: it refuses whatever is sent.
    """
    status = reply.status
    if 200 <= status < 300:
        return form.taken(reply, batch)
    if status in _ABOUT_THE_BATCH:
        raise form.refused(reply)
    if status >= 500 or status in _PASSING:
        raise later(answered(reply), reply)
    if 300 <= status < 400:
        raise DeliveryError(
            f"{capital(name)} answered {status}, a redirect, which is not followed: pass the"
            " address that it leads to."
        )
    said = answered(reply).removeprefix("it ")
    why = {
        401: "it does not accept the token",
        403: "the token is not valid, or may not do this",
        404: "nothing takes events at this address",
        405: "nothing takes events at this address",
    }.get(status, "it refuses what is sent")
    raise DeliveryError(f"The delivery has stopped, for {name} {said}; {why}.")


def answered(reply: Reply, text: object = "") -> str:
    """That a receiver answered, and what it said, if anything.

    Args:
        reply: the answer.
        text: what it says, by default its whole body.
    """
    said = visible(text) if isinstance(text, str) and text else reply.text
    return f"it answered {reply.status}: {said}" if said else f"it answered {reply.status}"


def later(why: str, reply: Reply) -> LaterError:
    """That a batch is to be sent again, after as long as the receiver says."""
    # The rules of retries name the statuses that they know; of others, no usable answer came.
    kind = FailureKind.STATUS if reply.status in (408, 429, 500, 502, 503, 504) else None
    headers = {name: reply.headers[name] for name in _HELD if name in reply.headers}
    return LaterError(
        why,
        AttemptFailure(
            kind=kind or FailureKind.LOST, status=reply.status if kind else None, headers=headers
        ),
    )


def as_json(body: bytes) -> Mapping[str, Any] | None:
    """A body as a JSON object; ``None`` if it is none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


@attrs.frozen
class Lines:
    """A JSON object on each line, for receivers of any kind; 2xx says that all were taken."""

    type = "application/x-ndjson"
    token_header = "Authorization: Bearer"  # noqa: S105

    def address(self, given: URL) -> URL:
        """The address as it is."""
        return given

    def body(self, batch: Sequence[Record]) -> bytes:
        """The lines."""
        return b"".join(record.body + b"\n" for record in batch)

    def taken(self, reply: Reply, batch: Sequence[Record]) -> Answer:
        """All of it."""
        return TAKEN

    def refused(self, reply: Reply) -> RefusedError:
        """That something in it is refused."""
        return RefusedError(answered(reply))


@attrs.frozen(kw_only=True)
class Bulk:
    """Elasticsearch's and OpenSearch's bulk requests, where an event's id is the document's.

    A document that exists already counts as delivered, so that an event that is sent twice is one
    document.

    Args:
        index: the index or the data stream.
    """

    index: str
    type = "application/x-ndjson"
    token_header = "Authorization: ApiKey"  # noqa: S105

    def address(self, given: URL) -> URL:
        """The index's bulk requests, with answers that say no more than what is looked at."""
        wanted = "errors,items.*.status,items.*.error.type,items.*.error.reason"
        path = given.path.rstrip("/") + f"/{quote(self.index, safe='')}/_bulk"
        return given.with_path(path, encoded=True).with_query(
            {**given.query, "filter_path": wanted}
        )

    def body(self, batch: Sequence[Record]) -> bytes:
        """A line that says what to do, and one with the document, for each event."""
        return b"".join(
            b'{"create":{"_id":%b}}\n%b\n' % (json.dumps(record.key).encode(), record.body)
            for record in batch
        )

    def taken(self, reply: Reply, batch: Sequence[Record]) -> Answer:
        """Those that are documents now."""
        said = as_json(reply.body)
        if said is None or "errors" not in said:
            raise DeliveryError("What answers at this address is no Elasticsearch or OpenSearch.")
        if not said["errors"]:
            return TAKEN
        items = said.get("items")
        if not isinstance(items, list) or len(items) != len(batch):
            raise later("its answer does not say what became of each event", reply)
        refused: dict[int, str] = {}
        again: list[int] = []
        for place, item in enumerate(items):
            created = item.get("create") if isinstance(item, dict) else None
            found = created if isinstance(created, dict) else {}
            status = found.get("status")
            why = _reason(found.get("error"), status)
            if not isinstance(status, int) or status == 429 or status >= 500:
                again.append(place)
            elif status in (401, 403, 404):
                raise DeliveryError(f"The index {self.index} takes no events: {why}.")
            elif status >= 300 and status != 409:
                refused[place] = why
        return Answer(refused, again)

    def refused(self, reply: Reply) -> RefusedError:
        """That something in it is refused."""
        return RefusedError(answered(reply))


def _reason(error: Any, status: Any) -> str:
    """Why a document was refused, by an answer of any shape."""
    if isinstance(error, dict):
        return f"{error.get('type', 'refused')}: {error.get('reason', status)}"
    return f"refused: {error or status}"
