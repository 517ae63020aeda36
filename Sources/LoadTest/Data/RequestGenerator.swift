public import SchemaCompiler
public import Wire

/// Makes requests of a message type: random ones by its schema, or those of a template.
///
/// Requests are made before the run and sent over and over, so that making them costs the run
/// nothing; the same seed makes the same ones.
public struct RequestGenerator {
  /// Deeper messages are left out, so that types which hold themselves come to an end.
  private static let depthMax = 4
  /// Elements of a list or map at most.
  private static let elementsMax = 3

  private let schema: Schema
  private let layouts: SchemaLayouts
  private let type: MessageType
  private let layout: MessageLayout
  private let template: RequestTemplate?
  private let fills: Bool
  private let stringBytes: Int
  private var random: SeededRandom

  /// A generator for the message type of a full name.
  ///
  /// - Parameters:
  ///   - template: what requests hold; nil for what the schema says.
  ///   - fills: whether fields that the template leaves out are generated too.
  ///   - stringBytes: the length of generated strings and bytes.
  /// - Throws: `LoadPlanError` if the schema has no such type.
  public init(
    _ name: String, in schema: Schema, layouts: SchemaLayouts, template: RequestTemplate? = nil,
    fills: Bool = false, stringBytes: Int = 16, seed: UInt64
  ) throws(LoadPlanError) {
    guard let type = schema.message(named: name), let layout = layouts[name] else {
      throw LoadPlanError("the schema has no message type `\(name)`")
    }
    self.schema = schema
    self.layouts = layouts
    self.type = type
    self.layout = layout
    self.template = template
    self.fills = fills || template == nil
    self.stringBytes = stringBytes
    random = SeededRandom(seed: seed)
  }

  /// Encoded requests, ready to be sent.
  ///
  /// - Throws: `LoadPlanError` if the template does not fit the type; it says where.
  public mutating func requests(
    _ count: Int, as encoding: Encoding
  ) throws(LoadPlanError) -> [[UInt8]] {
    var options = CodingOptions()
    options.types = layouts.registry
    var requests: [[UInt8]] = []
    for sequence in 0..<count {
      let value = value(sequence)
      do throws(WireError) {
        let text = Array(value.description.utf8)
        let message = try DynamicMessage(layout, decoding: text, as: .json, options: options)
        requests.append(try message.encoded(as: encoding, options: options))
      } catch {
        throw LoadPlanError("the data is no \(type.fullName): \(error)\n  \(value.description)")
      }
    }
    return requests
  }

  /// The request of that number, as JSON.
  mutating func value(_ sequence: Int) -> JSONValue {
    guard let template, case .object(var members) = template.value(sequence, &random) else {
      return message(type, depth: 1)
    }
    guard fills else { return .object(members) }
    let given = type.fields.filter { field in
      template.memberNames.contains { $0 == field.name || $0 == field.jsonName }
    }
    members += fields(
      type, depth: 1, except: Set(given.map(\.number)), oneofs: Set(given.compactMap(\.oneof)))
    return .object(members)
  }

  // MARK: By the schema

  private mutating func message(_ type: MessageType, depth: Int) -> JSONValue {
    wellKnown(type.fullName) ?? .object(fields(type, depth: depth, except: [], oneofs: []))
  }

  private mutating func fields(
    _ type: MessageType, depth: Int, except given: Set<Int>, oneofs: Set<Int>
  ) -> [JSONValue.Member] {
    var chosen: Set<Int> = []
    for oneof in type.oneofs.indices where !oneofs.contains(oneof) {
      let members = type.fields.filter { $0.oneof == oneof && fits($0, depth) }
      if let member = members.randomElement(using: &random) { chosen.insert(member.number) }
    }
    var result: [JSONValue.Member] = []
    for field in type.fields where !given.contains(field.number) && fits(field, depth) {
      if field.oneof != nil, !chosen.contains(field.number) { continue }
      result.append(.init(field.jsonName, value(of: field, depth: depth)))
    }
    return result
  }

