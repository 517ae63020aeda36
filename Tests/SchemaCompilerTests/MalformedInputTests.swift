import Testing

@testable import SchemaCompiler

/// Whatever bytes come in, the compiler answers with a schema or with errors.
@Suite struct MalformedInputTests {
  /// Mutates the samples, always in the same way for the same seed.
  private struct Mutator {
    private var random: SplitMix
    private let fragments = [
      "{", "}", "[", "]", "(", ")", "<", ">", ";", "=", "\"", "'", "/*", "*/", "//", "\\", "\0",
      "message", "enum", "oneof", "map<", "reserved", "extend", "option", "stream", "to max",
      "99999999999999999999", "-1", "0x", "1e999", ".", "\u{FFFD}", "import \"a.proto\";",
    ].map { Array($0.utf8) }

    init(seed: UInt64) { random = SplitMix(state: seed) }

    mutating func mutate(_ text: [UInt8]) -> [UInt8] {
      var text = text
      for _ in 0..<Int.random(in: 1...6, using: &random) where !text.isEmpty {
        let place = Int.random(in: 0..<text.count, using: &random)
        let length = min(Int.random(in: 1...40, using: &random), text.count - place)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: text[place] = UInt8.random(in: 0...255, using: &random)
        case 1: text.removeSubrange(place..<place + length)
        case 2: text.insert(contentsOf: Array(text[place..<place + length]), at: place)
        case 3: text.removeSubrange(place...)
        default:
          let fragment = fragments.randomElement(using: &random) ?? []
          text.replaceSubrange(place..<place + length / 8, with: fragment)
        }
      }
      return text
    }
  }

  private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }

  private func check(_ compilation: Compilation, _ seed: UInt64) {
    let errors = compilation.diagnostics.filter { $0.severity == .error }
    #expect((compilation.schema == nil) == !errors.isEmpty, "seed \(seed)")
    #expect(compilation.diagnostics.count <= 100, "seed \(seed)")
    if let schema = compilation.schema {
      let again = Compilation(descriptorSet: schema.descriptorSet())
      #expect(again.schema != nil, "seed \(seed): \(again.diagnostics)")
      _ = SwiftGenerator(schema, paths: schema.files.map(\.path)).files()
    }
  }

  @Test(arguments: Samples.constructs.keys.sorted())
  func `a mutated file gives a schema or errors`(_ path: String) throws {
    let original = Samples.constructs.mapValues { Array($0.utf8) }
    let text = try #require(original[path])
    for seed in UInt64(0)..<400 {
      var mutator = Mutator(seed: seed)
      let files = original.merging([path: mutator.mutate(text)]) { $1 }
      check(Compilation([path], from: SchemaTexts(bytes: files)), seed)
    }
  }

  @Test func `a mutated descriptor set gives a schema or errors`() throws {
    let schema = try #require(
      Compilation(["uses.proto", "old.proto"], from: SchemaTexts(Samples.constructs)).schema)
    let bytes = schema.descriptorSet()
    for seed in UInt64(0)..<1_500 {
      var mutator = Mutator(seed: seed)
      check(Compilation(descriptorSet: mutator.mutate(bytes)), seed)
    }
  }

  @Test(arguments: [
    String(repeating: "message A {", count: 10_000),
    String(repeating: "{", count: 100_000),
    "syntax = \"proto3\"; option (a) = " + String(repeating: "{ a ", count: 10_000),
    "syntax = \"proto3\"; option (a) = { a: " + String(repeating: "[", count: 10_000),
    "package a" + String(repeating: ".a", count: 100_000) + ";",
    "syntax = \"proto3\"; message A { reserved "
      + (0..<20_000).map { "\($0 * 2 + 1)" }.joined(separator: ",") + "; "
      + (1..<20_000).map { "int32 f\($0)=\($0 * 2);" }.joined() + "}",
    "syntax = \"proto3\"; " + (0..<20_000).map { "message M\($0) { M\($0 + 1) m = 1; }" }.joined()
      + "message M20000 {}",
    String(repeating: "a", count: 2_000_000),
  ])
  func `deep or long input takes neither the stack nor the day`(_ text: String) {
    let start = ContinuousClock.now
    check(Compilation(["a.proto"], from: SchemaTexts(["a.proto": text])), 0)
    #expect(ContinuousClock.now - start < .seconds(20))
  }
}
