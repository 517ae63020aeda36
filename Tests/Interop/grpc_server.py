"""gRPC's interoperability test server over grpcio, for our client.

It leaves out what grpcio cannot do: it does not see whether a request came compressed.
"""
import argparse
import concurrent.futures
import time

import grpc
import messages as m
from calls import TEST
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

ECHO_INITIAL, ECHO_TRAILING = "x-grpc-test-echo-initial", "x-grpc-test-echo-trailing-bin"


def echo_metadata(context):
    for name, value in context.invocation_metadata():
        if name == ECHO_INITIAL:
            context.send_initial_metadata([(name, value)])
        elif name == ECHO_TRAILING:
            context.set_trailing_metadata([(name, value)])


def echo_status(request, context):
    if request.HasField("response_status") and request.response_status.code:
        code = next(code for code in grpc.StatusCode if code.value[0] == request.response_status.code)
        context.abort(code, request.response_status.message)


def empty_call(request, context):
    return m.Empty()


def unary_call(request, context):
    echo_metadata(context)
    echo_status(request, context)
    if request.response_compressed.value:
        context.set_compression(grpc.Compression.Gzip)
    return m.SimpleResponse(payload=m.Payload(body=bytes(request.response_size)))


def streaming_input_call(requests, context):
    return m.InputResponse(aggregated_payload_size=sum(len(each.payload.body) for each in requests))


def streaming_output_call(request, context):
    if any(each.compressed.value for each in request.response_parameters):
        context.set_compression(grpc.Compression.Gzip)
    for wanted in request.response_parameters:
        time.sleep(wanted.interval_us / 1e6)
        if not wanted.compressed.value:
            context.disable_next_message_compression()
        yield m.OutputResponse(payload=m.Payload(body=bytes(wanted.size)))


def full_duplex_call(requests, context):
    echo_metadata(context)
    for request in requests:
        echo_status(request, context)
        yield from streaming_output_call(request, context)


def half_duplex_call(requests, context):
    yield from full_duplex_call(list(requests), context)


METHODS = {
    "EmptyCall": (grpc.unary_unary_rpc_method_handler, empty_call),
    "UnaryCall": (grpc.unary_unary_rpc_method_handler, unary_call),
    "CacheableUnaryCall": (grpc.unary_unary_rpc_method_handler, unary_call),
    "StreamingInputCall": (grpc.stream_unary_rpc_method_handler, streaming_input_call),
    "StreamingOutputCall": (grpc.unary_stream_rpc_method_handler, streaming_output_call),
    "FullDuplexCall": (grpc.stream_stream_rpc_method_handler, full_duplex_call),
    "HalfDuplexCall": (grpc.stream_stream_rpc_method_handler, half_duplex_call),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--certificate", help="PEM file; without it and its key, cleartext")
    parser.add_argument("--key")
    arguments = parser.parse_args()

    server = grpc.server(concurrent.futures.ThreadPoolExecutor(16))
    handlers = {}
    for name, (kind, serve) in METHODS.items():
        request, response = m.types(TEST + name)
        handlers[name] = kind(serve, request.FromString, response.SerializeToString)
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("grpc.testing.TestService", handlers)])
    checker = health.HealthServicer()
    checker.set("grpc.testing.TestService", health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(checker, server)
    reflection.enable_server_reflection(["grpc.testing.TestService", reflection.SERVICE_NAME], server, pool=m.POOL)
    if arguments.certificate:
        with open(arguments.key, "rb") as key, open(arguments.certificate, "rb") as certificate:
            credentials = grpc.ssl_server_credentials([(key.read(), certificate.read())])
        port = server.add_secure_port("127.0.0.1:0", credentials)
    else:
        port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"listening on 127.0.0.1:{port}", flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
