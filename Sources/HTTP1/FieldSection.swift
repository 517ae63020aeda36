/// The field lines of a head or of trailers, up to the empty line (RFC 9112 section 5).
struct FieldSection {
  private(set) var fields = HTTP1Fields()
  private var byteCount = 0
  let byteCountMax: Int
  let countMax: Int

  init(byteCountMax: Int, countMax: Int) {
    self.byteCountMax = byteCountMax
    self.countMax = countMax
  }

  /// Reads lines as far as they have arrived; true after the empty line.
  mutating func read(_ input: inout InputBuffer) throws(HTTP1Error) -> Bool {
    while let count = try input.findLine(
      bytesMax: byteCountMax - byteCount, tooLong: .fieldsTooLarge)
    {
      if count > 0 { try append(input.prefix(count).span) }
      byteCount += count
      input.consumeLine(count)
      if count == 0 { return true }
    }
    return false
  }

  private mutating func append(_ line: Span<UInt8>) throws(HTTP1Error) {
    if line[0].isBlank { throw .foldedField }
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0,
      ByteSet.token.containsAll(of: line.extracting(..<colon))
    else { throw .malformedField }
    if fields.count == countMax { throw .fieldsTooLarge }
    var start = colon + 1
    var end = line.count
    while start < end, line[start].isBlank { start += 1 }
    while end > start, line[end - 1].isBlank { end -= 1 }
    fields.append(
      uncheckedName: line.extracting(..<colon), value: line.extracting(start..<end))
  }
}
