/// Writes places and comments of a file's declarations as `google.protobuf.SourceCodeInfo`.
///
/// A path names a declaration by field numbers of the descriptors and by indexes.
struct SourceCodeInfoWriter {
  let file: SchemaFile

  func write(to writer: inout ProtobufWriter) {
    write(file.source, at: [], to: &writer)
    if let source = file.syntaxSource { write(source, at: [12], to: &writer) }
    if let source = file.packageSource { write(source, at: [2], to: &writer) }
    for (index, message) in file.messages.enumerated() {
      write(message, at: [4, index], to: &writer)
    }
    for (index, enumeration) in file.enums.enumerated() {
      write(enumeration, at: [5, index], to: &writer)
    }
    for (index, service) in file.services.enumerated() {
      write(service.source, at: [6, index], to: &writer)
      for (number, method) in service.methods.enumerated() {
        write(method.source, at: [6, index, 2, number], to: &writer)
      }
    }
    for (index, field) in file.extensions.enumerated() {
      write(field.source, at: [7, index], to: &writer)
    }
  }

  private func write(_ message: MessageType, at path: [Int], to writer: inout ProtobufWriter) {
    if message.isMapEntry { return }
    write(message.source, at: path, to: &writer)
    for (index, field) in message.fields.enumerated() {
      write(field.source, at: path + [2, index], to: &writer)
    }
    for (index, nested) in message.messages.enumerated() {
      write(nested, at: path + [3, index], to: &writer)
    }
    for (index, enumeration) in message.enums.enumerated() {
      write(enumeration, at: path + [4, index], to: &writer)
    }
    for (index, field) in message.extensions.enumerated() {
      write(field.source, at: path + [6, index], to: &writer)
    }
    for (index, oneof) in message.oneofs.enumerated() {
      write(oneof.source, at: path + [8, index], to: &writer)
    }
  }

  private func write(_ enumeration: EnumType, at path: [Int], to writer: inout ProtobufWriter) {
    write(enumeration.source, at: path, to: &writer)
    for (index, value) in enumeration.values.enumerated() {
      write(value.source, at: path + [2, index], to: &writer)
    }
  }

  /// A span is 0-based: line, column, end line (left out if the same), end column.
  private func write(_ source: SourceInfo, at path: [Int], to writer: inout ProtobufWriter) {
    let start = source.location
    var span = [start.line - 1, start.column - 1]
    if source.endLine != start.line { span.append(source.endLine - 1) }
    span.append(source.endColumn - 1)
    writer.message(1) {
      if !path.isEmpty { $0.field(1, packed: path) }
      $0.field(2, packed: span)
      if let text = source.comments.leading { $0.field(3, string: text) }
      if let text = source.comments.trailing { $0.field(4, string: text) }
      for text in source.comments.detached { $0.field(6, string: text) }
    }
  }
}
