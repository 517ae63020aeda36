"""The cases of gRPC's interoperability tests, and some that a further protocol wants, for any client."""
import messages as m
from calls import TEST, Failed

CANCELLED, UNKNOWN, INVALID_ARGUMENT, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNIMPLEMENTED = 1, 2, 3, 4, 8, 12
REQUEST_SIZES, RESPONSE_SIZES = (27182, 8, 1828, 45904), (31415, 9, 2653, 58979)
ECHO_INITIAL, ECHO_TRAILING = "x-grpc-test-echo-initial", "x-grpc-test-echo-trailing-bin"
ECHO = [(ECHO_INITIAL, "test_initial_metadata_value"), (ECHO_TRAILING, b"\xab\xab\xab")]


class Skipped(Exception):
    """The client or its server lacks what the case needs."""


def payload(size):
    return m.Payload(body=bytes(size))


def simple(request_size=271828, response_size=314159, **fields):
    return m.SimpleRequest(payload=payload(request_size), response_size=response_size, **fields)


def output(*response_sizes, request_size=0, **fields):
    return m.OutputRequest(
        payload=payload(request_size), response_parameters=[m.ResponseParameters(size=size) for size in response_sizes],
        **fields)


def equal(found, wanted, what):
    if found != wanted:
        raise AssertionError(f"{what}: expected {wanted!r}, got {found!r}")


def zeros(message, size):
    equal(message.payload.body == bytes(size), True, f"{len(message.payload.body)} bytes are {size} zeros")


def fails(code, act, message=None):
    """Runs `act`, which must fail with `code`, and with this message if one is given."""
    try:
        act()
    except Failed as failure:
        equal(failure.code, code, f"code of '{failure.message}'")
        if message is not None:
            equal(failure.message, message, "message")
    else:
        raise AssertionError(f"expected code {code}, the call succeeded")


def drain(stream):
    received = []
    while (message := stream.receive()) is not None:
        received.append(message)
    return received


def empty_unary(channel):
    equal(channel.unary(TEST + "EmptyCall", m.Empty()).message, m.Empty(), "response")


def cacheable_unary(channel):
    reply = channel.unary(TEST + "CacheableUnaryCall", simple(), metadata=[("x-user-ip", "1.2.3.4")])
    zeros(reply.message, 314159)


def large_unary(channel):
    zeros(channel.unary(TEST + "UnaryCall", simple()).message, 314159)


def client_compressed_unary(channel):
    compressed = simple(expect_compressed=m.BoolValue(value=True))
    fails(INVALID_ARGUMENT, lambda: channel.unary(TEST + "UnaryCall", compressed))
    zeros(channel.unary(TEST + "UnaryCall", compressed, compress=True).message, 314159)
    zeros(channel.unary(TEST + "UnaryCall", simple(expect_compressed=m.BoolValue(value=False))).message, 314159)


def server_compressed_unary(channel):
    for wanted in (True, False):
        reply = channel.unary(TEST + "UnaryCall", simple(response_compressed=m.BoolValue(value=wanted)))
        zeros(reply.message, 314159)
        if channel.tells_compression and wanted:  # else the server may decide
            equal(reply.compressed, True, "compressed")


def client_streaming(channel):
    stream = channel.open(TEST + "StreamingInputCall")
    for size in REQUEST_SIZES:
        stream.send(m.InputRequest(payload=payload(size)))
    stream.finish()
    equal([each.aggregated_payload_size for each in drain(stream)], [sum(REQUEST_SIZES)], "sizes")


def client_compressed_streaming(channel):
    if not channel.compresses_single_messages:
        raise Skipped("this client compresses all messages of a call, or none")
    probe = m.InputRequest(payload=payload(27182), expect_compressed=m.BoolValue(value=True))
    stream = channel.open(TEST + "StreamingInputCall")
    stream.send(probe)
    stream.finish()
    fails(INVALID_ARGUMENT, lambda: drain(stream))
    stream = channel.open(TEST + "StreamingInputCall", compress=True)
    stream.send(probe)
    stream.send(m.InputRequest(payload=payload(45904), expect_compressed=m.BoolValue(value=False)), compress=False)
    stream.finish()
    equal([each.aggregated_payload_size for each in drain(stream)], [73086], "sizes")


def server_streaming(channel):
    stream = channel.open(TEST + "StreamingOutputCall")
    stream.send(output(*RESPONSE_SIZES))
    stream.finish()
    equal([len(each.payload.body) for each in drain(stream)], list(RESPONSE_SIZES), "sizes")


