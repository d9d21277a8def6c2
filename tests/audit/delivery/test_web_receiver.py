"""Events posted to receivers with a real socket, and what their answers mean."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from benchmarks.audit.delivery.splunk import TOKEN, Splunk
from openai_admin.audit.delivery.forms import Bulk, Form, Lines
from openai_admin.audit.delivery.hec import HEC, Acknowledgements
from openai_admin.audit.delivery.posting import Poster, checked_address, token_headers
from openai_admin.audit.delivery.receiver import (
    TAKEN,
    Answer,
    DeliveryError,
    LaterError,
    RefusedError,
)
from openai_admin.audit.delivery.web_receiver import WebReceiver
from openai_admin.errors import ConfigurationError, InvalidInputError
from tests.tls import Authority, server_context

from .records import Clock, records
from .web import Posted, server

SECRET = "very-secret-token-of-a-receiver"


def receiver(
    address: str,
    form: Form,
    *,
    header: str | None = None,
    seconds: float = 5.0,
    packs: bool = True,
    acknowledgements: Acknowledgements | None = None,
) -> WebReceiver:
    """A receiver at an address, with the environment's token."""
    headers = token_headers(header or form.token_header)
    if acknowledgements is not None:
        headers["X-Splunk-Request-Channel"] = acknowledgements.channel
    poster = Poster(checked_address(address), headers, seconds=seconds, packs=packs)
    return WebReceiver(poster, form, acknowledgements)


async def sent(made: WebReceiver, count: int = 3) -> Answer:
    """What becomes of so many events."""
    try:
        return await made.send(records(count))
    finally:
        await made.aclose()


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_ADMIN_RECEIVER_TOKEN", SECRET)


def says(status: int, text: str = "", **headers: str) -> Callable[[Posted], web.Response]:
    """An answer that is always the same."""
    return lambda posted: web.Response(status=status, text=text, headers=headers)


@pytest.mark.parametrize("packs", [True, False])
async def test_lines_are_posted_with_the_token(packs: bool) -> None:
    async with server(says(202)) as (address, got):
        assert await sent(receiver(f"{address}/in?source=a", Lines(), packs=packs)) == TAKEN
    (posted,) = got
    assert posted.path == "/in?source=a"
    assert posted.body == b"".join(each.body + b"\n" for each in records(3))
    assert posted.headers["Content-Type"] == "application/x-ndjson"
    assert posted.headers.get("Content-Encoding") == ("gzip" if packs else None)
    assert posted.headers["Authorization"] == f"Bearer {SECRET}"


async def test_the_tokens_header_can_be_another(monkeypatch: pytest.MonkeyPatch) -> None:
    async with server(says(200)) as (address, got):
        await sent(receiver(address, Lines(), header="X-Api-Key"))
        monkeypatch.delenv("OPENAI_ADMIN_RECEIVER_TOKEN")
        await sent(receiver(address, Lines()))
    assert got[0].headers["X-Api-Key"] == SECRET
    assert "Authorization" not in got[0].headers.keys() | got[1].headers.keys()


@pytest.mark.parametrize(
    ("status", "error", "told"),
    [
        (400, RefusedError, "it answered 400: no"),
        (413, RefusedError, "it answered 413: no"),
        (422, RefusedError, "it answered 422: no"),
        (401, DeliveryError, "does not accept the token"),
        (403, DeliveryError, "the token is not valid, or may not do this"),
        (404, DeliveryError, "nothing takes events at this address"),
        (415, DeliveryError, "it refuses what is sent"),
        (302, DeliveryError, "a redirect, which is not followed"),
        (429, LaterError, "it answered 429: no"),
        (500, LaterError, "it answered 500: no"),
        (503, LaterError, "it answered 503: no"),
        (507, LaterError, "it answered 507: no"),
        (408, LaterError, "it answered 408: no"),
    ],
)
async def test_what_a_status_means(status: int, error: type[Exception], told: str) -> None:
    async with server(says(status, "no", Location="/elsewhere")) as (address, got):
        with pytest.raises(error, match=told):
            await sent(receiver(address, Lines()))
    assert len(got) == 1


