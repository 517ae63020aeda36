import HTTP2
import RPC

/// What a call answers on: one exchange of an HTTP connection. All on the connection's loop.
protocol CallSink: AnyObject {
  /// Which the loop's calls pass to compress or decompress a large message.
  var turnstile: Turnstile { get }
  /// Runs the handler of a unary call, with those of the other calls that came with it.
  func run(_ call: ServerCall, _ invocation: @escaping UnaryInvocation)
  /// Whether an answer of so many bytes may wait beside those that the peer has not taken yet.
  func mayAnswer(byteCount: Int) -> Bool
  /// Counts further bytes of answers that are being compressed, or, if negative, fewer.
  func compress(byteCount: Int)
  /// The whole answer at once.
  func answer(_ stream: Int32, _ answer: consuming CallAnswer)
  /// The beginning of an answer that comes in pieces.
  func begin(_ stream: Int32, _ head: HeaderList)
  /// A piece, which `append` writes to what is queued; false if the peer has enough to read for now:
  /// `ServerCall.becameWritable` tells when there is room again.
  func send(_ stream: Int32, _ append: (inout [UInt8]) -> Void) -> Bool
  /// The end of an answer that came in pieces.
  func finish(_ stream: Int32, _ trailers: HeaderList?)
  /// Whether the handler may have its next request now; if not, `ServerCall.answersLeft` tells when
  /// to ask again.
  func mayTakeRequest(_ stream: Int32) -> Bool
  /// The handler does not wait for its next request any more.
  func leaveQueue(_ stream: Int32)
  /// The handler has taken that many bytes of the request: the peer may send as many again.
  func consume(_ stream: Int32, byteCount: Int)
  /// Holds further bytes of calls, or, if negative, fewer; false if the connection holds too many.
  func hold(_ byteCount: Int) -> Bool
  /// Asks for room for a message that the stream's window does not let in as a whole; if it is not
  /// there (false), `ServerCall.roomGranted` tells when it is.
  func askForRoom(_ stream: Int32, byteCount: Int) -> Bool
  /// Needs the room no more, be it granted or still waited for.
  func giveRoomBack(_ stream: Int32, byteCount: Int, isGranted: Bool)
  /// The handler has ended and the answer is on its way: the call is forgotten.
  func callEnded(_ stream: Int32)
}

/// A whole answer.
struct CallAnswer {
  var head: HeaderList
  /// Set when the body is one message of an answer in envelopes, that still needs its own.
  var envelopeFlag: UInt8?
  var body: [UInt8] = []
  var trailers: HeaderList?
}
