"""A case: what is sent on a connection of its own, and which outcomes the RFC allows.

A stream error may always be dealt with as an error of the connection (RFC 9113, 5.4.2).
"""
import dataclasses

import frames as f
from frames import END_STREAM, PROTOCOL, block, data, headers, rst
from peer import Failed, Peer, call, message, opened, request, streaming_request
from probe import Probe


class Outcome:
    def __init__(self, *codes):
        self.codes = codes


class Ends(Outcome):
    """A connection error of one of these codes."""

    def seen(self, peer, _):
        return peer.over

    async def confirm(self, peer, _):
        await peer.ends(*self.codes)


class Hangs(Outcome):
    """The connection ends, with or without GOAWAY: what came first was no HTTP/2."""

    def seen(self, peer, _):
        return peer.closed is not None

    async def confirm(self, peer, _):
        if peer.goaway not in (None, PROTOCOL):
            raise Failed(f"expected the end, or GOAWAY PROTOCOL_ERROR; seen: {peer}")


class Resets(Outcome):
    """A stream error of one of these codes, and the connection lives on."""

    def seen(self, peer, stream):
        return peer.streams[stream].reset is not None

    async def confirm(self, peer, stream):
        if peer.streams[stream].reset not in self.codes:
            raise Failed(f"expected {' or '.join(f.ERROR_NAMES[code] for code in self.codes)}; seen: {peer}")
        try:
            await peer.lives()
        except Failed:  # a server may say both: that the stream is over, and then that the connection is
            if peer.goaway not in self.codes:
                raise


class Refuses(Outcome):
    """An answer that refuses the request (8.1.1 allows one before the reset)."""

    def seen(self, peer, stream):
        return 400 <= (peer.streams[stream].status or 0) < 500

    async def confirm(self, peer, _):
        await peer.lives()


class Answers(Outcome):
    """The request is served."""

    def seen(self, peer, stream):
        return peer.streams[stream].ended

    async def confirm(self, peer, stream):
        if peer.streams[stream].status is None:
            raise Failed(f"expected an answer; seen: {peer}")
        await peer.lives()


class Ignores(Outcome):
    """Nothing happens, and the connection lives on."""

    def seen(self, peer, _):
        return True

    async def confirm(self, peer, stream):
        await peer.lives()
        if peer.streams[stream].reset is not None:
            raise Failed(f"expected that nothing happens; seen: {peer}")


@dataclasses.dataclass(frozen=True)
class Case:
    section: str
    name: str
    steps: tuple
    accepts: tuple
    stream: int = 1
    bare: bool = False  # nothing is sent before the steps, no preface either
    settings: tuple = ()

    async def run(self, kit):
        opening = Peer.connect(kit.target) if self.bare else Peer.open(kit.target, self.settings)
        async with await opening as peer:
            for step in self.steps:
                if isinstance(step, bytes):
                    await peer.send(step)
                else:
                    await step(peer)
            match = None

            def seen():
                nonlocal match
                match = next((outcome for outcome in self.accepts if outcome.seen(peer, self.stream)), None)
                return match is not None

            if not await peer.until(seen):
                wanted = " or ".join(
                    type(outcome).__name__ + "".join(" " + f.ERROR_NAMES[code] for code in outcome.codes)
                    for outcome in self.accepts)
                raise Failed(f"expected: {wanted}; seen: {peer}")
            await match.confirm(peer, self.stream)


def connection(*codes):
    return (Ends(*codes),)


def stream_error(*codes):
    return (Resets(*codes), Ends(*codes))


IGNORED, ANSWERED, HANGS_UP = (Ignores(),), (Answers(),), (Hangs(),)
MALFORMED = (Resets(PROTOCOL), Ends(PROTOCOL), Refuses())


def probes_of(cases):
    for case in cases:
        yield Probe("strict", f"{case.section} {case.name}", case.run)


# Steps that wait


def answered(stream):
    async def step(peer):
        await peer.answer(stream)
    return step


async def read(peer):
    """The server has read all that was sent."""
    await peer.pong()


# Header blocks

METHOD, SCHEME, PATH, AUTHORITY = (
    (":method", "POST"), (":scheme", "http"), (":path", "/grpc.testing.TestService/EmptyCall"),
    (":authority", "localhost"))
CONTENT_TYPE, TE = ("content-type", "application/grpc"), ("te", "trailers")
REQUEST = request()
BODY = data(1, message(), END_STREAM)


def fields(*all_fields):
    """A whole request with these fields and one message."""
    return headers(1, block(*all_fields)) + BODY


def with_fields(*more):
    return headers(1, request("EmptyCall", *more)) + BODY


def with_block(more):
    """A request whose header block has these bytes at its end."""
    return headers(1, REQUEST + more) + BODY


def huffman(payload):
    """A field whose value is Huffman-coded, wrongly."""
    return b"\0" + f.text("x") + f.integer(len(payload), 7, 0x80) + payload


CLOSED_BY_ANSWER = (call(1), answered(1))
CLOSED_BY_RESET = (opened(1), rst(1), read)
HALF_CLOSED = (headers(1, request("StreamingOutputCall"))
               + data(1, message(streaming_request(60000, 60000)), END_STREAM))
NO_WINDOW = ((f.INITIAL_WINDOW_SIZE, 0),)
