import CZlib
import RPC

/// gzip (RFC 1952) of whole messages.
enum Gzip {
  /// Below this many bytes compressing saves less than it costs.
  static let worthwhileBytesMin = 1024

  /// Compresses fast rather than small: calls wait for it.
  static func compress(_ bytes: [UInt8]) -> [UInt8] {
    var deflation = Deflation()
    while !deflation.goOn(with: bytes.span) {}
    return deflation.output
  }

  /// - Throws: `internal` for what is not gzip, `resourceExhausted` for what would become larger
  ///   than `byteCountMax`; no more than that is ever held.
  static func decompress(
    _ bytes: Span<UInt8>, byteCountMax: Int
  ) throws(RPCError) -> [UInt8] {
    var inflation = Inflation(byteCountMax: byteCountMax)
    while try !inflation.goOn(with: bytes) {}
    return inflation.output
  }

  /// The same if the message is small; nil if it takes more than one step.
  static func decompressAtOnce(
    _ bytes: Span<UInt8>, byteCountMax: Int
  ) throws(RPCError) -> [UInt8]? {
    var inflation = Inflation(byteCountMax: byteCountMax)
    return try inflation.goOn(with: bytes) ? inflation.output : nil
  }

  /// A message that is compressed step by step, for the same reason as `Inflation`: one of 4 MiB takes
  /// 40 ms.
  @safe struct Deflation: ~Copyable {
    /// What one step takes in, in half a millisecond.
    static var stepBytesMax: Int { 32 << 10 }

    // zlib wants it to stay where it is.
    private let stream: UnsafeMutablePointer<z_stream>
    private var consumedCount = 0
    /// What has come out so far.
    private(set) var output: [UInt8] = []

    init() {
      unsafe stream = .allocate(capacity: 1)
      unsafe stream.initialize(to: z_stream())
      guard unsafe sarai_gzip_init(stream, Z_BEST_SPEED) == Z_OK else {
        preconditionFailure("the system has no memory for compression")
      }
    }

    deinit {
      unsafe deflateEnd(stream)
      unsafe stream.deallocate()
    }

    /// Goes on with the message, which is the same each time; gives whether all is out.
    mutating func goOn(with bytes: Span<UInt8>) -> Bool {
      let end = min(consumedCount + Self.stepBytesMax, bytes.count)
      let next = bytes.extracting(consumedCount..<end)
      let isLast = end == bytes.count
      var status = Z_OK
      let stream = unsafe stream
      let room = unsafe Int(deflateBound(stream, UInt(next.count)))
      let piece = unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
        unsafe next.withUnsafeBufferPointer { input in
          unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
          unsafe stream.pointee.avail_in = UInt32(input.count)
          unsafe stream.pointee.next_out = buffer.baseAddress
          unsafe stream.pointee.avail_out = UInt32(room)
          status = unsafe deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
        }
        count = unsafe room - Int(stream.pointee.avail_out)
      }
      consumedCount = unsafe end - Int(stream.pointee.avail_in)
      if output.isEmpty { output = piece } else { output += piece }
      return status == Z_STREAM_END
    }
  }

  /// A message that is decompressed step by step, so that others have their turn between them: one of
  /// 4 MiB takes 15 ms.
  @safe struct Inflation: ~Copyable {
    /// What one step brings at most, in a quarter of a millisecond.
    private static var stepBytesMax: Int { 64 << 10 }

    private let byteCountMax: Int
    // zlib wants it to stay where it is.
    private let stream: UnsafeMutablePointer<z_stream>
    private var consumedCount = 0
    /// What has come out so far.
    private(set) var output: [UInt8] = []

    init(byteCountMax: Int) {
      self.byteCountMax = byteCountMax
      unsafe stream = .allocate(capacity: 1)
      unsafe stream.initialize(to: z_stream())
      guard unsafe sarai_gunzip_init(stream) == Z_OK else {
        preconditionFailure("the system has no memory for decompression")
      }
    }

    deinit {
      unsafe inflateEnd(stream)
      unsafe stream.deallocate()
    }

    /// Goes on with the compressed bytes, which are the same each time; gives whether all is out.
    ///
    /// - Throws: as `decompress` does.
    mutating func goOn(with bytes: Span<UInt8>) throws(RPCError) -> Bool {
      let room = min(Self.stepBytesMax, byteCountMax - output.count + 1)
      let rest = bytes.extracting(consumedCount...)
      var status = Z_OK
      let stream = unsafe stream
      let piece = unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
        unsafe rest.withUnsafeBufferPointer { input in
          unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
          unsafe stream.pointee.avail_in = UInt32(input.count)
          unsafe stream.pointee.next_out = buffer.baseAddress
          unsafe stream.pointee.avail_out = UInt32(buffer.count)
          status = unsafe inflate(stream, Z_NO_FLUSH)
        }
        count = unsafe buffer.count - Int(stream.pointee.avail_out)
      }
      consumedCount = unsafe bytes.count - Int(stream.pointee.avail_in)
      if output.isEmpty, piece.count == Self.stepBytesMax {
        // Room for all of it, of which the system gives what is used: growing would copy megabytes.
        output.reserveCapacity(byteCountMax + 1)
      }
      output += piece
      if output.count > byteCountMax {
        throw RPCError(
          .resourceExhausted, "a message of more than \(byteCountMax) bytes once decompressed")
      }
      if status == Z_OK, !piece.isEmpty { return false }
      guard status == Z_STREAM_END, consumedCount == bytes.count else {
        throw RPCError(.internal, "a compressed message that is not gzip")
      }
      return true
    }
  }
}
