import Testing
import WellKnownTypes
import Wire

/// What schemac made of Proto/, compiled under the package's own settings and put to use.
@Suite struct GeneratedMessageTests {
  private var product: Shop.Product {
    Shop.Product(
      id: "p1", price: Shop.Money(currency: "EUR", minorUnits: 1250),
      tiers: [Shop.Product.Tier(quantity: 10)], labels: ["colour": "red"],
      tiersByQuantity: [3: Shop.Product.Tier(quantity: 3)], weightGrams: 0, state: .live,
      proof: .certificate(Shop.Product.Certificate(number: "c", product: Shop.Product(id: "p0"))),
      sizes: [1, 2], secret: [1], createTime: GoogleProtobuf.Timestamp(seconds: 1),
      note: GoogleProtobuf.StringValue(value: "n"), self_: "s", default: "d", layout_: ._2ndHand,
      history: [.default, Shop.Product.State(rawValue: 77)], listed: false)
  }

  @Test(arguments: Encoding.allCases)
  func `every kind of field survives every encoding`(_ encoding: Encoding) throws {
    let bytes = try product.encoded(as: encoding)
    #expect(try Shop.Product(decoding: bytes, as: encoding) == product)
  }

  @Test(arguments: Encoding.allCases)
  func `a message that contains itself survives every encoding`(_ encoding: Encoding) throws {
    var node = Shop.Node(name: "leaf")
    for depth in 1...10 {
      let branch = Shop.Branch(node: Shop.Node(name: "twig"))
      node = Shop.Node(name: "\(depth)", next: node, branch: branch, link: .inner(node))
    }
    // Each level holds the one below twice, so that few levels are many nodes.
    let bytes = try node.encoded(as: encoding)
    #expect(try Shop.Node(decoding: bytes, as: encoding) == node)
  }

  @Test func `a field behind a reference can be set and cleared`() {
    var node = Shop.Node(name: "a")
    node.next = Shop.Node(name: "b")
    node.next?.next = Shop.Node(name: "c")
    #expect(node.next?.next?.name == "c")
    node.next = nil
    #expect(node == Shop.Node(name: "a"))
  }

  @Test func `JSON has the names of the schema`() throws {
    let message = Shop.Sparse(first: 1, farOff: 2, ratioOfAll: 0.5, urlOfIt: 3)
    let json = String(decoding: try message.encoded(as: .json), as: UTF8.self)
    #expect(json == #"{"first":1,"ratioOfAll":0.5,"other":"3","farOff":2}"#)
  }

  @Test func `a message with high field numbers has no native encoding`() {
    let error = #expect(throws: WireError.self) {
      try Shop.Sparse(first: 1).encoded(as: .native)
    }
    #expect(error?.reason == .nativeUnavailable)
  }

  @Test func `logs do not show what the schema marks as sensitive`() throws {
    var options = CodingOptions()
    options.hidesSensitiveInJSON = true
    let message = Shop.Product(proof: .url("https://example.org/secret"), secret: [7])
    let json = String(decoding: try message.encoded(as: .json, options: options), as: UTF8.self)
    #expect(json == #"{"url":"***","hidden":"***"}"#)
  }

  @Test func `a field that is not packed is written value by value`() throws {
    let bytes = try Shop.Product(sizes: [1, 2]).encoded(as: .protobuf)
    #expect(bytes == [0x50, 1, 0x50, 2])
  }

  @Test func `an alias is the same value`() {
    #expect(Shop.Aliased.uno == Shop.Aliased.one)
  }
}
