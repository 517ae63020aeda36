"""Drives the second implementation of native against the first: the page's examples, corners, random messages, mutants."""
import argparse
import collections
import dataclasses
import multiprocessing
import os
import pathlib
import random
import secrets
import select
import subprocess
import sys
import time

import hypothesis
from google.protobuf import descriptor_pb2, descriptor_pool, json_format
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.unknown_fields import UnknownFieldSet

import cases
import generate
import native

ACCEPTED, REFUSED, NO_SUCH_TYPE, DIED = 0, 1, 2, 3
OWN_PACKAGES = ("example.", "every.")  # a testee may not have these types; all others it must have
ENOUGH_FAILURES = 20


class Failed(Exception):
    """The two implementations differ."""


class Testee:
    """The other implementation, in a process; README.md beside this file says how one talks to it."""

    def __init__(self, command, patience=60):
        self.command, self.patience, self.process = command, patience, None

    def ask(self, requests):
        """Answers requests (operation, type, payload) in turn, each as (status, payload). A request that the process does
        not survive, or leaves without an answer for too long, is answered `DIED`."""
        answers = []
        while len(answers) < len(requests):
            answers += self._ask(requests[len(answers):])
            if len(answers) < len(requests):
                answers.append((DIED, b""))
                self.process.kill()
                self.process.wait()
                self.process = None
        return answers

    def _ask(self, requests):
        if self.process is None:
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
            os.set_blocking(self.process.stdin.fileno(), False)
        to, out = self.process.stdin.fileno(), self.process.stdout.fileno()
        bodies = [operation.encode() + len(name).to_bytes(2) + name.encode() + payload for operation, name, payload in requests]
        waiting = memoryview(b"".join(len(body).to_bytes(4) + body for body in bodies))
        answers, received = [], bytearray()
        while len(answers) < len(requests):
            readable, writable, _ = select.select([out], [to] if waiting else [], [], self.patience)
            if writable:
                try:
                    waiting = waiting[os.write(to, waiting):]
                except BrokenPipeError:
                    waiting = None
            if readable:
                more = os.read(out, 1 << 16)
                received += more
                while len(received) >= 4 and len(received) >= 4 + (size := int.from_bytes(received[:4])) > 4:
                    answers.append((received[4], bytes(received[5:4 + size])))
                    del received[:4 + size]
            if not (readable or writable) or readable and not more:
                break
        return answers


@dataclasses.dataclass
class Tally:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    mutants: int = 0
    accepted: int = 0
    refused: int = 0
    same_offset: int = 0
    types: set = dataclasses.field(default_factory=set)
    unknown_types: set = dataclasses.field(default_factory=set)

    def add(self, other):
        for field in dataclasses.fields(self):
            mine, others = getattr(self, field.name), getattr(other, field.name)
            setattr(self, field.name, mine | others if isinstance(mine, set) else mine + others)

    def fail(self, what, type_name, why):
        self.failed += 1
        print(f"FAILED {what} {type_name}\n{why}", flush=True)


