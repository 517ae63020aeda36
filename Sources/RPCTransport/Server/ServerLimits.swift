public import HTTP2
import RPC

/// What a server bounds for each connection and call, each with its reason; those of HTTP/1.1 are
/// `HTTP1Limits`.
public struct ServerLimits: Sendable {
  /// Bytes of one message, as gRPC's default is. Larger things travel as streams.
  public var messageBytesMax = 4 << 20
  /// Bytes that the calls of one connection may hold of messages that are not whole or not taken
  /// yet: what the windows of all streams let in, and room for the rest of one of the largest
  /// messages; larger ones than a window come in by turns.
  public var bufferedBytesMax = 10 << 20
  /// Bytes of answers that may wait for the peer of a connection to take them: dozens of usual ones;
  /// one of the largest is beyond it by itself, so that it waits without another. Requests that end
  /// meanwhile, and further ones of streams, are served when there is room.
  public var queuedBytesMax = 1 << 20
  /// Bytes of answers that may wait at all: handlers that waited for something, and began while there
  /// was room, may all end at once. A unary call whose answer has no room then fails.
  public var answerBytesMax = 16 << 20
  /// Metadata that a service may add to an answer, as HTTP counts it.
  public var replyMetadataBytesMax = Metadata.replyByteCountMax
  /// Open connections of a listener.
  public var connectionsMax = 20_000
  /// From the opening of a connection until it has said what it speaks.
  public var prefaceMax: Duration = .seconds(10)
  /// From the beginning of a header to its end.
  public var headersMax: Duration = .seconds(10)
  /// How long the peer may take nothing of what is written.
  public var writeStallMax: Duration = .seconds(30)
  /// How long the peer's flow control may hold back what is to be sent.
  public var windowStallMax: Duration = .seconds(30)
  /// How long nothing may come of a message that has begun and was given room, for which others wait.
  public var messageStallMax: Duration = .seconds(30)
  /// How long a connection may be there without a call.
  public var idleMax: Duration = .seconds(600)
  /// How long calls that are in flight may take when the server stops.
  public var drainMax: Duration = .seconds(30)
  /// What a peer may do in HTTP/2 itself.
  public var http2 = HTTP2Limits()

  /// The limits as they are by default.
  public init() {}

  /// What any stream's window lets in: nghttp2 opens a window again once half of it has been used.
  var surelyLetInBytes: Int { http2.streamWindowBytes / 2 }

  /// The room of a connection for messages larger than that.
  var roomBytes: Int {
    max(messageBytesMax, bufferedBytesMax - http2.concurrentStreamsMax * http2.streamWindowBytes)
  }

  /// What the calls of a connection may cost, beyond which further ones fail: windows bound bytes,
  /// but tiny messages that wait cost a multiple of theirs.
  var heldBytesMax: Int { bufferedBytesMax * 3 / 2 }

  /// The same limits with all times multiplied, for tests of the times.
  public func timesScaled(by factor: Double) -> ServerLimits {
    var scaled = self
    for limit in [
      \Self.prefaceMax, \.headersMax, \.writeStallMax, \.windowStallMax, \.messageStallMax,
      \.idleMax, \.drainMax,
    ] {
      scaled[keyPath: limit] = self[keyPath: limit] * factor
    }
    scaled.http2.countedNanoseconds = Int64(Double(http2.countedNanoseconds) * factor)
    return scaled
  }
}
