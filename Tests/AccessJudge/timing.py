"""Measures whether the time of a refused sign-in tells if an account exists, at the real cost of a hash.

Each account is fresh and is tried once, beside an address that nobody has. What counts is how often somebody who sees
two times, one of each, would be right in taking the longer one for the account: half of the time, within what chance
allows. The answers must be the same bytes.
"""

import argparse
import concurrent.futures
import http.client
import json
import math
import random
import re
import statistics
import sys
import threading
import time
import uuid

sys.path.insert(0, "Tests/Watching")
from service import Service  # noqa: E402

I = "sarai.identity.v1."
PASSWORD, WRONG = "seven camels at dawn", "eight camels at dawn"
# Of a thousand runs without any difference, one fails.
SIGMAS = 3.3

here = threading.local()


def new_id():
    value = int(time.time() * 1000) << 80 | 7 << 76 | random.getrandbits(12) << 64 | 2 << 62 | random.getrandbits(62)
    return str(uuid.UUID(int=value))


def call(service, method, message, address):
    """The answer's status and bytes; from an address, so that nobody waits for others' failures."""
    if not hasattr(here, "connection"):
        here.connection = http.client.HTTPConnection(service.address, timeout=60)
    here.connection.request("POST", "/" + I + method, json.dumps(message), {
        "content-type": "application/json", "x-sarai-caller": "gateway", "x-forwarded-for": address})
    answer = here.connection.getresponse()
    return answer.status, answer.read()


def address_of(number):
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def register(service, number):
    contact = f"seller{number}@example.pk"
    status, body = call(service, "AccountService/Register", {
        "id": new_id(), "displayName": "Noor", "contactAddress": contact, "password": PASSWORD}, address_of(number))
    assert status == 200, body
    mail = service.call(I + "AccountService/ListMailbox", {"contactAddress": contact})
    code = re.search(r"\b\d{6}\b", mail["entries"][0]["text"])[0]
    status, body = call(service, "AccountService/VerifyContact", {
        "verificationId": json.loads(body)["verificationId"], "code": code}, address_of(number))
    assert status == 200, body


def sign_in(service, contact, number):
    request = {"id": new_id(), "contactAddress": contact, "password": WRONG}
    start = time.perf_counter()
    answer = call(service, "SessionService/SignIn", request, address_of(number))
    return time.perf_counter() - start, answer


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--count", type=int, default=25)
    count = parser.parse_args().count
    service = Service(parser.parse_args().program, "--demo")
    with concurrent.futures.ThreadPoolExecutor(2) as both:
        for done, _ in enumerate(both.map(lambda number: register(service, number), range(count)), 1):
            if done % 100 == 0:
                print(f"{done} accounts", flush=True)
    known, unknown, answers = [], [], set()
    for number in range(count):
        tries = [(known, f"seller{number}@example.pk", number),
                 (unknown, f"nobody{number}@example.pk", count + number)]
        random.shuffle(tries)
        for times, contact, place in tries:
            seconds, answer = sign_in(service, contact, place)
            times.append(seconds)
            answers.add(answer)
        if (number + 1) % 100 == 0:
            print(f"{number + 1} pairs", flush=True)
    # The right one still opens the account: what was refused was the password.
    right = call(service, "SessionService/SignIn", {
        "id": new_id(), "contactAddress": "seller0@example.pk", "password": PASSWORD}, address_of(2 * count))
    service.stop()
    told = sum((one > other) + (one == other) / 2 for one in known for other in unknown) / count ** 2
    margin = SIGMAS * math.sqrt((2 * count + 1) / (12 * count ** 2))
    print(f"{count} accounts and {count} addresses of nobody: medians"
          f" {statistics.median(known) * 1000:.2f} and {statistics.median(unknown) * 1000:.2f} ms;"
          f" the longer time is the account's in {told:.3f} of the pairs, chance allows 0.5 by {margin:.3f}")
    checks = {
        "the time tells nothing": abs(told - 0.5) <= margin,
        "a hash is computed for nobody, too": statistics.median(unknown) > 0.05,
        "the answers are the same bytes": len(answers) == 1 and next(iter(answers))[0] == 401,
        "the right password is taken": right[0] == 200,
    }
    for what, holds in checks.items():
        if not holds:
            print(f"failed: {what}")
    failed = len(checks) - sum(checks.values())
    print(f"{len(checks) - failed} passed, {failed} failed, 0 skipped")
    sys.exit(1 if failed else 0)


main()
