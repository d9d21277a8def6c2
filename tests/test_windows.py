"""Windows: where the pieces of POSIX are missing, the package is imported and makes calls.

A process loads everything once, so that the standard library and other packages are there, then
forgets this package, takes away what Windows has not, and loads it anew.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap

ON_WINDOWS = textwrap.dedent(
    """
    import asyncio, importlib, os, pkgutil, signal, sys, types

    import openai_admin

    OWN = "openai_admin"

    def load_all():
        package = importlib.import_module(OWN)
        names = [m.name for m in pkgutil.walk_packages(package.__path__, f"{OWN}.")]
        for name in names:
            if not name.endswith("__main__"):
                importlib.import_module(name)
        return names

    load_all()
    for name in [n for n in sys.modules if n.partition(".")[0] == OWN]:
        del sys.modules[name]

    for name in ("fcntl", "grp", "posix", "pty", "pwd", "resource", "termios", "tty"):
        sys.modules[name] = None
    for name in (
        "fchmod", "fork", "forkpty", "getpgid", "getuid", "geteuid", "killpg", "register_at_fork",
        "setsid", "O_NOFOLLOW", "O_CLOEXEC", "O_DIRECTORY", "O_NONBLOCK",
    ):
        delattr(os, name)
    for name in (
        "SIGALRM", "SIGCHLD", "SIGCONT", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGQUIT", "SIGTSTP",
        "SIGUSR1", "SIGUSR2", "SIGWINCH", "pthread_kill", "pthread_sigmask", "setitimer", "sigwait",
    ):
        delattr(signal, name)
    msvcrt = types.ModuleType("msvcrt")
    msvcrt.LK_NBLCK, msvcrt.locking = 2, lambda descriptor, mode, length: None
    sys.modules["msvcrt"] = msvcrt
    sys.platform = "win32"

    loaded = load_all()
    from openai_admin import AsyncOpenAIAdmin, OpenAIAdmin
    from openai_admin.cli import loop
    from openai_admin.emulator import Emulator

    async def main():
        async with Emulator() as api:
            async with AsyncOpenAIAdmin(api.admin_key, base_url=api.base_url) as client:
                made = await client.projects.create(name="Search")
            def blocking():
                with OpenAIAdmin(api.admin_key, base_url=api.base_url) as client:
                    return [project.name for project in client.projects.list()]
            assert made.name in await asyncio.to_thread(blocking)

    loop.run(main())
    print(len(loaded))
    """
)


def test_the_package_is_imported_and_makes_calls_without_posix() -> None:
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", ON_WINDOWS],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stderr == ""
    assert run.returncode == 0
    assert int(run.stdout) > 200
