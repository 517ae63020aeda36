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
    _ message: borrowing M, as encoding: Encoding
  ) throws(WireError) {
    let layout = M.layout
    try unsafe withUnsafePointer(to: message) { (address) throws(WireError) in
      try unsafe write(layout, UnsafeRawPointer(address), as: encoding)
    }
  }

  /// Writes a message in place of the one before.
  ///
  /// - Throws: as `Message.encoded`; the writer is then empty.
  @inlinable
  public mutating func write<M: Message>(
    _ message: borrowing M, as encoding: Encoding, options: CodingOptions
  ) throws(WireError) {
    let layout = M.layout
    try unsafe withUnsafePointer(to: message) { (address) throws(WireError) in
      try unsafe write(layout, UnsafeRawPointer(address), as: encoding, options: options)
    }
  }

  @usableFromInline
  mutating func write(
    _ layout: MessageLayout, _ message: UnsafeRawPointer, as encoding: Encoding
  ) throws(WireError) {
    if encoding == .json {
      try unsafe write(layout, message, as: encoding, options: .default)
    } else {
      try unsafe writeBinary(layout, message, as: encoding, options: BinaryOptions())
    }
  }

  @usableFromInline
  mutating func write(
    _ layout: MessageLayout, _ message: UnsafeRawPointer, as encoding: Encoding,
    options: CodingOptions
  ) throws(WireError) {
    if encoding == .json {
      writer.reset()
      let text = try unsafe layout.encodeJSON(message, options: options)
      unsafe text.withUnsafeBytes { unsafe writer.bytes($0) }
    } else {
      try unsafe writeBinary(layout, message, as: encoding, options: options.binary)
    }
  }

  mutating func writeBinary(
    _ layout: MessageLayout, _ message: UnsafeRawPointer, as encoding: Encoding,
    options: BinaryOptions
  ) throws(WireError) {
    writer.reset()
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
