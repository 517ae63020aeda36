import InteropContracts
import RPC

extension InteropCase {
  static let failures = [
    Self("status_code_and_message") { try await status($0, "test status message") },
    Self("special_status_message") {
      try await status(
        $0, "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n")
    },
    Self("unimplemented_method") { client in
      try await Expectation.failure(.unimplemented) {
        _ = try await client.unimplementedCall(GRPCTesting.Empty())
      }
    },
    Self("unimplemented_service") { client in
      let other = GRPCTesting.UnimplementedServiceClient(client.transport)
      try await Expectation.failure(.unimplemented) {
        _ = try await other.unimplementedCall(GRPCTesting.Empty())
      }
    },
    Self("cancel_after_begin") { client in
      try await Expectation.failure(.cancelled) {
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask {
            _ = try await client.fullDuplexCall { _, responses in try await responses.next() }
          }
          group.cancelAll()
          try await group.waitForAll()
        }
      }
    },
    Self("cancel_after_first_response") { client in
      try await Expectation.failure(.cancelled) {
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask {
            _ = try await client.fullDuplexCall { requests, responses in
              try await requests.send(output(31_415, request: 27_182))
              try zeros(try await responses.next()?.payload, 31_415)
              start.finish()
              return try await responses.next()
            }
          }
          for await _ in started {}
          group.cancelAll()
          try await group.waitForAll()
        }
      }
      _ = try await client.emptyCall(GRPCTesting.Empty())
    },
    Self("timeout_on_sleeping_server") { client in
      var request = output(31_415, request: 27_182)
      request.responseParameters[0].intervalUs = 5_000_000
      let sleepy = request
      try await Expectation.failure(.deadlineExceeded) {
        _ = try await client.fullDuplexCall(options: CallOptions(timeout: .milliseconds(100))) {
          requests, responses in
          try await requests.send(sleepy)
          // Not every server sleeps, but all of them wait for the next request.
          while try await responses.next() != nil {}
        }
      }
      _ = try await client.emptyCall(GRPCTesting.Empty())
    },
    Self("message_over_the_limit") { client in
      try await Expectation.failure(.resourceExhausted) {
        _ = try await client.unaryCall(simple(request: 5 << 20))
      }
      _ = try await client.emptyCall(GRPCTesting.Empty())
    },
  ]

  private static func status(_ client: Client, _ message: String) async throws {
    let status = GRPCTesting.EchoStatus(code: 2, message: message)
    try await Expectation.failure(.unknown, message: message) {
      var request = simple(request: 1, response: 1)
      request.responseStatus = status
      _ = try await client.unaryCall(request)
    }
    try await Expectation.failure(.unknown, message: message) {
      try await client.fullDuplexCall { requests, responses in
        var request = output()
        request.responseStatus = status
        try await requests.send(request)
        requests.finish()
        _ = try await responses.next()
      }
    }
  }
}
