import Testing

@testable import RPC

@Suite struct ByteChannelTests {
  @Test func `a sender waits while the channel is full`() async throws {
    let channel = ByteChannel(capacity: 1)
    try await channel.send([1])
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await channel.send([2])
        channel.close(.success(()))
      }
      #expect(try await channel.receive() == [1])
      #expect(try await channel.receive() == [2])
      #expect(try await channel.receive() == nil)
      try await group.waitForAll()
    }
  }

  @Test func `cancelling wakes whoever waits`() async {
    let channel = ByteChannel(capacity: 1)
    await withTaskGroup(of: RPCCode?.self) { group in
      group.addTask {
        do throws(RPCError) {
          _ = try await channel.receive()
          return nil
        } catch {
          return error.code
        }
      }
      group.cancelAll()
      #expect(await group.next() == .cancelled)
    }
  }

  @Test func `a failure is read behind what was sent before, even after a proper end`() async throws
  {
    let channel = ByteChannel(capacity: 2)
    try await channel.send([1])
    channel.close(.success(()))
    channel.fail(RPCError(.unavailable, "gone"))
    #expect(try await channel.receive() == [1])
    await #expect(throws: RPCError(.unavailable, "gone")) { try await channel.receive() }
  }

  @Test func `what nobody will read is dropped, and its sender waits no longer`() async throws {
    let channel = ByteChannel(capacity: 1)
    try await channel.send([1])
    channel.discard()
    try await channel.send([2])
    try await channel.send([3])
  }

  @Test func `nothing can be sent after the end`() async throws {
    let channel = ByteChannel(capacity: 2)
    channel.close(.success(()))
    let error = await #expect(throws: RPCError.self) { try await channel.send([1]) }
    #expect(error?.code == .failedPrecondition)
  }
}
