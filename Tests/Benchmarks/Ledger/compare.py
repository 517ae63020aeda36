"""What durable transfers cost: payments beside the plainest ledger on SQLite and pgbench. Run by deploy/bench.

Each transfer of Sarai's is a call through the RPC with its token checked, kept with its id so that a
repeat answers alike, and answered once it is durable. The peers change two accounts and add a row. All
run on the same disk, in turn.
"""

import argparse
import contextlib
import json
import pwd
import random
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

here = Path(__file__).resolve().parent
sys.path[:0] = [str(here.parent)]
from comparison import Row, Samples, print_table, write_json
from suite import Operator, Service, new_id

LEDGER = "sarai.payments.v1.LedgerService/"
BATCH = 1_000


def say(text):
    print(text, file=sys.stderr, flush=True)


class Ledger:
    """payments with accounts that may owe, under the load of `sarai bench`."""

    def __init__(self, programs, operator, service, accounts):
        self.sarai, self.operator, self.service = programs / "sarai", operator, service
        self.ids = [new_id() for _ in range(accounts)]
        for start in range(0, accounts, 2_000):
            operator.call(service.address, LEDGER + "CreateAccounts", {"accounts": [
                {"id": one, "currencyCode": "PKR", "purpose": "ACCOUNT_PURPOSE_SETTLEMENT",
                 "balanceRule": "BALANCE_RULE_FREE"} for one in self.ids[start:start + 2_000]]}, operator.token())

    def transfer(self):
        """A request in which `sarai bench` chooses the accounts and makes the id."""
        some = self.ids[:400]
        half = len(some) // 2
        return {"id": "{{uuid}}", "draft": {
            "kind": "TRANSFER_KIND_IMMEDIATE", "debitAccountId": f"{{{{choice {' '.join(some[:half])}}}}}",
            "creditAccountId": f"{{{{choice {' '.join(some[half:])}}}}}", "amount": "100", "currencyCode": "PKR",
            "purpose": "TRANSFER_PURPOSE_GRANT"}}

    def transfer_count(self):
        """How many transfers there are."""
        trial = self.operator.call(self.service.address, LEDGER + "GetTrialBalance", {}, self.operator.token())
        return sum(int(one.get("transferCount", 0)) for one in trial.get("currencies", []))

    def load(self, method, request, calls, connections, streams):
        """Calls a second, and the service's CPU in microseconds a call."""
        there = self.transfer_count()
        with tempfile.TemporaryDirectory() as folder:
            data, report = Path(folder) / "data.json", Path(folder) / "report.json"
            data.write_text(json.dumps(request), encoding="utf-8")
            before = self.service.cpu_seconds
            subprocess.run(
                [self.sarai, "bench", self.service.address, LEDGER + method, "--protocol", "native",
                 "-c", str(connections), "-m", str(streams), "--warm-up", "0s", "--duration", "10m", "--quiet",
                 "--calls", str(calls), "--requests", str(calls), "--seed", str(random.getrandbits(31)), "--data", f"@{data}", "--json", report,
                 "-H", "x-sarai-caller: operator", "-H", f"authorization: Bearer {self.operator.token()}"],
                check=True, capture_output=True)
            cpu = self.service.cpu_seconds - before
            found = json.loads(report.read_text(encoding="utf-8"))
        totals = found["totals"]
        if (totals["calls"], totals["errors"]) != (calls, 0):
            raise SystemExit(f"{method}: {calls} calls were to succeed: {json.dumps(found)[:2000]}")
        made = self.transfer_count() - there
        if made != calls * len(request.get("transfers", [request])):
            raise SystemExit(f"{method}: {calls} calls made {made} transfers")
        return totals["callsPerSecond"], cpu / calls * 1e6

    def single(self, count):
        return self.load("CreateTransfer", self.transfer(), count, 8, 8)

    def batches(self, count):
        """Transfers a second, and CPU a transfer."""
        rate, cpu = self.load(
            "CreateTransfers", {"transfers": [self.transfer() for _ in range(BATCH)]}, count // BATCH, 2, 2)
        return rate * BATCH, cpu / BATCH


class PostgreSQL:
    """A server of its own in a folder, on a unix socket."""

    def __init__(self, folder):
        self.folder = folder
        self.programs = max(Path("/usr/lib/postgresql").iterdir(), key=lambda one: int(one.name)) / "bin"
        self.user = "postgres" if pwd.getpwuid(0) and Path("/proc/self").owner() == "root" else None
        folder.mkdir()
        if self.user:
            shutil.chown(folder, self.user)
        self.run("initdb", "-D", folder / "data", "--auth=trust", "--username=sarai", "--encoding=UTF8", "--locale=C")
        self.run("pg_ctl", "start", "--wait", "--silent", "-D", folder / "data", "-l", folder / "log",
                 "-o", f"-k '{folder}' -c listen_addresses= -c max_connections=100")
        for name in ("payments", "peer"):
            self.run("psql", "-qAtX", self.address("postgres"), "-c", f"CREATE DATABASE {name}")

    def address(self, database):
        return f"postgres:///{database}?user=sarai&host={self.folder}"

    def run(self, program, *arguments):
        command = [str(one) for one in (self.programs / program, *arguments)]
        if self.user:
            command = ["runuser", "-u", self.user, "--", *command]
        done = subprocess.run(command, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              close_fds=True)
        if done.returncode:
            raise SystemExit(f"{program}: {done.stdout}")
        return done.stdout

    def make_peer(self, accounts):
        self.run("psql", "-qAtX", "-v", f"accounts={accounts}", self.address("peer"), "-f", self.readable("schema.sql"))

    def readable(self, name):
        """The file where the server's user may read it."""
        target = self.folder / name
        if not target.exists():
            shutil.copy(here / "peer" / name, target)
            target.chmod(0o644)
        return target

    def transfers(self, seconds, accounts):
        """Transfers a second of 32 clients."""
        told = self.run("pgbench", "-n", "-c", "32", "-j", "2", "-T", seconds, "-D", f"accounts={accounts}",
                        "-f", self.readable("transfer.sql"), self.address("peer"))
        return float(re.search(r"^tps = ([\d.]+)", told, re.MULTILINE).group(1))

    def stop(self):
        self.run("pg_ctl", "stop", "--silent", "--mode=immediate", "-D", self.folder / "data")


def plain_sqlite(program, folder, accounts, transfers, batch):
    """Transfers a second, and CPU a transfer, of the plainest ledger; those of earlier rounds stay."""
    file = folder / "plain.sqlite"
    done = subprocess.run([program, file, str(accounts), str(transfers), str(batch)],
                          check=True, capture_output=True, text=True)
    rate, cpu = done.stdout.split()
    return float(rate), float(cpu)


def compare(options, operator, folder):
    plain, grouped, bench = "SQLite in a loop, a commit each", "SQLite in a loop, 1,000 a commit", "pgbench, 32 clients"
    rows = {
        "single": Row("a call each, 64 callers, SQLite", "transfers", "1/s", Samples(), Samples(), plain, 5, True),
        "single cpu": Row("a call each, 64 callers, SQLite", "CPU of a transfer", "us", Samples(), Samples(), plain),
        "batch": Row("1,000 a call, SQLite", "transfers", "1/s", Samples(), Samples(), grouped, 1, True),
        "batch cpu": Row("1,000 a call, SQLite", "CPU of a transfer", "us", Samples(), Samples(), grouped),
        "server": Row("a call each, 64 callers, PostgreSQL", "transfers", "1/s", Samples(), Samples(), bench, 3, True),
    }
    server = PostgreSQL(folder / "postgresql")
    with contextlib.ExitStack() as stack:
        stack.callback(server.stop)
        server.make_peer(options.accounts)
        start = [options.programs / "payments"]
        on_sqlite = stack.enter_context(Service(
            *start, str(folder / "sqlite"), "--identity", operator.identity))
        on_server = stack.enter_context(Service(
            *start, str(folder / "server"), "--identity", operator.identity, "--database", server.address("payments")))
        first = Ledger(options.programs, operator, on_sqlite, options.accounts)
        second = Ledger(options.programs, operator, on_server, options.accounts)
        for number in range(options.rounds):
            say(f"round {number + 1} of {options.rounds}")
            for row, cpu, ours, batch, transfers in (
                    ("batch", "batch cpu", first.batches, BATCH, options.transfers),
                    ("single", "single cpu", first.single, 1, options.transfers // 5)):
                rate, used = ours(transfers)
                rows[row].sarai.add(rate)
                rows[cpu].sarai.add(used)
                rate, used = plain_sqlite(options.peer, folder, options.accounts, transfers, batch)
                rows[row].peer.add(rate)
                rows[cpu].peer.add(used)
            rows["server"].sarai.add(second.single(options.transfers // 5)[0])
            rows["server"].peer.add(server.transfers(5, options.accounts))
    return list(rows.values())


def grow(options, operator, folder):
    """How the cost of a transfer grows with those that are there, and with the accounts."""
    print("\naccounts    transfers there  transfers/s, a call each  CPU us  transfers/s, 1,000 a call  CPU us")

    def measure(name, accounts, steps):
        with Service(options.programs / "payments", str(folder / name), "--identity", operator.identity) as service:
            ledger, there = Ledger(options.programs, operator, service, accounts), 0
            for step in steps:
                while there < step:
                    count = min(step - there, 100_000)
                    ledger.batches(count)
                    there += count
                rate, cpu = ledger.single(10_000)
                grouped, grouped_cpu = ledger.batches(20_000)
                print(f"{accounts:>9,}  {there:>15,}  {rate:>24,.0f}  {cpu:>6.1f}  {grouped:>25,.0f}  {grouped_cpu:>6.2f}",
                      flush=True)
                there += 30_000

    top = 7 if options.long else 6
    measure("growth", 1_000, [10 ** power for power in range(4, top + 1)])
    for power in range(4, top):
        measure(f"accounts-{power}", 10 ** power, [10_000])


def main():
    parser = argparse.ArgumentParser(prog="deploy/bench ledger", description=__doc__)
    parser.add_argument("--programs", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each (5)")
    parser.add_argument("--transfers", type=int, default=100_000, help="transfers of a measurement in batches; each its own call: a fifth (100000)")
    parser.add_argument("--accounts", type=int, default=1_000, help="accounts that they move money between (1000)")
    parser.add_argument("--growth", action="store_true",
                        help="also a table of how cost grows to 10^6 transfers and 10^5 accounts")
    parser.add_argument("--long", action="store_true", help="the table to 10^7 transfers and 10^6 accounts")
    parser.add_argument("--json", help="a file for the figures")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sarai-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with Service(options.programs / "identity", str(folder / "identity")) as identity:
            operator = Operator(options.programs / "sarai", identity.address)
            rows = compare(options, operator, folder)
            print_table(rows)
            if options.json:
                write_json(rows, options.json)
            if options.growth or options.long:
                grow(options, operator, folder)


if __name__ == "__main__":
    main()
