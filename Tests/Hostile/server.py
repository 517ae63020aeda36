"""The server under test as a process: its start, its memory, its log."""
import asyncio
import contextlib
import os
import pathlib
import re
import subprocess
import tempfile

from probe import Skipped

SERVER_CORE, LOAD_CORE = 0, 1


class Server:
    """A process that prints `listening on HOST:PORT`."""

    def __init__(self, process, target, log):
        self.process, self.target, self._log = process, target, log
        self.pid = process.pid

    @classmethod
    async def start(cls, command, core, yields=False, patience=20):
        """Starts it on one core, where the probes are not."""
        log = tempfile.TemporaryFile("w+")
        process = await asyncio.create_subprocess_exec(
            *command, stdout=subprocess.PIPE, stderr=log, preexec_fn=lambda: pin(core, yields))
        try:
            async with asyncio.timeout(patience):
                async for line in process.stdout:
                    if found := re.match(rb"listening on ([\d.]+):(\d+)", line):
                        return cls(process, (found[1].decode(), int(found[2])), log)
        except TimeoutError:
            pass
        if process.returncode is None:
            process.kill()
        await process.wait()
        log.seek(0)
        raise SystemExit(f"{command[0]} did not print `listening on HOST:PORT`: {log.read()[-500:]}")

    def put_first(self):
        """Gives all its threads the core before others' programs."""
        for task in pathlib.Path(f"/proc/{self.pid}/task").iterdir():
            put_first(int(task.name))

    async def stop(self):
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

    @property
    def ended(self):
        """How the process ended, if it did."""
        return self.process.returncode

    @property
    def cpu_seconds(self):
        """What the process has used of a core so far, proc(5)."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def log_lines(self):
        self._log.seek(0)
        return [line for line in self._log if line.strip()]


@contextlib.asynccontextmanager
async def own_server(kit, *options):
    """Another server like the one under test, for a probe that stops it or wants it otherwise."""
    if not kit.command:
        raise Skipped("it needs a server of its own")
    server = await Server.start([*kit.command, *options], SERVER_CORE)
    try:
        yield server
    finally:
        await server.stop()


def put_first(thread=0):
    """Gives a thread its core before others' programs, at once, sched(7), if that is allowed."""
    with contextlib.suppress(OSError):
        os.sched_setscheduler(thread, os.SCHED_RR, os.sched_param(1))


def pin(core, yields=False):
    """Puts this process on a core, if the machine has it; `yields` leaves the core to all others that
    want it, at once, sched(7)."""
    with contextlib.suppress(OSError):
        os.sched_setaffinity(0, {core})
    if yields:
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


class Memory:
    """What a process keeps resident, in KiB, and the most that it has since `restart`."""

    def __init__(self, pid):
        self._folder = pathlib.Path(f"/proc/{pid}")

    def _read(self, name):
        text = (self._folder / "status").read_text()
        return int(re.search(rf"{name}:\s+(\d+)", text)[1])

    def restart(self):
        (self._folder / "clear_refs").write_text("5")

    @property
    def resident(self):
        return self._read("VmRSS")

    @property
    def peak(self):
        return self._read("VmHWM")
