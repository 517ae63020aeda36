import Glibc

/// Gives random bits. Everything that needs chance is given one, so that tests and the simulator
/// decide what it brings.
public protocol RandomSource: Sendable {
  /// 64 random bits.
  func next() -> UInt64
}

extension RandomSource {
  /// That many random bytes.
  public func bytes(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    var word: UInt64 = 0
    for place in 0..<count {
      if place % 8 == 0 { word = next() }
      bytes.append(UInt8(truncatingIfNeeded: word))
      word >>= 8
    }
    return bytes
  }

  /// A number below `bound`, each as likely.
  public func number(below bound: UInt64) -> UInt64 {
    precondition(bound > 0, "there is no number below 0")
    // Numbers past the last whole multiple of the bound would make the small ones likelier.
    let end = UInt64.max - (UInt64.max % bound + 1) % bound
    while true {
      let number = next()
      if number <= end { return number % bound }
    }
  }
}

/// The system's source, which nobody can foresee.
public struct SystemRandom: RandomSource {
  /// What the system gave beforehand: each call of it costs as much as a message's decoding.
  private struct Stock {
    var words = [UInt64](repeating: 0, count: 32)
    var left = 0

    mutating func take() -> UInt64 {
      if left == 0 {
        // 256 bytes are what getentropy(3) gives at most.
        let status = unsafe words.withUnsafeMutableBytes {
          unsafe getentropy($0.baseAddress, $0.count)
        }
        precondition(status == 0, "the system gives no random bytes")
        left = words.count
      }
      left -= 1
      defer { words[left] = 0 }
      return words[left]
    }
  }

  private static let stock = Lock(Stock())

  /// The system's source.
  public init() {}

  /// The next of the stock, which forgets it.
  public func next() -> UInt64 { Self.stock.withLock { $0.take() } }
}

/// A source that gives the same for the same seed (SplitMix64); for tests and the simulator only.
public final class SeededRandom: RandomSource {
  private let state: Lock<UInt64>

  /// A source that starts from a seed.
  public init(seed: UInt64) { state = Lock(seed) }

  /// The next of the sequence.
  public func next() -> UInt64 {
    state.withLock { state in
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }
}
