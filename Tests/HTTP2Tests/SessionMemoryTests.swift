import Glibc
import Testing

@testable import HTTP2

@Suite struct SessionMemoryTests {
  @Test func `what is given back is taken again by what it is large enough for`() {
    let memory = SessionMemory()
    let piece = unsafe take(100, from: memory)
    unsafe giveBack(piece, to: memory)
    #expect(unsafe take(400, from: memory) != piece)
    let again = unsafe take(100, from: memory)
    #expect(unsafe again == piece)
    unsafe giveBack(again, to: memory)
  }

  @Test func `pieces of all sizes are as large as asked for, apart from each other`() throws {
    let memory = SessionMemory()
    for _ in 0..<2 {
      var pieces: [(start: UInt, count: Int)] = []
      for size in 0..<700 {
        let piece = unsafe try #require(take(size, from: memory))
        unsafe memset(piece, 0xA5, size)
        pieces.append((UInt(bitPattern: piece), size))
      }
      pieces.sort { $0.start < $1.start }
      for (one, next) in zip(pieces, pieces.dropFirst()) {
        #expect(one.start + UInt(one.count) <= next.start)
      }
      for piece in pieces { unsafe giveBack(.init(bitPattern: piece.start), to: memory) }
    }
  }

  @Test func `cleared memory is clear, even where something was before`() throws {
    let memory = SessionMemory()
    let callbacks = unsafe memory.callbacks
    let piece = unsafe try #require(take(64, from: memory))
    unsafe memset(piece, 0xA5, 64)
    unsafe giveBack(piece, to: memory)
    let clear = unsafe try #require(callbacks.calloc(4, 16, callbacks.mem_user_data))
    #expect(unsafe UnsafeRawBufferPointer(start: clear, count: 64).allSatisfy { $0 == 0 })
    unsafe giveBack(clear, to: memory)
  }

  @Test func `sessions share memory, and one may end before the others`() throws {
    let memory = SessionMemory()
    for round in 0..<3 {
      let (client, server) = (
        try Endpoint(.client, memory: memory), try Endpoint(.server, memory: memory)
      )
      for _ in 0..<50 {
        _ = try client.session.submitRequest(headers: requestHeaders, end: true)
      }
      client.talk(to: server)
      #expect(server.session.openStreamCount == 50, "round \(round)")
    }
  }

  private func take(_ size: Int, from memory: SessionMemory) -> UnsafeMutableRawPointer? {
    let callbacks = unsafe memory.callbacks
    return unsafe callbacks.malloc(size, callbacks.mem_user_data)
  }

  private func giveBack(_ piece: UnsafeMutableRawPointer?, to memory: SessionMemory) {
    let callbacks = unsafe memory.callbacks
    unsafe callbacks.free(piece, callbacks.mem_user_data)
  }
}
