"""What it costs to know who calls, beside bare OpenSSL, and what an idle service takes. Run by deploy/bench.

A token is verified when it is first seen, Ed25519 by OpenSSL among the rest, and remembered then. The peer of the first
is that signature alone, of the second the goal of a microsecond. Passwords are hashed by the same scrypt as in Python.
"""

import argparse
import hashlib
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]
from comparison import Row, Samples, print_table, write_json
from suite import Service

FIRST_MAX_US, CACHED_MAX_US, READY_MAX_MS, IDLE_MAX_MIB = 60, 1, 250, 24


def sarai(programs):
    """CPU microseconds, by name."""
    told = subprocess.run([programs / "identity-bench"], check=True, capture_output=True, text=True).stdout
    return {name: float(value) for name, value in (line.split() for line in told.splitlines())}


def openssl_verify():
    """CPU microseconds of one Ed25519 verification."""
    told = subprocess.run(["openssl", "speed", "-mr", "-seconds", "1", "ed25519"],
                          check=True, capture_output=True, text=True).stdout
    # The line ends with signatures and verifications a second: "+F6:0:253:Ed25519:27444.3:9891.1".
    return 1e6 / float(re.search(r"^\+F6:.*:([\d.]+)$", told, re.MULTILINE).group(1))


def python_hash():
    begin = time.process_time()
    hashlib.scrypt(b"seven camels at dawn", salt=bytes(16), n=1 << 17, r=8, p=1, dklen=32, maxmem=300 << 20)
    return (time.process_time() - begin) * 1e6


def resident_mib(process):
    with open(f"/proc/{process.pid}/status", encoding="utf-8") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) / 1024


def measure_service(program, folder, number, ready, idle):
    begin = time.monotonic()
    with Service(program, str(folder / f"{program.name}-{number}"), demo=False, pause=0.002) as service:
        ready.add((time.monotonic() - begin) * 1000)
        time.sleep(1)
        idle.add(resident_mib(service.process))


def main():
    parser = argparse.ArgumentParser(prog="deploy/bench identity", description=__doc__)
    parser.add_argument("--programs", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each (5)")
    parser.add_argument("--json", help="a file for the figures")
    options = parser.parse_args()
    goal = "the goal"
    signature = Row("access token, first seen", "CPU", "us", Samples(), Samples(), "OpenSSL's Ed25519 alone")
    first = Row("access token, first seen", "CPU", "us", signature.sarai, Samples([FIRST_MAX_US]), goal, 1)
    cached = Row("access token, seen before", "CPU", "us", Samples(), Samples([CACHED_MAX_US]), goal, 1)
    password = Row("password, scrypt N=2^17 r=8 p=1", "CPU", "us", Samples(), Samples(), "Python's hashlib", 1.1)
    services = {name: (
        Row(f"{name}, SQLite", "start to ready", "ms", Samples(), Samples([READY_MAX_MS]), goal, 1),
        Row(f"{name}, SQLite", "resident, idle", "MiB", Samples(), Samples([IDLE_MAX_MIB]), goal, 1),
    ) for name in ("identity", "payments")}
    with tempfile.TemporaryDirectory(prefix="sarai-bench-") as folder:
        for number in range(options.rounds):
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr, flush=True)
            found = sarai(options.programs)
            first.sarai.add(found["first"])
            signature.peer.add(openssl_verify())
            cached.sarai.add(found["cached"])
            password.sarai.add(found["hash"])
            password.peer.add(python_hash())
            for name, (ready, idle) in services.items():
                measure_service(options.programs / name, Path(folder), number, ready.sarai, idle.sarai)
    rows = [signature, first, cached, password, *(row for rows in services.values() for row in rows)]
    print_table(rows)
    if options.json:
        write_json(rows, options.json)


if __name__ == "__main__":
    main()
