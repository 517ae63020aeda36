"""The messages of the tests, from the descriptors that `run` has protoc make of the schema."""
import os

from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.message_factory import GetMessageClass

POOL = descriptor_pool.DescriptorPool()
with open(os.environ["INTEROP_DESCRIPTORS"], "rb") as _file:
    for _each in descriptor_pb2.FileDescriptorSet.FromString(_file.read()).file:
        POOL.Add(_each)


def named(full_name):
    """The class of a message."""
    return GetMessageClass(POOL.FindMessageTypeByName(full_name))


def method(path):
    """The descriptor of the method that is called by `path`."""
    service, name = path[1:].split("/")
    return POOL.FindServiceByName(service).methods_by_name[name]


def types(path):
    """The classes of a method's request and response."""
    found = method(path)
    return GetMessageClass(found.input_type), GetMessageClass(found.output_type)


Empty, BoolValue, Payload, EchoStatus = (
    named(f"grpc.testing.{name}") for name in ("Empty", "BoolValue", "Payload", "EchoStatus"))
SimpleRequest, SimpleResponse, ResponseParameters = (
    named(f"grpc.testing.{name}") for name in ("SimpleRequest", "SimpleResponse", "ResponseParameters"))
InputRequest, InputResponse, OutputRequest, OutputResponse = (
    named(f"grpc.testing.Streaming{name}") for name in (
        "InputCallRequest", "InputCallResponse", "OutputCallRequest", "OutputCallResponse"))
