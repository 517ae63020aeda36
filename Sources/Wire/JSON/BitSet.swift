/// A set of small numbers.
struct BitSet {
  private var low: UInt64 = 0
  private var high: [UInt64] = []

  /// - Returns: whether the number is new.
  mutating func insert(_ number: Int) -> Bool {
    let bit: UInt64 = 1 << UInt64(number % 64)
    if number < 64 {
      defer { low |= bit }
      return low & bit == 0
    }
    let word = number / 64 - 1
    while high.count <= word { high.append(0) }
    defer { high[word] |= bit }
    return high[word] & bit == 0
  }
}