class Check:
    """Compares the two implementations on one message at a time."""

    def __init__(self, testee, tally, strict_offsets):
        self.testee, self.tally, self.strict_offsets = testee, tally, strict_offsets

    def message(self, message):
        """The same value is the same bytes, and the same bytes are the same value. False if the testee has no such type."""
        name, binary, spelled = message.DESCRIPTOR.full_name, _binary(message), native.encode(message)
        replay = f"  protobuf {binary.hex()}\n  native   {spelled.hex()}\n  replay   --replay {name} '{spelled.hex()}'\n"
        if _binary(native.decode(type(message), spelled)) != binary:
            raise Failed(replay + "  Python's own decoder reads back another value")
        if not self.testee:
            return True
        (status, written), (read_status, read) = self.testee.ask([("P", name, binary), ("N", name, spelled)])
        if self._has_no_type(name, status, replay):
            return False
        if (status, written) != (ACCEPTED, spelled):
            raise Failed(replay + f"  protobuf to native, the testee: {_told(status, written)}")
        if read_status != ACCEPTED or _normal(type(message), read) != binary:
            raise Failed(replay + f"  native to protobuf, the testee: {_told(read_status, read)}")
        return True

    def bytes(self, message_class, batch):
        """Asks about encodings of one type, good or bad: whether both say the same of them. Yields for each `Failed`, or
        whether it was accepted, or nothing if it cannot be compared."""
        name = message_class.DESCRIPTOR.full_name
        answers = [None] * (2 * len(batch))
        if self.testee:
            answers = self.testee.ask([(operation, name, data) for data in batch for operation in "RN"])
        for data, again, read in zip(batch, answers[::2], answers[1::2]):
            try:
                yield self._one(message_class, data, again, read)
            except Failed as failed:
                yield failed
            except native.Unrepresentable:
                yield None

    def _one(self, message_class, data, again, read):
        name = message_class.DESCRIPTOR.full_name
        verdict = verdict_of(message_class, data)
        refused = isinstance(verdict, native.Refused)
        replay = f"  native   {data.hex()}\n  replay   --replay {name} '{data.hex()}'\n  Python   {_verdict(verdict)}\n"
        if not refused and native.encode(verdict) != data:
            raise Failed(replay + "  Python's own encoder writes other bytes")
        if not again:
            return not refused
        if self._has_no_type(name, again[0], replay):
            return None
        told = f"  testee   {_told(*again)}\n"
        if again[0] != (REFUSED if refused else ACCEPTED) or not refused and again[1] != data:
            raise Failed(replay + told + "  the verdicts, or the bytes written again, differ")
        if refused:
            offset = int.from_bytes(again[1][:4])
            self.tally.refused += 1
            self.tally.same_offset += offset == verdict.offset
            if self.strict_offsets and offset != verdict.offset:
                raise Failed(replay + told + "  the offsets differ")
        if refused or _holds_unknown_fields(verdict):
            if read[0] != REFUSED:
                raise Failed(replay + told + f"  native to protobuf should be refused: {_told(*read)}")
        elif read[0] != ACCEPTED or _normal(message_class, read[1]) != _binary(verdict):
            raise Failed(replay + told + f"  native to protobuf differs from {_binary(verdict).hex()}: {_told(*read)}")
        return not refused

    def _has_no_type(self, name, status, replay):
        if status == NO_SUCH_TYPE:
            if not name.startswith(OWN_PACKAGES):
                raise Failed(replay + "  the testee has no such type")
            self.tally.unknown_types.add(name)
        return status == NO_SUCH_TYPE


def verdict_of(message_class, data):
    """What the second implementation says of the bytes: a message or a refusal."""
    try:
        return native.decode(message_class, data)
    except native.Refused as refused:
        return refused


def _verdict(verdict):
    return f"refused {verdict}" if isinstance(verdict, native.Refused) else "accepted"


def _told(status, payload):
    if status == REFUSED:
        return f"refused at byte {int.from_bytes(payload[:4])}: {payload[4:].decode(errors='replace')}"
    return {ACCEPTED: f"accepted {payload.hex()}", NO_SUCH_TYPE: "no such type", DIED: "died or hung"}.get(status, f"status {status}")


def _binary(message):
    return message.SerializeToString(deterministic=True)


def _normal(message_class, binary):
    try:
        return _binary(message_class.FromString(binary))
    except DecodeError:
        return None


def _holds_unknown_fields(message):
    # By hand: the runtime's DiscardUnknownFields does not reach the deepest level that native allows.
    if len(UnknownFieldSet(message)):
        return True
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            if field.message_type.fields_by_name["value"].message_type is None:
                continue
            held = value.values()
        else:
            held = value if field.label == field.LABEL_REPEATED else [value]
        if any(_holds_unknown_fields(each) for each in held):
            return True
    return False


