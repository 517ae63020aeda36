import Glibc
import Testing

@testable import HTTP2

@Suite struct FreePiecesTests {
  @Test func `what is given back is taken again by what it is large enough for`() {
    var pieces = FreePieces()
    let piece = unsafe pieces.take(100)
    unsafe pieces.giveBack(piece)
    let larger = unsafe pieces.take(400)
    #expect(unsafe larger != piece)
    let again = unsafe pieces.take(100)
    #expect(unsafe again == piece)
    unsafe pieces.giveBack(again)
    unsafe pieces.giveBack(larger)
  }

  @Test func `pieces of all sizes are as large as asked for, apart from each other`() throws {
    var pieces = FreePieces()
    for _ in 0..<2 {
      var taken: [(start: UInt, count: Int)] = []
      for size in 0..<700 {
        let piece = unsafe pieces.take(size)
        unsafe memset(try #require(piece), 0xA5, size)
        taken.append((UInt(bitPattern: piece), size))
      }
      taken.sort { $0.start < $1.start }
      for (one, next) in zip(taken, taken.dropFirst()) {
        #expect(one.start + UInt(one.count) <= next.start)
      }
      for piece in taken { unsafe pieces.giveBack(.init(bitPattern: piece.start)) }
    }
  }

  @Test func `sessions share memory, and one may end before the others`() throws {
    let memory = SessionMemory()
    for round in 0..<3 {
      let client = try Endpoint(.client, memory: memory)
      let server = try Endpoint(.server, memory: memory)
      for _ in 0..<50 {
        _ = try client.session.submitRequest(headers: requestHeaders, end: true)
      }
      client.talk(to: server)
      #expect(server.session.openStreamCount == 50, "round \(round)")
    }
  }
}
