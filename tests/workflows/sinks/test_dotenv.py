"""A variable of a dotenv file is replaced, and every other byte stays."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from openai_admin.workflows.sinks.dotenv import DotenvError, value_of, with_value

NAME = "OPENAI_API_KEY"
OLD, NEW = "sk-old-1", "sk-new-2"

_REPLACED = {
    "alone": "OPENAI_API_KEY=@",
    "among others, in order": "A=1\n\n# about it\nOPENAI_API_KEY=@\nB=2\n",
    "CRLF": "A=1\r\nOPENAI_API_KEY=@\r\nB=2\r\n",
    "CR": "A=1\rOPENAI_API_KEY=@\rB=2",
    "a byte order mark": "\ufeffOPENAI_API_KEY=@\n",
    "export": "  export  OPENAI_API_KEY=@\n",
    "quotes": "OPENAI_API_KEY='@'\n",
    "double quotes and a comment": 'OPENAI_API_KEY = "@"  # of "prod"\n',
    "a comment": "OPENAI_API_KEY=@ # not a#b\n",
    "blanks at the end": "OPENAI_API_KEY=@ \t\nB=2",
    "one that is commented out": "# OPENAI_API_KEY=sk-older\nOPENAI_API_KEY=@\n",
    "names that end or begin alike": "MY_OPENAI_API_KEY=1\nOPENAI_API_KEY_2=2\nOPENAI_API_KEY=@\n",
    "the name in a value of lines": "CERT='-\nOPENAI_API_KEY=no\n-'\nOPENAI_API_KEY=@\n",
    "the name in double quotes": 'CERT="-\\"\nOPENAI_API_KEY=no\n-" # c\nOPENAI_API_KEY=@\n',
    "an apostrophe in a value": "NAME=it's\nOPENAI_API_KEY=@\nNAME2=it's\n",
    "another that refers to it": "OPENAI_API_KEY=@\nKEY=${OPENAI_API_KEY}\n",
    "other alphabets": "ÜBER=größer\nNAME=ключ\nOPENAI_API_KEY=@\n",
    "a backslash in a value": "DIR=C:\\a\nREGEX='\\'\n# \\\nEND=\\\\\nOPENAI_API_KEY=@\n",
}


@pytest.mark.parametrize("file", _REPLACED.values(), ids=_REPLACED)
def test_the_value_is_replaced_and_nothing_else(file: str) -> None:
    before, after = (file.replace("@", value).encode() for value in (OLD, NEW))
    assert value_of(before, NAME) == OLD
    assert with_value(before, NAME, NEW) == after
    assert value_of(after, NAME) == NEW


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "OPENAI_API_KEY=@\n"),
        ("\ufeff", "\ufeffOPENAI_API_KEY=@\n"),
        ("A=1", "A=1\nOPENAI_API_KEY=@\n"),
        ("A=1\r\nB=2", "A=1\r\nB=2\r\nOPENAI_API_KEY=@\r\n"),
        ("# OPENAI_API_KEY=1\n", "# OPENAI_API_KEY=1\nOPENAI_API_KEY=@\n"),
        ("OPENAI_API_KEY=\nB=2\n", "OPENAI_API_KEY=@\nB=2\n"),
        ("OPENAI_API_KEY=  # to come\n", "OPENAI_API_KEY=@  # to come\n"),
        ('OPENAI_API_KEY=""\n', 'OPENAI_API_KEY="@"\n'),
    ],
)
def test_where_there_is_no_value_it_is_given(before: str, after: str) -> None:
    assert value_of(before.encode(), NAME) is None
    assert with_value(before.encode(), NAME, NEW) == after.replace("@", NEW).encode()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"OPENAI_API_KEY=1\nA=1\nOPENAI_API_KEY=1\n", "on lines 1 and 3: remove one of them"),
        (b"A=1\r\nOPENAI_API_KEY='1\r\n", "a quote on line 2 that is not closed"),
        (b'A="1\nOPENAI_API_KEY=1\n', "a quote on line 1 that is not closed"),
        (b"A='1\nOPENAI_API_KEY=1\nB='2'\n", "a quote on line 1 that is not closed"),
        (b"OPENAI_API_KEY='1''2'\n", "more than the value of OPENAI_API_KEY on line 1"),
        (b"OPENAI_API_KEY=$OTHER\n", "takes OPENAI_API_KEY from elsewhere on line 1"),
        (b'OPENAI_API_KEY="${OTHER:-1}"\n', "takes OPENAI_API_KEY from elsewhere on line 1"),
        (b"OPENAI_API_KEY=`cat key`\n", "takes OPENAI_API_KEY from elsewhere on line 1"),
        (b"what?\n=3\nOPENAI_API_KEY=1\n", "is not a dotenv file: line 1 is neither"),
        (b"sk-svcacct-abc\n", "not a dotenv file: line 1 .*secret-file:PATH is for a file"),
        (b'{\n  "OPENAI_API_KEY": "1"\n}\n', "not a dotenv file: line 1"),
        (b"[Service]\nEnvironment=1\n", "not a dotenv file: line 1"),
        (b"A=1\nenv:\n  - OPENAI_API_KEY=1\n", "not a dotenv file: line 2"),
        (b"OPENAI_API_KEY: 1\n", "not a dotenv file: line 1"),
        (b"OPENAI_API_KEY<<EOF\n1\nEOF\n", "not a dotenv file: line 1"),
        (b"A=1\nOPENAI_API_KEY\n", "not a dotenv file: line 2"),
        (b"OPENAI_API_KEY=1\nOPENAI_API_KEY+=2\n", "not a dotenv file: line 2"),
        (b"OPENAI_API_KEY=1\nunset OPENAI_API_KEY\n", "not a dotenv file: line 2"),
        (b"export A=1 OPENAI_API_KEY=1\n", "sets OPENAI_API_KEY on line 1 after something else"),
        (b"A=1; OPENAI_API_KEY=1\n", "sets OPENAI_API_KEY on line 1 after something else"),
        (b"A='1' OPENAI_API_KEY=1\n", "sets OPENAI_API_KEY on line 1 after something else"),
        (b"export OPENAI_API_KEY=1 B=2\n", "more than the value of OPENAI_API_KEY on line 1"),
        (b"B=2\\", "ends line 1 in a backslash"),
        (b"A=1 \\\nOPENAI_API_KEY=1\n", "ends line 1 in a backslash"),
        (b"OPENAI_API_KEY=1\\\nB=2\n", "ends line 1 in a backslash"),
        (b"A=1\nopenai_api_key = '1'\n", "has openai_api_key on line 2, and not as the variable"),
        (b"m.exports = { OPENAI_API_KEY: '1' }\n", "has OPENAI_API_KEY on line 1, and not as"),
        (b"A='\nOPENAI_API_KEY=1\n'\n", "has OPENAI_API_KEY on line 1, and not as"),
        (
            b"OPENAI_API_KEY=sk-abcdefghijklmnop\n\nKEY='sk-abcdefghijklmnop'\n",
            "has the value of OPENAI_API_KEY on line 3 as well",
        ),
        (b"OPENAI_API_KEY=`1`\n", "in backticks, where a shell reads a command"),
        ("A=1\n".encode("utf-16"), "is not UTF-8 text"),
        ("A=ü\n".encode("latin-1"), "is not UTF-8 text"),
        (b"A=1\0\n", "is not text"),
    ],
)
def test_what_readers_would_read_differently_is_refused(content: bytes, why: str) -> None:
    for edit in (lambda: value_of(content, NAME), lambda: with_value(content, NAME, NEW)):
        with pytest.raises(DotenvError, match=why):
            edit()


@pytest.mark.parametrize("file", ["", "export A='1\nOPENAI_API_KEY=no'\nexport OPENAI_API_KEY='1'"])
def test_a_shell_reads_what_was_written(file: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(with_value(file.encode(), NAME, NEW))
    script = '. ./.env; printf %s "$OPENAI_API_KEY"'
    read = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, check=True)
    assert read.stdout.decode() == NEW
