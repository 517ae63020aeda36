import Wire

/// Random values that a seed repeats (SplitMix64).
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  // MARK: Scalars, often at an edge

  mutating func integer<T: FixedWidthInteger>() -> T {
    switch Int.random(in: 0..<6, using: &self) {
    case 0: 0
    case 1: [T.min, T.max, 1, 0 &- 1].randomElement(using: &self) ?? 0
    case 2: T.random(in: 0...100, using: &self)
    // Every width is as likely as another.
    default: T(truncatingIfNeeded: next()) >> T(Int.random(in: 0..<T.bitWidth, using: &self))
    }
  }

  mutating func double() -> Double {
    let edges = [0, -0.0, 1, -1.5, .infinity, -.infinity, .leastNonzeroMagnitude]
    if Bool.random(using: &self) { return edges.randomElement(using: &self) ?? 0 }
    // JSON has one NaN only; its payloads have a test of their own.
    let value = Double(bitPattern: next())
    return value.isNaN ? 0.1 : value
  }

  mutating func float() -> Float {
    let value = Float(bitPattern: integer())
    return value.isNaN ? 0.1 : value
  }

  mutating func bool() -> Bool { Bool.random(using: &self) }

  mutating func text() -> String {
    let pieces = [
      "", "a", "é", "e\u{301}", "\u{0}", "\"\\/", "\n", "漢", "🧵", "</", "\u{7F}",
      "0123456789abcdef",
    ]
    return (0..<Int.random(in: 0..<5, using: &self)).reduce(into: "") { text, _ in
      text += pieces.randomElement(using: &self) ?? ""
    }
  }

  mutating func bytes() -> [UInt8] { list(of: 0..<20) { $0.integer() } }

  // MARK: Shapes

  mutating func list<T>(of counts: Range<Int> = 0..<4, _ element: (inout Self) -> T) -> [T] {
    (0..<Int.random(in: counts, using: &self)).map { _ in element(&self) }
  }

  mutating func maybe<T>(_ value: (inout Self) -> T) -> T? { bool() ? value(&self) : nil }

  mutating func map<K, V>(
    _ key: (inout Self) -> K, _ value: (inout Self) -> V
  ) -> FieldMap<K, V> {
    list { (key(&$0), value(&$0)) }.reduce(into: [:]) { $0[$1.0] = $1.1 }
  }
}