def server_compressed_streaming(channel):
    parameters = [
        m.ResponseParameters(size=31415, compressed=m.BoolValue(value=True)),
        m.ResponseParameters(size=92653, compressed=m.BoolValue(value=False))]
    stream = channel.open(TEST + "StreamingOutputCall")
    stream.send(m.OutputRequest(response_parameters=parameters))
    stream.finish()
    equal([len(each.payload.body) for each in drain(stream)], [31415, 92653], "sizes")
    if channel.tells_compression:  # of the second the server may decide
        equal(stream.compressed[0], True, "compressed")


def ping_pong(channel):
    stream = channel.open(TEST + "FullDuplexCall")
    for sent, wanted in zip(REQUEST_SIZES, RESPONSE_SIZES):
        stream.send(output(wanted, request_size=sent))
        zeros(stream.receive(), wanted)
    stream.finish()
    equal(drain(stream), [], "further responses")


def half_duplex(channel):
    stream = channel.open(TEST + "HalfDuplexCall")
    for wanted in RESPONSE_SIZES:
        stream.send(output(wanted))
    stream.finish()
    equal([len(each.payload.body) for each in drain(stream)], list(RESPONSE_SIZES), "sizes")


def empty_stream(channel):
    stream = channel.open(TEST + "FullDuplexCall")
    stream.finish()
    equal(drain(stream), [], "responses")


def custom_metadata(channel):
    reply = channel.unary(TEST + "UnaryCall", simple(), metadata=ECHO)
    equal([each for each in reply.initial if each[0] == ECHO_INITIAL], ECHO[:1], "initial metadata")
    equal([each for each in reply.trailing if each[0] == ECHO_TRAILING], ECHO[1:], "trailing metadata")
    stream = channel.open(TEST + "FullDuplexCall", metadata=ECHO)
    stream.send(output(314159, request_size=271828))
    stream.finish()
    equal([len(each.payload.body) for each in drain(stream)], [314159], "sizes")
    equal([each for each in stream.initial if each[0] == ECHO_INITIAL], ECHO[:1], "initial metadata of the stream")
    equal([each for each in stream.trailing if each[0] == ECHO_TRAILING], ECHO[1:], "trailing metadata of the stream")


def _status(channel, message):
    status = m.EchoStatus(code=UNKNOWN, message=message)
    fails(UNKNOWN, lambda: channel.unary(TEST + "UnaryCall", m.SimpleRequest(response_status=status)), message)
    stream = channel.open(TEST + "FullDuplexCall")
    stream.send(m.OutputRequest(response_status=status))
    stream.finish()
    fails(UNKNOWN, lambda: drain(stream), message)


def status_code_and_message(channel):
    _status(channel, "test status message")


def special_status_message(channel):
    _status(channel, "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n")


def unimplemented_method(channel):
    fails(UNIMPLEMENTED, lambda: channel.unary(TEST + "UnimplementedCall", m.Empty()))


def unimplemented_service(channel):
    fails(UNIMPLEMENTED, lambda: channel.unary("/grpc.testing.UnimplementedService/UnimplementedCall", m.Empty()))


def cancel_after_begin(channel):
    stream = channel.open(TEST + "StreamingInputCall")
    stream.cancel()
    fails(CANCELLED, stream.receive)


def cancel_after_first_response(channel):
    stream = channel.open(TEST + "FullDuplexCall")
    stream.send(output(31415, request_size=27182))
    zeros(stream.receive(), 31415)
    stream.cancel()
    fails(CANCELLED, stream.receive)
    empty_unary(channel)


def timeout_on_sleeping_server(channel):
    stream = channel.open(TEST + "FullDuplexCall", timeout=0.1)
    stream.send(m.OutputRequest(
        payload=payload(27182), response_parameters=[m.ResponseParameters(size=31415, interval_us=5_000_000)]))
    fails(DEADLINE_EXCEEDED, lambda: drain(stream))
    empty_unary(channel)


def unary_as_stream(channel):
    stream = channel.open(TEST + "UnaryCall")
    stream.send(simple())
    stream.finish()
    equal([len(each.payload.body) for each in drain(stream)], [314159], "sizes")


def message_over_the_limit(channel):
    fails(RESOURCE_EXHAUSTED, lambda: channel.unary(TEST + "UnaryCall", simple(request_size=5 << 20)))
    empty_unary(channel)


def rpc_soak(channel):
    for _ in range(100):
        large_unary(channel)


def channel_soak(channel):
    for _ in range(20):
        fresh = channel.fresh()
        large_unary(fresh)
        fresh.close()


ALL = [
    empty_unary, cacheable_unary, large_unary, client_compressed_unary, server_compressed_unary, client_streaming,
    client_compressed_streaming, server_streaming, server_compressed_streaming, ping_pong, half_duplex, empty_stream,
    custom_metadata, status_code_and_message, special_status_message, unimplemented_method, unimplemented_service,
    cancel_after_begin, cancel_after_first_response, timeout_on_sleeping_server, unary_as_stream, message_over_the_limit,
    rpc_soak, channel_soak]
