/// One `google.protobuf.FileDescriptorProto` in its bytes, of which only the names are known: what is
/// needed to gather a set file by file.
public struct DescriptorFile: Sendable {
  /// The path that imports name it by.
  public let path: String
  /// The paths of the files that it imports.
  public let imports: [String]
  private let bytes: [UInt8]

  /// Nil for bytes that are no such message.
  public init?(_ bytes: [UInt8]) {
    var reader = ProtobufReader(bytes[...])
    var path = ""
    var imports: [String] = []
    do throws(ProtobufReader.Malformed) {
      while let (number, value, _) = try reader.next() {
        if number == 1 { path = value.string }
        if number == 3 { imports.append(value.string) }
      }
    } catch {
      return nil
    }
    guard !path.isEmpty else { return nil }
    self.path = path
    self.imports = imports
    self.bytes = bytes
  }

  /// The bytes of the `google.protobuf.FileDescriptorSet` that holds these files.
  public static func set(of files: [DescriptorFile]) -> [UInt8] {
    var writer = ProtobufWriter()
    for file in files { writer.field(1, bytes: file.bytes) }
    return writer.bytes
  }
}
