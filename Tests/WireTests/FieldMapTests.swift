import Testing
import Wire

@Suite struct FieldMapTests {
  @Test func `keys are looked up, replaced and removed`() {
    var map: FieldMap<String, Int> = ["a": 1]
    map["b"] = 2
    map["a"] = 3
    map["c", default: 10] += 1
    #expect(map["a"] == 3)
    #expect(map["c"] == 11)
    #expect(map.count == 3)
    map["a"] = nil
    #expect(map["a"] == nil)
    #expect(map == ["c": 11, "b": 2])
    #expect(!map.isEmpty)
    #expect(FieldMap<String, Int>().isEmpty)
  }

  @Test func `keys come in the order of the native encoding`() {
    #expect(FieldMap<Int32, Int>([3: 0, -1: 0, 0: 0, .min: 0]).keys == [.min, -1, 0, 3])
    #expect(FieldMap<UInt64, Int>([.max: 0, 1: 0]).keys == [1, .max])
    #expect(FieldMap<Bool, Int>([true: 1, false: 0]).map(\.value) == [0, 1])
    let texts: FieldMap<String, Int> = [
      "b": 0, "ab": 0, "a": 0, "": 0, "é": 0, "🧵": 0, "\u{FFFD}": 0,
    ]
    #expect(texts.keys == ["", "a", "ab", "b", "é", "\u{FFFD}", "🧵"])
  }

  @Test func `texts that look the same are two keys`() {
    var map: FieldMap<String, Int> = ["é": 1]
    map["e\u{301}"] = 2
    #expect(map.count == 2)
    #expect(map["é"] == 1)
    #expect(map.map { Array($0.key.utf8) } == [Array("e\u{301}".utf8), Array("é".utf8)])
    #expect(map != ["é": 1])
    #expect((["é": 1] as FieldMap) != (["e\u{301}": 1] as FieldMap))
  }

  @Test func `equal maps have equal hashes`() {
    let first: FieldMap<String, Int> = ["a": 1, "b": 2]
    let second: FieldMap<String, Int> = ["b": 2, "a": 1]
    #expect(first == second)
    #expect(first.hashValue == second.hashValue)
    #expect(Set([first, second]).count == 1)
  }
}
