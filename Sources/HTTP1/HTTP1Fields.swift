/// An ordered list of header or trailer fields. Names are lower-case and may repeat.
///
/// All names and values stand in one array of bytes, so that a head costs two allocations.
public struct HTTP1Fields: Sendable, Hashable {
  /// Name and value of each field, one after the other.
  private var bytes: [UInt8] = []
  /// Where each name and each value ends, in turn.
  private var ends: [UInt32] = []

  /// No fields.
  public init() {}

  /// Adds a field to send.
  ///
  /// - Throws: `invalidFieldName` unless the name is a token; `invalidFieldValue` for control
  ///   characters or blanks at either end: a value can never begin another line.
  public mutating func append(_ name: String, _ value: String) throws(HTTP1WriteError) {
    let nameBytes = name.utf8Span.span
    let valueBytes = value.utf8Span.span
    guard nameBytes.count > 0, ByteSet.token.containsAll(of: nameBytes) else {
      throw .invalidFieldName
    }
    for index in valueBytes.indices where !valueBytes[index].isText { throw .invalidFieldValue }
    if valueBytes.count > 0,
      valueBytes[0].isBlank || valueBytes[valueBytes.count - 1].isBlank
    {
      throw .invalidFieldValue
    }
    append(uncheckedName: nameBytes, value: valueBytes)
  }

  /// Adds a field of a received line, checked by the caller.
  mutating func append(uncheckedName name: Span<UInt8>, value: Span<UInt8>) {
    bytes.append(addingCapacity: name.count + value.count) { room in
      for index in name.indices { room.append(name[index].lowercased) }
      for index in value.indices { room.append(value[index]) }
    }
    ends.append(UInt32(truncatingIfNeeded: bytes.count - value.count))
    ends.append(UInt32(truncatingIfNeeded: bytes.count))
  }

  /// The value of the first field of this name, which is given in lower case.
  public subscript(name: String) -> String? {
    firstPosition(of: name).map { self[$0].value }
  }

  /// The values of all fields of this name, which is given in lower case.
  public func values(of name: String) -> [String] {
    indices.filter { hasName(name, at: $0) }.map { self[$0].value }
  }

  /// The bytes of a value as they were sent; `value` of a field replaces what is not UTF-8.
  public func valueBytes(at position: Int) -> ArraySlice<UInt8> { bytes[valueRange(position)] }

  func firstPosition(of name: String) -> Int? {
    indices.first { hasName(name, at: $0) }
  }

  func count(of name: String) -> Int {
    var count = 0
    for position in indices where hasName(name, at: position) { count += 1 }
    return count
  }

  /// Calls `body` with the value of each field of this name.
  func forEachValue(of name: String, _ body: (Span<UInt8>) -> Void) {
    for position in indices where hasName(name, at: position) {
      body(bytes.span.extracting(valueRange(position)))
    }
  }

  private func hasName(_ name: String, at position: Int) -> Bool {
    let range = nameRange(position)
    guard range.count == name.utf8.count else { return false }
    return bytes.span.extracting(range).equals(name.utf8Span.span)
  }

  private func nameRange(_ position: Int) -> Range<Int> {
    (position == 0 ? 0 : Int(ends[2 * position - 1]))..<Int(ends[2 * position])
  }

  private func valueRange(_ position: Int) -> Range<Int> {
    Int(ends[2 * position])..<Int(ends[2 * position + 1])
  }

  /// Writes the lines of the fields.
  func write(to output: inout [UInt8]) {
    output.reserveCapacity(output.count + bytes.count + 4 * count)
    for position in indices {
      output.append(contentsOf: bytes[nameRange(position)])
      output.append(contentsOf: ": ".utf8)
      output.append(contentsOf: bytes[valueRange(position)])
      output.append(contentsOf: "\r\n".utf8)
    }
  }
}

extension HTTP1Fields: RandomAccessCollection {
  /// A name in lower case and its value.
  public struct Field: Sendable, Hashable {
    /// In lower case.
    public let name: String
    /// Without blanks around it.
    public let value: String
  }

  /// 0.
  public var startIndex: Int { 0 }
  /// How many fields there are.
  public var endIndex: Int { ends.count / 2 }

  /// The field at a place.
  public subscript(position: Int) -> Field {
    Field(
      name: String(decoding: bytes[nameRange(position)], as: UTF8.self),
      value: String(decoding: bytes[valueRange(position)], as: UTF8.self))
  }
}
