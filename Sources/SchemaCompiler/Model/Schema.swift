/// A set of schema files that were checked together, every name in them resolved.
public struct Schema: Sendable {
  /// Each file after those that it imports.
  public let files: [SchemaFile]

  private let messages: [String: MessageType]
  private let enums: [String: EnumType]
  private let services: [String: Service]
  private let fileIndexes: [String: Int]

  init(files: [SchemaFile]) {
    self.files = files
    var messages: [String: MessageType] = [:]
    var enums: [String: EnumType] = [:]
    var services: [String: Service] = [:]
    var fileIndexes: [String: Int] = [:]
    for (index, file) in files.enumerated() {
      fileIndexes[file.path] = index
      for message in file.allMessages {
        messages[message.fullName] = message
        for enumeration in message.enums { enums[enumeration.fullName] = enumeration }
      }
      for enumeration in file.enums { enums[enumeration.fullName] = enumeration }
      for service in file.services { services[service.fullName] = service }
    }
    self.messages = messages
    self.enums = enums
    self.services = services
    self.fileIndexes = fileIndexes
  }

  /// The file imported as `path`.
  public func file(at path: String) -> SchemaFile? { fileIndexes[path].map { files[$0] } }

  /// The message type of a full name such as `sarai.type.v1.Money`.
  public func message(named fullName: String) -> MessageType? { messages[fullName] }

  /// The enum type of a full name.
  public func enumeration(named fullName: String) -> EnumType? { enums[fullName] }

  /// The service of a full name such as `sarai.catalog.v1.CatalogService`.
  public func service(named fullName: String) -> Service? { services[fullName] }

  /// The full names of all message types, in the order of their declaration.
  public var messageNames: [String] {
    files.flatMap(\.allMessages).filter { !$0.isMapEntry }.map(\.fullName)
  }
}
