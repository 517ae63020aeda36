"""What the cases expect of a client, whichever protocol it speaks."""
import dataclasses

TEST = "/grpc.testing.TestService/"


class Failed(Exception):
    """A call that ended with a code other than OK."""

    def __init__(self, code, message):
        super().__init__(f"code {code}: {message}")
        self.code, self.message = code, message


@dataclasses.dataclass
class Reply:
    """The outcome of a call of one request and one response; metadata are pairs of a name and a value."""
    message: object
    initial: list
    trailing: list


# A channel has
#   unary(path, request, metadata=(), timeout=None, compress=False) -> Reply
#   open(path, metadata=(), timeout=None, compress=False) -> a stream
#   fresh() -> another channel to the same server
#   close()
#   compresses_single_messages: whether `send` heeds its `compress`
#   tells_compression: whether replies and streams have `compressed`
#
# and a stream
#   send(message, compress=None), where None stands for what `open` was told
#   finish()
#   receive() -> the next message, None after the last; raises Failed
#   cancel()
#   initial, trailing: the metadata, as far as they have come
#   compressed: for each message received whether it came compressed
