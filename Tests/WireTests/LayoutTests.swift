import Testing
import Wire

@Suite struct LayoutTests {
  /// Types that no other test touches, so that their tables are first asked for by many at once.
  /// They contain each other.
  private let circle = DynamicLayouts([
    (
      "test.Leaf",
      [
        DynamicField(number: 1, name: "name", kind: .string),
        DynamicField(
          number: 2, name: "branch", kind: .message("test.Branch"), cardinality: .optional),
      ]
    ),
    (
      "test.Branch",
      [
        DynamicField(
          number: 1, name: "leaves", kind: .message("test.Leaf"),
          cardinality: .repeated(isPacked: false)),
        DynamicField(
          number: 2, name: "by_name", kind: .message("test.Leaf"),
          cardinality: .map(key: .string)),
        DynamicField(
          number: 3, name: "one", kind: .message("test.Leaf"),
          cardinality: .member(oneof: "choice")),
      ]
    ),
  ])

  @Test func `many tasks use one layout at once`() async throws {
    let layout = try #require(circle["test.Branch"])
    let json = #"{"leaves":[{"name":"a","branch":{}},{}],"byName":{"b":{"name":"c"}},"one":{}}"#
    let results = await withTaskGroup(of: String?.self) { group in
      for index in 0..<200 {
        group.addTask {
          let encoding: Encoding = index.isMultiple(of: 2) ? .native : .protobuf
          guard
            let message = try? DynamicMessage(layout, decoding: Array(json.utf8), as: .json),
            let bytes = try? message.encoded(as: encoding),
            let back = try? DynamicMessage(layout, decoding: bytes, as: encoding),
            let text = try? back.encoded(as: .json)
          else { return nil }
          return String(decoding: text, as: UTF8.self)
        }
      }
      return await group.reduce(into: Set<String?>()) { $0.insert($1) }
    }
    #expect(results == [json])
  }

  @Test func `many tasks use one generated type at once`() async throws {
    var random = Seeded(seed: 7)
    let value = Every.Tree.random(&random, depth: 5) ?? Every.Tree(name: "alone")
    let expected = try value.encoded(as: .native)
    let results = await withTaskGroup(of: [UInt8]?.self) { group in
      for _ in 0..<200 {
        group.addTask {
          guard let tree = try? Every.Tree(decoding: expected, as: .native) else { return nil }
          return try? tree.encoded(as: .native)
        }
      }
      return await group.reduce(into: Set<[UInt8]?>()) { $0.insert($1) }
    }
    #expect(results == [expected])
  }

  @Test func `a message's name and its registry entry are its full name`() {
    let registry = TypeRegistry([Example.Ball.layout])
    #expect(Example.Ball.layout.name == "example.Ball")
    #expect(registry["example.Ball"] === Example.Ball.layout)
    #expect(registry["Ball"] == nil)
  }

  @Test func `an enum writes the first of several names and reads them all`() {
    let layout = EnumLayout("test.Alias", [("A", 0), ("B", 1), ("ALSO_B", 1)])
    #expect(layout.name(of: 1) == "B")
    #expect(layout.number(named: "ALSO_B") == 1)
    #expect(layout.name(of: 2) == nil)
    #expect(layout.number(named: "C") == nil)
  }
}
