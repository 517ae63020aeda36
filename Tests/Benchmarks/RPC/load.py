"""h2load against one server: what its calls cost, after proof that all of them were answered."""

import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}


@dataclass
class Result:
    """What `calls` calls took."""

    calls: int
    seconds: float
    cpu_seconds: float
    p99_microseconds: float | None = None


class Load:
    """The same call, over and over, from one thread on its own core."""

    def __init__(self, call, connections=8, streams=32, cores="1", times_each=False):
        self.call, self.times_each = call, times_each
        self.in_flight = connections * streams
        self.command = ["taskset", "-c", cores, "h2load", "-t1", f"-c{connections}", f"-m{streams}"]
        for name, value in call.headers:
            self.command += ["-H", f"{name}: {value}"]

    def calls_lasting(self, server, seconds):
        """How many calls take about so long; it also warms the server up."""
        calls = self.in_flight
        while True:
            took = self.run(server, calls).seconds
            if took > seconds / 8:
                # In whole rounds of all streams, so that each connection has as many.
                rounds = round(calls * seconds / took / self.in_flight)
                return self.in_flight * max(1, rounds)
            calls *= 4

    def run(self, server, calls):
        """Raises ValueError when any answer is not what it should be."""
        answer_bytes = self.call.verify(server.port)
        with tempfile.TemporaryDirectory() as folder:
            body, log = Path(folder) / "body", Path(folder) / "log"
            body.write_bytes(self.call.body)
            command = [*self.command, "-n", str(calls), "-d", body]
            if self.times_each:
                command += ["--log-file", log]
            command.append(f"http://127.0.0.1:{server.port}{self.call.path}")
            before = server.cpu_seconds
            report = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            cpu_seconds = server.cpu_seconds - before
            p99 = percentile_99(log) if self.times_each else None
        succeeded, good, data = (
            int(re.search(pattern, report).group(1))
            for pattern in (r"(\d+) succeeded", r"(\d+) 2xx", r"\((\d+)\) data")
        )
        if (succeeded, good, data) != (calls, calls, calls * answer_bytes):
            raise ValueError(f"{server.name}, {self.call.path}: not all was answered:\n{report}")
        value, unit = re.search(r"finished in ([\d.]+)(us|ms|s)", report).groups()
        return Result(calls, float(value) * UNITS[unit], cpu_seconds, p99)


def percentile_99(log):
    """Of the third column, the microseconds from the request to the end of the answer."""
    times = sorted(int(line.split("\t")[2]) for line in log.read_text(encoding="ascii").splitlines())
    return times[min(len(times) - 1, len(times) * 99 // 100)]
