"""Services as a benchmark runs them: started on data of their own, with a finance operator's token."""

import base64
import hashlib
import hmac
import json
import os
import signal
import socket
import struct
import subprocess
import time
import urllib.request
import uuid

PASSWORD, FACTOR = "caravan at the gate", "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U"
OPERATORS = "01920000-0000-7000-8000-000000000065"
STEP_UP_SECONDS = 240


def new_id():
    """A UUID of version 7."""
    number = int(time.time() * 1000) << 80 | int.from_bytes(os.urandom(10), "big")
    return str(uuid.UUID(int=number & ~(0xF << 76) & ~(0x3 << 62) | 7 << 76 | 2 << 62))


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Service:
    """One service, ready; `with` stops it."""

    def __init__(self, program, data, *arguments, demo=True, pause=0.05):
        self.port, self.admin = free_port(), free_port()
        self.log = open(f"{data}.log", "w", encoding="utf-8")
        command = [program, "--demo" if demo else "--insecure-callers", "--data", data, "--port", str(self.port), "--admin-port", str(self.admin)]
        # Not the log but the work is measured, as it runs on a busy day.
        self.process = subprocess.Popen(
            [*command, "--log-level", "warning", *arguments], stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if self.is_ready():
                return
            time.sleep(pause)
        self.stop()
        raise SystemExit(f"{program} does not become ready: see {self.log.name}")

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/readyz", timeout=1) as answer:
                return answer.status == 200
        except OSError:
            return False

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    @property
    def cpu_seconds(self):
        return time.clock_gettime_ns(~self.process.pid << 3 | 2) / 1e9

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Operator:
    """A finance operator of the demo, who steps up again before that is too long ago."""

    def __init__(self, sarai, identity):
        self.sarai, self.identity = sarai, identity
        self.last_code, self.stepped_up_at, self._token = None, None, None

    def call(self, address, method, request, token=None):
        command = [self.sarai, "call", address, method, "-H", "x-sarai-caller: operator", "--data", "-"]
        if token:
            command += ["-H", f"authorization: Bearer {token}"]
        done = subprocess.run(command, input=json.dumps(request), capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{method}: {done.stderr}")
        return json.loads(done.stdout)

    def code(self):
        """The next one-time code; each works once."""
        while True:
            step = int(time.time()) // 30
            for one in (step, step + 1):
                if self.last_code is None or one > self.last_code:
                    self.last_code = one
                    digest = hmac.new(base64.b32decode(FACTOR), struct.pack(">Q", one), hashlib.sha1).digest()
                    place = digest[19] & 15
                    number = struct.unpack(">I", digest[place:place + 4])[0] & 0x7FFFFFFF
                    return f"{number % 1_000_000:06}"
            time.sleep(1)

    def token(self):
        if self._token and time.monotonic() - self.stepped_up_at < STEP_UP_SECONDS:
            return self._token
        service, sign_in = "sarai.identity.v1.SessionService/", new_id()
        kind = "AUTHENTICATOR_KIND_TOTP"
        begun = self.call(self.identity, service + "SignIn", {
            "id": sign_in, "contactAddress": "finance@demo.sarai.example", "password": PASSWORD})
        done = self.call(self.identity, service + "CompleteSignIn", {
            "id": sign_in, "continuationToken": begun["continuationToken"], "kind": kind, "code": self.code()})
        acting = self.call(self.identity, service + "Refresh", {
            "id": new_id(), "refreshToken": done["tokens"]["refreshToken"], "organisationId": OPERATORS})
        stepped = self.call(
            self.identity, service + "StepUp", {"kind": kind, "code": self.code()}, acting["accessToken"])
        self._token, self.stepped_up_at = stepped["accessToken"], time.monotonic()
        return self._token
