"""Answers that are not the API's, in words."""

from __future__ import annotations

import json

import pytest

from openai_admin._wire.codec import decode
from openai_admin._wire.http import Response, error_from
from openai_admin.errors import APIResponseValidationError, APIStatusError

PAGE = b"\n<!DOCTYPE html><html><body>Sign in</body></html>"


def _said(status: int, body: bytes, **headers: str) -> APIStatusError:
    return error_from(Response(status, headers, body))


def _invalid_url(path: str) -> bytes:
    return json.dumps({"error": {"message": f"Invalid URL (GET {path})"}}).encode()


def test_a_web_page_for_a_path_that_is_not_there() -> None:
    error = _said(404, PAGE)
    assert not error.is_from_api
    assert error.message == (
        "The answer is a web page, not the API's: the base address must be the API's, which usually"
        " ends in /v1."
    )
    assert error.body == PAGE.decode()


@pytest.mark.parametrize("status", [400, 401, 403, 405, 407, 451])
def test_the_web_page_of_a_proxy(status: int) -> None:
    error = _said(status, b"\xef\xbb\xbf" + PAGE)
    assert not error.is_from_api
    assert "a proxy, a firewall or a login page gave it" in error.message


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html><center>The plain HTTP request was sent to HTTPS port</center>", "expects TLS"),
        (b"Client sent an HTTP request to an HTTPS server.\n", "expects TLS"),
        (b"<html><center>No required SSL certificate was sent</center>", "demands a client cert"),
        (b"<html><center>The SSL certificate error</center>", "does not accept the client cert"),
    ],
)
def test_a_server_whose_tls_is_otherwise(body: bytes, words: str) -> None:
    error = _said(400, body)
    assert not error.is_from_api
    assert error.message.startswith(f"The server {words}")


def test_a_network_that_demands_a_login() -> None:
    error = _said(511, PAGE)
    assert (error.status, error.is_from_api) == (511, False)
    assert error.message == (
        "The network demands a login: log in to the network with a browser first."
    )


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_web_page_of_what_passes_may_be_the_apis(status: int) -> None:
    error = _said(status, PAGE)
    assert error.is_from_api
    assert "web page" not in error.message


def test_an_address_without_the_version() -> None:
    error = _said(404, _invalid_url("/organization/projects"))
    assert not error.is_from_api
    assert error.message == (
        "Invalid URL (GET /organization/projects): the base address must be the API's, which"
        " usually ends in /v1."
    )


def test_a_path_that_the_api_does_not_have() -> None:
    error = _said(404, _invalid_url("/v1/organization/nothing"))
    assert error.is_from_api
    assert error.message == "Invalid URL (GET /v1/organization/nothing)"


@pytest.mark.parametrize(
    ("location", "named"),
    [
        ("https://login.example:8443/sso?token=secret", " to https://login.example:8443,"),
        ("//login.example/sso", " to https://login.example,"),
        ("/v1/elsewhere", ","),
        ("https://login.example:port/", ","),
        ("", ","),
    ],
)
def test_a_redirect_names_the_server_and_nothing_else(location: str, named: str) -> None:
    error = _said(302, b"", location=location)
    assert not error.is_from_api
    assert error.message == f"The server answered with a redirect{named} which is not followed."


def test_a_login_page_in_place_of_an_answer() -> None:
    with pytest.raises(APIResponseValidationError) as raised:
        decode(PAGE, dict, operation="projects.list")
    assert not raised.value.is_json
    assert str(raised.value).startswith(
        "The response to projects.list is a web page, not JSON: a proxy or a login page answered"
    )
