"""The hosts and web origins that are let in: each whole, in whatever case."""

from __future__ import annotations

import re

import pytest

from openai_admin.errors import ConfigurationError
from openai_admin.mcp import Address
from openai_admin.mcp.http.names import Hosts, origins_pattern, read_origin


@pytest.mark.parametrize(
    ("known", "sent", "is_let_in"),
    [
        ("mcp.example.com", "mcp.example.com", True),
        ("mcp.example.com", "MCP.Example.COM", True),
        ("MCP.Example.com", "mcp.example.com", True),
        ("mcp.example.com", "mcp.example.com.", True),
        ("mcp.example.com", "mcp.example.com:8443", True),
        ("mcp.example.com", "mcp.example.com.:8443", True),
        ("mcp.example.com:8443", "mcp.example.com:8443", True),
        ("mcp.example.com:443", "mcp.example.com", True),
        ("[2001:DB8:0::1]", "[2001:db8::1]:80", True),
        ("mcp.example.com:8443", "mcp.example.com", False),
        ("mcp.example.com:8443", "mcp.example.com:8444", False),
        ("mcp.example.com", "mcp.example.com:evil", False),
        ("mcp.example.com", "mcp.example.com:99999", False),
        ("mcp.example.com", "mcp.example.com:", False),
        ("mcp.example.com", "mcp.example.com..", False),
        ("mcp.example.com", "mcp.example.com@evil.example", False),
        ("mcp.example.com", "evil.example", False),
        ("mcp.example.com", "xmcp.example.com", False),
        ("mcp.example.com", "mcp.example.com evil", False),
        ("mcp.example.com", "", False),
    ],
)
def test_a_host_is_one_name_in_any_spelling(known: str, sent: str, is_let_in: bool) -> None:
    assert (sent in Hosts([known])) is is_let_in


@pytest.mark.parametrize(
    ("known", "sent", "is_let_in"),
    [
        ("https://app.example.com", "https://app.example.com", True),
        ("HTTPS://App.Example.com:443", "https://app.example.com", True),
        ("http://localhost:6274", "http://localhost:6274", True),
        ("http://localhost:*", "http://localhost:6274", True),
        ("http://localhost:*", "http://localhost", True),
        ("vscode-webview://panel", "vscode-webview://panel", True),
        ("https://app.example.com", "http://app.example.com", False),
        ("https://app.example.com", "https://app.example.com:8443", False),
        ("https://app.example.com", "https://app.example.com.evil.example", False),
        ("https://app.example.com", "https://xapp.example.com", False),
        ("https://app.example.com", "https://appxexample.com", False),
        ("https://app.example.com", "null", False),
        ("http://localhost:*", "https://localhost:6274", False),
        ("http://localhost:*", "http://localhost:6274x", False),
        ("http://localhost:*", "http://localhost.evil.example:6274", False),
    ],
)
def test_an_origin_is_compared_whole(known: str, sent: str, is_let_in: bool) -> None:
    assert bool(re.fullmatch(origins_pattern([known]), sent)) is is_let_in


@pytest.mark.parametrize(
    "written",
    ["null", "*", "https://*", "https://*.example.com", "app.example.com", "https://a.example/x",
     "https://a.example:1:*", "https://", "https://a b"],
)  # fmt: skip
def test_what_is_no_origin_is_refused(written: str) -> None:
    assert read_origin(written) is None
    with pytest.raises(ConfigurationError, match="An origin is written"):
        Address(origins=[written]).checked()


@pytest.mark.parametrize("written", ["https://mcp.example.com", "*", "a:b", "a b", ""])
def test_what_is_no_host_is_refused(written: str) -> None:
    with pytest.raises(ConfigurationError, match="A host is written"):
        Address(hosts=[written]).checked()