  private func fits(_ field: Field, _ depth: Int) -> Bool {
    guard !field.options.bool("deprecated") else { return false }
    if case .message = field.type { return depth < Self.depthMax }
    return true
  }

  private mutating func value(of field: Field, depth: Int) -> JSONValue {
    switch field.cardinality {
    case .singular, .optional, .required: return one(field.type, depth: depth)
    case .repeated:
      let count = Int.random(in: 1...Self.elementsMax, using: &random)
      return .array((0..<count).map { _ in one(field.type, depth: depth) })
    case .map(let key):
      let count = Int.random(in: 1...Self.elementsMax, using: &random)
      var members: [JSONValue.Member] = []
      for index in 0..<count {
        let name = mapKey(key, index)
        guard !members.contains(where: { $0.name == name }) else { continue }
        members.append(.init(name, one(field.type, depth: depth)))
      }
      return .object(members)
    }
  }

  private mutating func mapKey(_ type: ScalarType, _ index: Int) -> String {
    switch type {
    case .bool: index == 0 ? "true" : "false"
    case .string: RandomText.letters(8, &random)
    default: "\(Int32.random(in: 0...1_000_000, using: &random))"
    }
  }

  private mutating func one(_ type: SchemaCompiler.FieldType, depth: Int) -> JSONValue {
    switch type {
    case .scalar(let scalar): return scalarValue(scalar)
    case .enumeration(let name):
      let values = schema.enumeration(named: name)?.values ?? []
      // The first value says "unspecified", which servers refuse.
      let usable = values.count > 1 ? values.dropFirst() : values[...]
      if name == "google.protobuf.NullValue" { return .null }
      return usable.randomElement(using: &random).map { .string($0.name) } ?? .number(0)
    case .message(let name):
      guard let message = schema.message(named: name) else { return .object([]) }
      return self.message(message, depth: depth + 1)
    }
  }

  private mutating func scalarValue(_ type: ScalarType) -> JSONValue {
    switch type {
    case .bool: .bool(random.next() & 1 == 1)
    case .string: .string(RandomText.letters(stringBytes, &random))
    case .bytes: .string(RandomText.base64(byteCount: stringBytes, &random))
    case .double, .float: .number(Double(Int32.random(in: 0...1_000_000, using: &random)) / 64)
    case .int32, .sint32, .sfixed32, .int64, .sint64, .sfixed64:
      // Small and large magnitudes are as likely: they take one byte and many.
      .number(
        Int32.random(in: -1_000_000...(.max), using: &random)
          >> Int32.random(in: 0..<31, using: &random))
    case .uint32, .fixed32, .uint64, .fixed64:
      .number(
        UInt32.random(in: 0...(.max), using: &random) >> UInt32.random(in: 0..<32, using: &random))
    }
  }

  /// The types that JSON writes in a form of their own.
  private mutating func wellKnown(_ name: String) -> JSONValue? {
    let package = "google.protobuf."
    guard name.hasPrefix(package) else { return nil }
    switch name.dropFirst(package.count) {
    case "Any", "Empty", "Struct": return .object([])
    case "ListValue": return .array([])
    case "FieldMask": return .string("")
    case "Value", "StringValue": return .string(RandomText.letters(stringBytes, &random))
    case "Timestamp": return .string(RandomText.timestamp(&random))
    case "Duration": return .string("\(Int32.random(in: 0...86_400, using: &random))s")
    case "BoolValue": return scalarValue(.bool)
    case "BytesValue": return scalarValue(.bytes)
    case "DoubleValue", "FloatValue": return scalarValue(.double)
    case "Int32Value", "Int64Value": return scalarValue(.int32)
    case "UInt32Value", "UInt64Value": return scalarValue(.uint32)
    default: return nil
    }
  }
}
