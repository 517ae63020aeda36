/// Header fields to be sent, in order.
///
/// Build it once and send it often, or empty and refill it. Names are lower case; pseudo-header
/// fields stand first.
public struct HeaderList: Sendable {
  struct Field: Sendable {
    var start: Int32
    var nameCount: Int32
    var valueCount: Int32
    var isSensitive: Bool
  }

  private(set) var bytes: [UInt8] = []
  private(set) var fields: [Field] = []

  /// A list without fields.
  public init() {}

  /// A list of these fields.
  public init(_ fields: KeyValuePairs<StaticString, StaticString>) {
    for (name, value) in fields { append(name, value) }
  }

  /// Whether there is no field.
  public var isEmpty: Bool { fields.isEmpty }

  /// How many fields there are.
  public var count: Int { fields.count }

  /// Takes all fields away and keeps the memory.
  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    fields.removeAll(keepingCapacity: true)
  }

  /// Adds a field of fixed text.
  public mutating func append(_ name: StaticString, _ value: StaticString) {
    let start = bytes.count
    appendText(name)
    appendText(value)
    close(from: start, nameCount: name.utf8CodeUnitCount, isSensitive: false)
  }

  /// Adds a field; a sensitive one is never put into a compression table (RFC 7541 section 7.1).
  public mutating func append(
    _ name: StaticString, _ value: Span<UInt8>, isSensitive: Bool = false
  ) {
    let start = bytes.count
    appendText(name)
    unsafe value.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    close(from: start, nameCount: name.utf8CodeUnitCount, isSensitive: isSensitive)
  }

  /// Adds a field; a sensitive one is never put into a compression table (RFC 7541 section 7.1).
  public mutating func append(
    _ name: Span<UInt8>, _ value: Span<UInt8>, isSensitive: Bool = false
  ) {
    let start = bytes.count
    unsafe name.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    unsafe value.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    close(from: start, nameCount: name.count, isSensitive: isSensitive)
  }

  /// Adds a field; a sensitive one is never put into a compression table (RFC 7541 section 7.1).
  public mutating func append(_ name: String, _ value: String, isSensitive: Bool = false) {
    let start = bytes.count
    bytes.append(contentsOf: name.utf8)
    let nameCount = bytes.count - start
    bytes.append(contentsOf: value.utf8)
    close(from: start, nameCount: nameCount, isSensitive: isSensitive)
  }

  private mutating func appendText(_ text: StaticString) {
    text.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
  }

  private mutating func close(from start: Int, nameCount: Int, isSensitive: Bool) {
    fields.append(
      Field(
        start: Int32(start), nameCount: Int32(nameCount),
        valueCount: Int32(bytes.count - start - nameCount), isSensitive: isSensitive))
  }
}
