/// A value that Sarai's encodings carry: what `schemac` generates for every message of a `.proto`.
///
/// A conforming type is a struct whose stored properties `layout` describes; from that one
/// description the engine reads and writes all three encodings.
///
/// `==` compares texts as Swift does, so that "é" equals "e" with an accent behind it. The encodings
/// and `canonicalSHA256` go by bytes: equal messages may have different digests.
public protocol Message: Sendable, Hashable {
  /// The empty message: every field absent or at its default.
  init()

  /// What the fields are, and where in the struct they are stored.
  static var layout: MessageLayout { get }

  /// What a newer sender wrote and this schema does not know.
  var unknownFields: UnknownFields { get set }
}

/// An enumeration of a schema: open, so that a number without a name survives.
public protocol WireEnum: RawRepresentable, Sendable, Hashable where RawValue == Int32 {
  /// A value by its number, known or not.
  init(rawValue: Int32)

  /// The names of the known numbers.
  static var layout: EnumLayout { get }
}

extension Message {
  /// Reads one message, which the bytes must hold exactly.
  ///
  /// - Throws: the first fault, with its place; nothing is half read.
  @inlinable
  public init(decoding bytes: [UInt8], as encoding: Encoding) throws(WireError) {
    try self.init(decoding: bytes.span, as: encoding)
  }

  /// Reads one message, which the bytes must hold exactly.
  ///
  /// - Throws: the first fault, with its place; nothing is half read.
  @inlinable
  public init(decoding bytes: Span<UInt8>, as encoding: Encoding) throws(WireError) {
    self.init()
    let layout = Self.layout
    try unsafe withUnsafeMutablePointer(to: &self) { (address) throws(WireError) in
      try unsafe bytes.withUnsafeBytes { (buffer) throws(WireError) in
        try unsafe layout.decode(buffer, as: encoding, into: UnsafeMutableRawPointer(address))
      }
    }
  }

  /// Reads one message, which the bytes must hold exactly.
  ///
  /// - Throws: the first fault, with its place; nothing is half read.
  @inlinable
  public init(
    decoding bytes: [UInt8], as encoding: Encoding, options: CodingOptions
  ) throws(WireError) {
    try self.init(decoding: bytes.span, as: encoding, options: options)
  }

  /// Reads one message, which the bytes must hold exactly.
  ///
  /// - Throws: the first fault, with its place; nothing is half read.
  @inlinable
  public init(
    decoding bytes: Span<UInt8>, as encoding: Encoding, options: CodingOptions
  ) throws(WireError) {
    self.init()
    let layout = Self.layout
    try unsafe withUnsafeMutablePointer(to: &self) { (address) throws(WireError) in
      try unsafe bytes.withUnsafeBytes { (buffer) throws(WireError) in
        try unsafe layout.decode(
          buffer, as: encoding, options: options, into: UnsafeMutableRawPointer(address))
      }
    }
  }

  /// The message's bytes.
  ///
  /// - Throws: when the value has no form in that encoding, such as a `Timestamp` after the year
  ///   9999 in JSON, or unknown fields that would cross from one encoding into another.
  @inlinable
  public func encoded(
    as encoding: Encoding, options: CodingOptions = .default
  ) throws(WireError) -> [UInt8] {
    let layout = Self.layout
    return try unsafe withUnsafePointer(to: self) { (address) throws(WireError) in
      try unsafe layout.encode(UnsafeRawPointer(address), as: encoding, options: options)
    }
  }
}
