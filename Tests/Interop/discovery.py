"""Health and reflection, asked by the public Python clients."""
import argparse
import json
import sys

import grpc
import grpc_requests
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

SERVICES = {
    "grpc.testing.TestService", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection"}


def health_check(channel, target):
    stub = health_pb2_grpc.HealthStub(channel)
    for service in "", "grpc.testing.TestService":
        response = stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=5)
        assert response.status == health_pb2.HealthCheckResponse.SERVING, response


def health_check_unknown(channel, target):
    try:
        health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service="no.Such"), timeout=5)
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.NOT_FOUND, error
    else:
        raise AssertionError("an unknown service was answered")


def health_watch(channel, target):
    for service, wanted in ("", "SERVING"), ("no.Such", "SERVICE_UNKNOWN"):
        call = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(service=service), timeout=5)
        status = health_pb2.HealthCheckResponse.ServingStatus.Name(next(call).status)
        call.cancel()
        assert status == wanted, status


def reflection_v1alpha(channel, target):
    database = ProtoReflectionDescriptorDatabase(channel)
    assert set(database.get_services()) == SERVICES, database.get_services()
    method = DescriptorPool(database).FindServiceByName("grpc.testing.TestService").methods_by_name["UnaryCall"]
    assert method.input_type.fields_by_name["expect_compressed"].number == 8
    try:
        database.FindFileContainingSymbol("no.Such")
    except KeyError:
        return
    raise AssertionError("an unknown symbol was found")


def reflection_v1(channel, target):
    call = channel.stream_stream(
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        reflection_pb2.ServerReflectionRequest.SerializeToString, reflection_pb2.ServerReflectionResponse.FromString)
    questions = [
        reflection_pb2.ServerReflectionRequest(list_services=""),
        reflection_pb2.ServerReflectionRequest(file_by_filename="grpc/testing/test.proto"),
        reflection_pb2.ServerReflectionRequest(file_containing_symbol="no.Such")]
    services, files, failure = call(iter(questions), timeout=5)
    assert {each.name for each in services.list_services_response.service} == SERVICES
    assert len(files.file_descriptor_response.file_descriptor_proto) == 3, "a file and its two imports"
    assert failure.error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]


def grpc_requests_over_reflection(channel, target):
    client = grpc_requests.Client(target)
    service = "grpc.testing.TestService"
    assert client.request(service, "EmptyCall", {}) == {}
    answer = client.request(service, "UnaryCall", {"response_size": 3})
    assert answer["payload"]["body"] == "AAAA", json.dumps(answer)
    sizes = [{"response_parameters": [{"size": 1}]}, {"response_parameters": [{"size": 2}]}]
    assert len(list(client.request(service, "FullDuplexCall", sizes))) == 2


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", required=True, help="HOST:PORT, without TLS")
    parser.add_argument("--name", default="", help="what the printed lines begin with")
    arguments = parser.parse_args()
    failures = 0
    for check in (health_check, health_check_unknown, health_watch, reflection_v1alpha, reflection_v1,
                  grpc_requests_over_reflection):
        name = f"{arguments.name} {check.__name__}".strip()
        with grpc.insecure_channel(arguments.target) as channel:
            try:
                check(channel, arguments.target)
                print(f"passed {name}", flush=True)
            except Exception as error:
                failures += 1
                print(f"failed {name}: {type(error).__name__} {error}", flush=True)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
