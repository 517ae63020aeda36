import Testing

@testable import HTTP2

@Suite struct StreamTableTests {
  @Test func `finds what was put in`() {
    var table = StreamTable()
    for id in stride(from: Int32(1), to: 400, by: 2) { _ = unsafe table.insert(id) }
    #expect(table.count == 200)
    for id in stride(from: Int32(1), to: 400, by: 2) {
      #expect(unsafe table.find(id)?.pointee.id == id)
    }
    #expect(unsafe table.find(401) == nil)
  }

  @Test func `a stream stays where it is while others come and go`() {
    var table = StreamTable()
    let first = unsafe table.insert(1)
    unsafe first.pointee.body = [1, 2, 3]
    for id in stride(from: Int32(3), to: 2_000, by: 2) { _ = unsafe table.insert(id) }
    for id in stride(from: Int32(3), to: 2_000, by: 2) { table.remove(id) }
    table.releaseMemory()
    #expect(unsafe table.find(1) == first)
    #expect(unsafe first.pointee.body == [1, 2, 3])
  }

  @Test func `memory that is used again is clean`() {
    var table = StreamTable()
    let stream = unsafe table.insert(1)
    unsafe stream.pointee.body = [1]
    unsafe stream.pointee.bodyOffset = 1
    unsafe stream.pointee.flags = [.closed, .full]
    unsafe stream.pointee.trailers.append("a", "b")
    table.remove(1)
    let next = unsafe table.insert(3)
    #expect(unsafe next.pointee.id == 3 && next.pointee.flags.isEmpty)
    #expect(unsafe next.pointee.queuedByteCount == 0 && next.pointee.trailers.isEmpty)
  }

  @Test func `removing what is not there changes nothing`() {
    var table = StreamTable()
    table.remove(1)
    _ = unsafe table.insert(1)
    table.remove(33)
    #expect(table.count == 1)
  }

  /// Identifiers far apart share places, so that gaps close over wrapped ends.
  @Test(arguments: 0..<8)
  func `agrees with a set over any order`(_ seed: Int) {
    var table = StreamTable()
    var model: Set<Int32> = []
    var random = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
    for _ in 0..<4_000 {
      random ^= random << 13
      random ^= random >> 7
      random ^= random << 17
      let id = Int32(truncatingIfNeeded: random >> 40) & 0xFF | 1
      if model.contains(id) {
        model.remove(id)
        table.remove(id)
      } else {
        model.insert(id)
        _ = unsafe table.insert(id)
      }
      #expect(table.count == model.count)
    }
    for id in stride(from: Int32(1), to: 256, by: 2) {
      #expect(unsafe (table.find(id) != nil) == model.contains(id))
    }
  }
}