def message_classes(descriptors):
    """Every message type of the proto3 files that has a native encoding, by name."""
    pool, found = descriptor_pool.DescriptorPool(), {}
    files = descriptor_pb2.FileDescriptorSet.FromString(pathlib.Path(descriptors).read_bytes()).file
    for file in files:
        pool.Add(file)
    waiting = [message for file in files if file.syntax == "proto3"
               for message in pool.FindFileByName(file.name).message_types_by_name.values()]
    while waiting:
        descriptor = waiting.pop()
        if not descriptor.GetOptions().map_entry:
            waiting += descriptor.nested_types
            if native.has_native(descriptor):
                found[descriptor.full_name] = GetMessageClass(descriptor)
            else:
                print(f"{descriptor.full_name} has no native encoding")
    return dict(sorted(found.items()))


def check_cases(check, classes, known_cases):
    """The cases whose verdict is known beforehand."""
    tally = check.tally
    for case in known_cases:
        message_class = classes.get(case.type)
        if not message_class:
            tally.skipped += 1
            continue
        verdict = verdict_of(message_class, case.data)
        outcome = next(check.bytes(message_class, [case.data]))
        wrong = isinstance(verdict, native.Refused) == case.accepted
        wrong |= case.offset is not None and verdict.offset != case.offset
        if case.json is not None:
            wrong |= native.encode(json_format.Parse(case.json, message_class())) != case.data
        if wrong:
            tally.fail("case", case.type, f"  {case}\n  Python   {_verdict(verdict)}")
        elif isinstance(outcome, Failed):
            tally.fail("case", case.type, str(outcome))
        elif outcome is None:
            tally.skipped += 1
        else:
            tally.passed += 1


