/// The types resolved so far, by full name.
struct TypeIndex: Sendable {
  private var messages: [String: MessageType] = [:]
  private var enums: [String: EnumType] = [:]
  private var extensionsByName: [String: Field] = [:]
  /// Extended message and number to the extension's full name.
  private var extensionNames: [String: [Int: String]] = [:]
  private let fallback: [String: MessageType]
  private let fallbackEnums: [String: EnumType]

  /// An index that knows, besides what is added, the types of `fallback`.
  init(fallback: SchemaFile? = nil) {
    var messages: [String: MessageType] = [:]
    var enums: [String: EnumType] = [:]
    for message in fallback?.allMessages ?? [] { messages[message.fullName] = message }
    for enumeration in fallback?.allEnums ?? [] { enums[enumeration.fullName] = enumeration }
    self.fallback = messages
    fallbackEnums = enums
  }

  mutating func add(_ file: SchemaFile) {
    for message in file.allMessages { messages[message.fullName] = message }
    for enumeration in file.allEnums { enums[enumeration.fullName] = enumeration }
    let extensions = file.extensions + file.allMessages.flatMap(\.extensions)
    for field in extensions {
      extensionsByName[field.fullName] = field
      extensionNames[field.extendee ?? "", default: [:]][field.number] = field.fullName
    }
  }

  func message(_ fullName: String) -> MessageType? { messages[fullName] ?? fallback[fullName] }

  func enumeration(_ fullName: String) -> EnumType? { enums[fullName] ?? fallbackEnums[fullName] }

  func extensionField(named fullName: String) -> Field? { extensionsByName[fullName] }

  func extensionField(of message: String, numbered number: Int) -> Field? {
    extensionNames[message]?[number].flatMap { extensionsByName[$0] }
  }
}
