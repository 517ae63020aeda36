"""A client over grpcio, for the cases."""
import queue

import grpc
import messages
from calls import Failed, Reply


class Channel:
    compresses_single_messages = False
    tells_compression = False

    def __init__(self, target, ca=None, server_name=None):
        self.arguments = (target, ca, server_name)
        if ca:
            with open(ca, "rb") as file:
                credentials = grpc.ssl_channel_credentials(file.read())
            options = [("grpc.ssl_target_name_override", server_name)] if server_name else []
            self.channel = grpc.secure_channel(target, credentials, options)
        else:
            self.channel = grpc.insecure_channel(target)

    def fresh(self):
        return Channel(*self.arguments)

    def close(self):
        self.channel.close()

    def unary(self, path, request, metadata=(), timeout=None, compress=False):
        call = self.channel.unary_unary(path, type(request).SerializeToString, messages.types(path)[1].FromString)
        try:
            response, ended = call.with_call(
                request, metadata=metadata, timeout=timeout or 30, compression=_coding(compress))
        except grpc.RpcError as error:
            raise _failure(error) from None
        return Reply(response, _pairs(ended.initial_metadata()), _pairs(ended.trailing_metadata()))

    def open(self, path, metadata=(), timeout=None, compress=False):
        return Stream(self.channel, path, metadata, timeout or 30, compress)


class Stream:
    def __init__(self, channel, path, metadata, timeout, compress):
        request, response = messages.types(path)
        self.requests = queue.SimpleQueue()
        self.call = channel.stream_stream(path, request.SerializeToString, response.FromString)(
            iter(self.requests.get, None), metadata=metadata, timeout=timeout, compression=_coding(compress))

    def send(self, message, compress=None):
        self.requests.put(message)

    def finish(self):
        self.requests.put(None)

    def receive(self):
        try:
            return next(self.call)
        except StopIteration:
            return None
        except grpc.RpcError as error:
            self.finish()  # lets go of the thread that waits for requests
            raise _failure(error) from None

    def cancel(self):
        self.call.cancel()

    @property
    def initial(self):
        return _pairs(self.call.initial_metadata())

    @property
    def trailing(self):
        return _pairs(self.call.trailing_metadata())


def _coding(compress):
    return grpc.Compression.Gzip if compress else grpc.Compression.NoCompression


def _failure(error):
    return Failed(error.code().value[0], error.details())


def _pairs(metadata):
    return [(name, value) for name, value in metadata or ()]
