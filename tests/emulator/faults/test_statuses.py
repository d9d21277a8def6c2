"""Error statuses and redirects, before and after the change took effect."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin.emulator import Emulator, Status
from openai_admin.emulator.faults import HTML, Redirect
from tests.emulator.faults.raw_client import THINGS, create, made, read


@pytest.mark.parametrize(("after_effect", "effect"), [(False, 0), (True, 1)])
@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_status_before_and_after_the_change(
    emulator: Emulator, status: int, after_effect: bool, effect: int
) -> None:
    emulator.faults.add(Status(status=status, after_effect=after_effect))
    answer = await create(emulator)
    assert answer.status == status
    assert answer.json["error"]["type"] == "server_error"
    assert made(emulator) == effect


@pytest.mark.parametrize(
    ("body", "headers", "content", "content_type"),
    [
        ({"odd": 1}, {}, b'{"odd":1}', "application/json"),
        (HTML, {}, HTML.encode(), "text/html"),
        (HTML, {"Content-Type": "text/plain"}, HTML.encode(), "text/plain"),
        ("out of order", {"Content-Type": "text/plain"}, b"out of order", "text/plain"),
        (b"", {}, b"", "application/json"),
    ],
)
async def test_a_status_sends_the_body_and_headers_it_is_given(
    emulator: Emulator, body: Any, headers: dict[str, str], content: bytes, content_type: str
) -> None:
    emulator.faults.add(Status(status=502, body=body, headers={"Retry-After": "7", **headers}))
    answer = await read(emulator)
    assert (answer.status, answer.body) == (502, content)
    assert answer.headers["retry-after"] == "7"
    assert answer.headers["content-type"] == content_type
    assert "x-request-id" in answer.headers


async def test_a_429_says_so(emulator: Emulator) -> None:
    emulator.faults.add(Status(status=429))
    answer = await read(emulator)
    assert answer.json["error"]["code"] == "rate_limit_exceeded"
    assert "retry-after" not in answer.headers


@pytest.mark.parametrize(
    ("form", "header", "value"),
    [
        ("seconds", "retry-after", "3"),
        ("ms", "retry-after-ms", "2500"),
        ("date", "retry-after", "Mon, 21 Sep 2026 14:13:23 GMT"),
    ],
)
async def test_a_status_asks_to_wait(
    emulator: Emulator, form: Any, header: str, value: str
) -> None:
    emulator.faults.add(Status(status=503, retry_after=2.5, retry_form=form))
    assert (await read(emulator)).headers[header] == value


async def test_a_redirect_goes_to_the_same_path_elsewhere(emulator: Emulator) -> None:
    emulator.faults.add(Redirect(to="https://elsewhere.example/", status=302))
    answer = await read(emulator, f"{THINGS}?limit=2&after=a%3D")
    assert answer.status == 302
    assert answer.headers["location"] == f"https://elsewhere.example/v1{THINGS}?limit=2&after=a%3D"
    await create(emulator)
    assert made(emulator) == 0


@pytest.mark.parametrize(
    ("make", "wrong"),
    [
        (Status, {"status": 100}),
        (Status, {"status": 600}),
        (Status, {"status": 503, "retry_after": -1}),
        (Status, {"status": 503, "retry_form": "weeks"}),
        (Redirect, {"status": 200}),
    ],
)
def test_impossible_statuses_are_refused(make: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=list(wrong)[-1]):
        make(**wrong)
