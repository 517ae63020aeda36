/// What is kept for one stream: above all what it has to send.
struct StreamState {
  struct Flags: OptionSet {
    let rawValue: UInt16
    /// The application knows the stream.
    static var announced: Flags { Flags(rawValue: 1) }
    /// The application still works on the stream's request.
    static var handlerRuns: Flags { Flags(rawValue: 2) }
    /// nghttp2 has closed the stream.
    static var closed: Flags { Flags(rawValue: 4) }
    /// Nothing follows what is queued, but for the trailers.
    static var outputEnded: Flags { Flags(rawValue: 8) }
    /// nghttp2 was told that there is nothing to send and waits to be told otherwise.
    static var deferred: Flags { Flags(rawValue: 16) }
    /// The queue has been above the high-water mark and not yet below the low one.
    static var full: Flags { Flags(rawValue: 32) }
    /// The reset is the application's own wish, not the peer's fault.
    static var resetByApplication: Flags { Flags(rawValue: 64) }
    /// The request never left.
    static var neverSent: Flags { Flags(rawValue: 128) }
    /// The peer has ended its side.
    static var inputEnded: Flags { Flags(rawValue: 256) }
    /// Content has left since it was last looked for streams that stand still.
    static var hasMoved: Flags { Flags(rawValue: 512) }
    /// The whole answer has left before the request has ended.
    static var answeredEarly: Flags { Flags(rawValue: 1024) }
    /// That was so already when it was last looked for such streams.
    static var answeredLongAgo: Flags { Flags(rawValue: 2048) }
  }

  var id: Int32
  var flags: Flags = []
  /// The body not yet handed to nghttp2 begins at `bodyOffset`.
  var body: [UInt8] = []
  var bodyOffset = 0
  var trailers = HeaderList()
  /// What the application keeps for the stream.
  var attachment: AnyObject?
  /// When it was first seen that a shut window holds the content back.
  var heldBackSince: Int64?

  /// Buffers larger than this are not kept for the next stream.
  private static var bufferBytesKept: Int { 16 * 1024 }

  init(id: Int32) { self.id = id }

  var queuedByteCount: Int { body.count - bodyOffset }

  /// Makes the memory ready for another stream.
  mutating func clear() {
    flags = []
    attachment = nil
    heldBackSince = nil
    dropOutput()
  }

  /// Forgets what was to be sent.
  mutating func dropOutput() {
    if body.capacity > Self.bufferBytesKept { body = [] }
    bodyOffset = body.count
    if !trailers.isEmpty { trailers = HeaderList() }
  }

  /// Forgets what was sent when that is most of the memory, so that a queue that never empties
  /// does not grow.
  mutating func compact() {
    if bodyOffset == body.count {
      if bodyOffset > 0 { body.removeAll(keepingCapacity: true) }
      bodyOffset = 0
    } else if bodyOffset > 65_536, bodyOffset > body.count / 2 {
      body.removeSubrange(..<bodyOffset)
      bodyOffset = 0
    }
  }
}
