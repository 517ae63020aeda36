import InteropContracts
import RPC

extension InteropCase {
  private static let requestSizes = [27_182, 8, 1_828, 45_904]
  private static let responseSizes: [Int32] = [31_415, 9, 2_653, 58_979]

  private static func sizes(
    _ responses: ResponseStream<GRPCTesting.StreamingOutputCallResponse>
  ) async throws -> [Int] {
    var sizes: [Int] = []
    for try await response in responses { sizes.append(response.payload?.body.count ?? 0) }
    return sizes
  }

  static let streams = [
    Self("client_streaming") { client in
      let response = try await client.streamingInputCall { requests in
        for size in requestSizes {
          try await requests.send(GRPCTesting.StreamingInputCallRequest(payload: payload(size)))
        }
      }
      try Expectation.equal(response.aggregatedPayloadSize, 74_922, "size")
    },
    Self("client_compressed_streaming") { client in
      var compressed = GRPCTesting.StreamingInputCallRequest(payload: payload(27_182))
      compressed.expectCompressed = GRPCTesting.BoolValue(value: true)
      let request = compressed
      try await Expectation.failure(.invalidArgument) {
        _ = try await client.streamingInputCall { try await $0.send(request) }
      }
      var options = CallOptions()
      options.usesCompression = true
      let response = try await client.streamingInputCall(options: options) { requests in
        for _ in 0..<2 { try await requests.send(request) }
      }
      try Expectation.equal(response.aggregatedPayloadSize, 54_364, "size")
    },
    Self("server_streaming") { client in
      var request = output()
      request.responseParameters = responseSizes.map { GRPCTesting.ResponseParameters(size: $0) }
      let found = try await client.streamingOutputCall(request) { try await sizes($0) }
      try Expectation.equal(found, responseSizes.map { Int($0) }, "sizes")
    },
    Self("server_compressed_streaming") { client in
      var request = output(31_415, 92_653)
      for (index, wanted) in [true, false].enumerated() {
        request.responseParameters[index].compressed = GRPCTesting.BoolValue(value: wanted)
      }
      let found = try await client.streamingOutputCall(request) { try await sizes($0) }
      try Expectation.equal(found, [31_415, 92_653], "sizes")
    },
    Self("ping_pong") { client in
      try await client.fullDuplexCall { requests, responses in
        for (sent, wanted) in zip(requestSizes, responseSizes) {
          try await requests.send(output(wanted, request: sent))
          try zeros(try await responses.next()?.payload, Int(wanted))
        }
        requests.finish()
        try Expectation.equal(try await responses.next(), nil, "further response")
      }
    },
    Self("half_duplex") { client in
      let found = try await client.halfDuplexCall { requests, responses in
        for size in responseSizes { try await requests.send(output(size)) }
        requests.finish()
        return try await sizes(responses)
      }
      try Expectation.equal(found, responseSizes.map { Int($0) }, "sizes")
    },
    Self("empty_stream") { client in
      try await client.fullDuplexCall { requests, responses in
        requests.finish()
        try Expectation.equal(try await responses.next(), nil, "response")
      }
    },
  ]
}
