/// Every bound on what a peer may send, each with its reason.
public struct HTTP1Limits: Sendable, Hashable {
  /// Bytes of a method, 15: every registered method in use is shorter, and the name then needs no
  /// memory of its own. A longer one is not implemented (501).
  public var methodBytesMax = 15

  /// Bytes of the request line, without its CRLF: 8 KiB, what RFC 9112 section 3 asks servers to
  /// take at least, and what browsers and proxies keep to. Beyond it, 414.
  public var requestLineBytesMax = 8 << 10

  /// Bytes of all field lines, without their CRLFs: 16 KiB, as for HTTP/2 on the same port.
  /// Beyond it, 431.
  public var fieldBytesMax = 16 << 10

  /// Fields of a request: 100; browsers send about 20. Beyond it, 431.
  public var fieldCountMax = 100

  /// Bytes of a body unless the caller raises the bound for a request: 4 MiB, the bound of an RPC
  /// message. Beyond it, 413.
  public var bodyBytesMax = 4 << 20

  /// Hexadecimal digits of a chunk's size: 8, so that a size never overflows and zeros in front
  /// come to an end.
  public var chunkSizeDigitsMax = 8

  /// Bytes of chunk extensions in one body: 4 KiB. Nobody uses them, and without a bound over the
  /// whole body tiny chunks with long extensions cost far more than they carry.
  public var chunkExtensionBytesMax = 4 << 10

  /// Bytes of all trailer lines, without their CRLFs: 4 KiB. They are dropped after the check.
  public var trailerBytesMax = 4 << 10

  /// Trailers of a request: 20, for they are dropped.
  public var trailerCountMax = 20

  /// Bytes that wait unread, of a head, a body or pipelined requests, before `wantsInput` turns
  /// false: 32 KiB, more than the longest head. One read may come on top.
  public var bufferedBytesMax = 32 << 10

  /// Bytes of a body that are read and dropped after an early answer, 64 KiB: cheaper than a new
  /// connection. A longer rest ends the connection instead.
  public var discardedBytesMax = 64 << 10

  /// The bounds as they stand above.
  public init() {}

  /// Whether a line as long as the bounds allow fits into the buffer; else it would never end.
  var isConsistent: Bool {
    let lineBytesMax = max(
      requestLineBytesMax, fieldBytesMax, trailerBytesMax,
      chunkSizeDigitsMax + chunkExtensionBytesMax)
    return bufferedBytesMax >= lineBytesMax + 2 && chunkSizeDigitsMax <= 15
  }
}
