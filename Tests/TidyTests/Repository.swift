import Foundation

/// The files of the repository, as git knows them.
struct Repository {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// A file and its text.
  struct File {
    /// Relative to the root.
    let path: String
    let text: String

    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

    /// The lines without what follows `//`.
    var code: [Substring] {
      lines.map { line in line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line }
    }
  }

  /// Every path that is or could be committed.
  let paths: [String]

  init() throws {
    if FileManager.default.fileExists(atPath: Self.root.appending(path: ".git").path),
      let listed = try? Self.gitPaths(), !listed.isEmpty
    {
      paths = listed
    } else {
      // An archive, without git and without what is built.
      paths = try FileManager.default.subpathsOfDirectory(atPath: Self.root.path)
        .filter { !$0.hasPrefix(".") }
    }
  }

  /// The Swift files under a folder.
  func swiftFiles(under folders: String...) throws -> [File] {
    try paths.filter { path in
      path.hasSuffix(".swift") && folders.contains { path.hasPrefix($0 + "/") }
    }.map(file)
  }

  func file(_ path: String) throws -> File {
    let url = Self.root.appending(path: path)
    return File(path: path, text: try String(contentsOf: url, encoding: .utf8))
  }

  private static func gitPaths() throws -> [String] {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.currentDirectoryURL = root
    process.arguments = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    process.standardError = FileHandle.nullDevice
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
      .filter { FileManager.default.fileExists(atPath: root.appending(path: $0).path) }
  }
}
