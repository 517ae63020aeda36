"""Measures a service: from its start to its first answer, and its memory when idle."""

import sys
import time

from service import Service

READY_MAX_MS = 250
RESIDENT_MAX_KIB = 24 * 1024


def main(program, count):
    starts, sizes = [], []
    for _ in range(count):
        start = time.monotonic()
        service = Service(program)
        starts.append((time.monotonic() - start) * 1_000)
        time.sleep(1)
        sizes.append(service.resident_kib())
        service.stop()
    start, size = sorted(starts)[count // 2], sorted(sizes)[count // 2]
    print(f"start to ready {start:.0f} ms ({min(starts):.0f} to {max(starts):.0f}),"
          f" goal {READY_MAX_MS}; idle {size / 1024:.1f} MiB, goal {RESIDENT_MAX_KIB // 1024}")
    failed = (start > READY_MAX_MS) + (size > RESIDENT_MAX_KIB)
    print(f"{2 - failed} passed, {failed} failed, 0 skipped")
    sys.exit(1 if failed else 0)


main(sys.argv[1], int(sys.argv[2]))