def check_random(check, classes, count, mutant_count, seed):
    """Random messages of all types in turn, and mutants of each."""
    tally, rng = check.tally, random.Random(seed)
    left, mutants_left, open_types = count, mutant_count, list(classes.values())
    while left > 0 and open_types and tally.failed < ENOUGH_FAILURES:
        quota = max(10, -(-left // len(open_types)))
        rng.shuffle(open_types)
        for message_class in list(open_types):
            made, failure = generated(message_class, min(quota, left), rng.getrandbits(64), check)
            checked = len(made)
            tally.types.add(message_class.DESCRIPTOR.full_name)
            if message_class.DESCRIPTOR.full_name in tally.unknown_types:
                tally.skipped += len(made)
            else:
                tally.passed += len(made)
            if failure:
                tally.fail("message", message_class.DESCRIPTOR.full_name, str(failure))
                checked += 1
            if failure or checked < min(quota, left) and len(open_types) > 1:
                open_types.remove(message_class)  # it has no more values, or is broken
            share = min(mutants_left, -(-mutants_left * checked // left)) if made else 0
            check_mutants(check, message_class, made, share, rng)
            left, mutants_left = left - checked, mutants_left - share
            if left <= 0 or tally.failed >= ENOUGH_FAILURES:
                break


def generated(message_class, count, seed, check):
    """Random messages of a type, checked; and, once one fails, how the simplest one like it fails."""
    made, failures = [], []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count, database=None, deadline=None, phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink],
        suppress_health_check=list(hypothesis.HealthCheck), report_multiple_bugs=False)
    @hypothesis.given(generate.messages(message_class.DESCRIPTOR))
    def each(message):
        try:
            check.message(message)
        except Failed as failed:
            failures.append(failed)
            raise
        if not failures:
            made.append(message)

    try:
        each()
    except Exception as error:  # Hypothesis calls it flaky when a failure does not come again
        return made, failures[-1] if failures else Failed(f"  {error!r}")
    return made, None


def check_mutants(check, message_class, messages, count, rng):
    tally, spelled = check.tally, [native.encode(message) for message in messages]
    mutants = []
    for _ in range(count):
        mutants.append(generate.mutant(rng, rng.choice(messages), rng.choice(spelled)))
    for at in range(0, count, 256):
        for outcome in check.bytes(message_class, mutants[at:at + 256]):
            tally.mutants += 1
            if isinstance(outcome, Failed):
                tally.fail("mutant", message_class.DESCRIPTOR.full_name, str(outcome))
            elif outcome is None:
                tally.skipped += 1
            else:
                tally.passed += 1
                tally.accepted += outcome
        if tally.failed >= ENOUGH_FAILURES:
            break


def work(options, job):
    """One process's share: every so-manieth type, with a testee of its own."""
    tally = Tally()
    check = Check(options.testee and Testee(options.testee), tally, options.offsets)
    names = list(message_classes(options.descriptors).items())
    random.Random(options.seed).shuffle(names)
    share = [(total + job) // options.jobs for total in (options.count, options.mutants)]
    check_random(check, dict(names[job::options.jobs]), *share, f"{options.seed}/{job}")
    return tally


def replay(options, classes):
    name, data = options.replay[0], bytes.fromhex(options.replay[1])
    verdict = verdict_of(classes[name], data)
    requests = [("R", name, data), ("N", name, data)]
    print(f"Python      {_verdict(verdict)}")
    if not isinstance(verdict, native.Refused):
        print(f"  protobuf  {_binary(verdict).hex()}\n  JSON      {json_format.MessageToJson(verdict, indent=None)}")
        if not _holds_unknown_fields(verdict):
            requests.append(("P", name, _binary(verdict)))
    if options.testee:
        for (operation, *_), answer in zip(requests, Testee(options.testee).ask(requests)):
            print(f"testee, {operation}   {_told(*answer)}")


def main():
    parser = argparse.ArgumentParser(prog="run", description=__doc__)
    parser.add_argument("--count", type=int, default=20_000, help="random messages (default 20000)")
    parser.add_argument("--mutants", type=int, help="mutated encodings (default as many as messages)")
    parser.add_argument("--seed", type=int, help="repeats a run that had the same count, mutants and jobs (default: a new one)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes (default one a core)")
    parser.add_argument("--offsets", action="store_true", help="refusals must name the same offset too")
    parser.add_argument("--replay", nargs=2, metavar=("TYPE", "HEX"), help="what both say of one native encoding; nothing else runs")
    parser.add_argument("--testee", nargs="+", metavar="WORD", help="the other implementation's command")
    parser.add_argument("--descriptors", required=True, help="protoc's descriptor set (run gives it)")
    parser.add_argument("--page", required=True, help="the specification (run gives it)")
    options = parser.parse_args()
    options.seed = secrets.randbits(32) if options.seed is None else options.seed
    options.mutants = options.count if options.mutants is None else options.mutants

    classes = message_classes(options.descriptors)
    if options.replay:
        return replay(options, classes)
    began, total = time.monotonic(), Tally()
    print(f"--seed {options.seed} --count {options.count} --mutants {options.mutants} --jobs {options.jobs}", flush=True)
    check = Check(options.testee and Testee(options.testee), total, options.offsets)
    check_cases(check, classes, [*cases.of_page(pathlib.Path(options.page).read_text()), *cases.of_corners()])
    print(f"{total.passed} examples and corners passed, {total.failed} failed", flush=True)

    with multiprocessing.Pool(options.jobs) as pool:
        for tally in pool.starmap(work, [(options, job) for job in range(options.jobs)]):
            total.add(tally)
    report(options, total, len(classes), time.monotonic() - began)
    return 1 if total.failed else 0


def report(options, total, types, seconds):
    packages = collections.Counter(name.rpartition(".")[0] for name in total.unknown_types)
    for package, number in sorted(packages.items()):
        print(f"the testee has no types of {package}: {number} types skipped")
    if total.mutants:
        fraction = total.accepted / total.mutants
        print(f"{total.mutants} mutants, {fraction:.1%} accepted")
        if fraction < 0.1:
            total.fail("mutants", "all", "  fewer than a tenth were accepted: they test too little")
    if total.refused:
        print(f"{total.refused} refused, {total.same_offset / total.refused:.1%} at the same offset")
    print(f"{len(total.types)} of {types} types, {(options.count + options.mutants) / seconds:.0f} messages a second, {seconds:.0f} s")
    if not options.testee:
        print("no testee: this was the second implementation alone")
    print(f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped")


if __name__ == "__main__":
    sys.exit(main())
