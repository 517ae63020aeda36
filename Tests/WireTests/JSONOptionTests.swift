import Testing
import Wire

@Suite struct JSONOptionTests {
  private func json(
    _ message: some Message, _ change: (inout CodingOptions) -> Void
  ) throws -> String {
    var options = CodingOptions()
    change(&options)
    return String(decoding: try message.encoded(as: .json, options: options), as: UTF8.self)
  }

  @Test func `pretty JSON has a line for each member and element`() throws {
    let ball = Example.Ball(
      name: "b", sizes: [1, 2], stock: ["a": 1], price: Example.Price(),
      tiers: [Example.Price(currency: "EUR")])
    let text = try json(ball) { $0.prettyPrintsJSON = true }
    #expect(
      text == """
        {
          "name": "b",
          "sizes": [
            1,
            2
          ],
          "stock": {
            "a": "1"
          },
          "price": {},
          "tiers": [
            {
              "currency": "EUR"
            }
          ]
        }
        """)
    #expect(try Example.Ball(decoding: Array(text.utf8), as: .json) == ball)
  }

  @Test func `members have the names of the schema file when asked`() throws {
    let ball = Example.Ball(handStitched: true, price: Example.Price(minorUnits: 1))
    let text = try json(ball) { $0.usesProtoNamesInJSON = true }
    #expect(text == #"{"hand_stitched":true,"price":{"minor_units":"1"}}"#)
    #expect(try Example.Ball(decoding: Array(text.utf8), as: .json) == ball)
  }

  @Test func `defaults are written when asked, but not what is absent`() throws {
    #expect(
      try json(Example.Ball()) { $0.writesDefaultsInJSON = true }
        == #"{"name":"","handStitched":false,"sizes":[],"stock":{},"grade":"GRADE_UNSPECIFIED","#
        + #""mass":0,"photoDigest":"","tiers":[]}"#)
  }

  @Test func `what is sensitive is hidden in every shape when asked, and only then`() throws {
    let fields = [
      DynamicField(number: 1, name: "shown", kind: .string),
      DynamicField(number: 2, name: "pin", kind: .uint32, isSensitive: true),
      DynamicField(
        number: 3, name: "codes", kind: .string, cardinality: .repeated(isPacked: false),
        isSensitive: true),
      DynamicField(
        number: 4, name: "keys", kind: .bytes, cardinality: .map(key: .string),
        isSensitive: true),
      DynamicField(
        number: 5, name: "token", kind: .string, cardinality: .member(oneof: "way"),
        isSensitive: true),
      DynamicField(number: 6, name: "absent", kind: .string, isSensitive: true),
    ]
    let layouts = DynamicLayouts([("test.Secret", fields)])
    let layout = try #require(layouts["test.Secret"])
    let plain = #"{"shown":"s","pin":7,"codes":["a"],"keys":{"k":"AA=="},"token":"t"}"#
    let message = try DynamicMessage(layout, decoding: Array(plain.utf8), as: .json)
    #expect(String(decoding: try message.encoded(as: .json), as: UTF8.self) == plain)
    var options = CodingOptions()
    options.hidesSensitiveInJSON = true
    let hidden = String(
      decoding: try message.encoded(as: .json, options: options), as: UTF8.self)
    #expect(
      hidden == #"{"shown":"s","pin":"***","codes":"***","keys":"***","token":"***"}"#)
  }

  @Test(arguments: Holding.allCases)
  func `unknown members and names are passed over when asked`(_ holding: Holding) throws {
    var options = CodingOptions()
    options.ignoresUnknownJSONMembers = true
    let json = """
      {"x":[{"y":null,"z":"\\u0041"},1e5,true],"name":"n","grade":"GRADE_NONE","price":{"x":{}}}
      """
    let back = try holding.recode(
      Array(json.utf8), of: "example.Ball", from: .json, to: .json, options: options)
    #expect(String(decoding: back, as: UTF8.self) == #"{"name":"n","price":{}}"#)
    let lists = #"{"shades":["SHADE_PINK","SHADE_LIGHT"]}"#
    let list = try holding.recode(
      Array(lists.utf8), of: "every.List", from: .json, to: .json, options: options)
    #expect(String(decoding: list, as: UTF8.self) == #"{"shades":["SHADE_LIGHT"]}"#)
    let maps = #"{"byBool":{"true":"SHADE_PINK","false":"SHADE_DARK"}}"#
    let map = try holding.recode(
      Array(maps.utf8), of: "every.Map", from: .json, to: .json, options: options)
    #expect(String(decoding: map, as: UTF8.self) == #"{"byBool":{"false":"SHADE_DARK"}}"#)
  }

  @Test(
    arguments: Holding.allCases,
    [#"{"x":tru}"#, #"{"x":[1,]}"#, #"{"x":{"a"}}"#, #"{"x":01}"#, #"{"x":nul}"#])
  func `what is passed over must still be JSON`(_ holding: Holding, _ json: String) throws {
    var options = CodingOptions()
    options.ignoresUnknownJSONMembers = true
    let error = try holding.fault(
      in: Array(json.utf8), of: "example.Ball", as: .json, options: options)
    #expect(error != nil)
  }

  @Test(
    arguments: Holding.allCases,
    [
      #"{"time":"2026-11-23T21:40:06.500Z"}"#, #"{"time":"0001-01-01T00:00:00Z"}"#,
      #"{"time":"9999-12-31T23:59:59.999999999Z"}"#, #"{"time":"2024-02-29T00:00:00.000001Z"}"#,
      #"{"span":"-1.500s"}"#, #"{"span":"315576000000s"}"#, #"{"span":"-0.000000001s"}"#,
      #"{"mask":"a.bC,d"}"#, #"{"mask":""}"#, #"{"detail":{}}"#,
      #"{"detail":{"@type":"t/example.Price","currency":"EUR"}}"#,
      #"{"detail":{"@type":"t/google.protobuf.Duration","value":"1s"}}"#,
      #"{"value":null}"#, #"{"value":[1,"a",true,null,{"b":{}},[]]}"#,
      #"{"structure":{"a":null}}"#, #"{"list":[]}"#, #"{"wrapped":0}"#, "{}",
    ])
  func `well-known types have their own forms`(_ holding: Holding, _ json: String) throws {
    for encoding in Encoding.allCases {
      let bytes = try holding.recode(
        Array(json.utf8), of: "sample.Order", from: .json, to: encoding,
        options: Schemas.optionsWithTypes)
      let back = try holding.recode(
        bytes, of: "sample.Order", from: encoding, to: .json, options: Schemas.optionsWithTypes)
      #expect(String(decoding: back, as: UTF8.self) == json, "\(encoding)")
    }
  }
}