async def test_the_receiver_may_say_how_long_to_wait() -> None:
    headers = {"Retry-After": "17", "X-Should-Retry": "false"}
    async with server(says(503, **headers)) as (address, _):
        with pytest.raises(LaterError) as caught:
            await sent(receiver(address, Lines()))
    assert caught.value.failure.headers["retry-after"] == "17"
    assert "x-should-retry" not in caught.value.failure.headers  # it is no rule of receivers


async def test_no_answer_in_time_is_no_answer() -> None:
    async def hang(posted: Posted) -> web.StreamResponse:
        await asyncio.sleep(0.5)
        raise AssertionError

    async with server(hang) as (address, _):
        with pytest.raises(LaterError):
            await sent(receiver(address, Lines(), seconds=0.05))


async def test_neither_token_nor_query_shows_in_what_is_told() -> None:
    def echo(posted: Posted) -> web.Response:
        return web.Response(status=500, text=f"got {posted.headers['Authorization']}")

    async with server(echo) as (address, _):
        made = receiver(f"{address}/in?key=also-secret", Lines())
        with pytest.raises(LaterError) as caught:
            await sent(made)
    told = f"{made.name} {caught.value!r} {made!r} {vars(made._poster)!r}"
    assert "it answered 500: got Bearer …" in told
    assert SECRET not in f"{made.name} {caught.value!r} {made!r} {made._poster._headers!r}"
    assert "also-secret" not in f"{made.name} {caught.value!r}"
    gone = receiver(f"{address}/in?key=also-secret", Lines())  # nobody listens there now
    with pytest.raises(LaterError) as lost:
        await sent(gone)
    assert SECRET not in repr(lost.value)
    assert "also-secret" not in repr(lost.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("siem.example.com", "to must be stdout, file:PATH, or an address"),
        ("ftp://siem.example.com", "to must be stdout, file:PATH, or an address"),
        ("https://", "to must be stdout, file:PATH, or an address"),
        ("https://a b/", "to must be stdout, file:PATH, or an address"),
        ("https://siem:99999/", "to must be stdout, file:PATH, or an address"),
        ("http://siem.example.com/", "to must be https"),
        ("https://me:secret@siem.example.com/", "to has a login in the address"),
    ],
)
def test_an_address_that_will_not_do_is_told_and_not_repeated(text: str, told: str) -> None:
    with pytest.raises(InvalidInputError, match=told) as caught:
        checked_address(text)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "schlüssel"])
def test_a_token_that_cannot_be_sent_is_told_and_not_repeated(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ADMIN_RECEIVER_TOKEN", token)
    with pytest.raises(ConfigurationError) as caught:
        token_headers("Authorization: Bearer")
    assert token not in str(caught.value)


@pytest.mark.parametrize("header", ["", ": Bearer", "Two words", "A: b\nc"])
def test_a_header_that_is_none_is_told(header: str) -> None:
    with pytest.raises(InvalidInputError, match="token_header must be like"):
        token_headers(header)


# --- Splunk ------------------------------------------------------------------------------------


@pytest.fixture
async def splunk(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A server like Splunk's."""
    monkeypatch.setenv("OPENAI_ADMIN_RECEIVER_TOKEN", TOKEN)
    made = Splunk(lambda event: event["number"] == 2, random.Random(0))
    await made.start()
    yield made
    await made.stop()


async def test_splunk_has_each_event_with_its_time_and_id(splunk: Splunk) -> None:
    assert await sent(receiver(splunk.address, HEC(index="audit")), 2) == TAKEN
    assert splunk.events == {each.key: each.raw for each in records(2)}


def test_the_envelope_is_the_one_that_splunk_describes() -> None:
    (line,) = HEC(index="audit").body(records(1)).decode().splitlines()
    assert json.loads(line) == {
        "time": 1790000000.0,
        "source": "openai",
        "sourcetype": "openai:audit",
        "index": "audit",
        "fields": {"event_id": "audit_log-0"},
        "event": records(1)[0].raw,
    }


async def test_splunk_says_which_event_it_refuses(splunk: Splunk) -> None:
    places = set()
    for _ in range(20):
        with pytest.raises(RefusedError, match="Invalid data format") as caught:
            await sent(receiver(splunk.address, HEC()), 5)
        places.add(caught.value.place)
    assert places == {2, None}


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, 7, DeliveryError),  # incorrect index
        (400, 10, DeliveryError),  # data channel is missing
        (400, 6, RefusedError),
        (400, 12, RefusedError),
        (403, 4, DeliveryError),
        (503, 9, LaterError),
        (200, 9, LaterError),
    ],
)
async def test_splunks_codes_tell_events_from_settings(
    status: int, code: int, error: type[Exception]
) -> None:
    async with server(says(status, json.dumps({"text": "so", "code": code}))) as (address, _):
        with pytest.raises(error, match="so"):
            await sent(receiver(address, HEC()))


