import Foundation

/// The judge of descriptors, where it is installed.
enum Protoc {
  private static let path = "/usr/bin/protoc"

  static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: path) }

  /// The descriptor set of files with all that they import; nil if protoc refuses them.
  static func descriptors(
    of files: [String: String], named names: [String]? = nil, withSourceInfo: Bool = false
  ) throws -> [UInt8]? {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (path, text) in files {
      let file = folder.appending(path: path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    let result = folder.appending(path: "result.binpb")
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.currentDirectoryURL = folder
    process.standardError = FileHandle.nullDevice
    process.arguments = ["-I.", "-I/usr/include", "--include_imports", "-o\(result.path)"]
    if withSourceInfo { process.arguments?.append("--include_source_info") }
    process.arguments? += names ?? files.keys.sorted()
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return nil }
    return Array(try Data(contentsOf: result))
  }
}
