import RPC
import Testing

@testable import RPCTransport

@Suite struct GzipTests {
  @Test(arguments: [0, 1, 1000, 300_000])
  func `what was compressed comes out again`(_ count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * $0 / 3) }
    let compressed = Gzip.compress(bytes)
    let decompressed = try Gzip.decompress(compressed.span, byteCountMax: count)
    #expect(decompressed == bytes)
  }

  @Test(arguments: [0, 1, 32_768, 32_769, 1_000_000], [1, 0x9E37_79B9])
  func `no step of compressing takes in more than its share`(_ count: Int, _ factor: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* factor) >> 16) }
    var deflation = Gzip.Deflation()
    var stepCount = 1
    while !deflation.goOn(with: bytes.span) { stepCount += 1 }
    #expect(stepCount >= count / Gzip.Deflation.stepBytesMax)
    let decompressed = try Gzip.decompress(deflation.output.span, byteCountMax: count)
    #expect(decompressed == bytes)
  }

  @Test(arguments: [(0, true), (60_000, true), (200_000, false)])
  func `only a small message comes out at once`(_ count: Int, _ isSmall: Bool) throws {
    let bytes = [UInt8](repeating: 7, count: count)
    let compressed = Gzip.compress(bytes)
    let decompressed = try Gzip.decompressAtOnce(compressed.span, byteCountMax: 1 << 20)
    let isWhole = decompressed == bytes
    #expect(isWhole == isSmall && (decompressed == nil) != isSmall)
  }

  @Test func `a bomb is refused at the limit`() {
    let bomb = Gzip.compress([UInt8](repeating: 0, count: 50 << 20))
    let error = #expect(throws: RPCError.self) {
      _ = try Gzip.decompress(bomb.span, byteCountMax: 4 << 20)
    }
    #expect(error?.code == .resourceExhausted)
  }

  @Test func `what is cut off, changed or has more behind it is refused`() {
    let good = Gzip.compress(Array("some text that is compressed".utf8))
    var changed = good
    changed[changed.count - 6] ^= 1
    for bad in [Array(good.dropLast()), good + [0], changed, [], [1, 2, 3]] {
      let error = #expect(throws: RPCError.self) {
        _ = try Gzip.decompress(bad.span, byteCountMax: 100)
      }
      #expect(error?.code == .internal)
    }
  }
}
