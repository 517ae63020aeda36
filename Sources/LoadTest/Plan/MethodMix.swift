/// Which methods a run calls, and how often each in comparison with the others.
public struct MethodMix: Sendable, Equatable {
  /// One method of the mix.
  public struct Entry: Sendable, Equatable {
    /// `package.Service/Method`.
    public var method: String
    /// Its share, relative to the others'.
    public var weight: UInt32

    /// A method and its weight.
    public init(_ method: String, weight: UInt32 = 1) {
      self.method = method
      self.weight = weight
    }
  }

  /// More methods than anyone puts into one run.
  static let countMax = 1_000

  /// The methods, at least one.
  public let entries: [Entry]
  private let weightSum: UInt64

  /// A mix of methods.
  ///
  /// - Throws: `LoadPlanError` for none, too many, the same one twice, or a weight of 0.
  public init(_ entries: [Entry]) throws(LoadPlanError) {
    guard !entries.isEmpty else {
      throw LoadPlanError("no method to call; name one, such as sarai.bench.v1.EchoService/Echo")
    }
    guard entries.count <= Self.countMax else {
      throw LoadPlanError("a mix has at most \(Self.countMax) methods, not \(entries.count)")
    }
    var seen: Set<String> = []
    for entry in entries {
      guard entry.weight > 0 else {
        throw LoadPlanError("the weight of `\(entry.method)` is 0; leave the method out")
      }
      guard seen.insert(entry.method).inserted else {
        throw LoadPlanError("`\(entry.method)` is in the mix twice; add the weights")
      }
    }
    self.entries = entries
    weightSum = entries.reduce(0) { $0 + UInt64($1.weight) }
  }

  /// Reads `package.Service/Method=80,package.Service/Other=20`; a weight left out is 1.
  ///
  /// - Throws: `LoadPlanError`, which says what is wrong.
  public init(text: String) throws(LoadPlanError) {
    var entries: [Entry] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let names = halves[0].split(separator: "/", omittingEmptySubsequences: false)
      guard names.count == 2, names.allSatisfy({ !$0.isEmpty && !$0.contains(" ") }) else {
        throw LoadPlanError("`\(halves[0])` is no method; write package.Service/Method")
      }
      guard let weight = halves.count == 1 ? 1 : UInt32(halves[1]) else {
        throw LoadPlanError("`\(halves[1])` is no weight; write a whole number, such as 80")
      }
      entries.append(Entry(String(halves[0]), weight: weight))
    }
    try self.init(entries)
  }

  /// The index of the method to call next.
  func pick(_ random: inout SeededRandom) -> Int {
    guard entries.count > 1 else { return 0 }
    var point = random.next() % weightSum
    for (index, entry) in entries.enumerated() {
      if point < UInt64(entry.weight) { return index }
      point -= UInt64(entry.weight)
    }
    return 0
  }
}
