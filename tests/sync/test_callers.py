"""Blocking calls from where people are: scripts, notebooks, thread pools, workers, coroutines."""

from __future__ import annotations

import asyncio
import contextvars
import json
import sys
import warnings
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import nbformat
import pytest
from nbclient import NotebookClient

from openai_admin import OpenAIAdmin
from openai_admin._portal import lease as portal
from openai_admin._portal.lease import BlockingInLoopWarning
from openai_admin.emulator import Emulator

from .conftest import DAY, EARLY, ROOT, Scripts

ONE_DAY = f"start_time={EARLY}, end_time={EARLY + DAY}"


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[OpenAIAdmin]:
    client = OpenAIAdmin(emulator.admin_key, base_url=emulator.base_url)
    await asyncio.to_thread(client.projects.create, name="Here")
    yield client
    await asyncio.to_thread(client.close)


async def test_a_plain_script(scripts: Scripts) -> None:
    ended = await scripts.run(
        """
        from openai_admin import OpenAIAdmin
        client = OpenAIAdmin()
        made = client.projects.create(name="Mine")
        print([project.name for project in client.projects.list()])
        """
    )
    assert (ended.code, ended.out, ended.err) == (0, "['Mine']\n", "")


async def test_a_thread_pool(client: OpenAIAdmin) -> None:
    def names(_: int) -> list[str | None]:
        return [project.name for project in client.projects.list()]

    def work() -> list[list[str | None]]:
        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(names, range(40)))

    assert await asyncio.to_thread(work) == [["Here"]] * 40


async def test_a_worker_that_runs_sync_views_in_one_thread_of_a_loop(client: OpenAIAdmin) -> None:
    """As Django under ASGI does: one thread, the request's context copied into it."""
    user: contextvars.ContextVar[str] = contextvars.ContextVar("user")

    def view() -> tuple[str, list[str | None]]:
        return user.get(), [project.name for project in client.projects.list()]

    async def request(name: str) -> tuple[str, list[str | None]]:
        user.set(name)
        run = partial(contextvars.copy_context().run, view)
        return await asyncio.get_running_loop().run_in_executor(thread, run)

    with ThreadPoolExecutor(1) as thread:
        answers = await asyncio.gather(*(request(f"user {n}") for n in range(10)))
    assert answers == [(f"user {n}", ["Here"]) for n in range(10)]


async def test_a_worker_thread_of_anyio(client: OpenAIAdmin) -> None:
    """As Starlette and FastAPI run their sync endpoints."""
    page = await anyio.to_thread.run_sync(client.projects.list)
    assert [project.name for project in page.data] == ["Here"]


async def test_in_a_coroutine_it_works_and_warns_once(scripts: Scripts) -> None:
    ended = await scripts.run(
        f"""
        import asyncio, json, warnings
        from openai_admin import OpenAIAdmin

        async def main():
            with OpenAIAdmin() as client, warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                counts = [len(client.projects.list().data)]  # the line
                counts.append(len(list(client.projects.list())))
                list(client.usage.stream("completions", {ONE_DAY}))
            return counts, [[w.category.__name__, str(w.message), w.lineno] for w in caught]

        print(json.dumps(asyncio.run(main())))
        """
    )
    counts, caught = ended.said
    assert counts == [0, 0]
    ((category, message, line),) = caught
    assert category == "BlockingInLoopWarning"
    assert "AsyncOpenAIAdmin" in message
    assert line == 8  # where the caller is, not the package


@pytest.mark.parametrize("use", ["call", "listing", "request", "stream"])
async def test_the_warning_names_the_callers_file(
    use: str, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This loop serves the emulator too, so nothing may be sent: the warning is made an error."""
    monkeypatch.setattr(portal, "_warned", False)
    client = OpenAIAdmin(emulator.admin_key, base_url=emulator.base_url)
    uses: dict[str, Callable[[], object]] = {
        "call": lambda: client.projects.retrieve("proj_1"),
        "listing": client.users.list,
        "request": lambda: client.request("GET", "/organization/projects"),
        "stream": lambda: next(client.usage.stream("costs", start_time=0, end_time=86400)),
    }
    with pytest.raises(BlockingInLoopWarning, match="use AsyncOpenAIAdmin"):
        uses[use]()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        monkeypatch.setattr(portal, "_warned", False)
        portal._warn_of_blocked_loop()
    assert [Path(warning.filename) for warning in caught] == [Path(__file__)]
    assert not emulator.requests
    await asyncio.to_thread(client.close)


CELLS = {
    "from openai_admin import OpenAIAdmin\nclient = OpenAIAdmin()": None,
    "client.projects.create(name='Made in a cell').name": "'Made in a cell'",
    "[project.name for project in client.projects.list()]": "['Made in a cell']",
    f"list(client.usage.stream('completions', {ONE_DAY}))[0].results": "[]",
    f"len(client.usage.collect('completions', {ONE_DAY}))": "0",
    "import asyncio\nasyncio.get_running_loop().is_running()": "True",
    "from openai_admin import AsyncOpenAIAdmin\nother = AsyncOpenAIAdmin()": None,
    "len((await other.projects.list()).data)": "1",
    "await other.close()\nclient.close()": None,
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the notebook's own packages
async def test_a_notebook(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Executed for real, by a kernel of this interpreter that is installed nowhere."""
    kernel = tmp_path / "share" / "kernels" / "here"
    kernel.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (kernel / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "Here"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share"))
    for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("OPENAI_BASE_URL", emulator.base_url)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", emulator.admin_key)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    cells = [_cell(number, source) for number, source in enumerate(CELLS)]
    book = nbformat.reads(
        json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}),
        as_version=4,
    )  # type: ignore[no-untyped-call]
    await NotebookClient(book, kernel_name="here", timeout=60).async_execute()

    outputs = [cell["outputs"] for cell in book["cells"]]
    assert [o for cell in outputs for o in cell if o["output_type"] == "stream"] == []
    values = [cell[-1]["data"]["text/plain"] if cell else None for cell in outputs]
    assert values == list(CELLS.values())


def _cell(number: int, source: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": f"cell-{number}",
        "metadata": {},
        "execution_count": None,
        "source": source,
        "outputs": [],
    }
