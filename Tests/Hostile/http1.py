"""Forms of HTTP/1.1 request smuggling: each gets its refusal, and the connection closes.

`http1_smuggling.json` is a list of {"name", "bytes", "expect_status"}; the bytes are Latin-1, a
character a byte. What follows on the connection must never be taken for a request.
"""
import functools
import json
import pathlib
import re

from peer import Failed, Peer
from probe import Probe

FORMS = json.loads(pathlib.Path(__file__).with_name("http1_smuggling.json").read_text())
HEALTHY = b"GET /healthy HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def refused(kit, form):
    async with await Peer.connect(kit.target, http1=True) as peer:
        await peer.send(form["bytes"].encode("latin-1"), HEALTHY)
        await peer.until(lambda: peer.closed, kit.limit(10) + 3)
        found = re.findall(rb"HTTP/1\.1 (\d{3})", bytes(peer.raw))
        expected = form["expect_status"]
        expected = {expected} if isinstance(expected, int) else set(expected)
        if len(found) != 1 or int(found[0]) not in expected or not peer.closed:
            statuses = " ".join(status.decode() for status in found) or "no answer"
            raise Failed(f"expected {sorted(expected)} and the end; seen: {statuses}, {peer.closed or 'connection open'}")
    async with await Peer.open(kit.target) as other:
        await other.lives()


async def pipelined(kit):
    """Not an attack, but what the refusals must not break: two good requests in one write."""
    async with await Peer.connect(kit.target, http1=True) as peer:
        await peer.send(HEALTHY * 2)
        if not await peer.until(lambda: peer.raw.count(b"HTTP/1.1 ") == 2):
            raise Failed(f"two requests got {bytes(peer.raw)!r}")


async def long_line(kit, piece, count):
    """A request line or header section without an end is refused before it is kept."""
    async with await Peer.connect(kit.target, http1=True) as peer:
        await peer.send(b"GET /", piece * count, seconds=10)
        if not await peer.until(lambda: peer.closed):
            raise Failed(f"{len(piece) * count} bytes of a header section; seen: {bytes(peer.raw[:100])!r}, open")


def probes():
    for form in FORMS:
        yield Probe("http1", f"smuggling: {form['name']}", functools.partial(refused, form=form))
    yield Probe("http1", "two pipelined requests are both served", pipelined)
    yield Probe("http1", "a request line of 1 MB", lambda kit: long_line(kit, b"a", 1_000_000))
    yield Probe("http1", "1 MB of header fields",
                lambda kit: long_line(kit, b" HTTP/1.1\r\n" + b"x: yyyyyyyy\r\n" * 10_000, 8))
