import Testing

@testable import RPCTransport

@Suite struct MessageRoomTests {
  @Test func `room is given as a whole, in the order of asking`() {
    var room = MessageRoom(byteCount: 100)
    // The last could have what is left, but the second has waited longer.
    let given = room.ask(60, 60, 10)
    #expect(given == [1])
    let none = room.givenNext()
    #expect(none == [])
    room.giveBack(60)
    let others = room.givenNext()
    #expect(others == [2, 3])
    #expect(room.isTaken)
    room.giveBack(70)
    #expect(!room.isTaken)
  }

  @Test func `who waits no more does not hold up the others`() {
    var room = MessageRoom(byteCount: 100)
    let given = room.ask(60, 60, 10)
    #expect(given == [1])
    room.forget(2)
    let others = room.givenNext()
    #expect(others == [3])
  }
}

extension MessageRoom {
  /// Streams from 1 on ask for so many bytes each; gives those that got them at once.
  fileprivate mutating func ask(_ byteCounts: Int...) -> [Int32] {
    var given: [Int32] = []
    for (index, byteCount) in byteCounts.enumerated() {
      let stream = Int32(index + 1)
      if take(byteCount, for: stream) { given.append(stream) }
    }
    return given
  }

  /// Those that get room now.
  fileprivate mutating func givenNext() -> [Int32] {
    var given: [Int32] = []
    while let stream = next() { given.append(stream) }
    return given
  }
}
