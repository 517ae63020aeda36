/// What a newer sender wrote and the reader's schema does not know, kept to be written back.
///
/// It survives within the encoding that it came in. Crossing into another encoding refuses it,
/// unless `CodingOptions.dropsUnknownFields` allows the loss.
public struct UnknownFields: Sendable, Hashable {
  /// One word while there is nothing to keep, which is nearly always.
  @usableFromInline
  indirect enum Content: Sendable, Hashable {
    case nothing
    case protobuf([UInt8])
    case native(presence: UInt64, bytes: [UInt8])
  }

  @usableFromInline var content: Content

  /// No unknown fields.
  @inlinable
  public init() { content = .nothing }

  /// Whether there is nothing to keep.
  public var isEmpty: Bool {
    if case .nothing = content { true } else { false }
  }

  /// Fields of the protobuf encoding, each with its tag, in the order they came.
  var protobuf: [UInt8]? {
    if case .protobuf(let bytes) = content { bytes } else { nil }
  }

  /// The presence bits that the reader did not know, and the bytes of their values.
  var native: (presence: UInt64, bytes: [UInt8])? {
    if case .native(let presence, let bytes) = content { (presence, bytes) } else { nil }
  }

  init(nativePresence presence: UInt64, bytes: [UInt8]) {
    content = .native(presence: presence, bytes: bytes)
  }

  mutating func append(protobuf bytes: [UInt8]) {
    var all = protobuf ?? []
    content = .nothing  // leaves `all` the only owner, so that appending does not copy
    all += bytes
    content = .protobuf(all)
  }
}
