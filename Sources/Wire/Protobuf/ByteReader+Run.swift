extension ByteReader {
  /// How many varints end before `end`, which lies within the input.
  func varintCount(before end: UnsafeRawPointer) -> Int {
    var count = 0
    var place = unsafe cursor
    while unsafe place < end {
      if unsafe place.load(as: UInt8.self) < 0x80 { count += 1 }
      unsafe place += 1
    }
    return count
  }

  /// How many length-delimited fields with one tag follow each other, the first one's tag just
  /// read. Stops without complaint at the first that is malformed: reading it will complain.
  func run(tag: Range<UnsafeRawPointer>) -> (count: Int, tagByteCount: Int) {
    let tagByteCount = unsafe tag.upperBound - tag.lowerBound
    var ahead = self
    var count = 0
    while true {
      count += 1
      guard let byteCount = try? ahead.length() else { break }
      unsafe ahead.cursor += byteCount
      guard ahead.remaining >= tagByteCount else { break }
      var index = 0
      while index < tagByteCount,
        unsafe ahead.cursor.load(fromByteOffset: index, as: UInt8.self)
          == tag.lowerBound.load(fromByteOffset: index, as: UInt8.self)
      {
        index += 1
      }
      guard index == tagByteCount else { break }
      unsafe ahead.cursor += tagByteCount
    }
    return (count, tagByteCount)
  }
}
