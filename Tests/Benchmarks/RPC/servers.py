"""A server under measurement: started, pinned to its cores, and what it has used so far."""

import re
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Program:
    name: str
    path: Path
    arguments: tuple[str, ...] = ()


class Server:
    """`with Server(program) as server:` has it ready, at `server.port`, until the end."""

    def __init__(self, program, cores="0", tool=()):
        self.name = program.name
        self.log = tempfile.TemporaryFile("w+")
        command = ["taskset", "-c", cores, *tool, program.path, "--port", "0", *program.arguments]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=self.log, text=True
        )
        line = self.process.stdout.readline()
        ready = re.fullmatch(r"listening on 127\.0\.0\.1:(\d+)\n", line)
        if not ready:
            self.stop()
            raise RuntimeError(f"{program.path} said {line!r} instead of where it listens; {self.told}")
        self.port = int(ready.group(1))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    @property
    def told(self):
        """Its standard error so far."""
        self.log.seek(0)
        return self.log.read()

    @property
    def cpu_seconds(self):
        """Of all its threads, user and system, to the nanosecond: clock_getcpuclockid(3)."""
        return time.clock_gettime_ns(~self.process.pid << 3 | 2) / 1e9

    @property
    def resident_bytes(self):
        rollup = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text(encoding="ascii")
        return 1024 * int(re.search(r"^Rss: +(\d+) kB", rollup, re.MULTILINE).group(1))
