/// Writes messages into memory that it keeps, for those who write many.
///
/// Not shared: one writer belongs to one task or loop.
public struct WireWriter: ~Copyable {
  private var writer: ReverseWriter

  /// A writer with room for `capacity` bytes; it grows as needed.
  public init(capacity: Int = 1024) {
    writer = ReverseWriter(capacity: capacity)
  }

  /// Writes a message in place of the one before.
  ///
  /// - Throws: as `Message.encoded`; the writer is then empty.
  @inlinable
  public mutating func write<M: Message>(
    _ message: borrowing M, as encoding: Encoding, options: CodingOptions = .default
  ) throws(WireError) {
    let layout = M.layout
    try unsafe withUnsafePointer(to: message) { (address) throws(WireError) in
      try unsafe write(layout, UnsafeRawPointer(address), as: encoding, options: options)
    }
  }

  @usableFromInline
  mutating func write(
    _ layout: MessageLayout, _ message: UnsafeRawPointer, as encoding: Encoding,
    options: CodingOptions
  ) throws(WireError) {
    writer.reset()
    if encoding == .json {
      unsafe writer.bytes(try layout.encodeJSON(message, options: options))
      return
    }
    do throws(WireFault) {
      if encoding == .native {
        try unsafe NativeEncoder.encode(layout.table, message, options: options, to: &writer)
      } else {
        try unsafe ProtobufEncoder.encode(layout.table, message, options: options, to: &writer)
      }
    } catch {
      writer.reset()
      throw WireError(error.reason, at: 0)
    }
  }

  /// How many bytes the message has.
  public var count: Int { writer.count }

  /// A copy of the message's bytes.
  public var bytes: [UInt8] { unsafe [UInt8](writer.written) }
}