@pytest.mark.parametrize("form", [HEC(), Bulk(index="audit")])
async def test_a_page_that_says_200_is_not_taken_for_the_receiver(form: Form) -> None:
    async with server(says(200, "<html>Please log in</html>")) as (address, _):
        with pytest.raises(DeliveryError, match="What answers at this address is no"):
            await sent(receiver(address, form))


async def test_a_batch_is_delivered_once_splunk_has_indexed_it(splunk: Splunk) -> None:
    splunk.acknowledges = True
    clock = Clock()
    acks = Acknowledgements(sleep=clock.sleep, clock=clock)
    assert await sent(receiver(splunk.address, HEC(), acknowledgements=acks), 2) == TAKEN
    assert clock.naps == [0.1, 0.2]  # it is indexed when it is asked for the second time


async def test_what_a_restart_has_forgotten_is_sent_again(splunk: Splunk) -> None:
    splunk.acknowledges = True
    clock = Clock()

    async def sleep(seconds: float) -> None:
        await clock.sleep(seconds)
        splunk._acks.clear()

    acks = Acknowledgements(sleep=sleep, clock=clock)
    with pytest.raises(LaterError, match="has not acknowledged a batch in 300 seconds"):
        await sent(receiver(splunk.address, HEC(), acknowledgements=acks), 2)
    assert max(clock.naps) == 10


async def test_a_token_without_acknowledgements_is_told(splunk: Splunk) -> None:
    with pytest.raises(DeliveryError, match="switch it on in Splunk, or leave out --hec-ack"):
        await sent(receiver(splunk.address, HEC(), acknowledgements=Acknowledgements()), 2)


# --- Elasticsearch -----------------------------------------------------------------------------


def bulk(*statuses: int, type: str = "mapper_parsing_exception") -> str:
    """The answer of a bulk request."""
    items = [
        {"create": {"status": s, **({} if s < 300 else {"error": {"type": type, "reason": "r"}})}}
        for s in statuses
    ]
    return json.dumps({"errors": any(s >= 300 for s in statuses), "items": items})


async def test_bulk_requests_name_each_document_by_its_events_id() -> None:
    async with server(says(200, bulk(201, 201, 201))) as (address, got):
        assert await sent(receiver(f"{address}/base/", Bulk(index="logs-audit"))) == TAKEN
    (posted,) = got
    assert posted.path.startswith("/base/logs-audit/_bulk?filter_path=errors,items")
    assert posted.headers["Authorization"] == f"ApiKey {SECRET}"
    lines = [json.loads(line) for line in posted.body.splitlines()]
    assert lines[::2] == [{"create": {"_id": f"audit_log-{n}"}} for n in range(3)]
    assert lines[1::2] == [each.raw for each in records(3)]


async def test_each_document_is_told_for_itself() -> None:
    async with server(says(200, bulk(201, 409, 400, 429, 503))) as (address, _):
        answer = await sent(receiver(address, Bulk(index="audit")), 5)
    assert answer == Answer({2: "mapper_parsing_exception: r"}, [3, 4])


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_an_index_that_takes_nothing_ends_the_delivery(status: int) -> None:
    async with server(says(200, bulk(201, status, status, type="no_index"))) as (address, _):
        with pytest.raises(DeliveryError, match=r"The index audit takes no events: no_index: r\."):
            await sent(receiver(address, Bulk(index="audit")))


@pytest.mark.parametrize(
    ("created", "expected"),
    [
        ({"status": 400, "error": "bad text"}, Answer({0: "refused: bad text"}, [])),
        ({"status": 400}, Answer({0: "refused: 400"}, [])),
        ({"status": 400, "error": [7]}, Answer({0: "refused: [7]"}, [])),
        (None, Answer(again=[0])),
        ("odd", Answer(again=[0])),
    ],
)
async def test_an_item_of_any_shape_is_told(created: Any, expected: Answer) -> None:
    said = json.dumps({"errors": True, "items": [{"create": created}]})
    async with server(says(200, said)) as (address, _):
        assert await sent(receiver(address, Bulk(index="audit")), 1) == expected


