import RPC
import Testing

@testable import RPCTransport

@Suite struct AnswerWriterTests {
  @Test(arguments: [CallForm.grpc, .nativeStream])
  func `only what gets smaller is compressed`(_ form: CallForm) async throws {
    let writer = AnswerWriter(
      form: form, acceptsGzip: true, usesEventStream: false, isStream: true)
    let turnstile = Turnstile()
    var even: [UInt8] = []
    let zeros = [UInt8](repeating: 0, count: 4_000)
    writer.append(try await writer.compressed(zeros, turnstile) { nil }, to: &even)
    #expect(even.first == Envelope.compressedFlag)
    #expect(even.count < 100)
    // The steps of a generator, in which gzip finds nothing again.
    var state: UInt64 = 1
    let noise = (0..<4_000).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 56)
    }
    var uneven: [UInt8] = []
    writer.append(try await writer.compressed(noise, turnstile) { nil }, to: &uneven)
    #expect(uneven.first == 0)
    #expect(Array(uneven.dropFirst(Envelope.headBytes)) == noise)
  }

  @Test func `who gives up while a large answer is compressed is not waited for`() async throws {
    let writer = AnswerWriter(
      form: .grpc, acceptsGzip: true, usesEventStream: false, isStream: false)
    let turnstile = Turnstile()
    let large = [UInt8](repeating: 7, count: 1 << 20)
    var askedCount = 0
    let error = await #expect(throws: RPCError.self) {
      _ = try await writer.compressed(large, turnstile) {
        askedCount += 1
        return askedCount == 3 ? .callCancelled : nil
      }
    }
    #expect(error == .callCancelled)
    #expect(askedCount == 3)
    // The next one gets through.
    let next = try await writer.compressed(large, turnstile) { nil }
    #expect(next.isCompressed)
  }
}
