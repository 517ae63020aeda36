import Wire

/// The files of some schemas, found by their names and by what they declare.
struct ReflectedFiles: Sendable {
  /// A `google.protobuf.FileDescriptorProto`, and which files it imports.
  private struct File {
    var bytes: [UInt8]
    var dependencies: [String]
  }

  private var files: [String: File] = [:]
  private var fileNames: [String: String] = [:]
  /// Where each extension is declared, by the message that it extends and its number.
  private var extensions: [String: [Int32: String]] = [:]

  /// - Parameter sets: a `google.protobuf.FileDescriptorSet` each; the files may overlap.
  init(_ sets: [[UInt8]]) throws(WireError) {
    for set in sets {
      for bytes in try Reflected.FileSet(decoding: set, as: .protobuf).files {
        let file = try Reflected.File(decoding: bytes, as: .protobuf)
        guard files[file.name] == nil else { continue }
        files[file.name] = File(bytes: bytes, dependencies: file.dependencies)
        index(file)
      }
    }
  }

  /// A file and all that it imports, itself first; nil if there is none of that name.
  func file(named name: String) -> [[UInt8]]? {
    guard files[name] != nil else { return nil }
    var found: [[UInt8]] = []
    var seen: Set = [name]
    var waiting = [name]
    while let next = waiting.popLast() {
      guard let file = files[next] else { continue }
      found.append(file.bytes)
      waiting += file.dependencies.filter { seen.insert($0).inserted }
    }
    return found
  }

  /// The file that declares a symbol, and all that it imports.
  func file(declaring symbol: String) -> [[UInt8]]? {
    fileNames[symbol].flatMap { file(named: $0) }
  }

  /// The file that declares an extension, and all that it imports.
  func file(extending message: String, with number: Int32) -> [[UInt8]]? {
    extensions[message]?[number].flatMap { file(named: $0) }
  }

  /// The numbers of a message's extensions, ascending; nil if there is no such message.
  func extensionNumbers(of message: String) -> [Int32]? {
    if let numbers = extensions[message]?.keys { return numbers.sorted() }
    return fileNames[message] == nil ? nil : []
  }

  // MARK: Symbols

  private mutating func index(_ file: Reflected.File) {
    let scope = file.package
    for message in file.messages { index(message, in: scope, of: file.name) }
    for group in file.enums { indexEnum(group, in: scope, of: file.name) }
    for service in file.services {
      let name = declare(service.name, in: scope, of: file.name)
      for method in service.members { declare(method.name, in: name, of: file.name) }
    }
    for each in file.extensions { indexExtension(each, in: scope, of: file.name) }
  }

  private mutating func index(_ message: Reflected.MessageType, in scope: String, of file: String) {
    let name = declare(message.name, in: scope, of: file)
    for member in message.fields + message.oneofs { declare(member.name, in: name, of: file) }
    for inner in message.messages { index(inner, in: name, of: file) }
    for group in message.enums { indexEnum(group, in: name, of: file) }
    for each in message.extensions { indexExtension(each, in: name, of: file) }
  }

  /// The values of an enum are its siblings, as in C++.
  private mutating func indexEnum(_ group: Reflected.Group, in scope: String, of file: String) {
    declare(group.name, in: scope, of: file)
    for value in group.members { declare(value.name, in: scope, of: file) }
  }

  private mutating func indexExtension(
    _ each: Reflected.Extension, in scope: String, of file: String
  ) {
    declare(each.name, in: scope, of: file)
    extensions[String(each.extendee.drop { $0 == "." }), default: [:]][each.number] = file
  }

  @discardableResult
  private mutating func declare(_ name: String, in scope: String, of file: String) -> String {
    let full = scope.isEmpty ? name : "\(scope).\(name)"
    fileNames[full] = file
    return full
  }
}
