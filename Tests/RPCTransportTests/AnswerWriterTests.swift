import RPC
import Testing

@testable import RPCTransport

@Suite struct AnswerWriterTests {
  private let context = CallContext(
    MethodDescriptor(service: "test.Echo", name: "Say", kind: .serverStreaming))

  @Test(arguments: [CallForm.grpc, .nativeStream])
  func `only what gets smaller is compressed`(_ form: CallForm) {
    let writer = AnswerWriter(
      form: form, acceptsGzip: true, usesEventStream: false, isStream: true)
    context.compressesResponses = true
    var even: [UInt8] = []
    writer.append([UInt8](repeating: 7, count: 4_000), context, to: &even)
    #expect(even.first == Envelope.compressedFlag)
    #expect(even.count < 100)
    // The steps of a generator, in which gzip finds nothing again.
    var state: UInt64 = 1
    let noise = (0..<4_000).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 56)
    }
    var uneven: [UInt8] = []
    writer.append(noise, context, to: &uneven)
    #expect(uneven.first == 0)
    #expect(Array(uneven.dropFirst(Envelope.headBytes)) == noise)
  }
}
