"""A service's program as the tests run it, called by JSON over HTTP/1.1."""

import atexit
import json
import re
import subprocess
import tempfile
import time
import urllib.error
import urllib.request


class Service:
    """A service in a folder that goes with it, on free ports."""

    def __init__(self, program, *arguments):
        self.folder = tempfile.TemporaryDirectory()
        self.log_path = f"{self.folder.name}/log"
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [program, "--port", "0", "--admin-port", "0", "--data", f"{self.folder.name}/data",
                 "--log-format", "text", "--insecure-callers", *arguments],
                stdout=log, stderr=log)
        # Whoever gives up leaves nothing running.
        atexit.register(self.process.kill)
        deadline = time.monotonic() + 20
        while not (ready := re.search(r" ready address=(\S+) admin=(\S+)", self.log())):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{program} did not start:\n{self.log()}")
            time.sleep(0.002)
        self.address, self.admin = ready.groups()

    def log(self):
        """What it has told so far."""
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def call(self, method, message, **headers):
        """The answer, or the failure's Status."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.send(method, json.dumps(message).encode(), headers)

    def send(self, method, body, headers):
        """The answer to a body as it is: of a stream its first message."""
        request = urllib.request.Request(
            f"http://{self.address}/{method}", body,
            {"content-type": "application/json", "x-sarai-caller": "operator", **headers})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.loads(answer.readline() or b"{}")
        except urllib.error.HTTPError as error:
            return json.load(error)

    def metrics(self):
        """What the admin port says, by series."""
        with urllib.request.urlopen(f"http://{self.admin}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
                for line in lines if not line.startswith("#")}

    def resident_kib(self):
        """Memory in use."""
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))

    def stop(self):
        """Asks it to end, and gives its exit code."""
        self.process.terminate()
        return self.process.wait(timeout=20)
