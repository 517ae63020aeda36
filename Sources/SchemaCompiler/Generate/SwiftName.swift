/// The names that generated Swift gives to what a schema declares.
enum SwiftName {
  /// `LISTING_STATE_LIVE` of `ListingState` becomes `LIVE`; other names stay as they are.
  static func strippedEnumValue(_ value: String, of enumeration: String) -> String {
    let prefix = enumeration.filter { $0 != "_" }.lowercased()
    var rest = Substring(value)
    var expected = Substring(prefix)
    while let letter = expected.first {
      guard let character = rest.popFirst() else { return value }
      if character == "_" { continue }
      guard character.lowercased() == String(letter) else { return value }
      expected.removeFirst()
    }
    while rest.first == "_" { rest.removeFirst() }
    return rest.isEmpty ? value : String(rest)
  }
}

extension SwiftName {
  /// A property or a function: `weight_grams` becomes `weightGrams`.
  static func member(_ name: String) -> String {
    let camel = lowerCamel(name)
    if unusableMembers.contains(camel) { return camel + "_" }
    return keywords.contains(camel) ? "`\(camel)`" : camel
  }

  /// A static member of an enum's type: `LISTING_STATE_LIVE` becomes `live`.
  static func enumValue(_ value: String, of enumeration: String) -> String {
    let camel = lowerCamel(strippedEnumValue(value, of: enumeration))
    if unusableMembers.contains(camel) { return camel + "_" }
    return keywords.contains(camel) ? "`\(camel)`" : camel
  }

  /// A message or an enum; what Swift, or generated code, needs for itself gets `suffix`.
  static func type(_ name: String, suffix: String) -> String {
    isUsable(type: name) ? name : name + suffix
  }

  /// Whether a namespace may be called so: an identifier that nothing else needs.
  static func canName(namespace: String) -> Bool {
    let isIdentifier =
      namespace.utf8.allSatisfy {
        $0 == UInt8(ascii: "_") || ("0"..."9").contains(Character(Unicode.Scalar($0)))
          || ("a"..."z").contains(Character(Unicode.Scalar($0 | 0x20)))
      } && !namespace.isEmpty && !(namespace.first?.isNumber ?? true) && namespace != "_"
    return isIdentifier && isUsable(type: namespace)
  }

  private static func isUsable(type name: String) -> Bool {
    !unusableTypes.contains(name) && !keywords.contains(name) && name != "init" && name != "self"
  }

  /// `google.protobuf` becomes `GoogleProtobuf`.
  static func namespace(_ package: String) -> String {
    package.split(separator: ".").map { upperCamel(String($0)) }.joined()
  }

  /// The words of a name, the first letter of each but the first capitalised.
  static func lowerCamel(_ name: String) -> String {
    let words = name.split(separator: "_").map(String.init)
    guard let first = words.first else { return "_" }
    let camel = lowercasedStart(first) + words.dropFirst().map(capitalized).joined()
    return camel.first.map { $0.isNumber } ?? false ? "_" + camel : camel
  }

  static func upperCamel(_ name: String) -> String {
    name.split(separator: "_").map { capitalized(String($0)) }.joined()
  }

  /// `LIVE` and `live` become `Live`; `liveNow` becomes `LiveNow`.
  private static func capitalized(_ word: String) -> String {
    let rest = isUppercase(word) ? word.dropFirst().lowercased() : String(word.dropFirst())
    return word.prefix(1).uppercased() + rest
  }

  /// `LIVE` becomes `live`, `LiveNow` becomes `liveNow`, `URLPath` becomes `urlPath`.
  private static func lowercasedStart(_ word: String) -> String {
    if isUppercase(word) { return word.lowercased() }
    let capitals = word.prefix { $0.isUppercase }
    let count = capitals.count > 1 ? capitals.count - 1 : capitals.count
    return word.prefix(count).lowercased() + word.dropFirst(count)
  }

  private static func isUppercase(_ word: String) -> Bool {
    word.count > 1 && !word.contains { $0.isLowercase }
  }

  /// Names that no property may have, or that generated types have already.
  private static let unusableMembers: Set<String> = [
    "self", "Self", "Type", "Protocol", "init", "layout", "unknownFields", "rawValue", "hash",
    "hashValue", "description", "debugDescription", "encoded", "transport", "_",
  ]

  /// Types that generated code names, and words that cannot name a type.
  private static let unusableTypes: Set<String> = [
    "Any", "Self", "Type", "Protocol", "Never", "Void", "String", "Bool", "Int32", "Int64",
    "UInt32", "UInt64", "UInt8", "Float", "Double", "Sendable", "Hashable", "Message", "WireEnum",
    "UnknownFields", "MessageLayout", "EnumLayout", "Indirect", "Swift", "Wire", "RPC",
    "CallContext", "CallOptions", "RequestStream", "ResponseWriter", "ResponseStream", "RPCError",
    "ClientTransport", "Router", "Transport",
  ]

  /// Swift's reserved words.
  private static let keywords: Set<String> = [
    "as", "associatedtype", "break", "case", "catch", "class", "continue", "default", "defer",
    "deinit", "do", "else", "enum", "extension", "fallthrough", "false", "fileprivate", "for",
    "func", "guard", "if", "import", "in", "inout", "internal", "is", "let", "nil", "operator",
    "precedencegroup", "private", "protocol", "public", "repeat", "rethrows", "return", "static",
    "struct", "subscript", "super", "switch", "throw", "throws", "true", "try", "typealias", "var",
    "where", "while", "Any",
    // Words only in places where generated code calls or declares things.
    "async", "await", "consume", "copy", "each", "some", "unsafe", "yield",
  ]
}
