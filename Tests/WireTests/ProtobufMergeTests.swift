import Testing
import Wire

/// Protobuf lets a field come more than once; the parts are merged as its specification says.
@Suite struct ProtobufMergeTests {
  struct Merge: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let type: String
    let parts: Hex
    let json: String

    init(_ what: String, _ type: String, _ parts: Hex, _ json: String) {
      (testDescription, self.type, self.parts, self.json) = (what, type, parts, json)
    }
  }

  static let merges: [Merge] = [
    Merge("the last scalar stays", "every.Singular", "18 01 18 02", #"{"int32Value":2}"#),
    Merge("a default may be the last", "every.Singular", "18 01 18 00", "{}"),
    Merge("the last text stays", "every.Singular", "7A 01 61 7A 01 62", #"{"stringValue":"b"}"#),
    Merge(
      "the last optional stays, a default too", "every.Optional", "18 01 18 00",
      #"{"int32Value":0}"#),
    Merge(
      "messages by value merge", "sample.Outer", "12 04 0A 02 10 05 12 02 10 01",
      #"{"middle":{"inner":{"count":5},"last":true}}"#),
    Merge(
      "messages behind a reference merge", "every.Tree", "32 03 0A 01 61 32 02 10 01",
      #"{"left":{"name":"a","leaf":true}}"#),
    Merge(
      "a oneof's last member stays", "example.Ball", "32 01 75 38 00", #"{"inspected":false}"#),
    Merge(
      "a oneof's scalar is replaced", "every.Choice", "18 01 18 02", #"{"int32Value":2}"#),
    Merge(
      "a oneof's message merges with itself", "every.Tree", "3A 03 0A 01 61 3A 02 10 01",
      #"{"graft":{"name":"a","leaf":true}}"#),
    Merge(
      "a oneof's message begins anew after another member", "every.Tree",
      "3A 03 0A 01 61 42 00 3A 02 10 01", #"{"graft":{"leaf":true}}"#),
    Merge(
      "packed and unpacked are one list", "every.List", "1A 02 01 02 18 03 1A 01 04",
      #"{"int32Values":[1,2,3,4]}"#),
    Merge(
      "an unpacked list may come packed", "every.List", "9A 01 02 01 02 98 01 03",
      #"{"unpacked":["1","2","3"]}"#),
    Merge(
      "an empty packed run adds nothing", "every.List", "1A 00 18 01 1A 00",
      #"{"int32Values":[1]}"#),
    Merge(
      "packed enums keep unknown numbers", "every.List", "82 01 02 01 09 80 01 00",
      #"{"shades":["SHADE_LIGHT",9,"SHADE_UNSPECIFIED"]}"#),
    Merge(
      "runs of texts are one list", "every.List", "72 01 61 72 00 18 05 72 01 62",
      #"{"int32Values":[5],"stringValues":["a","","b"]}"#),
    Merge(
      "runs of messages are one list", "every.List", "8A 01 02 10 01 8A 01 00 18 05 8A 01 02 10 01",
      #"{"int32Values":[5],"trees":[{"leaf":true},{},{"leaf":true}]}"#),
    Merge(
      "a map's last entry stays", "every.Map", "6A 06 0A 01 61 12 01 62 6A 06 0A 01 61 12 01 63",
      #"{"texts":{"a":"c"}}"#),
    Merge(
      "a map's entry without key or value has defaults", "every.Map", "6A 03 12 01 62 22 00",
      #"{"byUint64":{"0":"0"},"texts":{"":"b"}}"#),
    Merge(
      "a map's entry may have its value first", "every.Map", "6A 06 12 01 62 0A 01 61",
      #"{"texts":{"a":"b"}}"#),
    Merge(
      "a map's entry passes over other fields", "every.Map", "6A 05 18 01 0A 01 61",
      #"{"texts":{"a":""}}"#),
    Merge(
      "fields come in any order", "every.Singular", "28 02 18 01",
      #"{"int32Value":1,"uint32Value":2}"#),
  ]

  @Test(arguments: Holding.allCases, merges)
  func `parts of a message merge`(_ holding: Holding, _ merge: Merge) throws {
    let json = try holding.recode(merge.parts.bytes, of: merge.type, from: .protobuf, to: .json)
    #expect(String(decoding: json, as: UTF8.self) == merge.json)
  }
}
