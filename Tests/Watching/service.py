"""A service's program as the tests run it, called by JSON over HTTP/1.1."""

import json
import re
import subprocess
import tempfile
import urllib.error
import urllib.request


class Service:
    """The sample service in a folder that goes with it."""

    def __init__(self, program, *arguments):
        self.folder = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(
            [program, "--port", "0", "--data", f"{self.folder.name}/data", "--log-format", "text",
             "--insecure-callers", *arguments],
            stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if ready := re.search(r" ready address=(\S+) admin=(\S+)", line):
                self.address, self.admin = ready.groups()
                break
        else:
            raise SystemExit("the service did not start")

    def call(self, method, message, **headers):
        """The answer, or the name of the failure's code."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(
            f"http://{self.address}/{method}", json.dumps(message).encode(),
            {"content-type": "application/json", "x-sarai-caller": "operator", **headers})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)
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
        self.process.stderr.close()
        return self.process.wait(timeout=20)