@pytest.mark.parametrize("form", [HEC(), Bulk(index="audit")])
async def test_an_answer_that_is_too_deep_to_read_is_not_the_receivers(form: Form) -> None:
    async with server(says(200, "[" * 100_000)) as (address, _):
        with pytest.raises(DeliveryError, match="What answers at this address is no"):
            await sent(receiver(address, form))


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (413, r"it answered 413$"),
        (503, r"it answered 503$"),
        (404, r"answered 404; nothing takes events at this address\.$"),
    ],
)
async def test_a_receiver_that_says_nothing_is_not_quoted(status: int, told: str) -> None:
    async with server(says(status)) as (address, _):
        with pytest.raises((LaterError, RefusedError, DeliveryError), match=told):
            await sent(receiver(address, Lines()))


async def test_an_answer_that_does_not_say_what_became_of_each_is_none() -> None:
    async with server(says(200, bulk(201, 400))) as (address, _):
        with pytest.raises(LaterError, match="does not say what became of each event"):
            await sent(receiver(address, Bulk(index="audit")))


@pytest.mark.parametrize(
    ("status", "error"), [(403, DeliveryError), (400, DeliveryError), (503, LaterError)]
)
async def test_who_does_not_say_what_is_indexed_is_told(
    status: int, error: type[Exception]
) -> None:
    def reply(posted: Posted) -> web.Response:
        if posted.path.startswith("/services/collector/ack?channel="):
            return web.Response(status=status, text="no")
        return web.json_response({"text": "Success", "code": 0, "ackId": 7})

    clock = Clock()
    acks = Acknowledgements(sleep=clock.sleep, clock=clock)
    async with server(reply) as (address, got):
        with pytest.raises(error, match=f"it answered {status}: no"):
            await sent(receiver(address, HEC(), acknowledgements=acks))
    assert json.loads(got[1].body) == {"acks": [7]}


@pytest.mark.parametrize("text", ["hello", '{"acks":[true]}', "{}"])
async def test_what_knows_of_no_acknowledgements_is_told_at_once(text: str) -> None:
    def reply(posted: Posted) -> web.Response:
        if "/ack" in posted.path:
            return web.Response(text=text)
        return web.json_response({"text": "Success", "code": 0, "ackId": 7})

    clock = Clock()
    acks = Acknowledgements(sleep=clock.sleep, clock=clock)
    async with server(reply) as (address, _):
        with pytest.raises(DeliveryError, match="what it has indexed is no Splunk"):
            await sent(receiver(address, HEC(), acknowledgements=acks))
    assert len(clock.naps) == 1


@pytest.mark.parametrize("end", ["", "/", "/event", "/event/", "/event/1.0"])
async def test_acknowledgements_are_asked_for_where_splunk_has_them(end: str) -> None:
    def reply(posted: Posted) -> web.Response:
        if posted.number:
            return web.json_response({"acks": {"7": True}})
        return web.json_response({"text": "Success", "code": 0, "ackId": 7})

    acks = Acknowledgements(sleep=Clock().sleep)
    async with server(reply) as (address, got):
        made = receiver(f"{address}/services/collector{end}", HEC(), acknowledgements=acks)
        assert await sent(made) == TAKEN
    assert got[1].path.partition("?")[0] == "/services/collector/ack"


@pytest.mark.parametrize(
    ("host", "trusted", "told"),
    [
        ("127.0.0.1", False, "SSL_CERT_FILE"),
        ("other.example", True, "not valid for '127.0.0.1' but for other.example; check the rec"),
        (None, True, "does not speak TLS on this port: check the port in the receiver's address"),
    ],
)
async def test_what_is_said_of_tls_is_what_helps_with_a_receiver(
    host: str | None, trusted: bool, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    authority = Authority(tmp_path)
    context = None if host is None else server_context(authority.issue("server", host))
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    async with await asyncio.start_server(say, "127.0.0.1", 0, ssl=context) as listening:
        port = listening.sockets[0].getsockname()[1]
        with pytest.raises(LaterError) as caught:
            await sent(receiver(f"https://127.0.0.1:{port}", Lines()))
    assert told in caught.value.why
    for advice in ("base_url", "ssl=", "ca_file"):
        assert advice not in caught.value.why
