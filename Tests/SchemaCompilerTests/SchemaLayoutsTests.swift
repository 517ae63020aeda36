import Testing
import Wire

@testable import SchemaCompiler

@Suite struct SchemaLayoutsTests {
  private func layouts() throws -> SchemaLayouts {
    let compilation = Compilation(Samples.paths, from: SchemaTexts(try Samples.files()))
    return SchemaLayouts(try #require(compilation.schema))
  }

  @Test(arguments: [Encoding.native, .protobuf])
  func `a message of any schema goes from JSON into binary and back`(
    _ encoding: Encoding
  ) throws {
    let json = """
      {"id":"p","price":{"currency":"EUR","minorUnits":"-5"},"tiers":[{"quantity":1},{}],\
      "labels":{"a":"b"},"tiersByQuantity":{"-1":{}},"weightGrams":0,"state":"STATE_LIVE",\
      "certificate":{"product":{"id":"inner"}},"sizes":[1],"createTime":"2026-01-02T03:04:05Z",\
      "note":"n","history":["STATE_DEFAULT",99],"listed":false}
      """
    let layouts = try layouts()
    let layout = try #require(layouts["example.shop.v1.Product"])
    let message = try DynamicMessage(layout, decoding: Array(json.utf8), as: .json)
    let bytes = try message.encoded(as: encoding)
    let back = try DynamicMessage(layout, decoding: bytes, as: encoding).encoded(as: .json)
    #expect(String(decoding: back, as: UTF8.self) == json)
  }

  @Test func `a message outlives the layouts that it was made with`() throws {
    let json = #"{"id":"p","certificate":{"product":{"id":"inner"}}}"#
    var layouts: SchemaLayouts? = try layouts()
    let message = try DynamicMessage(
      try #require(layouts?["example.shop.v1.Product"]), decoding: Array(json.utf8), as: .json)
    layouts = nil
    let back = try DynamicMessage(
      message.layout, decoding: try message.encoded(as: .native), as: .native)
    #expect(String(decoding: try back.encoded(as: .json), as: UTF8.self) == json)
  }

  @Test func `a type that the schema does not have has no layout`() throws {
    #expect(try layouts()["example.shop.v1.Nothing"] == nil)
  }
}
