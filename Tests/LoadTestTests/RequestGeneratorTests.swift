import LoadTest
import SchemaCompiler
import Testing
import Wire

@Suite struct RequestGeneratorTests {
  private let schema: Schema
  private let layouts: SchemaLayouts

  init() throws {
    let compilation = Compilation(
      ["bench.proto"],
      from: SchemaTexts([
        "bench.proto": """
        syntax = "proto3";
        package bench;
        import "google/protobuf/timestamp.proto";
        import "google/protobuf/struct.proto";
        import "google/protobuf/any.proto";
        enum Grade { GRADE_UNSPECIFIED = 0; GRADE_A = 1; GRADE_B = 2; }
        message Echo {
          string payload = 1;
          bytes photo = 2;
          Grade grade = 3;
          repeated sint64 sizes = 4;
          map<string, Echo> children = 5;
          map<bool, uint32> flags = 6;
          oneof proof { string url = 7; Echo echo = 8; bool inspected = 9; }
          google.protobuf.Timestamp at = 10;
          google.protobuf.Struct free = 11;
          google.protobuf.Any any = 12;
          optional double mass = 13;
          fixed32 crc = 14;
          string old_name = 15 [deprecated = true];
        }
        """
      ]))
    schema = try #require(compilation.schema)
    layouts = SchemaLayouts(schema)
  }

  private func requests(
    _ template: String? = nil, fills: Bool = false, seed: UInt64 = 1, count: Int = 50,
    as encoding: Encoding = .json
  ) throws -> [[UInt8]] {
    var generator = try RequestGenerator(
      "bench.Echo", in: schema, layouts: layouts,
      template: try template.map { try RequestTemplate($0.utf8) }, fills: fills, seed: seed)
    return try generator.requests(count, as: encoding)
  }

  private func texts(_ template: String, fills: Bool = false, count: Int = 50) throws -> [String] {
    try requests(template, fills: fills, count: count).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test(arguments: [Encoding.native, .protobuf, .json])
  func `generated requests are valid in every encoding and differ`(encoding: Encoding) throws {
    let layout = try #require(layouts["bench.Echo"])
    var options = CodingOptions()
    options.types = layouts.registry
    let requests = try requests(as: encoding)
    #expect(Set(requests).count == requests.count)
    for request in requests {
      let message = try DynamicMessage(layout, decoding: request, as: encoding, options: options)
      #expect(try message.encoded(as: encoding, options: options) == request)
    }
  }

  @Test func `every field that is not deprecated is filled, every value of an enum is used`() throws
  {
    let all = try requests().map { String(decoding: $0, as: UTF8.self) }.joined()
    for name in ["payload", "photo", "sizes", "children", "url", "echo", "at", "mass", "crc"] {
      #expect(all.contains("\"\(name)\":"))
    }
    #expect(all.contains("GRADE_A") && all.contains("GRADE_B"))
    #expect(!all.contains("UNSPECIFIED") && !all.contains("oldName"))
  }

  @Test func `a seed repeats the requests, another makes others`() throws {
    #expect(try requests(seed: 3) == requests(seed: 3))
    #expect(try requests(seed: 3) != requests(seed: 4))
  }

  @Test func `a template alone is sent as it stands`() throws {
    #expect(
      try texts(#"{"payload":"x{{seq}}y","crc":"{{seq}}"}"#, count: 3) == [
        #"{"payload":"x0y"}"#, #"{"payload":"x1y","crc":1}"#, #"{"payload":"x2y","crc":2}"#,
      ])
  }

  @Test func `placeholders are filled in`() throws {
    for text in try texts(#"{"payload":"{{string 64}}"}"#) { #expect(text.count == 64 + 14) }
    let numbers = try texts(#"{"crc":"{{int 1 3}}"}"#)
    #expect(Set(numbers) == [#"{"crc":1}"#, #"{"crc":2}"#, #"{"crc":3}"#])
    let grades = try texts(#"{"grade":"{{choice GRADE_A GRADE_B}}"}"#)
    #expect(Set(grades) == [#"{"grade":"GRADE_A"}"#, #"{"grade":"GRADE_B"}"#])
    let uuids = try texts(#"{"payload":"{{uuid}}"}"#)
    #expect(Set(uuids).count == 50)
    let form = /\{"payload":"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"\}/
    for uuid in uuids { #expect(uuid.wholeMatch(of: form) != nil) }
  }

  @Test func `what a template leaves out is generated on demand, its oneofs excepted`() throws {
    for text in try texts(#"{"payload":"fixed","inspected":true}"#, fills: true) {
      #expect(text.contains(#""payload":"fixed""#) && text.contains("\"crc\":"))
      let value = try JSONValue(parsing: text.utf8)
      #expect(value["url"] == nil && value["echo"] == nil && value["inspected"] == .bool(true))
    }
  }

  @Test(arguments: [
    "", "[]", "{", #"{"payload":"{{nope}}"}"#, #"{"payload":"{{int 3 1}}"}"#,
    #"{"payload":"{{string -1}}"}"#, #"{"payload":"{{string 99999999}}"}"#,
    #"{"payload":"{{choice}}"}"#, #"{"payload":"{{seq"}"#,
  ])
  func `a template that cannot be filled is refused`(text: String) {
    #expect(throws: LoadPlanError.self) { try RequestTemplate(text.utf8) }
  }

  @Test func `a template that does not fit the type is refused with the place`() {
    let error = #expect(throws: LoadPlanError.self) { try requests(#"{"payloat":"x"}"#) }
    #expect(error?.description.contains("payloat") == true)
    #expect(throws: LoadPlanError.self) { try requests(#"{"crc":"many"}"#) }
  }
}
